//! Searching for people, possible duplicates, and the sessions of others.

use std::sync::Arc;

use super::{Context, Sessions};
use crate::account::{
    Account, AccountUuid, Actor, PeopleFilter, PersonCriterion, PersonName, ReservedPhone, Role,
    may_be_the_same, possible_duplicates,
};
use crate::error::Error;
use crate::id::AccountId;
use crate::list::{Slice, Total, Window, filled};
use crate::port::Sharing;
use crate::session::{Session, SessionId, SessionSelection};

/// What the hospital looks for among its people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleSearch {
    /// Whose accounts.
    pub role: Role,
    /// A part of a name, a phone number or at least four digits of its beginning or end, or a uuid; everybody if it
    /// is blank.
    pub text: String,
}

impl PeopleSearch {
    fn filter(&self) -> PeopleFilter {
        PeopleFilter { any_of: PersonCriterion::of_text(&self.text), ..PeopleFilter::everyone(self.role) }
    }
}

/// Groups of accounts that may belong to the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PossibleDuplicates<V> {
    /// What the accounts of each group share, and the accounts, oldest first.
    pub groups: Vec<(V, Vec<Account>)>,
    /// The value after which the search goes on; `None` at the end. There may be more even if no group was found.
    pub next: Option<V>,
}

/// The sessions of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonsSessions {
    /// The account.
    pub account: Account,
    /// Its newest sessions that run at present, newest first.
    pub sessions: Vec<Session>,
}

/// Searches for people, and their sessions.
#[derive(Clone)]
pub struct People {
    context: Arc<Context>,
    sessions: Sessions,
}

impl People {
    /// Maximum number of sessions shown of an account.
    const SESSIONS: u16 = 100;
    /// Number of shared values looked at per call.
    const SHARED: u16 = 50;
    /// Maximum number of people with the same name that one person is compared with.
    const NAMESAKES: u16 = 500;

    pub(super) fn new(context: Arc<Context>, sessions: Sessions) -> Self {
        Self { context, sessions }
    }

    /// A part of the accounts found, newest first. Where too few newer ones are left to fill it, the newest ones.
    pub async fn slice(
        &self,
        actor: &Actor,
        search: &PeopleSearch,
        window: Window<AccountId>,
        size: u16,
    ) -> Result<Slice<Account, AccountId>, Error> {
        actor.require(&[Role::Admin])?;
        let (people, filter) = (&self.context.ports.people, search.filter());
        filled(window, size, |window| people.slice(&filter, window, size)).await
    }

    /// The number of accounts found.
    pub async fn total(&self, actor: &Actor, search: &PeopleSearch) -> Result<Total, Error> {
        actor.require(&[Role::Admin])?;
        Ok(self.context.ports.people.total(&search.filter()).await?)
    }

    /// An account.
    pub async fn find(&self, actor: &Actor, uuid: AccountUuid) -> Result<Account, Error> {
        actor.require(&[Role::Admin])?;
        self.context.ports.accounts.find(uuid).await?.ok_or(Error::NotFound)
    }

    /// Other accounts that may belong to the same person as this one: with the same role, name, and date of birth or
    /// age.
    pub async fn duplicates_of(&self, actor: &Actor, uuid: AccountUuid) -> Result<Vec<Account>, Error> {
        let account = self.find(actor, uuid).await?;
        let (people, today) = (&self.context.ports.people, self.context.hospital_time().today());
        let mut others = people.namesakes(account.role, &account.username, Self::NAMESAKES).await?;
        others.retain(|other| may_be_the_same(&account, other, today));
        Ok(others)
    }

    /// Accounts of a role with the same name, and date of birth or age; those whose names come after this one.
    pub async fn duplicates_by_name(
        &self,
        actor: &Actor,
        role: Role,
        after: Option<&PersonName>,
    ) -> Result<PossibleDuplicates<PersonName>, Error> {
        actor.require(&[Role::Admin])?;
        let Sharing { groups, next } =
            self.context.ports.people.shared_names(role, after, Self::SHARED).await?;
        let today = self.context.hospital_time().today();
        let groups = groups.into_iter().flat_map(|(name, accounts)| {
            possible_duplicates(accounts, today).into_iter().map(move |group| (name.clone(), group))
        });
        Ok(PossibleDuplicates { groups: groups.collect(), next })
    }

    /// Patients who gave the same phone number to call about their visits; the numbers after this one.
    pub async fn duplicates_by_phone(
        &self,
        actor: &Actor,
        after: Option<&ReservedPhone>,
    ) -> Result<PossibleDuplicates<ReservedPhone>, Error> {
        actor.require(&[Role::Admin])?;
        let Sharing { groups, next } = self.context.ports.people.shared_phones(after, Self::SHARED).await?;
        Ok(PossibleDuplicates { groups, next })
    }

    /// The sessions of an account that run at present.
    pub async fn sessions_of(&self, actor: &Actor, uuid: AccountUuid) -> Result<PersonsSessions, Error> {
        let account = self.find(actor, uuid).await?;
        let (sessions, now) = (&self.context.ports.sessions, self.context.now());
        let running = sessions.running(SessionSelection::Of(uuid), now, Self::SESSIONS).await?;
        Ok(PersonsSessions { account, sessions: running })
    }

    /// Ends a session of an account, or all of them: at once on this instance, on others when they next look. Returns
    /// how many.
    pub async fn end_sessions(
        &self,
        actor: &Actor,
        uuid: AccountUuid,
        which: Option<SessionId>,
    ) -> Result<u64, Error> {
        self.find(actor, uuid).await?;
        let (sessions, now) = (&self.context.ports.sessions, self.context.now());
        let selection = match which {
            None => SessionSelection::Of(uuid),
            Some(id) => {
                let found = sessions.running(SessionSelection::One(id), now, 1).await?;
                if !found.iter().any(|session| session.account == uuid) {
                    return Err(Error::NotFound);
                }
                SessionSelection::One(id)
            }
        };
        let ended = sessions.end_running(selection, now, self.context.entry(actor)).await?;
        self.sessions.refresh().await?;
        Ok(ended)
    }
}

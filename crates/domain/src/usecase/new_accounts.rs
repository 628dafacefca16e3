//! Accounts that an admin creates, and whether the person has one already.

use super::Accounts;
use crate::account::{
    Account, AccountRequest, AccountUuid, Actor, KnownAge, NewAccount, PeopleFilter, PersonCriterion,
    PhoneNumber, Role, may_belong_to,
};
use crate::error::Error;
use crate::idempotency::Receipt;
use crate::list::Window;
use crate::validation::Invalid;

impl Accounts {
    /// Maximum number of people with the same name that a new one is compared with.
    const NAMESAKES: u16 = 500;

    /// An admin creates an account. Its password is to be changed by its owner.
    pub async fn create(
        &self,
        actor: &Actor,
        request: AccountRequest,
        receipt: Option<Receipt<Account>>,
    ) -> Result<Account, Error> {
        actor.require(&[Role::Admin])?;
        let account = self.new_account(request).await?;
        let provenance = self.context.provenance(actor);
        Ok(self.context.ports.accounts.create(account, provenance, receipt).await??)
    }

    /// As [`Self::create`], unless the person may already have an account of which the caller does not know: then
    /// [`Error::PersonMayExist`].
    pub async fn create_unless_known(
        &self,
        actor: &Actor,
        request: AccountRequest,
        seen: &[AccountUuid],
        receipt: Option<Receipt<Account>>,
    ) -> Result<Account, Error> {
        let known = self.known_as(actor, &request).await?;
        if known.iter().all(|account| seen.contains(&account.uuid)) {
            self.create(actor, request, receipt).await
        } else {
            Err(Error::PersonMayExist)
        }
    }

    /// Accounts that may already belong to the person for whom one is asked, oldest first: with the same role and
    /// name, unless their ages differ. The names of admins are unique anyway.
    pub async fn known_as(&self, actor: &Actor, request: &AccountRequest) -> Result<Vec<Account>, Error> {
        actor.require(&[Role::Admin])?;
        if !request.role.logs_in_by_phone() {
            return Ok(Vec::new());
        }
        let today = self.context.hospital_time().today();
        let age = KnownAge::of(request.birth_date, request.age, today);
        let people = &self.context.ports.people;
        let mut known = people.namesakes(request.role, &request.username, Self::NAMESAKES).await?;
        known.retain(|account| may_belong_to(age, account, today));
        Ok(known)
    }

    /// The account that has this phone number, whatever its role.
    pub async fn with_phone(&self, actor: &Actor, phone: &PhoneNumber) -> Result<Option<Account>, Error> {
        actor.require(&[Role::Admin])?;
        for role in Role::ALL {
            let any_of = vec![PersonCriterion::Phone(phone.as_str().to_owned())];
            let filter = PeopleFilter { any_of, ..PeopleFilter::everyone(role) };
            let found = self.context.ports.people.slice(&filter, Window::Newest, 1).await?;
            if let Some(account) = found.items.into_iter().next() {
                return Ok(Some(account));
            }
        }
        Ok(None)
    }

    async fn new_account(&self, request: AccountRequest) -> Result<NewAccount, Error> {
        let request = request.checked()?;
        let (time, policy) = (self.context.hospital_time(), &self.context.policy);
        let password = match &request.password {
            Some(password) => {
                self.new_password(password.reveal()).map_err(|problem| Invalid::one("password", problem))?;
                password.reveal()
            }
            None => &policy.initial_password,
        };
        Ok(NewAccount {
            username: request.username,
            role: request.role,
            sex: request.sex,
            age: KnownAge::of(request.birth_date, request.age, time.today()),
            phone: request.phone,
            hospital: request.hospital.unwrap_or_default(),
            home_address: request.home_address.unwrap_or_default(),
            password: self.context.ports.hasher.turn().await?.hash(password).await?,
            must_change_password: true,
            created_at: time.now,
        })
    }
}

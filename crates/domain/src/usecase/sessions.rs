//! Log-in and log-out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;

use super::Context;
use crate::account::{Account, Credentials, DEFAULT_PASSWORDS, PersonName, PhoneNumber};
use crate::audit::{AuditAgent, Origin, session_digest};
use crate::error::{Error, LoginRefused};
use crate::port::{PortError, TooManyWaiting};
use crate::roster::half_width;
use crate::session::{
    AttemptKey, AttemptVerdict, DENIALS_OUTLIVE_SESSIONS, EndedSession, EndedSessions, Session, SessionId,
};
use crate::time::Timestamp;
use crate::transition::Stale;

/// The log-in forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Realm {
    /// Patients and physicians, by phone number.
    App,
    /// Admins, by name.
    Console,
}

/// A log-in attempt.
#[derive(Debug, Clone)]
pub struct LogIn {
    /// The log-in form.
    pub realm: Realm,
    /// The phone number or name, as typed.
    pub identifier: String,
    /// The password, as typed.
    pub password: String,
    /// The client's address.
    pub client_address: String,
    /// Whether it comes from outside a private installation.
    pub from_outside: bool,
    /// The request, for the audit entry; `None` if it is not recorded.
    pub origin: Option<Origin>,
}

impl LogIn {
    /// The identifier as it is read. Attempts are counted by it, so that no other spelling of a name or number that
    /// logs in is counted apart.
    fn read(&self) -> Identifier {
        let plain = || half_width(&self.identifier).trim().to_owned();
        match self.realm {
            Realm::App => {
                PhoneNumber::parse(&plain()).map_or_else(|_| Identifier::Unknown(plain()), Identifier::Phone)
            }
            Realm::Console => PersonName::parse(&self.identifier)
                .map_or_else(|_| Identifier::Unknown(plain()), Identifier::Name),
        }
    }
}

/// Who wants to log in.
enum Identifier {
    Phone(PhoneNumber),
    Name(PersonName),
    /// What cannot be the identifier of an account.
    Unknown(String),
}

impl Identifier {
    /// What attempts are counted by. Full-width characters make no other name, although they do not log in.
    fn counted_as(&self) -> String {
        match self {
            Self::Phone(phone) => phone.as_str().to_owned(),
            Self::Name(name) => half_width(name.as_str()),
            Self::Unknown(text) => text.clone(),
        }
    }
}

/// A successful log-in.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// The account.
    pub account: Account,
    /// The new session.
    pub session: Session,
}

/// Log-in and log-out.
#[derive(Clone)]
pub struct Sessions {
    context: Arc<Context>,
    ended: Arc<EndedSessions>,
    /// Sessions that were ended here while the database could not store it.
    unstored: Arc<Mutex<HashMap<SessionId, Session>>>,
    asked: Arc<Mutex<Option<Timestamp>>>,
}

impl Sessions {
    /// Overlap of successive polls for ended sessions: transactions take a while to become visible, and the
    /// clocks of instances differ.
    const OVERLAP: TimeDelta = TimeDelta::minutes(5);

    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context, ended: Arc::default(), unstored: Arc::default(), asked: Arc::default() }
    }

    /// Starts a session for these credentials.
    pub async fn log_in(&self, log_in: LogIn) -> Result<LoggedIn, Error> {
        // Rejected whether it is correct or not, so that the response reveals nothing about accounts.
        if log_in.from_outside && DEFAULT_PASSWORDS.contains(&log_in.password.as_str()) {
            return Err(LoginRefused::DefaultPassword.into());
        }
        let credentials = self.verified(&log_in).await?;
        self.start(credentials, &log_in).await
    }

    /// Checks the password of an account that is logged in already. The attempt is counted as a log-in from
    /// this address, so that a session that was left open cannot be used to guess the password.
    pub(super) async fn confirm(
        &self,
        account: &Account,
        password: &str,
        client_address: &str,
    ) -> Result<(), Error> {
        let (realm, identifier) = if account.role.logs_in_by_phone() {
            (Realm::App, account.phone.as_ref().map(PhoneNumber::as_str).unwrap_or_default())
        } else {
            (Realm::Console, account.username.as_str())
        };
        let attempt = LogIn {
            realm,
            identifier: identifier.to_owned(),
            password: password.to_owned(),
            client_address: client_address.to_owned(),
            from_outside: false,
            origin: None,
        };
        self.verified(&attempt).await.map(drop)
    }

    /// The account's credentials, if the password is right.
    ///
    /// The attempt is counted before the password is checked, and only once it has a hashing slot, so that
    /// concurrent guesses are counted like sequential ones.
    async fn verified(&self, log_in: &LogIn) -> Result<Credentials, Error> {
        let identifier = log_in.read();
        let key = AttemptKey::new(realm_name(log_in.realm), &identifier.counted_as(), &log_in.client_address);
        let ports = &self.context.ports;

        let mut turn = match ports.hasher.log_in_turn(&key).await? {
            Ok(turn) => turn,
            Err(TooManyWaiting) => return Err(LoginRefused::TooManyAtOnce.into()),
        };
        let began = self.context.now();
        let limits = self.context.policy.attempt_limits;
        let attempt = match ports.login_attempts.begin(&key, began, limits).await? {
            AttemptVerdict::Admitted(attempt) => attempt,
            AttemptVerdict::Refused { retry_after } => {
                return Err(LoginRefused::TooManyAttempts { retry_after }.into());
            }
        };
        let credentials = self.credentials(log_in).await?;
        let hash = credentials.as_ref().map(|credentials| &credentials.password);
        let correct = turn.verify(&log_in.password, hash).await?;
        drop(turn);

        let Some(credentials) = credentials.filter(|_| correct) else {
            return Err(LoginRefused::WrongCredentials.into());
        };
        // Only after the password: who does not know it learns nothing about the account.
        if credentials.account.disabled {
            return Err(LoginRefused::AccountDisabled.into());
        }
        ports.login_attempts.succeeded(&key, attempt).await?;
        Ok(credentials)
    }

    /// Ends a session: immediately on this instance, and on others at their next poll. If the database cannot store
    /// it now, that is an error, and [`Self::refresh`] tries again.
    pub async fn log_out(&self, session: &Session, origin: Option<&Origin>) -> Result<(), Error> {
        let now = self.context.now();
        self.ended.extend([EndedSession { id: session.id, expires_at: session.expires_at }], now);
        let stored = self.context.ports.sessions.end(session, now, self.context.entry_of(origin)).await;
        match &stored {
            Ok(()) => self.unstored().remove(&session.id),
            Err(_) => self.unstored().insert(session.id, session.clone()),
        };
        Ok(stored?)
    }

    /// Whether a session was ended here, but not yet for other instances and after a restart.
    pub fn is_end_unstored(&self, session: SessionId) -> bool {
        self.unstored().contains_key(&session)
    }

    fn unstored(&self) -> MutexGuard<'_, HashMap<SessionId, Session>> {
        self.unstored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn store_ends(&self) -> Result<(), Error> {
        let unstored: Vec<Session> = self.unstored().values().cloned().collect();
        for session in unstored {
            self.context.ports.sessions.end(&session, self.context.now(), None).await?;
            self.unstored().remove(&session.id);
        }
        Ok(())
    }

    /// Whether a session was ended early, as far as this instance knows.
    pub fn is_ended(&self, session: SessionId) -> bool {
        self.ended.contains(session)
    }

    /// Loads the sessions ended by this and other instances, and stores the ends that could not be stored. Call it
    /// once before serving and then every second.
    pub async fn refresh(&self) -> Result<(), Error> {
        let now = self.context.now();
        let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        // After a clock was ahead, polls may have missed sessions.
        let asked = asked.filter(|asked| *asked <= now);
        let since = asked.map_or(Timestamp::UNIX_EPOCH, |asked| asked - Self::OVERLAP);
        let ended = self.context.ports.sessions.ended_since(since, now - DENIALS_OUTLIVE_SESSIONS).await?;
        self.ended.extend(ended, now);
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        self.store_ends().await
    }

    async fn credentials(&self, log_in: &LogIn) -> Result<Option<Credentials>, PortError> {
        let accounts = &self.context.ports.accounts;
        match log_in.read() {
            Identifier::Phone(phone) => accounts.credentials_by_phone(&phone).await,
            Identifier::Name(name) => accounts.credentials_by_admin_name(&name).await,
            Identifier::Unknown(_) => Ok(None),
        }
    }

    async fn start(&self, credentials: Credentials, log_in: &LogIn) -> Result<LoggedIn, Error> {
        let started_at = self.context.now();
        let lifetime =
            TimeDelta::from_std(self.context.policy.session_lifetime).unwrap_or(TimeDelta::days(7));
        let session = Session {
            id: SessionId::from_bytes(self.context.ports.random.bytes()),
            account: credentials.account.uuid,
            started_at,
            expires_at: started_at + lifetime,
            client_address: log_in.client_address.clone(),
        };
        let agent = AuditAgent { uuid: session.account, role: credentials.account.role };
        let entry = log_in.origin.as_ref().map(|origin| {
            origin.entry_by(self.context.ports.clock.now_precisely(), agent, session_digest(session.id))
        });
        let started =
            self.context.ports.sessions.start(&session, credentials.account.password_version, entry).await?;
        if let Err(Stale) = started {
            return Err(self.overtaken(&credentials, log_in).await?.into());
        }
        Ok(LoggedIn { account: credentials.account, session })
    }
}

impl Sessions {
    /// Why a session did not start although the password was right when it was checked.
    async fn overtaken(&self, checked: &Credentials, log_in: &LogIn) -> Result<LoginRefused, PortError> {
        let now = self.credentials(log_in).await?;
        // After a change of the password, what was typed is the old one.
        let is_same = |now: &Credentials| now.account.password_version == checked.account.password_version;
        Ok(match now {
            Some(now) if is_same(&now) && now.account.disabled => LoginRefused::AccountDisabled,
            _ => LoginRefused::WrongCredentials,
        })
    }
}

const fn realm_name(realm: Realm) -> &'static str {
    match realm {
        Realm::App => "app",
        Realm::Console => "console",
    }
}

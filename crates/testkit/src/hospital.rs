//! A hospital in memory: the use cases over [`Fakes`], and accounts to call them.

use yilin_domain::account::{Account, Actor, NewAccount, PhoneNumber, Role};
use yilin_domain::port::{AccountRepository as _, Ports};
use yilin_domain::session::Session;
use yilin_domain::usecase::{Policy, Realm, UseCases};

use crate::contract::arrange;
use crate::fakes::{FakeHasher, Fakes};
use crate::{policy, sample};

/// Every use case of one instance of the service, over fakes that a test can control and inspect.
pub struct Hospital {
    /// The fakes: storage, files, the language model, spreadsheets, passwords, time and randomness.
    pub fakes: Fakes,
    /// The use cases.
    pub use_cases: UseCases,
    /// The ports of the use cases, for access to stored data.
    pub ports: Ports,
    policy: Policy,
}

/// A logged-in account.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub account: Account,
    /// The session started by the log-in.
    pub session: Session,
    /// The caller to pass to use cases.
    pub actor: Actor,
}

impl Hospital {
    /// The password of every account created by this hospital.
    pub const PASSWORD: &str = "correct horse";

    /// An empty hospital in Shanghai with the [policy](fn@policy) for tests. Its clock stands still.
    pub fn new() -> Self {
        Self::with(|_, _| {})
    }

    /// An empty hospital with modified ports or policy.
    pub fn with(adjust: impl FnOnce(&mut Ports, &mut Policy)) -> Self {
        let fakes = Fakes::new();
        let (mut ports, mut policy) = (fakes.ports(), policy(b"a key for tests", "http://127.0.0.1:8088"));
        adjust(&mut ports, &mut policy);
        Self::over(fakes, ports, policy)
    }

    /// Another instance of the service over the same storage. It shares every fake, the clock included.
    #[must_use]
    pub fn another_instance(&self) -> Self {
        Self::over(self.fakes.clone(), self.ports.clone(), self.policy.clone())
    }

    fn over(fakes: Fakes, ports: Ports, policy: Policy) -> Self {
        let use_cases = UseCases::new(ports.clone(), policy.clone());
        Self { fakes, use_cases, ports, policy }
    }

    /// Creates and logs in a patient with a unique phone number.
    pub async fn patient(&self, name: &str) -> Person {
        self.person(Role::Patient, name).await
    }

    /// Creates and logs in a physician with a unique phone number.
    pub async fn physician(&self, name: &str) -> Person {
        self.person(Role::Physician, name).await
    }

    /// Creates and logs in an admin; the name must be unique.
    pub async fn admin(&self, name: &str) -> Person {
        self.person(Role::Admin, name).await
    }

    /// Logs in an account with [`Self::PASSWORD`].
    pub async fn log_in(&self, account: &Account) -> Person {
        let (realm, identifier) = match account.role {
            Role::Admin => (Realm::Console, account.username.as_str()),
            Role::Patient | Role::Physician => {
                (Realm::App, account.phone.as_ref().map_or("", PhoneNumber::as_str))
            }
        };
        let log_in = sample::log_in(realm, identifier, Self::PASSWORD);
        let logged_in = self.use_cases.sessions.log_in(log_in).await.expect("the password is right");
        let (account, session) = (logged_in.account, logged_in.session);
        let actor = Actor::new(account.uuid, account.role, session.id);
        Person { account, session, actor }
    }

    async fn person(&self, role: Role, name: &str) -> Person {
        let password = FakeHasher::hash_of(Self::PASSWORD);
        let new = NewAccount { password, must_change_password: false, ..arrange::person(role, name) };
        let mut inserted = self.fakes.storage.insert(vec![new], None).await.expect("the repository works");
        self.log_in(&inserted.remove(0).expect("no admin has this name yet")).await
    }
}

impl Default for Hospital {
    fn default() -> Self {
        Self::new()
    }
}

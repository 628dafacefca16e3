//! A hospital that runs in memory: the use cases over [`Fakes`], and people to call them.

use yilin_domain::account::{Account, Actor, NewAccount, PhoneNumber, Role};
use yilin_domain::port::{AccountRepository as _, Ports};
use yilin_domain::session::Session;
use yilin_domain::usecase::{Policy, Realm, UseCases};

use crate::contract::arrange;
use crate::fakes::{FakeHasher, Fakes};
use crate::{policy, sample};

/// Every use case of one instance of the service, over fakes that a test can steer and inspect.
pub struct Hospital {
    /// The fakes: storage, files, the language model, spreadsheets, passwords, time and randomness.
    pub fakes: Fakes,
    /// The use cases.
    pub use_cases: UseCases,
    /// What the use cases run over: what is stored can be read through its repositories.
    pub ports: Ports,
    policy: Policy,
}

/// A person with an account, who is logged in.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub account: Account,
    /// The session that the log-in started.
    pub session: Session,
    /// The person as use cases know the caller.
    pub actor: Actor,
}

impl Hospital {
    /// The password of every account that the hospital's constructors of people make.
    pub const PASSWORD: &str = "correct horse";

    /// An empty hospital in Shanghai with the [policy](fn@policy) of tests. Its clock stands still.
    pub fn new() -> Self {
        Self::with(|_, _| {})
    }

    /// An empty hospital with other ports or another policy.
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

    /// A patient with a phone number of their own.
    pub async fn patient(&self, name: &str) -> Person {
        self.person(Role::Patient, name).await
    }

    /// A physician with a phone number of their own.
    pub async fn physician(&self, name: &str) -> Person {
        self.person(Role::Physician, name).await
    }

    /// An admin of this name, which no other admin may have.
    pub async fn admin(&self, name: &str) -> Person {
        self.person(Role::Admin, name).await
    }

    /// Logs an account in that has [`Self::PASSWORD`].
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
        let actor = Actor { uuid: account.uuid, role: account.role, session: session.id };
        Person { account, session, actor }
    }

    async fn person(&self, role: Role, name: &str) -> Person {
        let password = FakeHasher::hash_of(Self::PASSWORD);
        let new = NewAccount { password, must_change_password: false, ..arrange::person(role, name) };
        let mut inserted = self.fakes.storage.insert(vec![new]).await.expect("the storage works");
        self.log_in(&inserted.remove(0).expect("no admin has this name yet")).await
    }
}

impl Default for Hospital {
    fn default() -> Self {
        Self::new()
    }
}

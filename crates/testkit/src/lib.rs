//! Test support for Yilin: [fakes] of every port, [contract] suites that the fakes and all
//! adapters pass, databases for tests ([`mariadb`], [`sqlite`]), stand-ins for outside services
//! ([`kubo`], [`openai`]), and what tests of all crates share ([`policy`](fn@policy), [`form`],
//! [`eventually`](fn@eventually)).
//!
//! A test of the rules runs on fakes:
//!
//! ```
//! use yilin_testkit::fakes::Fakes;
//!
//! let fakes = Fakes::new();
//! let ports = fakes.ports(); // for `UseCases::new`
//! fakes.clock.advance(chrono::TimeDelta::minutes(10));
//! fakes.storage.go_down(); // every repository fails from here on
//! ```
//!
//! An adapter's crate runs every contract case against each of its databases, each case on an
//! empty one (this one runs against the fake; an adapter's function starts with
//! `Server::shared().await.database().await` or `sqlite::Place::new()`, which it keeps alive):
//!
//! ```
//! use std::sync::Arc;
//!
//! use yilin_domain::port::Random;
//! use yilin_testkit::contract::{Subject, ZONE, contract_tests};
//! use yilin_testkit::fakes::InMemory;
//!
//! async fn subject(random: Arc<dyn Random>) -> Subject {
//!     let storage = Arc::new(InMemory::new(random, ZONE));
//!     Subject {
//!         accounts: storage.clone(),
//!         inquiries: storage.clone(),
//!         medical_records: storage.clone(),
//!         drug_orders: storage.clone(),
//!         sessions: storage.clone(),
//!         login_attempts: storage.clone(),
//!         statistics: storage.clone(),
//!         uploads: storage.clone(),
//!         quotas: storage.clone(),
//!         pins: storage.clone(),
//!         audit: storage.clone(),
//!         conversations: storage.clone(),
//!         imports: storage.clone(),
//!         secrets: storage,
//!         keep_alive: Arc::new(()),
//!     }
//! }
//!
//! contract_tests!(subject);
//! # fn main() {}
//! ```
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on panics, and the message says why"
)]

pub mod contract;
mod eventually;
pub mod fakes;
pub mod form;
pub mod kubo;
pub mod mariadb;
pub mod openai;
mod policy;
pub mod sqlite;

pub use eventually::eventually;
pub use policy::policy;

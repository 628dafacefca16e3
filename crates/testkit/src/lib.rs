//! Test support for Yilin: a [`Hospital`] that runs in memory, [fakes] of every port, [contract]
//! suites that the fakes and all adapters pass, databases for tests ([`mariadb`], [`sqlite`]),
//! stand-ins for outside services ([`kubo`], [`openai`]), and what tests of all crates share
//! ([`sample`], [`policy`](fn@policy), [`form`], [`eventually`](fn@eventually)).
//!
//! # Trying the use cases
//!
//! A [`Hospital`] has every use case and accounts to call them, without a database or a server:
//!
//! ```
//! use yilin_domain::inquiry::InquiryStatus;
//! use yilin_testkit::{Hospital, sample};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), yilin_domain::error::Error> {
//! let hospital = Hospital::new();
//! let patient = hospital.patient("王秀英").await;
//!
//! let inquiries = &hospital.use_cases.inquiries;
//! let inquiry = inquiries.submit(&patient.actor, sample::inquiry_request()).await?.inquiry;
//! assert_eq!(inquiry.status(), InquiryStatus::Submitted);
//!
//! let (admin, physician) = (hospital.admin("院长").await, hospital.physician("李志强").await);
//! inquiries.appoint(&admin.actor, inquiry.id, physician.actor.uuid).await?;
//! inquiries.answer(&physician.actor, inquiry.id, true, None).await?;
//! assert_eq!(inquiries.find(&patient.actor, inquiry.id).await?.inquiry.status(), InquiryStatus::Accepted);
//! # Ok(())
//! # }
//! ```
//!
//! All ports are stateful fakes that tests can control:
//!
//! ```
//! use chrono::TimeDelta;
//! use yilin_domain::error::Error;
//! use yilin_domain::port::{Part, PortError};
//! use yilin_testkit::{Hospital, sample};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let hospital = Hospital::new();
//! let patient = hospital.patient("王秀英").await;
//!
//! hospital.fakes.clock.advance(TimeDelta::minutes(10));
//! hospital.fakes.storage.go_down();
//! let refused = hospital.use_cases.inquiries.submit(&patient.actor, sample::inquiry_request()).await;
//! assert!(matches!(refused, Err(Error::Port(PortError::Unavailable { part: Part::Database, .. }))));
//! # }
//! ```
//!
//! # Testing an adapter
//!
//! An adapter's crate runs every contract case against each of its databases, each case on an
//! empty one (this one runs against the fake; an adapter's function starts with
//! `Server::shared().await.database().await` or `sqlite::TempDatabase::new()`, which it keeps alive):
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
//!         answers: storage.clone(),
//!         inquiries: storage.clone(),
//!         visit_lists: storage.clone(),
//!         people: storage.clone(),
//!         medical_records: storage.clone(),
//!         drug_orders: storage.clone(),
//!         events: storage.clone(),
//!         webhooks: storage.clone(),
//!         sessions: storage.clone(),
//!         login_attempts: storage.clone(),
//!         statistics: storage.clone(),
//!         uploads: storage.clone(),
//!         quotas: storage.clone(),
//!         pins: storage.clone(),
//!         audit: storage.clone(),
//!         verifications: storage.clone(),
//!         database: storage.clone(),
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
    reason = "tests panic on failure, with the reason"
)]

pub mod contract;
mod eventually;
pub mod fakes;
pub mod form;
mod hospital;
pub mod kubo;
pub mod mariadb;
pub mod openai;
mod policy;
pub mod rebuild;
pub mod sample;
pub mod sqlite;

pub use eventually::eventually;
pub use hospital::{Hospital, Person};
pub use policy::policy;

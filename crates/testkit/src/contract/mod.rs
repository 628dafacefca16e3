//! Contracts of the ports as tests: one suite per port, run by the fakes, SQLite and MariaDB alike. An
//! adapter's crate passes [`contract_tests!`](crate::contract_tests) a function that creates an empty
//! [`Subject`]; see the [crate's documentation](crate).
//!
//! Cases assume nothing that a port does not guarantee: ids may have gaps, and lists without a guaranteed
//! order are compared without one.

pub(crate) mod arrange;
mod cases;
mod race;
mod subject;
mod walk;

pub mod account_lists;
pub mod account_updates;
pub mod accounts;
pub mod answers;
pub mod audit;
pub mod conversations;
pub mod drug_order_lists;
pub mod drug_orders;
pub mod entries;
pub mod events;
pub mod imports;
pub mod inquiries;
pub mod inquiry_lists;
pub mod login_attempts;
pub mod medical_records;
pub mod neighbours;
pub mod outside;
pub mod people;
pub mod pins;
pub mod quotas;
pub mod secrets;
pub mod sessions;
pub mod standing;
pub mod statistics;
pub mod text;
pub mod totals;
pub mod uploads;
pub mod verifications;
pub mod visit_lists;
pub mod visits;
pub mod webhooks;

pub use crate::contract_tests;
pub use subject::{Subject, ZONE, run};

use yilin_domain::inquiry::Deadlines;

/// The deadlines of the cases, for other tests as well.
pub const DEADLINES: Deadlines = Deadlines::usual(ZONE);

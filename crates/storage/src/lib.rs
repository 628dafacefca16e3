//! The storage ports of Yilin on Diesel: MySQL or MariaDB in production, SQLite as the embedded
//! default.
//!
//! * [`Storage`] opens a database by its URL, migrates it, and gives out every repository port.
//! * `engine` runs units of work: on a runtime of its own, in a pooled connection that goes back
//!   only if the work ended normally, in a transaction where something is written, and again
//!   after a deadlock.
//! * `repositories` are written once and compiled for each backend: each module of `backend` defines
//!   `Conn` and the few words that differ, and includes them. A port's methods and their queries are
//!   in one file.
//! * `rows` turns rows into domain values, in one place per table; nonsense in the database is an
//!   error that names table, column and row.

// The repositories are included by both backends on purpose: one text, two databases.
#![allow(clippy::duplicate_mod)]

mod backend;
mod clock;
mod engine;
mod error;
mod options;
mod rows;
mod schema;
mod server_fault;
mod statement;
mod storage;
mod totals;

pub use clock::DatabaseClock;
pub use error::OpenError;
pub use options::StorageOptions;
pub use server_fault::{ServerFault, Severity};
pub use storage::{Maintenance, Storage};
pub use totals::{Counter, WrongTotal};

//! The storage ports of Yilin on Diesel: MySQL or MariaDB in production, SQLite as the embedded default.
//!
//! * [`Storage`] opens a database by its URL, migrates it, and provides every repository port.
//! * `engine` runs units of work: on its own runtime, on a pooled connection that is returned only after a
//!   normal end, in a transaction if anything is written, and with retries after a deadlock.
//! * `repositories` are written once and compiled for each backend: each module of `backend` defines `Conn`
//!   and its dialect, and includes them. A port's methods and their queries are in one file.
//! * `rows` converts rows to domain values, in one place per table; invalid values are errors that name
//!   table, column and row.

// Both backends include the repositories on purpose: one source, two databases.
#![allow(clippy::duplicate_mod)]

mod backend;
mod clock;
mod engine;
mod error;
mod options;
mod rows;
mod schema;
mod schema_state;
mod server_fault;
mod slices;
mod statement;
mod storage;
mod totals;
mod transfer;

pub use clock::DatabaseClock;
pub use engine::run_units_here;
pub use error::OpenError;
pub use options::StorageOptions;
pub use rows::StoredCode;
pub use schema_state::SchemaState;
pub use server_fault::{ServerFault, Severity};
pub use storage::{Maintenance, Storage};
pub use totals::{Counter, Part, WrongTotal};
pub use transfer::{Cell, Column, Kind, Loader, Row, Snapshot, Steps, Table, TransferError};

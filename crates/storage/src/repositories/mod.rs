//! The database's ports: each method is one unit of work, and its queries are beside it.
//!
//! Written once and compiled for each backend: the module that includes this one defines the
//! connection and the few words that differ.

#[macro_use]
mod list;
#[macro_use]
mod unit;

mod account_insert;
mod accounts;
mod audit;
mod conversations;
mod drug_orders;
mod imports;
mod inquiries;
mod login_attempts;
mod medical_records;
mod pins;
mod quotas;
mod secrets;
mod sessions;
mod statistics;
mod totals;
mod upkeep;
mod uploads;
mod write_probe;

use super::{Conn, Connector, Database, Db, NOW, inserted_id, last_id, taken_key};

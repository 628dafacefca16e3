//! The statements, written once and compiled for each backend: the module that includes this one
//! defines the connection and the few words that differ.

#[macro_use]
mod list;

pub(super) mod account_insert;
pub(super) mod account_list;
pub(super) mod accounts;
pub(super) mod audit;
pub(super) mod audit_index;
pub(super) mod audit_index_check;
pub(super) mod audit_search;
pub(super) mod conversations;
pub(super) mod drug_order_list;
pub(super) mod drug_orders;
pub(super) mod imports;
pub(super) mod inquiries;
pub(super) mod inquiry_list;
pub(super) mod login_attempts;
pub(super) mod medical_records;
pub(super) mod pins;
pub(super) mod secrets;
pub(super) mod sessions;
pub(super) mod statistics;
pub(super) mod tallies;
pub(super) mod uploads;
pub(super) mod write_probe;

use super::{Conn, Db, last_id, taken_key};
use crate::error::QueryError;

/// What a unit of work comes to.
type Outcome<T> = Result<T, QueryError>;

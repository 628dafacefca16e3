//! The audit log's statements, written once and compiled for each backend: the module that includes
//! this one defines the connection and the few words that differ.

pub(super) mod audit;
pub(super) mod audit_index;
pub(super) mod audit_index_check;
pub(super) mod audit_search;

use super::{Conn, last_id};
use crate::error::QueryResult as Outcome;

mod tallies {
    pub(super) use crate::rows::counted;
}

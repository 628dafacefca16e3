//! The ports: each method is one unit of work.

mod accounts;
mod audit;
mod conversations;
mod drug_orders;
mod imports;
mod inquiries;
mod login_attempts;
mod medical_records;
mod others;
mod quotas;
mod sessions;
mod upkeep;

use super::{Conn, Connector, Database, queries};

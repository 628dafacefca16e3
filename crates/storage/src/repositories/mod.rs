//! The repository ports: each method is one unit of work, with its queries.
//!
//! Written once and compiled for each backend: the including module defines the connection and the SQL
//! dialect.

#[macro_use]
mod columns;
#[macro_use]
mod list;
#[macro_use]
mod unit;

mod account_insert;
mod accounts;
mod answers;
mod audit;
mod conversations;
mod drug_order_lists;
pub(super) mod drug_orders;
mod events;
mod imports;
pub(super) mod inquiries;
mod inquiry_search;
mod login_attempts;
mod medical_records;
mod name_parts;
mod people;
mod pins;
mod quotas;
mod recount;
mod secrets;
mod sessions;
mod statistics;
mod totals;
mod upkeep;
mod uploads;
mod verifications;
mod visit_lists;
mod webhooks;
mod write_probe;

use chrono::NaiveDateTime;
use diesel_async::RunQueryDsl as _;
use yilin_domain::time::Timestamp;

use super::{
    ADD_TO_N, Conn, Connector, Database, Db, NOW, TELLING_TABLES, VERSION, day_number, inserted_id,
    known_migrations, product, taken_key,
};
use crate::error::QueryResult;

/// The database's version.
pub(super) async fn version(conn: &mut Conn) -> diesel::QueryResult<String> {
    let version = diesel::dsl::sql::<diesel::sql_types::Text>(VERSION);
    diesel::select(version).get_result(conn).await
}

/// The time by the database's clock.
async fn now(conn: &mut Conn) -> QueryResult<Timestamp> {
    let now = diesel::dsl::sql::<diesel::sql_types::Timestamp>(NOW);
    Ok(diesel::select(now).get_result::<NaiveDateTime>(conn).await?.and_utc())
}

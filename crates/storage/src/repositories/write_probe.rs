//! Tests whether the database accepts changes.

use diesel::ExpressionMethods as _;
use diesel_async::RunQueryDsl as _;

use super::Conn;
use crate::error::QueryResult;
use crate::schema::write_probe;

/// Size of the probe: larger than most changes, so that these succeed if it does.
const BYTES: usize = 60_000;

/// Writes and removes content of the size of a large change. It only leaves traces in the database's log.
pub(super) async fn write(conn: &mut Conn) -> QueryResult<()> {
    let row = (write_probe::id.eq(1), write_probe::content.eq(vec![0x59; BYTES]));
    diesel::delete(write_probe::table).execute(conn).await?;
    diesel::insert_into(write_probe::table).values(row).execute(conn).await?;
    Ok(())
}

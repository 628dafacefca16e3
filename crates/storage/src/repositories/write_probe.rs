//! Whether the database takes changes.

use diesel::ExpressionMethods as _;
use diesel_async::RunQueryDsl as _;

use super::Conn;
use crate::error::QueryResult;
use crate::schema::write_probe;

/// How many bytes are written: more than most changes, so that these go through when this does.
const BYTES: usize = 60_000;

/// Writes and removes something of the size of a large change. Nothing is left of it but in the database's log.
pub(super) async fn write(conn: &mut Conn) -> QueryResult<()> {
    let row = (write_probe::id.eq(1), write_probe::content.eq(vec![0x59; BYTES]));
    diesel::delete(write_probe::table).execute(conn).await?;
    diesel::insert_into(write_probe::table).values(row).execute(conn).await?;
    Ok(())
}

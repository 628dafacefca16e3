use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::file::{ContentId, Upload};

use super::{Conn, Outcome};
use crate::error::{QueryError, is_unique_violation};
use crate::rows::{stored_size, stored_time};
use crate::schema::upload;

pub(in super::super) async fn record(conn: &mut Conn, uploaded: &Upload) -> Outcome<()> {
    let inserted = diesel::insert_into(upload::table)
        .values((
            upload::account_uuid.eq(uploaded.by.to_string()),
            upload::cid.eq(uploaded.cid.as_str()),
            upload::size.eq(stored_size(uploaded.size)),
            upload::uploaded_at.eq(stored_time(uploaded.at)),
        ))
        .execute(conn)
        .await;
    match inserted {
        // The same account has uploaded the same content before.
        Err(error) if is_unique_violation(&error) => Ok(()),
        outcome => outcome.map(drop).map_err(QueryError::from),
    }
}

pub(in super::super) async fn exists(conn: &mut Conn, by: AccountUuid, cid: &ContentId) -> Outcome<bool> {
    let found: Vec<i64> = upload::table
        .filter(upload::account_uuid.eq(by.to_string()))
        .filter(upload::cid.eq(cid.as_str()))
        .select(upload::size)
        .load(conn)
        .await?;
    Ok(!found.is_empty())
}

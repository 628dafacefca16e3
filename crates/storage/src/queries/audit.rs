use diesel::result::Error;
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, QueryResult, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::audit::{AuditEntry, AuditFilter, AuditRecord, AuditRecordId, ChainId, ChainOpening};
use yilin_domain::list::{Page, PageRequest};

use super::{Conn, Db, Outcome, tallies};
use crate::error::{QueryError, is_unique_violation};
use crate::rows::{AuditEventRow, ChainRow, NewAuditEventRow, stored_micros};
use crate::schema::{audit_chain, audit_event};

paged_list!(audit_event, AuditFilter, AuditRecord, AuditRecordId);

fn filtered(filter: &AuditFilter) -> audit_event::BoxedQuery<'_, Db> {
    let mut rows = audit_event::table.into_boxed();
    if let Some(agent) = filter.agent {
        rows = rows.filter(audit_event::agent_uuid.eq(agent.to_string()));
    }
    if let Some(patient) = filter.patient {
        rows = rows.filter(audit_event::patient_uuid.eq(patient.to_string()));
    }
    if let Some(operation) = &filter.operation {
        rows = rows.filter(audit_event::operation.eq(operation));
    }
    if let Some(outcome) = filter.outcome {
        rows = rows.filter(audit_event::outcome.eq(i16::try_from(outcome).unwrap_or(i16::MAX)));
    }
    if let Some(from) = filter.from {
        rows = rows.filter(audit_event::recorded.ge(stored_micros(from)));
    }
    if let Some(to) = filter.to {
        rows = rows.filter(audit_event::recorded.lt(stored_micros(to)));
    }
    rows
}

async fn total(conn: &mut Conn, filter: &AuditFilter) -> Outcome<u64> {
    Ok(tallies::counted(filtered(filter).count().get_result(conn).await?))
}

async fn load(conn: &mut Conn, rows: audit_event::BoxedQuery<'_, Db>) -> Outcome<Vec<AuditRecord>> {
    let rows = rows.select(AuditEventRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(AuditRecord::try_from).collect::<Result<_, _>>()?)
}

pub(in super::super) async fn open_chain(conn: &mut Conn, opening: &ChainOpening) -> Outcome<()> {
    match diesel::insert_into(audit_chain::table).values(ChainRow::from(opening)).execute(conn).await {
        Err(error) if is_unique_violation(&error) => {
            let row: ChainRow =
                audit_chain::table.find(id_of(opening.id)).select(ChainRow::as_select()).first(conn).await?;
            if ChainOpening::try_from(row)? == *opening {
                return Ok(());
            }
            Err(QueryError::Other("another audit chain has this id".into()))
        }
        outcome => Ok(outcome.map(drop)?),
    }
}

/// Inserts rows in order, by statements of few sizes: the server keeps those prepared, and preparing
/// one takes longer than running it.
async fn insert(conn: &mut Conn, rows: Vec<NewAuditEventRow>) -> QueryResult<()> {
    let rows = Box::pin(insert_by::<64>(conn, rows)).await?;
    let rows = insert_by::<8>(conn, rows).await?;
    insert_by::<1>(conn, rows).await.map(drop)
}

/// Inserts `N` rows at a time; gives those that are left, fewer than that.
async fn insert_by<const N: usize>(
    conn: &mut Conn,
    mut rows: Vec<NewAuditEventRow>,
) -> QueryResult<Vec<NewAuditEventRow>> {
    while rows.len() >= N {
        let rest = rows.split_off(N);
        let some: [_; N] = std::mem::replace(&mut rows, rest)
            .try_into()
            .map_err(|_| Error::QueryBuilderError("rows of another number".into()))?;
        insert_all!(conn, audit_event::table, some)?;
    }
    Ok(rows)
}

/// What was inserted before a place that is taken is undone with the transaction. So either all the
/// entries are new, or the call is a repeated one, or something else has written to the chain.
pub(in super::super) async fn append(conn: &mut Conn, chain: ChainId, entries: &[AuditEntry]) -> Outcome<()> {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(()) };
    let rows: Vec<_> = entries.iter().map(|entry| NewAuditEventRow::new(chain, entry)).collect();
    match insert(conn, rows).await {
        Err(error) if is_unique_violation(&error) => {
            let length = u16::try_from(entries.len()).unwrap_or(u16::MAX);
            let stored = self::chain(conn, chain, first.sequence, length).await?;
            let is_repeated = stored.last().is_some_and(|stored| stored.hash == last.hash);
            if is_repeated {
                Ok(())
            } else {
                Err(QueryError::Other("the place in the audit chain is taken".into()))
            }
        }
        outcome => Ok(outcome?),
    }
}

pub(in super::super) async fn chains(conn: &mut Conn) -> Outcome<Vec<ChainOpening>> {
    let rows: Vec<ChainRow> =
        audit_chain::table.order(audit_chain::id).select(ChainRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(ChainOpening::try_from).collect::<Result<_, _>>()?)
}

pub(in super::super) async fn chain(
    conn: &mut Conn,
    chain: ChainId,
    from: u64,
    limit: u16,
) -> Outcome<Vec<AuditEntry>> {
    let rows = audit_event::table
        .filter(audit_event::chain.eq(id_of(chain)))
        .filter(audit_event::sequence.ge(i64::try_from(from).unwrap_or(i64::MAX)))
        .order(audit_event::sequence)
        .limit(limit.into())
        .into_boxed();
    Ok(load(conn, rows).await?.into_iter().map(|record| record.entry).collect())
}

fn id_of(chain: ChainId) -> Vec<u8> {
    chain.bytes().to_vec()
}

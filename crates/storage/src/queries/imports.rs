use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::{AccountUuid, NewAccount, PhoneNumber};
use yilin_domain::port::{AccountTaken, Random};
use yilin_domain::roster::{ImportCounts, ImportJob, ImportJobId, ImportState, KeptRow};
use yilin_domain::time::Timestamp;

use super::{Conn, Outcome, account_insert};
use crate::rows::{ImportJobRow, ImportRowRow, import_state_code, stored_count, stored_time};
use crate::schema::{import_job, import_row};

/// Rows per statement.
const ROWS: usize = 200;

pub(in super::super) async fn begin(conn: &mut Conn, job: &ImportJob) -> Outcome<()> {
    diesel::insert_into(import_job::table).values(ImportJobRow::new(job)).execute(conn).await?;
    Ok(())
}

pub(in super::super) async fn advance(
    conn: &mut Conn,
    id: ImportJobId,
    counts: ImportCounts,
    at: Timestamp,
) -> Outcome<()> {
    let changes = (counts_of(counts), import_job::heard_at.eq(stored_time(at)));
    diesel::update(job(id)).set(changes).execute(conn).await?;
    Ok(())
}

pub(in super::super) async fn beat(conn: &mut Conn, id: ImportJobId, at: Timestamp) -> Outcome<()> {
    diesel::update(job(id)).set(import_job::heard_at.eq(stored_time(at))).execute(conn).await?;
    Ok(())
}

pub(in super::super) async fn taken(conn: &mut Conn, phones: &[PhoneNumber]) -> Outcome<Vec<bool>> {
    let phones: Vec<&str> = phones.iter().map(PhoneNumber::as_str).collect();
    let taken = account_insert::taken_phones(conn, &phones).await?;
    Ok(phones.iter().map(|phone| taken.contains(phone)).collect())
}

/// Stores the accounts and counts them, in one transaction.
pub(in super::super) async fn import(
    conn: &mut Conn,
    id: ImportJobId,
    accounts: &[NewAccount],
    all_or_nothing: bool,
    at: Timestamp,
    random: &dyn Random,
) -> Outcome<Vec<Result<(), AccountTaken>>> {
    let verdicts = account_insert::verdicts(conn, accounts).await?;
    let taken = verdicts.iter().filter(|verdict| verdict.is_err()).count();
    if all_or_nothing && taken > 0 {
        return Ok(verdicts);
    }
    let stored = account_insert::store(conn, accounts, &verdicts, random).await?;
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let changes = (
        import_job::imported.eq(import_job::imported + count(stored.len())),
        import_job::skipped.eq(import_job::skipped + count(taken)),
        import_job::heard_at.eq(stored_time(at)),
    );
    diesel::update(job(id)).set(changes).execute(conn).await?;
    Ok(verdicts)
}

pub(in super::super) async fn finish(
    conn: &mut Conn,
    id: ImportJobId,
    state: ImportState,
    counts: ImportCounts,
    kept: &[KeptRow],
    at: Timestamp,
) -> Outcome<()> {
    let rows: Vec<_> = (0..).zip(kept).map(|(place, row)| ImportRowRow::new(id, place, row)).collect();
    for rows in rows.chunks(ROWS) {
        insert_all!(conn, import_row::table, rows)?;
    }
    let (code, fault) = import_state_code(state);
    let changes = (
        import_job::state.eq(code),
        import_job::fault.eq(fault),
        counts_of(counts),
        import_job::heard_at.eq(stored_time(at)),
    );
    diesel::update(job(id)).set(changes).execute(conn).await?;
    Ok(())
}

pub(in super::super) async fn find(conn: &mut Conn, id: ImportJobId) -> Outcome<Option<ImportJob>> {
    let row = job(id).select(ImportJobRow::as_select()).first(conn).await.optional()?;
    Ok(row.map(ImportJob::try_from).transpose()?)
}

pub(in super::super) async fn newest_of(conn: &mut Conn, by: AccountUuid) -> Outcome<Option<ImportJob>> {
    let own = import_job::table.filter(import_job::started_by.eq(by.to_string()));
    let newest = own.order(import_job::seq.desc()).select(ImportJobRow::as_select());
    let row = newest.first(conn).await.optional()?;
    Ok(row.map(ImportJob::try_from).transpose()?)
}

pub(in super::super) async fn kept_rows(conn: &mut Conn, id: ImportJobId) -> Outcome<Vec<KeptRow>> {
    let rows = import_row::table.filter(import_row::job_id.eq(id.to_string())).order(import_row::place);
    let rows: Vec<ImportRowRow> = rows.select(ImportRowRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(KeptRow::try_from).collect::<Result<_, _>>()?)
}

pub(in super::super) async fn forget(
    conn: &mut Conn,
    rows_before: Timestamp,
    jobs_before: Timestamp,
) -> Outcome<u64> {
    let old = import_job::table.filter(import_job::heard_at.lt(stored_time(rows_before)));
    let ids: Vec<String> = old.select(import_job::id).load(conn).await?;
    let mut forgotten = 0;
    for ids in ids.chunks(ROWS) {
        let rows = import_row::table.filter(import_row::job_id.eq_any(ids));
        forgotten += diesel::delete(rows).execute(conn).await?;
    }
    let jobs = import_job::table.filter(import_job::heard_at.lt(stored_time(jobs_before)));
    forgotten += diesel::delete(jobs).execute(conn).await?;
    Ok(u64::try_from(forgotten).unwrap_or(u64::MAX))
}

#[diesel::dsl::auto_type]
fn job(id: ImportJobId) -> _ {
    let id: String = id.to_string();
    import_job::table.filter(import_job::id.eq(id))
}

#[diesel::dsl::auto_type]
fn counts_of(counts: ImportCounts) -> _ {
    let (total, imported): (i64, i64) = (stored_count(counts.total), stored_count(counts.imported));
    let (skipped, failed): (i64, i64) = (stored_count(counts.skipped), stored_count(counts.failed));
    (
        import_job::total.eq(total),
        import_job::imported.eq(imported),
        import_job::skipped.eq(skipped),
        import_job::failed.eq(failed),
    )
}

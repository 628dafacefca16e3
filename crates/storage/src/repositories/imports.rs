//! Imports of rosters.

use std::time::Duration;

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::{AccountUuid, NewAccount, PhoneNumber};
use yilin_domain::audit::{Changed, EntryDraft};
use yilin_domain::port::{AccountTaken, ImportRepository, PortError};
use yilin_domain::roster::{ImportCounts, ImportJob, ImportJobId, ImportRemarks, ImportState, KeptRow};
use yilin_domain::time::Timestamp;

use super::audit::outbox;
use super::{Database, account_insert};
use crate::error::{QueryError, is_unique_violation};
use crate::rows::{
    ImportJobRow, ImportRowRow, import_state_code, remarks_of, rows_changed, stored_count, stored_remarks,
    stored_time,
};
use crate::schema::{import_job, import_row};

/// Timeout of storing a whole roster in one transaction: no client waits for it.
const WHOLE_ROSTER: Duration = Duration::from_secs(300);

/// Rows per statement.
const ROWS: usize = 200;

#[async_trait]
impl ImportRepository for Database {
    async fn begin(&self, job: &ImportJob) -> Result<ImportJob, PortError> {
        self.engine
            .write(
                job.clone(),
                work!(|conn, job| {
                    if let Some(of) = job.follows
                        && let Some(row) =
                            follower(of).select(ImportJobRow::as_select()).first(conn).await.optional()?
                    {
                        return Ok(ImportJob::try_from(row)?);
                    }
                    match diesel::insert_into(import_job::table)
                        .values(ImportJobRow::new(job))
                        .execute(conn)
                        .await
                    {
                        Ok(_) => Ok(job.clone()),
                        // Another one that follows the same dry run was first.
                        Err(error) if is_unique_violation(&error) => Err(QueryError::Retry),
                        Err(error) => Err(error.into()),
                    }
                }),
            )
            .await
    }

    async fn follower(&self, of: ImportJobId) -> Result<Option<ImportJob>, PortError> {
        self.engine
            .read(
                of,
                work!(|conn, of| {
                    let row = follower(*of).select(ImportJobRow::as_select()).first(conn).await.optional()?;
                    Ok(row.map(ImportJob::try_from).transpose()?)
                }),
            )
            .await
    }

    async fn release(&self, id: ImportJobId) -> Result<(), PortError> {
        self.engine
            .write(
                id,
                work!(|conn, id| {
                    let released = import_job::holds_file.eq(false);
                    diesel::update(job(*id)).set(released).execute(conn).await?;
                    Ok(())
                }),
            )
            .await
    }

    async fn advance(&self, id: ImportJobId, counts: ImportCounts, at: Timestamp) -> Result<(), PortError> {
        self.engine
            .write(
                (id, counts, at),
                work!(|conn, (id, counts, at)| {
                    let changes = (counts_of(*counts), import_job::last_heartbeat_at.eq(stored_time(*at)));
                    diesel::update(job(*id)).set(changes).execute(conn).await?;
                    Ok(())
                }),
            )
            .await
    }

    async fn beat(&self, id: ImportJobId, at: Timestamp) -> Result<(), PortError> {
        self.engine
            .write(
                (id, at),
                work!(|conn, (id, at)| {
                    let heartbeat = import_job::last_heartbeat_at.eq(stored_time(*at));
                    diesel::update(job(*id)).set(heartbeat).execute(conn).await?;
                    Ok(())
                }),
            )
            .await
    }

    async fn taken(&self, phones: &[PhoneNumber]) -> Result<Vec<bool>, PortError> {
        self.engine
            .read(
                phones.to_vec(),
                work!(|conn, phones| {
                    let phones: Vec<&str> = phones.iter().map(PhoneNumber::as_str).collect();
                    let taken = account_insert::taken_phones(conn, &phones).await?;
                    Ok(phones.iter().map(|phone| taken.contains(phone)).collect())
                }),
            )
            .await
    }

    async fn import(
        &self,
        id: ImportJobId,
        accounts: Vec<NewAccount>,
        all_or_nothing: bool,
        at: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<Vec<Result<(), AccountTaken>>, PortError> {
        let args = (id, accounts, all_or_nothing, at, self.random.clone(), entry.clone());
        self.engine
            .leaving(entry)
            .write_lasting(
                WHOLE_ROSTER,
                args,
                work!(|conn, (id, accounts, all_or_nothing, at, random, entry)| {
                    let verdicts = account_insert::verdicts(conn, accounts).await?;
                    let taken = verdicts.iter().filter(|verdict| verdict.is_err()).count();
                    if *all_or_nothing && taken > 0 {
                        return Ok(verdicts);
                    }
                    let stored = account_insert::store(conn, accounts, &verdicts, &**random).await?;
                    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
                    let changes = (
                        import_job::imported.eq(import_job::imported + count(stored.len())),
                        import_job::skipped.eq(import_job::skipped + count(taken)),
                        import_job::last_heartbeat_at.eq(stored_time(*at)),
                    );
                    diesel::update(job(*id)).set(changes).execute(conn).await?;
                    if !stored.is_empty() {
                        let about = Changed {
                            results: Changed::many(stored.len()).results,
                            ..Changed::one("import", id, None)
                        };
                        outbox::leave(conn, entry.as_ref(), about).await?;
                    }
                    Ok(verdicts)
                }),
            )
            .await
    }

    async fn remark(&self, id: ImportJobId, remarks: &ImportRemarks) -> Result<(), PortError> {
        self.engine
            .write(
                (id, stored_remarks(remarks)),
                work!(|conn, (id, remarks)| {
                    let remarks = import_job::remarks.eq(remarks.as_str());
                    diesel::update(job(*id)).set(remarks).execute(conn).await?;
                    Ok(())
                }),
            )
            .await
    }

    async fn remarks(&self, id: ImportJobId) -> Result<ImportRemarks, PortError> {
        self.engine
            .read(
                id,
                work!(|conn, id| {
                    let stored = job(*id).select(import_job::remarks);
                    let stored: Option<Option<String>> = stored.first(conn).await.optional()?;
                    Ok(remarks_of(&stored.flatten().unwrap_or_default()))
                }),
            )
            .await
    }

    async fn finish(
        &self,
        id: ImportJobId,
        state: ImportState,
        counts: ImportCounts,
        kept: Vec<KeptRow>,
        at: Timestamp,
    ) -> Result<(), PortError> {
        self.engine
            .write(
                (id, state, counts, kept, at),
                work!(|conn, (id, state, counts, kept, at)| {
                    let rows = (0..).zip(kept).map(|(place, row)| ImportRowRow::new(*id, place, row));
                    for rows in rows.collect::<Vec<_>>().chunks(ROWS) {
                        insert_all!(conn, import_row::table, rows)?;
                    }
                    let (code, fault) = import_state_code(*state);
                    let changes = (
                        import_job::state.eq(code),
                        import_job::fault.eq(fault),
                        counts_of(*counts),
                        import_job::last_heartbeat_at.eq(stored_time(*at)),
                    );
                    diesel::update(job(*id)).set(changes).execute(conn).await?;
                    Ok(())
                }),
            )
            .await
    }

    async fn find(&self, id: ImportJobId) -> Result<Option<ImportJob>, PortError> {
        self.engine
            .read(
                id,
                work!(|conn, id| {
                    let row = job(*id).select(ImportJobRow::as_select()).first(conn).await.optional()?;
                    Ok(row.map(ImportJob::try_from).transpose()?)
                }),
            )
            .await
    }

    async fn newest_of(&self, account: AccountUuid) -> Result<Option<ImportJob>, PortError> {
        self.engine
            .read(
                account,
                work!(|conn, account| {
                    let own = import_job::table.filter(import_job::started_by.eq(account.to_string()));
                    let newest = own.order(import_job::seq.desc()).select(ImportJobRow::as_select());
                    let row = newest.first(conn).await.optional()?;
                    Ok(row.map(ImportJob::try_from).transpose()?)
                }),
            )
            .await
    }

    async fn recent(&self, limit: u16) -> Result<Vec<ImportJob>, PortError> {
        self.engine
            .read(
                limit,
                work!(|conn, limit| {
                    let newest = import_job::table.order(import_job::seq.desc()).limit((*limit).into());
                    let rows: Vec<ImportJobRow> = newest.select(ImportJobRow::as_select()).load(conn).await?;
                    Ok(rows.into_iter().map(ImportJob::try_from).collect::<Result<_, _>>()?)
                }),
            )
            .await
    }

    async fn kept_rows(&self, id: ImportJobId) -> Result<Vec<KeptRow>, PortError> {
        self.engine
            .read(
                id,
                work!(|conn, id| {
                    let rows: Vec<ImportRowRow> = import_row::table
                        .filter(import_row::job_id.eq(id.to_string()))
                        .order(import_row::place)
                        .select(ImportRowRow::as_select())
                        .load(conn)
                        .await?;
                    Ok(rows.into_iter().map(KeptRow::try_from).collect::<Result<_, _>>()?)
                }),
            )
            .await
    }

    async fn forget_imports(&self, rows: Timestamp, jobs: Timestamp) -> Result<u64, PortError> {
        self.engine
            .write(
                (rows, jobs),
                work!(|conn, (rows_before, jobs_before)| {
                    let old =
                        import_job::table.filter(import_job::last_heartbeat_at.lt(stored_time(*rows_before)));
                    let ids: Vec<String> = old.select(import_job::id).load(conn).await?;
                    let mut forgotten = 0;
                    for ids in ids.chunks(ROWS) {
                        let rows = import_row::table.filter(import_row::job_id.eq_any(ids));
                        forgotten += diesel::delete(rows).execute(conn).await?;
                    }
                    let jobs =
                        import_job::table.filter(import_job::last_heartbeat_at.lt(stored_time(*jobs_before)));
                    forgotten += diesel::delete(jobs).execute(conn).await?;
                    Ok(rows_changed(forgotten))
                }),
            )
            .await
    }
}

#[diesel::dsl::auto_type]
fn job(id: ImportJobId) -> _ {
    let id: String = id.to_string();
    import_job::table.filter(import_job::id.eq(id))
}

#[diesel::dsl::auto_type]
fn follower(of: ImportJobId) -> _ {
    let of: String = of.to_string();
    import_job::table.filter(import_job::follows.eq(of))
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

//! Verifications of the audit log.

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{
    Changed, EntryDraft, VerificationProgress, VerificationResult, VerificationRun, VerificationRunId,
};
use yilin_domain::port::{PortError, VerificationRepository, VerificationRunning};
use yilin_domain::time::Timestamp;

use super::audit::outbox;
use super::{Conn, Database};
use crate::error::{QueryError, QueryResult, is_unique_violation};
use crate::rows::{NewVerificationRow, VerificationRow, VerificationRunRow, stored_count, stored_time};
use crate::schema::{audit_verification, audit_verification_run};

/// Number of results that are kept.
const KEPT: i64 = 20;

#[async_trait]
impl VerificationRepository for Database {
    async fn begin(
        &self,
        by: AccountUuid,
        now: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<Result<VerificationRun, VerificationRunning>, PortError> {
        self.engine
            .leaving(entry.clone())
            .write(
                (by, now, entry),
                work!(|conn, (by, now, entry)| {
                    let started = match newest_run(conn).await? {
                        Some(row) if row.is_running => {
                            let (run, before) = (row.run, VerificationRun::try_from(row)?);
                            if before.is_running_at(*now) {
                                return Ok(Err(VerificationRunning));
                            }
                            restart(conn, run, *by, *now).await?
                        }
                        Some(row) => restart(conn, row.run, *by, *now).await?,
                        None => first(conn, *by, *now).await?,
                    };
                    let run = VerificationRun::try_from(started)?;
                    let changed = Changed::one("audit_verification", run.id.0, None);
                    outbox::leave(conn, entry.as_ref(), changed).await?;
                    Ok(Ok(run))
                }),
            )
            .await
    }

    async fn advance(
        &self,
        run: VerificationRunId,
        progress: VerificationProgress,
        now: Timestamp,
    ) -> Result<(), PortError> {
        self.engine
            .write(
                (run, progress, now),
                work!(|conn, (run, progress, now)| {
                    let running = audit_verification_run::table
                        .filter(audit_verification_run::run.eq(run.0))
                        .filter(audit_verification_run::is_running.eq(true));
                    let change = (
                        audit_verification_run::last_heartbeat_at.eq(stored_time(*now)),
                        audit_verification_run::chains_to_verify.eq(stored_count(progress.chains_to_verify)),
                        audit_verification_run::chains.eq(stored_count(progress.chains)),
                        audit_verification_run::entries.eq(stored_count(progress.entries)),
                    );
                    diesel::update(running).set(change).execute(conn).await?;
                    Ok(())
                }),
            )
            .await
    }

    async fn finish(
        &self,
        run: Option<VerificationRunId>,
        result: &VerificationResult,
    ) -> Result<(), PortError> {
        self.engine
            .write(
                (run, result.clone()),
                work!(|conn, (run, result)| {
                    let row = NewVerificationRow::new(result);
                    diesel::insert_into(audit_verification::table).values(row).execute(conn).await?;
                    let newest = audit_verification::table.order(audit_verification::id.desc());
                    let older: Option<i64> = newest
                        .select(audit_verification::id)
                        .offset(KEPT)
                        .limit(1)
                        .first(conn)
                        .await
                        .optional()?;
                    if let Some(older) = older {
                        let old = audit_verification::table.filter(audit_verification::id.le(older));
                        diesel::delete(old).execute(conn).await?;
                    }
                    match run {
                        Some(run) => end(conn, *run).await,
                        None => Ok(()),
                    }
                }),
            )
            .await
    }

    async fn abandon(&self, run: VerificationRunId) -> Result<(), PortError> {
        self.engine.write(run, work!(|conn, run| end(conn, *run).await)).await
    }

    async fn running(&self) -> Result<Option<VerificationRun>, PortError> {
        self.engine
            .read(
                (),
                work!(|conn, ()| {
                    let row = newest_run(conn).await?.filter(|row| row.is_running);
                    Ok(row.map(VerificationRun::try_from).transpose()?)
                }),
            )
            .await
    }

    async fn last(&self) -> Result<Option<VerificationResult>, PortError> {
        self.engine
            .read(
                (),
                work!(|conn, ()| {
                    let row = audit_verification::table
                        .order(audit_verification::id.desc())
                        .select(VerificationRow::as_select())
                        .first(conn)
                        .await
                        .optional()?;
                    Ok(row.map(VerificationResult::try_from).transpose()?)
                }),
            )
            .await
    }
}

async fn newest_run(conn: &mut Conn) -> QueryResult<Option<VerificationRunRow>> {
    let row = audit_verification_run::table.find(VerificationRunRow::ID);
    Ok(row.select(VerificationRunRow::as_select()).first(conn).await.optional()?)
}

/// Starts the first run ever.
async fn first(conn: &mut Conn, by: AccountUuid, now: Timestamp) -> QueryResult<VerificationRunRow> {
    let row = VerificationRunRow::started(1, by, now);
    match diesel::insert_into(audit_verification_run::table).values(&row).execute(conn).await {
        Ok(_) => Ok(row),
        // Another instance was first.
        Err(error) if is_unique_violation(&error) => Err(QueryError::Retry),
        Err(error) => Err(error.into()),
    }
}

/// Starts the run after this one; of several callers, one succeeds and the others look again.
async fn restart(
    conn: &mut Conn,
    before: i64,
    by: AccountUuid,
    now: Timestamp,
) -> QueryResult<VerificationRunRow> {
    let row = VerificationRunRow::started(before.wrapping_add(1), by, now);
    let replaced = audit_verification_run::table.filter(audit_verification_run::run.eq(before));
    let changed = diesel::update(replaced).set(&row).execute(conn).await?;
    if changed == 0 { Err(QueryError::Retry) } else { Ok(row) }
}

async fn end(conn: &mut Conn, run: VerificationRunId) -> QueryResult<()> {
    let ended = audit_verification_run::table.filter(audit_verification_run::run.eq(run.0));
    diesel::update(ended).set(audit_verification_run::is_running.eq(false)).execute(conn).await?;
    Ok(())
}

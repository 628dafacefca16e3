//! Exact counting of log-in attempts.
//!
//! An attempt first updates the two rows in which it is counted, always the identifier's before the
//! address's. So of several concurrent attempts each waits for the previous one (or, in a cluster, fails and
//! is rerun), and reads its count.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::port::{LoginAttemptRepository, PortError};
use yilin_domain::session::{Attempt, AttemptKey, AttemptLimits, AttemptVerdict, AttemptWindow};
use yilin_domain::time::Timestamp;

use super::{Conn, Database, taken_key};
use crate::error::{QueryResult, is_unique_violation};
use crate::rows::{attempts_of, attempts_text, last_attempt, rows_changed, stored_time};
use crate::schema::{known_login, login_attempt};

#[async_trait]
impl LoginAttemptRepository for Database {
    async fn begin(
        &self,
        key: &AttemptKey,
        now: Timestamp,
        limits: AttemptLimits,
    ) -> Result<AttemptVerdict, PortError> {
        let args = (key.clone(), now, limits);
        // Read-only, so that a caller who keeps trying causes no writes.
        let refusal = self
            .engine
            .read(
                args.clone(),
                work!(|conn, (key, now, limits)| {
                    Ok(Windows::read(conn, key, *now, *limits).await?.admit(*now, *limits).err())
                }),
            )
            .await?;
        if let Some(retry_after) = refusal {
            return Ok(AttemptVerdict::Refused { retry_after });
        }
        self.engine
            .write(
                args,
                work!(|conn, (key, now, limits)| {
                    lock(conn, &identifier_key(key), *now).await?;
                    lock(conn, &address_key(key), *now).await?;
                    let mut windows = Windows::read(conn, key, *now, *limits).await?;
                    let attempt = match windows.admit(*now, *limits) {
                        Ok(attempt) => attempt,
                        Err(retry_after) => return Ok(AttemptVerdict::Refused { retry_after }),
                    };
                    save(conn, &windows.identifier).await?;
                    save(conn, &windows.address).await?;
                    Ok(AttemptVerdict::Admitted(attempt))
                }),
            )
            .await
    }

    async fn succeeded(&self, key: &AttemptKey, attempt: Attempt) -> Result<(), PortError> {
        self.engine
            .write(
                (key.clone(), attempt),
                work!(|conn, (key, attempt)| {
                    let Attempt { began, counts_at_address } = *attempt;
                    let identifier =
                        login_attempt::table.filter(login_attempt::key_digest.eq(identifier_key(key)));
                    diesel::delete(identifier).execute(conn).await?;
                    remember(conn, key, began).await?;
                    if !counts_at_address {
                        return Ok(());
                    }
                    let address = address_key(key);
                    lock(conn, &address, began).await?;
                    let mut window = window(conn, &address).await?;
                    window.forgive(began);
                    save(conn, &(address, window)).await
                }),
            )
            .await
    }

    async fn forget_idle(&self, since: Timestamp) -> Result<u64, PortError> {
        self.engine
            .write(
                since,
                work!(|conn, since| {
                    let idle = login_attempt::table.filter(login_attempt::last_at.lt(stored_time(*since)));
                    Ok(rows_changed(diesel::delete(idle).execute(conn).await?))
                }),
            )
            .await
    }

    async fn forget_known(&self, since: Timestamp) -> Result<u64, PortError> {
        self.engine
            .write(
                since,
                work!(|conn, since| {
                    let old = known_login::table.filter(known_login::last_at.lt(stored_time(*since)));
                    Ok(rows_changed(diesel::delete(old).execute(conn).await?))
                }),
            )
            .await
    }
}

/// The two windows of an attempt, the keys of their rows, and whether the identifier has succeeded from the
/// address before.
struct Windows {
    identifier: (String, AttemptWindow),
    address: (String, AttemptWindow),
    is_known: bool,
}

impl Windows {
    async fn read(
        conn: &mut Conn,
        key: &AttemptKey,
        now: Timestamp,
        limits: AttemptLimits,
    ) -> QueryResult<Self> {
        let (identifier, address) = (identifier_key(key), address_key(key));
        let (of_identifier, of_address) = (window(conn, &identifier).await?, window(conn, &address).await?);
        let known_since = now - TimeDelta::from_std(limits.known_for).unwrap_or(TimeDelta::MAX);
        let known: Option<NaiveDateTime> = known_login::table
            .filter(known_login::key_digest.eq(&key.identifier))
            .filter(known_login::last_at.gt(stored_time(known_since)))
            .select(known_login::last_at)
            .first(conn)
            .await
            .optional()?;
        Ok(Self {
            identifier: (identifier, of_identifier),
            address: (address, of_address),
            is_known: known.is_some(),
        })
    }

    /// Counts one more attempt in both, or returns how long to wait.
    fn admit(&mut self, now: Timestamp, limits: AttemptLimits) -> Result<Attempt, Duration> {
        self.identifier.1.admit(now, limits.window, limits.per_identifier)?;
        let room = self.address.1.admit(now, limits.window, limits.failures_per_address);
        let attempt = Attempt { began: now, counts_at_address: room.is_ok() };
        if self.is_known { Ok(attempt) } else { room.map(|()| attempt) }
    }
}

/// Stores that the identifier has succeeded from the address.
async fn remember(conn: &mut Conn, key: &AttemptKey, at: Timestamp) -> QueryResult<()> {
    let known = || diesel::update(known_login::table.filter(known_login::key_digest.eq(&key.identifier)));
    let last_at = known_login::last_at.eq(stored_time(at));
    if known().set(last_at).execute(conn).await? > 0 {
        return Ok(());
    }
    let row = (known_login::key_digest.eq(&key.identifier), last_at);
    match diesel::insert_into(known_login::table).values(row).execute(conn).await {
        // A concurrent log-in was faster.
        Err(error) if is_unique_violation(&error) => Ok(()),
        inserted => Ok(inserted.map(drop)?),
    }
}

fn identifier_key(key: &AttemptKey) -> String {
    format!("identifier:{}", key.identifier)
}

fn address_key(key: &AttemptKey) -> String {
    format!("address:{}", key.address)
}

/// Inserts or updates the row, which locks it: a concurrent transaction waits here.
async fn lock(conn: &mut Conn, key: &str, now: Timestamp) -> QueryResult<()> {
    diesel::insert_into(login_attempt::table)
        .values((
            login_attempt::key_digest.eq(key),
            login_attempt::version.eq(1),
            login_attempt::attempts.eq(""),
            login_attempt::last_at.eq(stored_time(now)),
        ))
        .on_conflict(taken_key())
        .do_update()
        .set(login_attempt::version.eq(login_attempt::version + 1))
        .execute(conn)
        .await?;
    Ok(())
}

async fn window(conn: &mut Conn, key: &str) -> QueryResult<AttemptWindow> {
    let text: Option<String> = login_attempt::table
        .filter(login_attempt::key_digest.eq(key))
        .select(login_attempt::attempts)
        .first(conn)
        .await
        .optional()?;
    Ok(attempts_of(key, text.as_deref().unwrap_or_default())?)
}

async fn save(conn: &mut Conn, (key, window): &(String, AttemptWindow)) -> QueryResult<()> {
    diesel::update(login_attempt::table.filter(login_attempt::key_digest.eq(key)))
        .set((
            login_attempt::attempts.eq(attempts_text(window)),
            login_attempt::last_at.eq(last_attempt(window)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

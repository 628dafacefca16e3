//! The same statements through the raw driver.

use mysql_async::prelude::Queryable as _;
use mysql_async::{Opts, OptsBuilder, Pool, PoolConstraints, PoolOpts, Row, TxOpts};

use crate::Outcome;
use crate::hospital::{Hospital, own, pick};
use crate::load::{Load, Rate};

/// Inquiries with their parties, as the service reads them.
pub(crate) const SELECT: &str = "SELECT i.id, i.version, i.patient_uuid, i.physician_uuid, i.visit_type, \
     i.appointment_time, i.reserved_phone, i.detail, i.status, i.status_reason, i.cancelled_from, i.due_at, i.created_at, \
     i.updated_at, \
     p.username, p.sex, p.age, p.age_given_on, p.birth_date, d.username, d.sex, d.hospital \
     FROM inquiry i LEFT JOIN account p ON p.uuid = i.patient_uuid \
     LEFT JOIN account d ON d.uuid = i.physician_uuid";
const TOTAL: &str = "SELECT CAST(SUM(n) AS SIGNED) FROM tally WHERE kind = 0 AND level = 2 AND span = 0 \
     UNION ALL SELECT CAST(SUM(n) AS SIGNED) FROM tally_delta WHERE kind = 0";

/// The driver's own pool.
pub(crate) struct Raw {
    pool: Pool,
}

impl Raw {
    /// A pool with one connection per client.
    pub(crate) fn new(url: &str, clients: usize) -> Outcome<Self> {
        let constraints = PoolConstraints::new(1, clients.max(1)).ok_or("no connections")?;
        // As in the service's pool: nothing is sent between two uses of a connection.
        let pool = PoolOpts::default().with_constraints(constraints).with_reset_connection(false);
        let opts = OptsBuilder::from_opts(Opts::from_url(url)?).prefer_socket(false).pool_opts(pool);
        Ok(Self { pool: Pool::new(opts) })
    }

    /// As [`Hospital::point_reads`].
    pub(crate) async fn point_reads(&self, load: &Load, hospital: &Hospital) -> Outcome<Rate> {
        let (pool, ids) = (self.pool.clone(), hospital.ids.clone());
        load.run(move |client, round| {
            let (pool, id) = (pool.clone(), pick(&ids, client, round));
            async move {
                let mut conn = pool.get_conn().await?;
                let row: Option<Row> = conn.exec_first(format!("{SELECT} WHERE i.id = ?"), (id,)).await?;
                row.map(|_| 1).ok_or_else(|| "no such inquiry".into())
            }
        })
        .await
    }

    /// As [`Hospital::pages`].
    pub(crate) async fn pages(&self, load: &Load) -> Outcome<Rate> {
        let pool = self.pool.clone();
        load.run(move |_, _| {
            let pool = pool.clone();
            async move {
                let mut conn = pool.get_conn().await?;
                let _total: Vec<Row> = conn.exec(TOTAL, ()).await?;
                let _rows: Vec<Row> =
                    conn.exec(format!("{SELECT} ORDER BY i.id DESC LIMIT ?"), (10,)).await?;
                Ok(1)
            }
        })
        .await
    }

    /// As [`Hospital::transitions`].
    pub(crate) async fn transitions(&self, load: &Load, hospital: &Hospital) -> Outcome<Rate> {
        let (pool, ids, clients) = (self.pool.clone(), hospital.ids.clone(), load.clients);
        let physician = hospital.physicians[0].to_string();
        load.run(move |client, round| {
            let (pool, id) = (pool.clone(), own(&ids, client, clients, round));
            let physician = physician.clone();
            async move {
                let mut conn = pool.get_conn().await?;
                let row: Option<Row> = conn.exec_first(format!("{SELECT} WHERE i.id = ?"), (id,)).await?;
                let row = row.ok_or("no such inquiry")?;
                let version: i32 = row.get(1).ok_or("no version")?;
                let status: i16 = row.get(8).ok_or("no status")?;
                let (next, assigned) = if status == 0 { (1, Some(&physician)) } else { (0, None) };
                let mut transaction = conn.start_transaction(TxOpts::default()).await?;
                let update = "UPDATE inquiry SET version = ?, status = ?, physician_uuid = ?, \
                     physician_username = (SELECT username FROM account WHERE uuid = ?), \
                     appointment_time = ?, status_reason = NULL, cancelled_from = NULL, \
                     due_at = '2026-11-24 00:00:00' + INTERVAL ? MINUTE, repetition = NULL, updated_at = '2026-11-23 00:00:00' WHERE id = ? AND version = ?";
                let visit: mysql_async::Value = row.get(5).ok_or("no time")?;
                let values = (version + 1, next, assigned, assigned, &visit, version, id, version);
                transaction.exec_drop(update, values).await?;
                let entry = "INSERT INTO inquiry_history (inquiry_id, version, made_by, made_at, \
                     from_status, to_status, physician_uuid, reason, appointment_time) \
                     VALUES (?, ?, ?, '2026-11-23 00:00:00', ?, ?, ?, NULL, ?)";
                let values = (id, version + 1, &physician, status, next, assigned, &visit);
                transaction.exec_drop(entry, values).await?;
                let deltas = "INSERT INTO tally_delta (kind, code, span, n) VALUES (0, ?, 0, -1), (0, ?, 0, 1)";
                transaction.exec_drop(deltas, (status, next)).await?;
                transaction.commit().await?;
                Ok(1)
            }
        })
        .await
    }

    /// As [`Hospital::complete_list`], in one statement.
    pub(crate) async fn complete_list(&self, load: &Load) -> Outcome<Rate> {
        let pool = self.pool.clone();
        let one = Load { clients: 1, ..*load };
        one.run(move |_, _| {
            let pool = pool.clone();
            async move {
                let mut conn = pool.get_conn().await?;
                let mut rows = conn.exec_iter(format!("{SELECT} ORDER BY i.id DESC"), ()).await?;
                let mut read = 0;
                while rows.next().await?.is_some() {
                    read += 1;
                }
                drop(rows);
                Ok(read)
            }
        })
        .await
    }
}

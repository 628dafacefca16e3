//! The statements of a page.

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Params, Row as Values, Value};
use yilin_domain::account::AccountUuid;
use yilin_domain::enumeration::StatusSet;
use yilin_domain::inquiry::InquiryStatus;
use yilin_domain::time::Timestamp;
use yilin_storage::StoredCode;

use super::deep;
use super::statements::{size, value};
use crate::Outcome;
use crate::raw::SELECT;

/// The codes of statuses, as they are stored.
pub(super) fn codes(statuses: &StatusSet<InquiryStatus>) -> Vec<i16> {
    statuses.as_slice().iter().copied().map(StoredCode::code).collect()
}

/// A page of a list in id order.
#[derive(Default)]
pub(super) struct List {
    /// The condition on inquiries; none if empty.
    pub(super) filter: String,
    /// Its parameters.
    pub(super) values: Vec<Value>,
    /// The statuses whose stored numbers are those of the list; all if empty.
    pub(super) statuses: Vec<i16>,
    /// Whether the records are counted instead.
    pub(super) is_counted: bool,
    /// Number of records before the page.
    pub(super) offset: u64,
}

impl List {
    /// All in a status.
    pub(super) fn in_status(status: InquiryStatus) -> Self {
        let (filter, status) = ("i.status = ?".to_owned(), status.code());
        Self { filter, values: vec![value(status)], statuses: vec![status], ..Self::default() }
    }

    /// A person's own, in these statuses.
    pub(super) fn own(column: &str, person: AccountUuid, statuses: &StatusSet<InquiryStatus>) -> Self {
        let statuses = if statuses.is_all() { Vec::new() } else { codes(statuses) };
        let any = vec!["i.status = ?"; statuses.len()].join(" OR ");
        let of_person = format!("i.{column} = ?");
        let filter = if any.is_empty() { of_person } else { format!("({any}) AND {of_person}") };
        let statuses = statuses.into_iter().map(value);
        let values = statuses.chain([value(person.to_string())]).collect();
        Self { filter, values, is_counted: true, ..Self::default() }
    }

    /// Reads the total and the page.
    pub(super) async fn page(self, conn: &mut Conn) -> Outcome<()> {
        self.total(conn).await?;
        let Self { filter, mut values, .. } = self;
        let mut conditions = vec![filter];
        if self.offset > 0 {
            // Only lists of all inquiries are read that deep.
            let first = deep::first_of_page(conn, self.offset).await?;
            conditions.push("i.id <= ?".to_owned());
            values.push(value(first));
        }
        conditions.retain(|condition| !condition.is_empty());
        let condition =
            if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
        values.push(size());
        read(conn, format!("{SELECT} {condition} ORDER BY i.id DESC LIMIT ?"), values).await
    }

    async fn total(&self, conn: &mut Conn) -> Outcome<()> {
        if self.is_counted {
            let count = format!("SELECT COUNT(*) FROM inquiry i WHERE {}", self.filter);
            return read(conn, count, self.values.clone()).await;
        }
        let any = vec!["code = ?"; self.statuses.len()].join(" OR ");
        let any = if any.is_empty() { any } else { format!("({any}) AND ") };
        let sum = format!(
            "SELECT CAST(SUM(n) AS SIGNED) FROM tally WHERE {any}kind = 0 AND level = 2 AND span = 0 UNION ALL \
             SELECT CAST(SUM(n) AS SIGNED) FROM tally_delta WHERE {any}kind = 0"
        );
        read(conn, sum, self.statuses.iter().chain(&self.statuses).copied().map(value).collect()).await
    }
}

/// Few inquiries are sorted, many are found along the ids.
const FEW: u64 = 8_000;

const OF_PEOPLE: &str = "patient_uuid IN (SELECT a.uuid FROM account_name_part n JOIN account a ON a.id = n.account_id \
     WHERE n.role = 0 AND n.part >= ? AND n.part < ?)";

/// The first page of those of patients whose name contains this text.
pub(super) async fn search(conn: &mut Conn, text: &str) -> Outcome<()> {
    let (first, beyond) = (text.as_bytes(), [text.as_bytes(), &[0xff]].concat());
    let count = format!("SELECT COUNT(*) FROM inquiry WHERE {OF_PEOPLE}");
    let total: Option<u64> = conn.exec_first(count, (first, &beyond)).await?;
    let ids: Vec<i64> = if total.ok_or("no total")? <= FEW {
        let ids = format!("SELECT id FROM inquiry WHERE {OF_PEOPLE} ORDER BY id + 0 DESC LIMIT ? OFFSET 0");
        conn.exec(ids, (first, &beyond, size())).await?
    } else {
        let ids =
            "SELECT id FROM inquiry WHERE INSTR(patient_username, ?) > 0 ORDER BY id DESC LIMIT ? OFFSET 0";
        conn.exec(ids, (text, size())).await?
    };
    by_ids(conn, ids).await
}

/// The first page of those whose next step was due before this time.
pub(super) async fn overdue(conn: &mut Conn, now: Timestamp) -> Outcome<()> {
    let now = now.naive_utc().format("%Y-%m-%d %H:%M:%S").to_string();
    let _total: Option<i64> =
        conn.exec_first("SELECT COUNT(*) FROM inquiry WHERE due_at < ?", (&now,)).await?;
    let ids = "SELECT id FROM inquiry WHERE due_at < ? ORDER BY id + 0 DESC LIMIT ? OFFSET 0";
    let ids = conn.exec(ids, (&now, size())).await?;
    by_ids(conn, ids).await
}

async fn by_ids(conn: &mut Conn, ids: Vec<i64>) -> Outcome<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let marks = vec!["?"; ids.len()].join(", ");
    let page = format!("{SELECT} WHERE i.id IN ({marks}) ORDER BY i.id DESC");
    read(conn, page, ids.into_iter().map(value).collect()).await
}

/// Reads rows into the driver's values.
pub(super) async fn read(conn: &mut Conn, statement: String, values: Vec<Value>) -> Outcome<()> {
    let rows: Vec<Values> = conn.exec(statement, Params::Positional(values)).await?;
    drop(rows);
    Ok(())
}

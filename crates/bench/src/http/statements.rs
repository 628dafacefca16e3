//! The raw side: the statements that the service sends for each row, through the driver alone. They were taken from the
//! server's general log and have to follow the service's when those change.

use chrono::Datelike as _;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, OptsBuilder, Row as Values, Value};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::inquiry::InquiryStatus;

use super::caller::{Caller, SIZE};
use super::requests::{OF_PATIENTS, OF_PHYSICIANS};
use super::row::Row;
use super::{changes, lists};
use crate::Outcome;
use crate::load::{Client, Load, Rate};
use crate::raw::SELECT;

/// As the service's connections.
const SETUP: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// A connection that sends the statements of a row.
struct Connection {
    conn: Conn,
    row: Row,
    caller: Caller,
}

/// Sends the statements of a row on as many connections as there are clients.
pub(crate) async fn send(url: &str, load: Load, row: Row, caller: impl Fn(usize) -> Caller) -> Outcome<Rate> {
    let mut connections = Vec::with_capacity(load.clients);
    for client in 0..load.clients {
        let opts = OptsBuilder::from_opts(Opts::from_url(url)?).prefer_socket(false).tcp_nodelay(true);
        let mut conn = Conn::new(opts).await?;
        conn.query_drop(SETUP).await?;
        connections.push(Connection { conn, row, caller: caller(client) });
    }
    let rate = load.drive(connections).await?;
    // The service's own entries would be looked for among those of this side, which nobody links.
    let mut conn = Conn::new(OptsBuilder::from_opts(Opts::from_url(url)?).prefer_socket(false)).await?;
    conn.query_drop(format!("DELETE FROM audit_outbox WHERE writer = {}", changes::NOBODY)).await?;
    conn.disconnect().await?;
    Ok(rate)
}

impl Client for Connection {
    async fn step(&mut self) -> Outcome<u64> {
        let Self { conn, row, caller } = self;
        match row {
            Row::Record => {
                let (visit, _) = caller.visit()?;
                let id = visit.id;
                let found: Option<Values> =
                    conn.exec_first(format!("{SELECT} WHERE i.id = ?"), (id,)).await?;
                found.ok_or("no such inquiry")?;
            }
            Row::Days => {
                let from = caller.scene.plan.today() - chrono::Days::new(7);
                let from = value(from.num_days_from_ce());
                let values = vec![from.clone(), value(i64::MAX), from, value(i64::MAX)];
                lists::read(conn, DAYS.to_owned(), values).await?;
            }
            Row::FullName => lists::search(conn, caller.full_name()?).await?,
            Row::Surname => lists::search(conn, caller.surname()).await?,
            Row::Overdue => lists::overdue(conn, caller.scene.plan.now).await?,
            Row::Transition => changes::appoint(conn, caller).await?,
            Row::Create => changes::create(conn, caller).await?,
            row => {
                let list = list_of(*row, caller)?;
                list.page(conn).await?;
            }
        }
        Ok(1)
    }
}

const DAYS: &str = "SELECT kind, code, span, n FROM tally WHERE kind = 3 AND level = 0 AND span BETWEEN ? AND ? \
     UNION ALL SELECT kind, code, span, n FROM tally_delta WHERE kind = 3 AND span BETWEEN ? AND ?";

/// The list of a row, as the caller asks for it.
fn list_of(row: Row, caller: &Caller) -> Outcome<lists::List> {
    let all = lists::List::default;
    Ok(match row {
        Row::FirstPage => all(),
        Row::MiddlePage => lists::List { offset: caller.middle(), ..all() },
        Row::LastPage => lists::List { offset: caller.last(), ..all() },
        Row::Ended => {
            let statuses = lists::codes(&StatusSet::matching(InquiryStatus::has_ended));
            lists::List { filter: "i.ended = TRUE".to_owned(), statuses, ..all() }
        }
        Row::Submitted => lists::List::in_status(InquiryStatus::Submitted),
        Row::Assigned => lists::List::in_status(InquiryStatus::Assigned),
        Row::Accepted => lists::List::in_status(InquiryStatus::Accepted),
        Row::Registered => lists::List::in_status(InquiryStatus::Registered),
        Row::Cancelled => lists::List::in_status(InquiryStatus::Cancelled),
        Row::Returned => lists::List::in_status(InquiryStatus::Returned),
        Row::OfPhysician => {
            let physician = caller.dice.one_of(&caller.scene.physicians).ok_or("no physicians")?;
            let filter = caller.dice.one_of(&OF_PHYSICIANS).ok_or("no filters")?;
            let statuses = match filter {
                1 => StatusSet::matching(InquiryStatus::has_ended),
                2 => StatusSet::of(&[InquiryStatus::Accepted]),
                4 => StatusSet::of(&[InquiryStatus::Assigned]),
                5 => StatusSet::of(&[InquiryStatus::Returned]),
                6 => StatusSet::of(&[InquiryStatus::Cancelled]),
                _ => StatusSet::all(),
            };
            lists::List::own("physician_uuid", physician.uuid, &statuses)
        }
        Row::OfPatient => {
            let patient = caller.dice.one_of(&caller.scene.patients).ok_or("no patients")?;
            let filter = caller.dice.one_of(&OF_PATIENTS).ok_or("no filters")?;
            let statuses = match filter {
                1 => StatusSet::matching(InquiryStatus::is_approved),
                2 => StatusSet::matching(InquiryStatus::may_be_approved),
                3 => StatusSet::of(&[InquiryStatus::Cancelled]),
                _ => StatusSet::all(),
            };
            lists::List::own("patient_uuid", patient.uuid, &statuses)
        }
        other => return Err(format!("{other:?} has no list").into()),
    })
}

/// All inquiries in batches, on one connection; returns how many.
pub(crate) async fn complete_list(url: &str, batch: u16) -> Outcome<u64> {
    let mut conn = Conn::new(OptsBuilder::from_opts(Opts::from_url(url)?).prefer_socket(false)).await?;
    let (mut read, mut before) = (0, i64::MAX);
    loop {
        let statement = format!("{SELECT} WHERE i.id < ? ORDER BY i.id DESC LIMIT ?");
        let rows: Vec<Values> = conn.exec(statement, (before, batch)).await?;
        let Some(last) = rows.last() else { break };
        before = last.get(0).ok_or("no id")?;
        read += u64::try_from(rows.len())?;
    }
    conn.disconnect().await?;
    Ok(read)
}

/// A parameter.
pub(super) fn value(value: impl Into<Value>) -> Value {
    value.into()
}

/// The length of a page, as a parameter.
pub(super) fn size() -> Value {
    value(SIZE)
}

//! The statements of changes.

use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Row as Values, Value};

use super::caller::{Caller, serial};
use crate::Outcome;
use crate::raw::SELECT;

const ACCOUNT: &str = "SELECT id, uuid, username, nickname, role, sex, age, age_given_on, birth_date, phone, hospital, \
     home_address, created_at, must_change_password, disabled FROM account WHERE uuid = ? LIMIT 1";

const SCHEDULE: &str = "SELECT i.id, i.appointment_time, i.status, i.visit_type, i.patient_uuid, p.username, p.sex, \
     p.age, p.age_given_on, p.birth_date FROM inquiry i LEFT JOIN account p ON p.uuid = i.patient_uuid \
     WHERE i.physician_uuid = ? AND i.appointment_time >= ? - INTERVAL 59 MINUTE \
     AND i.appointment_time < ? + INTERVAL 60 MINUTE AND i.status != 5 ORDER BY i.appointment_time, i.id";

/// 2027-01-15, counted from 0001-01-01 as 1.
const VISIT_DAY: i32 = 739_996;

/// The writer of entries of no instance.
pub(super) const NOBODY: &str = "0x00000000000000000000000000000000";

/// About as long as an entry of the audit log.
const ENTRY: &str = r#"{"recorded":"2026-11-27T08:00:00.123456Z","agent":{"uuid":"0123abcd","role":"患者"},"session":"0123456789abcdef","source":"127.0.0.1","request":"01234567-4000-8000-0000-0123456789ab","operation":"createInquiryRecord","action":"create","entity":{"kind":"inquiry","id":"123456"},"patient":"0123abcd","outcome":200,"query":"","results":null}"#;

/// Appoints a physician: reads the physician and the inquiry, saves by compare-and-swap, looks for clashes.
pub(super) async fn appoint(conn: &mut Conn, caller: &mut Caller) -> Outcome<()> {
    let scene = caller.scene.clone();
    let pending = caller.pending()?;
    let (id, physician) = (pending.id, scene.next_physician(pending)?.to_string());
    let _physician: Option<Values> = conn.exec_first(ACCOUNT, (&physician,)).await?;
    let found: Option<Values> = conn.exec_first(format!("{SELECT} WHERE i.id = ?"), (id,)).await?;
    let found = found.ok_or("no such inquiry")?;
    let version: i32 = found.get(1).ok_or("no version")?;
    let patient: String = found.get(2).ok_or("no patient")?;
    let former: Option<String> = found.get(3).ok_or("no physician")?;
    let visit: Value = found.get(5).ok_or("no time")?;
    let status: i16 = found.get(8).ok_or("no status")?;
    conn.query_drop("START TRANSACTION").await?;
    let update = "UPDATE inquiry SET version = ?, status = ?, physician_uuid = ?, \
         physician_username = (SELECT username FROM account WHERE uuid = ? LIMIT 1), appointment_time = ?, \
         status_reason = NULL, cancelled_from = NULL, due_at = UTC_TIMESTAMP() + INTERVAL 12 HOUR, repetition = NULL, \
         updated_at = UTC_TIMESTAMP() WHERE id = ? AND version = ?";
    conn.exec_drop(update, (version + 1, 1, &physician, &physician, &visit, id, version)).await?;
    if conn.affected_rows() != 1 {
        return Err("another client changed the inquiry".into());
    }
    let moved = if status == 1 {
        String::new()
    } else {
        let span = id >> 10;
        format!(
            "INSERT INTO tally_delta (kind, code, span, n) VALUES (0, {status}, {span}, -1), (0, 1, {span}, 1); "
        )
    };
    let former = former.map_or("NULL".to_owned(), |former| format!("'{former}'"));
    let time = visit.as_sql(true);
    let history = format!(
        "INSERT INTO inquiry_history (inquiry_id, version, made_by, made_at, from_status, to_status, physician_uuid, \
         reason, appointment_time) VALUES ({id}, {}, '{}', UTC_TIMESTAMP(), {status}, 1, '{physician}', NULL, {time})",
        version + 1,
        scene.admin.uuid,
    );
    let event = event(1, id, &patient, &format!("'{physician}'"), &former);
    commit(conn, &format!("{history}; {event}; {moved}")).await?;
    let clashes: Vec<Values> = conn.exec(SCHEDULE, (&physician, &visit, &visit)).await?;
    drop(clashes);
    Ok(())
}

/// Stores a new inquiry of the caller's: reads the patient, inserts it, and what follows from it.
pub(super) async fn create(conn: &mut Conn, caller: &Caller) -> Outcome<()> {
    let patient = caller.dice.one_of(&caller.scene.patients).ok_or("no patients")?;
    let (uuid, name) = (patient.uuid.to_string(), &patient.name);
    let account: Option<Values> = conn.exec_first(ACCOUNT, (&uuid,)).await?;
    let phone: Option<String> = account.ok_or("no such account")?.get(9).ok_or("no phone")?;
    conn.query_drop("START TRANSACTION").await?;
    let insert = "INSERT INTO inquiry (version, patient_uuid, patient_username, visit_type, appointment_time, \
         reserved_phone, detail, status, due_at, repetition, created_at, updated_at) VALUES (1, ?, ?, 0, \
         '2027-01-15 09:30:00', ?, ?, 0, UTC_TIMESTAMP() + INTERVAL 24 HOUR, ?, UTC_TIMESTAMP(), UTC_TIMESTAMP()) \
         RETURNING id";
    let detail = format!("近一周晨起头晕，第 {} 次", serial());
    let mut repetition = vec![0; 24];
    repetition.extend(serial().to_be_bytes());
    let id: Option<i64> = conn.exec_first(insert, (&uuid, name, phone, detail, repetition)).await?;
    let id = id.ok_or("no id")?;
    let history = format!(
        "INSERT INTO inquiry_history (inquiry_id, version, made_by, made_at, from_status, to_status, physician_uuid, \
         reason, appointment_time) VALUES ({id}, 1, '{uuid}', UTC_TIMESTAMP(), NULL, 0, NULL, NULL, '2027-01-15 09:30:00')"
    );
    let event = event(0, id, &uuid, "NULL", "NULL");
    let (span, day) = (id >> 10, VISIT_DAY);
    let made =
        format!("INSERT INTO tally_delta (kind, code, span, n) VALUES (0, 0, {span}, 1), (3, 0, {day}, 1)");
    commit(conn, &format!("{history}; {event}; {made}; ")).await
}

fn event(code: u8, id: i64, patient: &str, physician: &str, former: &str) -> String {
    format!(
        "INSERT INTO event_outbox (event_type, happened_at, subject_kind, subject_id, status, patient_uuid, \
         physician_uuid, former_physician_uuid) VALUES ({code}, UTC_TIMESTAMP(), 0, {id}, {code}, '{patient}', \
         {physician}, {former})"
    )
}

/// Sends the last inserts of a transaction in one message with its COMMIT, as the service does.
async fn commit(conn: &mut Conn, last: &str) -> Outcome<()> {
    // Never old enough to be linked by another instance.
    let columns = format!("({NOBODY}, 9000000000000000");
    let entry = format!("INSERT INTO audit_outbox (writer, recorded, body) VALUES {columns}, '{ENTRY}')");
    let marker = format!("INSERT INTO commit_marker (id) VALUES (0x{:016x}{:016x})", u64::MAX, serial());
    conn.query_drop(format!("{last}{entry}; {marker}; COMMIT")).await?;
    Ok(())
}

//! The requests of the rows.

use std::io::Write as _;

use chrono::TimeDelta;

use super::caller::{Caller, SIZE, serial};
use super::row::Row;
use super::scene::Person;
use crate::Outcome;

/// `isInquiry` of physicians' and of patients' own lists.
pub(crate) const OF_PHYSICIANS: [u8; 6] = [0, 1, 2, 4, 5, 6];
pub(crate) const OF_PATIENTS: [u8; 4] = [0, 1, 2, 3];

/// A request of nobody in particular.
pub(crate) fn empty(request: &mut Vec<u8>) -> Outcome<()> {
    Ok(write!(request, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")?)
}

/// Writes a request of a row.
pub(crate) fn write(row: Row, caller: &mut Caller, request: &mut Vec<u8>) -> Outcome<()> {
    if let Some(filter) = row.filter() {
        let path = format!("inquiry/queryAllInquiryRecord?isInquiry={filter}&page=1&size={SIZE}");
        return get(request, &path, &caller.scene.admin);
    }
    let page = |first: u64| format!("inquiry/queryAllInquiryRecord?page={}&size={SIZE}", first / SIZE + 1);
    let search = |name: &str| {
        format!("inquiry/likeQueryInquiryRecord?username={}&page=1&size={SIZE}", percent_encoded(name))
    };
    let own = |list: &str, filter: u8| format!("inquiry/{list}?isInquiry={filter}&page=1&size={SIZE}");
    match row {
        Row::Record => {
            let (visit, party) = caller.visit()?;
            get(request, &format!("inquiry/queryInquiryRecordById?id={}", visit.id), party)
        }
        Row::MiddlePage => get(request, &page(caller.middle()), &caller.scene.admin),
        Row::LastPage => get(request, &page(caller.last()), &caller.scene.admin),
        Row::FullName => get(request, &search(caller.full_name()?), &caller.scene.admin),
        Row::Surname => get(request, &search(caller.surname()), &caller.scene.admin),
        Row::Days => get(request, "sum/getInquirySumTypeDay?day=7", &caller.scene.admin),
        Row::OfPhysician => {
            let physician = caller.dice.one_of(&caller.scene.physicians).ok_or("no physicians")?;
            let filter = caller.dice.one_of(&OF_PHYSICIANS).ok_or("no filters")?;
            get(request, &own("queryPhysicianInquiryRecord", *filter), physician)
        }
        Row::OfPatient => {
            let patient = caller.dice.one_of(&caller.scene.patients).ok_or("no patients")?;
            let filter = caller.dice.one_of(&OF_PATIENTS).ok_or("no filters")?;
            get(request, &own("queryPatientInquiryRecord", *filter), patient)
        }
        Row::Transition => {
            let scene = caller.scene.clone();
            let pending = caller.pending()?;
            let physician = scene.next_physician(pending)?;
            let path = format!("inquiry/appointedPhysician?id={}&userUUID={physician}", pending.id);
            post(request, &path, &scene.admin, "")
        }
        Row::Create => {
            let patient = caller.dice.one_of(&caller.scene.patients).ok_or("no patients")?;
            let days = TimeDelta::days(i64::try_from(1 + caller.dice.below(60))?);
            let day = (caller.scene.plan.now + days).date_naive();
            // All differ: an equal request would be a repetition.
            let body = format!(
                r#"{{"type":"在家就医","appointment_time":"{day} 09:30","inquiry_detail":"近一周晨起头晕，第 {} 次"}}"#,
                serial()
            );
            post(request, "inquiry/createInquiryRecord", patient, &body)
        }
        other => Err(format!("{other:?} has no requests").into()),
    }
}

fn get(request: &mut Vec<u8>, path: &str, by: &Person) -> Outcome<()> {
    Ok(write!(request, "GET /api/{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: {}\r\n\r\n", by.token)?)
}

fn post(request: &mut Vec<u8>, path: &str, by: &Person, body: &str) -> Outcome<()> {
    write!(request, "POST /api/{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: {}\r\n", by.token)?;
    let length = body.len();
    Ok(write!(request, "content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")?)
}

fn percent_encoded(text: &str) -> String {
    let digits = |byte: u8| ['%', digit(byte >> 4), digit(byte & 15)];
    text.bytes().flat_map(digits).collect()
}

fn digit(number: u8) -> char {
    char::from_digit(number.into(), 16).unwrap_or_default()
}

//! The rows of a hospital's tables.

use chrono::NaiveDateTime;
use yilin_domain::account::Account;
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::inquiry::InquiryStatus;
use yilin_domain::session::Session;
use yilin_domain::time::Timestamp;
use yilin_storage::{Cell, Loader, StoredCode, Table};

use super::people::People;
use super::plan::{Plan, Visit};
use crate::Outcome;
use crate::hospital::ZONE;

const DETAIL: &str = "高血压十余年，近一周晨起头晕，想请医生上门看看是否要调药。";
const DIAGNOSIS: &str = "血压 158/96，心率 78，律齐。高血压 2 级，调整用药，两周后复查。";
const REASON: &str = "时间有冲突，改约其他日期";
const FILE: &str = "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH";

/// Rows of a table.
pub(crate) struct Content {
    table: &'static str,
    /// The columns that have values.
    columns: &'static [&'static str],
    /// Writes all rows.
    pub(crate) write: fn(&mut Writer<'_>, Plan, &People, &[Session]) -> Outcome<()>,
}

/// Writes rows of one table.
pub(crate) struct Writer<'a> {
    loader: &'a mut Loader,
    table: &'a Table,
    /// Where the content's columns are in the table.
    places: Vec<usize>,
}

impl<'a> Writer<'a> {
    /// A writer of these rows.
    pub(crate) fn new(loader: &'a mut Loader, tables: &'a [Table], content: &Content) -> Outcome<Self> {
        let table = tables.iter().find(|table| table.name == content.table).ok_or(content.table)?;
        let place =
            |name: &&'static str| table.columns.iter().position(|column| column.name == *name).ok_or(*name);
        let places = content.columns.iter().map(place).collect::<Result<_, _>>()?;
        Ok(Self { loader, table, places })
    }

    /// Writes what has been added.
    pub(crate) fn flush(&mut self) -> Outcome<()> {
        Ok(self.loader.flush(self.table)?)
    }

    fn add<const N: usize>(&mut self, cells: [Cell; N]) -> Outcome<()> {
        let mut row = vec![Cell::Null; self.table.columns.len()];
        for (place, cell) in self.places.iter().zip(cells) {
            if let Some(empty) = row.get_mut(*place) {
                *empty = cell;
            }
        }
        Ok(self.loader.add(self.table, row)?)
    }
}

/// The inquiries.
pub(crate) const INQUIRIES: Content = Content {
    table: "inquiry",
    columns: &[
        "id",
        "version",
        "patient_uuid",
        "patient_username",
        "physician_uuid",
        "physician_username",
        "visit_type",
        "appointment_time",
        "reserved_phone",
        "detail",
        "status",
        "status_reason",
        "cancelled_from",
        "due_at",
        "announced_due_at",
        "created_at",
        "updated_at",
    ],
    write: |writer, plan, people, _| {
        for visit in plan.all() {
            let (patient, physician) = (people.patient(&visit)?, people.physician(&visit)?);
            let status = visit.status();
            let before = visit.steps.last().and_then(|step| step.from);
            writer.add([
                number(visit.id),
                number(visit.steps.len()),
                text(&patient.uuid),
                text(patient.username.as_str()),
                physician.map_or(Cell::Null, |physician| text(&physician.uuid)),
                physician.map_or(Cell::Null, |physician| text(physician.username.as_str())),
                number(u8::from(!visit.is_home)),
                time(visit.time),
                patient.phone.as_ref().map_or(Cell::Null, |phone| text(phone.as_str())),
                text(DETAIL),
                code(status),
                if status.has_reason() { text(REASON) } else { Cell::Null },
                before.filter(|_| status == InquiryStatus::Cancelled).map_or(Cell::Null, code),
                visit.due_at.map_or(Cell::Null, moment),
                // Otherwise the service would announce all of these first.
                visit.due_at.filter(|due_at| *due_at < plan.now).map_or(Cell::Null, moment),
                moment(visit.requested_at()),
                visit.steps.last().map_or(Cell::Null, |step| moment(step.at)),
            ])?;
        }
        Ok(())
    },
};

/// Everything else that belongs to visits, and the sessions.
pub(crate) const OTHERS: [Content; 6] = [
    Content {
        table: "session",
        columns: &["id", "account_uuid", "started_at", "expires_at", "client_address"],
        write: |writer, _, _, sessions| {
            for session in sessions {
                let (started, expires) = (moment(session.started_at), moment(session.expires_at));
                let address = text(&session.client_address);
                writer.add([text(&session.id), text(&session.account), started, expires, address])?;
            }
            Ok(())
        },
    },
    Content {
        table: "inquiry_history",
        columns: &[
            "inquiry_id",
            "version",
            "made_by",
            "made_at",
            "from_status",
            "to_status",
            "physician_uuid",
            "reason",
            "appointment_time",
        ],
        write: |writer, plan, people, _| {
            for visit in plan.all() {
                let (patient, physician) = (people.patient(&visit)?, people.physician(&visit)?);
                for (index, step) in visit.steps.iter().enumerate() {
                    let assigned = physician.filter(|_| step.to != InquiryStatus::Submitted);
                    let by = assigned.unwrap_or(patient);
                    writer.add([
                        number(visit.id),
                        number(index + 1),
                        text(&by.uuid),
                        moment(step.at),
                        step.from.map_or(Cell::Null, code),
                        code(step.to),
                        assigned.map_or(Cell::Null, |physician| text(&physician.uuid)),
                        if step.to.has_reason() { text(REASON) } else { Cell::Null },
                        time(visit.time),
                    ])?;
                }
            }
            Ok(())
        },
    },
    Content {
        table: "medical_record",
        columns: &[
            "id",
            "inquiry_id",
            "diagnostic_description",
            "inquiry_video",
            "inquiry_video_held",
            "medical_img",
            "medical_img_held",
            "needs_drugs",
            "created_at",
        ],
        write: |writer, plan, _, _| {
            for visit in plan.all() {
                let Some(recorded) = visit.recorded_at() else { continue };
                writer.add([
                    number(visit.id),
                    number(visit.id),
                    text(DIAGNOSIS),
                    text(FILE),
                    number(0_u8),
                    text(FILE),
                    number(0_u8),
                    number(u8::from(visit.drugs.is_some())),
                    moment(recorded),
                ])?;
            }
            Ok(())
        },
    },
    Content {
        table: "medical_addendum",
        columns: &[
            "medical_record_id",
            "made_by",
            "made_at",
            "content",
            "reason",
            "medical_img_held",
            "inquiry_video_held",
        ],
        write: |writer, plan, people, _| {
            for visit in plan.all().filter(|visit| visit.id.is_multiple_of(40)) {
                let (Some(recorded), Some(physician)) = (visit.recorded_at(), people.physician(&visit)?)
                else {
                    continue;
                };
                let (id, by, at) = (number(visit.id), text(&physician.uuid), moment(recorded));
                // Its id is the next one.
                writer.add([id, by, at, text(DIAGNOSIS), text(REASON), number(0_u8), number(0_u8)])?;
            }
            Ok(())
        },
    },
    Content {
        table: "drug_order",
        columns: &[
            "id",
            "version",
            "medical_record_id",
            "inquiry_id",
            "patient_uuid",
            "physician_uuid",
            "status",
            "certificate",
            "certificate_held",
            "created_at",
            "updated_at",
            "created_on",
        ],
        write: |writer, plan, people, _| {
            for visit in plan.all() {
                let steps = plan.drug_steps(&visit);
                let (Some(first), Some(last)) = (steps.first(), steps.last()) else { continue };
                let physician = people.physician(&visit)?.ok_or("no physician")?;
                writer.add([
                    number(visit.id),
                    number(steps.len()),
                    number(visit.id),
                    number(visit.id),
                    text(&people.patient(&visit)?.uuid),
                    text(&physician.uuid),
                    code(last.to),
                    certificate(last.to),
                    number(0_u8),
                    moment(first.at),
                    moment(last.at),
                    text(&ZONE.day(first.at)),
                ])?;
            }
            Ok(())
        },
    },
    Content {
        table: "drug_order_history",
        columns: &[
            "drug_order_id",
            "version",
            "made_by",
            "made_at",
            "from_status",
            "to_status",
            "physician_uuid",
            "certificate",
            "certificate_held",
        ],
        write: |writer, plan, people, _| {
            for visit in plan.all() {
                for (index, step) in plan.drug_steps(&visit).iter().enumerate() {
                    let physician = people.physician(&visit)?.ok_or("no physician")?;
                    writer.add([
                        number(visit.id),
                        number(index + 1),
                        text(&physician.uuid),
                        moment(step.at),
                        step.from.map_or(Cell::Null, code),
                        code(step.to),
                        text(&physician.uuid),
                        certificate(step.to),
                        number(0_u8),
                    ])?;
                }
            }
            Ok(())
        },
    },
];

impl People {
    /// The patient of a visit.
    pub(crate) fn patient(&self, visit: &Visit) -> Outcome<&Account> {
        Ok(self.patients.get(usize::try_from(visit.patient)?).ok_or("no such patient")?)
    }

    /// The physician of a visit, if it has one.
    pub(crate) fn physician(&self, visit: &Visit) -> Outcome<Option<&Account>> {
        let physician = self.physicians.get(usize::try_from(visit.physician)?).ok_or("no such physician")?;
        Ok(visit.has_physician().then_some(physician))
    }
}

fn code(value: impl StoredCode) -> Cell {
    number(value.code())
}

fn certificate(status: DrugOrderStatus) -> Cell {
    match status {
        DrugOrderStatus::Pending | DrugOrderStatus::Purchased => Cell::Null,
        DrugOrderStatus::Dispatched | DrugOrderStatus::Received => text(FILE),
    }
}

fn number(number: impl TryInto<i64>) -> Cell {
    Cell::Integer(number.try_into().unwrap_or(i64::MAX))
}

fn text<T: ToString + ?Sized>(text: &T) -> Cell {
    Cell::Text(text.to_string())
}

fn moment(at: Timestamp) -> Cell {
    time(at.naive_utc())
}

fn time(at: NaiveDateTime) -> Cell {
    text(&at.format("%Y-%m-%d %H:%M:%S"))
}

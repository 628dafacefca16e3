//! The medical record of a visit: as a part of its page, and on paper.

use askama::Template;
use yilin_domain::audit::AuditAction::Read;
use yilin_domain::error::Error;
use yilin_domain::file::{FileReference, LinkedKind, LinkedRecord};
use yilin_domain::id::InquiryId;
use yilin_domain::medical_record::{MedicalRecord, MedicalRecordOfInquiry};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::route::{Record, Route, get};

use super::visit::{VisitFacts, path};
use crate::answer::{PageResult, View, page};
use crate::console::Console;
use crate::id::Id;
use crate::parts::{FileView, When, markup};
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/console/visits/{id}/record", "consoleVisitRecord", show).errors([Error::NotFound]).audited(
        Read,
        "medical_record",
        Record::Handler,
    )]
}

/// A record with its addenda.
#[derive(Template)]
#[template(path = "page/record.html")]
pub(super) struct RecordView {
    texts: Texts,
    pub(super) id: i64,
    /// Its page for printing.
    pub(super) paper: String,
    when: When,
    findings: String,
    needs_drugs: bool,
    picture: FileView,
    recording: FileView,
    addenda: Vec<AddendumView>,
}
markup!(RecordView);

/// An addendum.
struct AddendumView {
    when: When,
    who: String,
    text: String,
    reason: String,
    files: Vec<FileView>,
}

impl RecordView {
    /// The record of a visit, if it has one.
    pub(super) async fn of(console: &Console, id: InquiryId) -> Result<Option<Self>, Error> {
        let found = console.use_cases().consultations.of_inquiry(&console.actor, id).await?;
        let MedicalRecordOfInquiry { patient, record, addenda, .. } = found;
        let Some(record) = record else { return Ok(None) };
        let MedicalRecord { id: record_id, notes, created_at, .. } = &record;
        let (texts, clock) = (console.texts, console.clock());
        let place = LinkedRecord { kind: LinkedKind::MedicalRecord, id: record_id.0, patient };
        let link = |file: &FileReference| console.use_cases().files.show(&console.actor, place, file);
        let picture = |file: &FileReference| FileView::picture(file, &link(file), "record-picture", texts);
        let recording =
            |file: &FileReference| FileView::recording(file, &link(file), "record-recording", texts);
        let addenda = addenda.iter().map(|addendum| AddendumView {
            when: clock.moment(addendum.at),
            who: addendum.by.username.as_str().to_owned(),
            text: addendum.notes.text.as_str().to_owned(),
            reason: addendum.reason.as_str().to_owned(),
            files: [
                addendum.notes.medical_img.as_ref().map(picture),
                addendum.notes.inquiry_video.as_ref().map(recording),
            ]
            .into_iter()
            .flatten()
            .collect(),
        });
        Ok(Some(Self {
            texts,
            id: record_id.0,
            paper: format!("{}/record", path(id)),
            when: clock.moment(*created_at),
            findings: notes.diagnostic_description.as_str().to_owned(),
            needs_drugs: notes.needs_drugs,
            picture: picture(&notes.medical_img),
            recording: recording(&notes.inquiry_video),
            addenda: addenda.collect(),
        }))
    }
}

/// The record on paper.
#[derive(Template)]
#[template(path = "page/paper.html")]
struct PaperPage {
    ui: Ui,
    facts: VisitFacts,
    record: RecordView,
    printed: When,
}

impl Discloses for PaperPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of("medical_record", &self.record.id, Some(self.facts.patient.uuid))
    }
}

impl View for PaperPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(console: Console, Id(id): Id<InquiryId>) -> PageResult {
    let details = console.use_cases().inquiries.find(&console.actor, id).await?;
    let record = RecordView::of(&console, id).await?.ok_or(Error::NotFound)?;
    page(&PaperPage {
        ui: console.ui(Section::Visits, "paper-title"),
        facts: VisitFacts::new(&details, &console),
        record,
        printed: console.clock().moment(console.time().now),
    })
}

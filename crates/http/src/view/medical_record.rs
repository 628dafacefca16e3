//! Medical records.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use yilin_domain::account::{AccountUuid, Actor};
use yilin_domain::file::{FileReference, LinkedKind, LinkedRecord};
use yilin_domain::medical_record::{Addendum, PatientRecord};
use yilin_web::Service;
use yilin_web::audit::{Discloses, Disclosure};

use super::history::AccountSummaryView;
use crate::once::Replayed;

/// A medical record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MedicalRecord)]
pub(crate) struct MedicalRecordView {
    /// Only for the audit log.
    #[serde(skip)]
    patient: AccountUuid,
    id: i64,
    bind_inquiry_id: i64,
    diagnostic_description: String,
    /// The recording's URL. Links to files in the store expire.
    inquiry_video: String,
    /// The image's URL. Links to files in the store expire.
    medical_img: String,
    is_need_by_drug: bool,
    /// The addenda, oldest first. The record itself never changes.
    addenda: Vec<AddendumView>,
    create_time: String,
}

/// An addendum to a medical record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Addendum)]
struct AddendumView {
    at: String,
    by: AccountSummaryView,
    text: String,
    reason: String,
    /// The picture's URL; empty if there is none.
    medical_img: String,
    /// The recording's URL; empty if there is none.
    inquiry_video: String,
}

impl AddendumView {
    fn new(addendum: &Addendum, show: &dyn Fn(&FileReference) -> String, service: &Service) -> Self {
        let Addendum { at, by, reason, notes } = addendum;
        let show = |file: &Option<FileReference>| file.as_ref().map(show).unwrap_or_default();
        Self {
            at: service.options.zone.render(*at),
            by: by.into(),
            text: notes.text.as_str().to_owned(),
            reason: reason.as_str().to_owned(),
            medical_img: show(&notes.medical_img),
            inquiry_video: show(&notes.inquiry_video),
        }
    }
}

impl MedicalRecordView {
    /// The record, as this reader sees it.
    pub(crate) fn new(of: &PatientRecord, reader: &Actor, service: &Service) -> Self {
        let PatientRecord { patient, record, addenda } = of;
        let place = LinkedRecord { kind: LinkedKind::MedicalRecord, id: record.id.0, patient: *patient };
        let show = |file: &FileReference| service.use_cases.files.show(reader, place, file);
        Self {
            patient: *patient,
            id: record.id.0,
            bind_inquiry_id: record.inquiry.0,
            diagnostic_description: record.notes.diagnostic_description.as_str().to_owned(),
            inquiry_video: show(&record.notes.inquiry_video),
            medical_img: show(&record.notes.medical_img),
            is_need_by_drug: record.notes.needs_drugs,
            addenda: addenda.iter().map(|addendum| AddendumView::new(addendum, &show, service)).collect(),
            create_time: service.options.zone.render(record.created_at),
        }
    }
}

impl Discloses for MedicalRecordView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of("medical_record", &self.id, Some(self.patient))
    }
}

/// Whose it is, the stored form does not say; the entry of the first request does.
impl Replayed for MedicalRecordView {
    fn disclosure_of(payload: &Value) -> Disclosure {
        let id = payload.pointer("/id").map(ToString::to_string).unwrap_or_default();
        Disclosure::of("medical_record", &id, None)
    }
}

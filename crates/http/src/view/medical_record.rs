//! Medical records.

use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::account::AccountUuid;
use yilin_domain::medical_record::PatientRecord;

use crate::audit::{Discloses, Disclosure};
use crate::service::Service;

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
    create_time: String,
}

impl MedicalRecordView {
    pub(crate) fn new(of: &PatientRecord, service: &Service) -> Self {
        let PatientRecord { patient, record } = of;
        let files = &service.use_cases.files;
        Self {
            patient: *patient,
            id: record.id.0,
            bind_inquiry_id: record.inquiry.0,
            diagnostic_description: record.notes.diagnostic_description.as_str().to_owned(),
            inquiry_video: files.show(&record.notes.inquiry_video),
            medical_img: files.show(&record.notes.medical_img),
            is_need_by_drug: record.notes.needs_drugs,
            create_time: service.options.zone.render(record.created_at),
        }
    }
}

impl Discloses for MedicalRecordView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of("medical_record", &self.id, Some(self.patient))
    }
}

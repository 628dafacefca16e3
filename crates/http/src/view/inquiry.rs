//! Inquiries.

use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::account::{Age, ReservedPhone};
use yilin_domain::inquiry::{InquiryDetails, PatientSummary, PhysicianSummary};
use yilin_domain::time::HospitalZone;

use super::wire::{Uuid, Wire, WireInquiryStatus, WireSex, WireVisitType};
use crate::audit::{Discloses, Disclosure};

/// An inquiry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Inquiry)]
pub(crate) struct InquiryView {
    id: i64,
    patient: PatientView,
    /// The assigned physician; all empty while there is none.
    physician: PhysicianView,
    #[serde(rename = "type")]
    visit_type: WireVisitType,
    /// `YYYY-MM-DD HH:MM` in the hospital's time zone.
    #[schema(example = "2024-10-02 20:30")]
    appointment_time: String,
    /// 11 digits.
    reserved_phone: String,
    inquiry_detail: String,
    /// Whether the physician has accepted.
    is_reception: bool,
    /// Whether the consultation has ended.
    is_inquiry: bool,
    /// Whether the hospital has approved.
    is_audit: bool,
    status: WireInquiryStatus,
    create_time: String,
    update_time: String,
}

/// The patient of an inquiry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InquiryPatient)]
struct PatientView {
    uuid: Uuid,
    username: String,
    sex: WireSex,
    #[schema(required)]
    age: Option<u8>,
}

/// The physician of an inquiry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InquiryPhysician)]
struct PhysicianView {
    uuid: Uuid,
    username: String,
    sex: WireSex,
    hospital: String,
}

impl InquiryView {
    pub(crate) fn new(details: &InquiryDetails, zone: HospitalZone) -> Self {
        let inquiry = &details.inquiry;
        let status = inquiry.status();
        Self {
            id: inquiry.id.0,
            patient: (&details.patient).into(),
            physician: details.physician.as_ref().into(),
            visit_type: Wire(inquiry.visit_type),
            appointment_time: inquiry.appointment_time.to_string(),
            reserved_phone: reserved_phone(inquiry.reserved_phone.as_ref()),
            inquiry_detail: inquiry.detail.as_str().to_owned(),
            is_reception: status.is_accepted(),
            is_inquiry: status.has_ended(),
            is_audit: status.is_approved(),
            status: Wire(status),
            create_time: zone.render(inquiry.created_at),
            update_time: zone.render(inquiry.updated_at),
        }
    }
}

impl From<&PatientSummary> for PatientView {
    fn from(patient: &PatientSummary) -> Self {
        Self {
            uuid: patient.uuid.into(),
            username: patient.username.as_str().to_owned(),
            sex: Wire(patient.sex),
            age: patient.age.map(Age::years),
        }
    }
}

/// All empty while no physician is assigned.
impl From<Option<&PhysicianSummary>> for PhysicianView {
    fn from(physician: Option<&PhysicianSummary>) -> Self {
        Self {
            uuid: Uuid(physician.map(|physician| physician.uuid)),
            username: physician.map(|physician| physician.username.as_str().to_owned()).unwrap_or_default(),
            sex: Wire(physician.and_then(|physician| physician.sex)),
            hospital: physician.map(|physician| physician.hospital.as_str().to_owned()).unwrap_or_default(),
        }
    }
}

pub(super) fn reserved_phone(phone: Option<&ReservedPhone>) -> String {
    phone.map_or_else(String::new, |phone| phone.as_str().to_owned())
}

impl Discloses for InquiryView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of("inquiry", &self.id, self.patient.uuid.0)
    }
}

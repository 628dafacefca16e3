use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::account::{AccountUuid, Age, ReservedPhone};
use yilin_domain::inquiry::{InquiryDetails, PatientSummary, PhysicianSummary};
use yilin_domain::time::HospitalZone;

use super::sex;
use crate::audit::{Discloses, Disclosure};

/// An inquiry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Inquiry)]
pub(crate) struct InquiryView {
    id: i64,
    patient: PatientView,
    /// The assigned physician; all empty while there is none.
    physician: PhysicianView,
    /// 在家就医 (home visit) or 社区就医 (community visit).
    #[serde(rename = "type")]
    #[schema(example = "在家就医")]
    visit_type: &'static str,
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
    /// submitted, assigned, accepted, registered or approved.
    #[schema(example = "submitted")]
    status: &'static str,
    create_time: String,
    update_time: String,
}

/// The patient of an inquiry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InquiryPatient)]
struct PatientView {
    uuid: String,
    username: String,
    sex: &'static str,
    #[schema(required)]
    age: Option<u8>,
}

/// The physician of an inquiry.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = InquiryPhysician)]
struct PhysicianView {
    uuid: String,
    username: String,
    sex: &'static str,
    hospital: String,
}

impl InquiryView {
    pub(crate) fn new(details: &InquiryDetails, zone: HospitalZone) -> Self {
        let inquiry = &details.inquiry;
        let status = inquiry.status();
        Self {
            id: inquiry.id.0,
            patient: (&details.patient).into(),
            physician: details.physician.as_ref().map(PhysicianView::from).unwrap_or_default(),
            visit_type: inquiry.visit_type.as_str(),
            appointment_time: inquiry.appointment_time.to_string(),
            reserved_phone: reserved_phone(inquiry.reserved_phone.as_ref()),
            inquiry_detail: inquiry.detail.as_str().to_owned(),
            is_reception: status.is_accepted(),
            is_inquiry: status.has_ended(),
            is_audit: status.is_approved(),
            status: status.as_str(),
            create_time: zone.render(inquiry.created_at),
            update_time: zone.render(inquiry.updated_at),
        }
    }
}

impl From<&PatientSummary> for PatientView {
    fn from(patient: &PatientSummary) -> Self {
        Self {
            uuid: patient.uuid.to_string(),
            username: patient.username.as_str().to_owned(),
            sex: sex(patient.sex),
            age: patient.age.map(Age::years),
        }
    }
}

impl From<&PhysicianSummary> for PhysicianView {
    fn from(physician: &PhysicianSummary) -> Self {
        Self {
            uuid: physician.uuid.to_string(),
            username: physician.username.as_str().to_owned(),
            sex: sex(physician.sex),
            hospital: physician.hospital.as_str().to_owned(),
        }
    }
}

pub(super) fn reserved_phone(phone: Option<&ReservedPhone>) -> String {
    phone.map_or_else(String::new, |phone| phone.as_str().to_owned())
}

impl Discloses for InquiryView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of("inquiry", &self.id, AccountUuid::parse(&self.patient.uuid).ok())
    }
}

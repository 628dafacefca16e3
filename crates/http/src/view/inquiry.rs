//! Inquiries.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use yilin_domain::account::ReservedPhone;
use yilin_domain::inquiry::{Clash, InquiryDetails, InquiryStatus, PatientSummary, PhysicianSummary};
use yilin_domain::reason::Reason;
use yilin_domain::time::HospitalTime;
use yilin_web::audit::{Discloses, Disclosure};

use super::wire::{Uuid, Wire, WireInquiryStatus, WireSex, WireVisitType, years};
use crate::once::{Replayed, account_at};

/// An inquiry.
#[expect(clippy::struct_excessive_bools, reason = "the clients read one flag for each stage")]
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
    /// Why it was cancelled; empty otherwise.
    cancel_reason: String,
    /// Why the record was returned; empty unless it awaits the physician's addendum.
    return_reason: String,
    /// When the next step is due; empty if no deadline applies.
    due_at: String,
    /// Whether the next step is overdue.
    overdue: bool,
    /// Warnings; only in responses to appointing, reassigning and rescheduling.
    warnings: Vec<WarningView>,
    create_time: String,
    update_time: String,
}

/// Another visit of the same physician that is close to this one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InquiryWarning)]
struct WarningView {
    /// `physician.busy`.
    #[schema(example = "physician.busy")]
    code: &'static str,
    /// The other inquiry.
    id: i64,
    /// When that visit takes place.
    #[schema(example = "2024-10-02 20:30")]
    appointment_time: String,
}

/// The patient of an inquiry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InquiryPatient)]
pub(super) struct PatientView {
    pub(super) uuid: Uuid,
    username: String,
    sex: WireSex,
    #[schema(required)]
    age: Option<u8>,
}

/// The physician of an inquiry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InquiryPhysician)]
pub(super) struct PhysicianView {
    uuid: Uuid,
    username: String,
    sex: WireSex,
    hospital: String,
}

impl InquiryView {
    /// The inquiry as it is at this time.
    pub(crate) fn new(details: &InquiryDetails, time: HospitalTime) -> Self {
        let inquiry = &details.inquiry;
        let (status, state) = (inquiry.status(), &inquiry.state);
        let reason_if = |is: InquiryStatus| {
            let reason = state.reason().filter(|_| status == is);
            reason.map(Reason::as_str).unwrap_or_default().to_owned()
        };
        Self {
            id: inquiry.id.0,
            patient: PatientView::new(&details.patient, time),
            physician: details.physician.as_ref().into(),
            visit_type: Wire(inquiry.visit_type),
            appointment_time: inquiry.appointment_time.to_string(),
            reserved_phone: reserved_phone(inquiry.reserved_phone.as_ref()),
            inquiry_detail: inquiry.detail.as_str().to_owned(),
            is_reception: state.is_accepted(),
            is_inquiry: status.has_ended(),
            is_audit: status.is_approved(),
            status: Wire(status),
            cancel_reason: reason_if(InquiryStatus::Cancelled),
            return_reason: reason_if(InquiryStatus::Returned),
            due_at: inquiry.due_at.map(|due_at| time.render(due_at)).unwrap_or_default(),
            overdue: inquiry.is_overdue(time.now),
            warnings: Vec::new(),
            create_time: time.render(inquiry.created_at),
            update_time: time.render(inquiry.updated_at),
        }
    }

    /// The same inquiry, with the visits that clash with it.
    pub(crate) fn warning_of(self, clashes: &[Clash]) -> Self {
        let warning = |clash: &Clash| WarningView {
            code: "physician.busy",
            id: clash.id.0,
            appointment_time: clash.appointment_time.to_string(),
        };
        Self { warnings: clashes.iter().map(warning).collect(), ..self }
    }
}

impl PatientView {
    pub(super) fn new(patient: &PatientSummary, time: HospitalTime) -> Self {
        Self {
            uuid: patient.uuid.into(),
            username: patient.username.as_str().to_owned(),
            sex: Wire(patient.sex),
            age: years(patient.age, time),
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

impl Replayed for InquiryView {
    fn disclosure_of(payload: &Value) -> Disclosure {
        let id = payload.pointer("/id").map(ToString::to_string).unwrap_or_default();
        Disclosure::of("inquiry", &id, account_at(payload, "/patient/uuid"))
    }
}

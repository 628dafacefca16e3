//! Requests for visits.

use super::PatientSummary;
use crate::account::ReservedPhone;
use crate::enumeration::named_enum;
use crate::text::required_text;
use crate::time::AppointmentTime;
use crate::validation::FieldProblem;

named_enum! {
    /// Where the visit takes place.
    pub enum VisitType {
        /// At the patient's home.
        Home = "在家就医",
        /// At the community's practice.
        Community = "社区就医",
    }
}

impl VisitType {
    /// Parses the name of a type; `居家就医`, used by one client, is a home visit too.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        match text.trim() {
            "" => Err(FieldProblem::Missing),
            "居家就医" => Ok(Self::Home),
            name => Self::of_name(name).ok_or_else(|| FieldProblem::NotOneOf(Self::NAMES.to_vec())),
        }
    }
}

required_text!(
    /// The patient's complaint: 1 to 4,000 characters.
    InquiryDetail,
    4000
);

/// A request for a visit, before it is submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InquiryDraft {
    /// The patient.
    pub patient: PatientSummary,
    /// The visit type.
    pub visit_type: VisitType,
    /// Time of the visit.
    pub appointment_time: AppointmentTime,
    /// The phone number to call about the visit; `None` if the patient gave none and has none.
    pub reserved_phone: Option<ReservedPhone>,
    /// The patient's complaint.
    pub detail: InquiryDetail,
}

//! What is asked for when a visit is requested.

use super::PatientSummary;
use crate::account::ReservedPhone;
use crate::enumeration::named_enum;
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
    /// Reads a type's name; `居家就医`, which one client writes, is a home visit too.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        match text.trim() {
            "" => Err(FieldProblem::Missing),
            "居家就医" => Ok(Self::Home),
            name => Self::of_name(name).ok_or_else(|| FieldProblem::NotOneOf(Self::NAMES.to_vec())),
        }
    }
}

/// What the patient says is the matter: 1 to 4,000 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InquiryDetail(String);

impl InquiryDetail {
    /// The most characters it may have.
    pub const MAX_CHARS: usize = 4000;

    /// Accepts 1 to 4,000 characters that are not all white space.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        if text.trim().is_empty() {
            return Err(FieldProblem::Missing);
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(FieldProblem::TooLong { max: Self::MAX_CHARS });
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A request for a visit that is about to be submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InquiryDraft {
    /// Who is to be visited.
    pub patient: PatientSummary,
    /// Where.
    pub visit_type: VisitType,
    /// When.
    pub appointment_time: AppointmentTime,
    /// Whom to call about it; `None` if the patient gave no number and has none.
    pub reserved_phone: Option<ReservedPhone>,
    /// What is the matter.
    pub detail: InquiryDetail,
}

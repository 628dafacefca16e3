//! Valid input for use cases, for tests that are about something else.

use yilin_domain::file::FileMention;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{InquiryDetail, VisitType};
use yilin_domain::medical_record::DiagnosticDescription;
use yilin_domain::usecase::{ConsultationReport, InquiryRequest};

use crate::contract::arrange;

/// A patient's request for a home visit.
pub fn inquiry_request() -> InquiryRequest {
    InquiryRequest {
        patient: None,
        visit_type: VisitType::Home,
        appointment_time: arrange::appointment("2024-03-04T08:30:00"),
        reserved_phone: None,
        detail: InquiryDetail::parse("头痛三天").expect("a detail"),
    }
}

/// A physician's report of a consultation after which drugs are needed. The files that it names are
/// not held.
pub fn consultation_report(inquiry: InquiryId) -> ConsultationReport {
    ConsultationReport {
        inquiry,
        diagnostic_description: DiagnosticDescription::parse("偏头痛").expect("short"),
        inquiry_video: file(),
        medical_img: file(),
        needs_drugs: true,
    }
}

/// A file that has not been uploaded.
pub fn file() -> FileMention {
    FileMention::parse(arrange::CID).expect("a CID")
}

//! Valid input for use cases, where a test does not care about the details.

use std::sync::atomic::{AtomicU32, Ordering};

use yilin_domain::account::{AccountUpdate, AccountUuid, NewAccount, Role};
use yilin_domain::audit::{AuditAction, AuditEvent};
use yilin_domain::file::FileMention;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{InquiryDetail, VisitType};
use yilin_domain::medical_record::DiagnosticDescription;
use yilin_domain::usecase::{ConsultationReport, InquiryRequest, LogIn, Realm};

use crate::contract::arrange;
use crate::fakes::FakeClock;

/// A log-in from this machine.
pub fn log_in(realm: Realm, identifier: &str, password: &str) -> LogIn {
    LogIn {
        realm,
        identifier: identifier.to_owned(),
        password: password.to_owned(),
        client_address: "127.0.0.1".to_owned(),
        from_outside: false,
        origin: None,
    }
}

/// An account to store, without conflicting values.
pub fn new_account(role: Role, name: &str) -> NewAccount {
    arrange::person(role, name)
}

/// An update that leaves this account unchanged.
pub fn account_update(uuid: AccountUuid) -> AccountUpdate {
    AccountUpdate {
        uuid,
        is_echo: false,
        nickname: None,
        password: None,
        phone: None,
        sex: None,
        home_address: None,
        hospital: None,
    }
}

/// An entry of the audit log, at the start of the fakes' clock.
pub fn audit_event() -> AuditEvent {
    AuditEvent {
        recorded: FakeClock::START,
        agent: None,
        session: None,
        source: "127.0.0.1".to_owned(),
        request: "r".to_owned(),
        operation: "queryInquiryRecordById".to_owned(),
        action: AuditAction::Read,
        entity: None,
        patient: None,
        outcome: 200,
        query: String::new(),
        results: None,
    }
}

/// A patient's request for a home visit. All differ: an equal one would count as a repetition.
pub fn inquiry_request() -> InquiryRequest {
    static NUMBER: AtomicU32 = AtomicU32::new(3);
    InquiryRequest {
        patient: None,
        visit_type: VisitType::Home,
        appointment_time: arrange::appointment("2024-03-04T08:30:00"),
        reserved_phone: None,
        detail: InquiryDetail::parse(&format!("头痛{}天", NUMBER.fetch_add(1, Ordering::Relaxed)))
            .expect("a detail"),
    }
}

/// A physician's report of a consultation that requires drugs. The files it references are not in the store.
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

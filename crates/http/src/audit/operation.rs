use std::collections::HashMap;

use actix_web::http::Method;
use yilin_domain::audit::AuditAction;

use crate::openapi::operation_ids;

/// What kind of access an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Nobody's data are concerned.
    Nobodys,
    /// It leaves an entry.
    Audited(Access),
}

/// An access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) action: AuditAction,
    /// What kind of thing is asked for.
    pub(super) kind: &'static str,
    /// Where the request says which one.
    pub(super) id: Asked,
    /// Whether the data are the caller's own by the nature of the operation.
    pub(super) own: bool,
}

impl Access {
    /// Whether the answer waits until the entry is written.
    pub(super) fn changes_state(self) -> bool {
        self.action != AuditAction::Read
    }
}

/// Where a request says which record it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nowhere: it is a search, or about the caller.
    Nowhere,
    /// In this parameter.
    Query(&'static str),
    /// In the path, as `cid`.
    Path,
    /// In the body, which says so itself when it is read; or the handler does.
    Noted,
}

const fn audited(action: AuditAction, kind: &'static str, id: Asked) -> Rule {
    Rule::Audited(Access { action, kind, id, own: false })
}

const fn own(action: AuditAction, kind: &'static str) -> Rule {
    Rule::Audited(Access { action, kind, id: Asked::Nowhere, own: true })
}

/// What is known of an operation by its id. An operation that is not listed does not pass the tests.
fn rule(operation_id: &str) -> Option<Rule> {
    use Asked::{Noted, Nowhere, Path, Query};
    use AuditAction::{Create, Delete, Execute, Read, Update};
    Some(match operation_id {
        "health" | "ready" | "metrics" | "getInquirySumTypeDay" | "getDrugSumTypeDay" | "importTemplate" => {
            Rule::Nobodys
        }
        "login" | "adminLogin" => audited(Execute, "account", Noted),
        "logOut" | "logout" => audited(Execute, "session", Nowhere),
        "verifyToken" | "queryUserMessage" => own(Read, "account"),
        "queryPatientInformation" | "queryDoctorInformation" | "likeAccountByCV" => {
            audited(Read, "account", Nowhere)
        }
        "updatePatientInformation" | "updatePhysicianInformation" => audited(Update, "account", Noted),
        "createInquiryRecord" => audited(Create, "inquiry", Nowhere),
        "approveInquiryRecord" | "appointedPhysician" | "physicianReception" => {
            audited(Update, "inquiry", Query("id"))
        }
        "queryInquiryRecordById" => audited(Read, "inquiry", Query("id")),
        "queryAllInquiryRecord"
        | "likeQueryInquiryRecord"
        | "queryPhysicianInquiryRecord"
        | "queryPatientInquiryRecord" => audited(Read, "inquiry", Nowhere),
        "queryMedialRecordInformation" => audited(Read, "inquiry", Query("inquiryId")),
        "queryMedicalByID" => audited(Read, "medical_record", Query("medicalId")),
        "medicalRegistration" => audited(Create, "inquiry", Noted),
        "queryPatientAgentDrugHistory" | "queryPhysiciansAgentHistoryRecord" | "queryAllDrug" => {
            audited(Read, "drug_order", Nowhere)
        }
        "queryDrugByID" => audited(Read, "drug_order", Query("id")),
        "queryDrugByMedicalId" => audited(Read, "medical_record", Query("medical_id")),
        "physiciansOrderAgentDrug" | "physiciansOrderDelivery" | "hospitalAgentDrugConfirmReceipt" => {
            audited(Update, "drug_order", Query("id"))
        }
        "createChatCompletion" => own(Execute, "conversation"),
        "getMedicalSum" => own(Read, "summary"),
        "getConversation" => own(Read, "conversation"),
        "deleteConversation" => own(Delete, "conversation"),
        "importJob" | "importJobEvents" | "importReport" => audited(Read, "import", Query("id")),
        "upload" => audited(Create, "file", Nowhere),
        "fileByToken" | "fileByAccount" => audited(Read, "file", Path),
        "uploadUserMessage" | "generatePatientAccount" | "generatePhysicianAccount" => {
            audited(Create, "account", Nowhere)
        }
        "testFullSystem" => audited(Execute, "inquiry", Nowhere),
        "queryAuditLog" => audited(Read, "audit_event", Nowhere),
        "queryAccessLog" => own(Read, "audit_event"),
        _ => return None,
    })
}

/// Routes that describe the interface; they are not in the description themselves.
const DOCUMENTATION: [&str; 3] = ["/openapi.json", "/docs", "/docs/{path:.*}"];

/// An operation, as the audit log names it.
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) access: Access,
}

/// Every described operation, by its path's pattern and method.
pub(crate) struct Operations {
    known: HashMap<String, Vec<(Method, Option<Operation>)>>,
}

impl Operations {
    pub(crate) fn new() -> Self {
        let mut known: HashMap<String, Vec<_>> = HashMap::new();
        for (path, method, id) in operation_ids() {
            let operation = match rule(&id).unwrap_or(UNKNOWN) {
                Rule::Nobodys => None,
                Rule::Audited(access) => Some(Operation { name: id, access }),
            };
            known.entry(path).or_default().push((method, operation));
        }
        for path in DOCUMENTATION {
            known.insert(path.to_owned(), Vec::new());
        }
        Self { known }
    }

    /// What the audit log makes of a request for this pattern: its name and kind, or nothing where
    /// it concerns nobody's data. A route that is not described is audited by its pattern.
    pub(super) fn find(&self, method: &Method, pattern: &str) -> Option<(&str, Access)> {
        let Some(methods) = self.known.get(pattern) else {
            let Rule::Audited(access) = UNKNOWN else { return None };
            return Some((UNDESCRIBED, access));
        };
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        let (_, operation) = methods.iter().find(|(known, _)| known == method)?;
        operation.as_ref().map(|operation| (operation.name.as_str(), operation.access))
    }
}

/// What an operation is taken for that says nothing about itself: the worst.
const UNKNOWN: Rule = audited(AuditAction::Execute, "", Asked::Nowhere);
const UNDESCRIBED: &str = "undescribed";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_says_what_kind_of_access_it_is() {
        let operations = operation_ids();
        assert!(operations.len() > 40);
        for (path, method, id) in operations {
            assert!(rule(&id).is_some(), "{method} {path} ({id}) is missing in audit/operation.rs");
        }
    }

    #[test]
    fn a_route_that_nobody_described_is_audited_all_the_same() {
        let operations = Operations::new();
        assert!(operations.find(&Method::GET, "/api/new").is_some());
        assert!(operations.find(&Method::GET, "/healthz").is_none());
        assert!(operations.find(&Method::GET, "/docs").is_none());
        assert!(operations.find(&Method::HEAD, "/ipfs/{cid}").is_some());
        assert!(operations.find(&Method::PUT, "/api/upload").is_none(), "405");
    }
}

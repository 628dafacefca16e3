//! Who may call what, for the description. The handlers' extractors enforce it, and a test holds
//! both against each other.

/// What the description says about calling an operation.
pub(super) struct Access {
    /// In words; empty where anybody may.
    pub(super) callers: &'static str,
    /// Whether the session cookie can stand in for the header.
    pub(super) cookie: bool,
    /// Statuses that the operation can answer besides those that all of its kind can.
    pub(super) errors: &'static [u16],
}

const fn anyone(errors: &'static [u16]) -> Access {
    Access { callers: "", cookie: false, errors }
}

const fn only(callers: &'static str, errors: &'static [u16]) -> Access {
    Access { callers, cookie: false, errors }
}

const fn also_by_cookie(callers: &'static str, errors: &'static [u16]) -> Access {
    Access { callers, cookie: true, errors }
}

pub(super) fn of(operation_id: &str) -> Option<Access> {
    Some(match operation_id {
        "login" | "adminLogin" => anyone(&[429]),
        "health" | "ready" => anyone(&[]),
        "upload" => also_by_cookie("any account", &[403]),
        "uploadUserMessage" => also_by_cookie("admin", &[403, 415]),
        "importJob" | "importJobEvents" | "importReport" => only("admin", &[403, 404]),
        "fileByToken" => anyone(&[403, 404, 416]),
        "fileByAccount" => also_by_cookie("whoever uploaded the same bytes, admin", &[403, 404, 416]),
        "logOut" | "logout" | "metrics" => anyone(&[403]),
        "createChatCompletion" => only("any account", &[429, 502]),
        "verifyToken"
        | "queryUserMessage"
        | "queryDoctorInformation"
        | "queryAccessLog"
        | "getMedicalSum"
        | "getConversation"
        | "deleteConversation" => only("any account", &[]),
        "queryPatientInformation"
        | "importTemplate"
        | "likeAccountByCV"
        | "queryAllInquiryRecord"
        | "likeQueryInquiryRecord"
        | "queryAllDrug"
        | "queryAuditLog"
        | "getInquirySumTypeDay"
        | "getDrugSumTypeDay" => only("admin", &[403]),
        "approveInquiryRecord" | "appointedPhysician" | "hospitalAgentDrugConfirmReceipt" => {
            only("admin", &[403, 404, 409])
        }
        "updatePatientInformation" => only("that account, admin", &[404, 409]),
        "updatePhysicianInformation" => only("that physician, admin", &[403, 404, 409]),
        "createInquiryRecord" => only("patient; admin with `uuid`", &[403]),
        "physicianReception" | "medicalRegistration" => only("the inquiry's physician", &[403, 404, 409]),
        "queryInquiryRecordById" | "queryMedialRecordInformation" => {
            also_by_cookie("admin, the inquiry's parties", &[404])
        }
        "queryMedicalByID" => only("admin, the inquiry's parties", &[404]),
        "queryPhysicianInquiryRecord" | "queryPhysiciansAgentHistoryRecord" => only("physician", &[403]),
        "queryPatientInquiryRecord" | "queryPatientAgentDrugHistory" => only("patient", &[403]),
        "queryDrugByID" | "queryDrugByMedicalId" => only("admin, the order's parties", &[404]),
        "physiciansOrderAgentDrug" | "physiciansOrderDelivery" => {
            only("the order's physician", &[403, 404, 409])
        }
        "generatePatientAccount" | "generatePhysicianAccount" | "testFullSystem" => {
            only("admin, where mock data is on", &[403, 404])
        }
        _ => return None,
    })
}

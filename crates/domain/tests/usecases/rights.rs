//! Who may take each step: everybody else is refused, whatever role a route admits, and changes nothing.

use std::path::Path;

use yilin_domain::account::{Actor, Role};
use yilin_domain::drug_order::{DrugOrderDetails, DrugOrderStatus};
use yilin_domain::error::Error;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{InquiryDetails, InquiryStatus};
use yilin_domain::medical_record::{AddendumText, MedicalRecordOfInquiry};
use yilin_domain::reason::Reason;
use yilin_domain::usecase::AddendumReport;
use yilin_testkit::sample;

use crate::support::{Case, assert_refused};

/// A use case that takes a step: its function, the roles that may call it (patients and physicians for their own records),
/// and the statuses in which it is tried: of the inquiry, and of its drug order if it is a step of that.
struct Step {
    function: &'static str,
    may: &'static [(Role, InquiryStatus)],
    order: DrugOrderStatus,
}

const fn step(function: &'static str, may: &'static [(Role, InquiryStatus)]) -> Step {
    Step { function, may, order: DrugOrderStatus::Pending }
}

const STEPS: &[Step] = &{
    use InquiryStatus::{Accepted, Assigned, Registered, Returned, Submitted};
    use Role::{Admin, Patient, Physician};
    [
        step("appoint", &[(Admin, Submitted)]),
        step("answer", &[(Physician, Assigned)]),
        step("approve", &[(Admin, Registered)]),
        step("cancel", &[(Patient, Assigned), (Admin, Accepted)]),
        step("reschedule", &[(Patient, Assigned), (Physician, Accepted), (Admin, Accepted)]),
        step("reassign", &[(Admin, Accepted)]),
        step("return_for_correction", &[(Admin, Registered)]),
        step("register", &[(Physician, Accepted)]),
        step("amend_once", &[(Physician, Returned)]),
        step("purchase", &[(Physician, Registered)]),
        Step { order: DrugOrderStatus::Purchased, ..step("dispatch", &[(Physician, Registered)]) },
        Step { order: DrugOrderStatus::Dispatched, ..step("confirm_receipt", &[(Admin, Registered)]) },
    ]
};

fn why() -> Reason {
    Reason::parse("家人已送医").unwrap()
}

/// All that is stored of an inquiry.
type Stored = (InquiryDetails, Option<MedicalRecordOfInquiry>, Option<DrugOrderDetails>, usize);

impl Case {
    async fn all_of(&self, id: InquiryId) -> Stored {
        let ports = &self.hospital.ports;
        let record = ports.medical_records.of_inquiry(id).await.unwrap();
        let order = match record.as_ref().and_then(|found| found.record.as_ref()) {
            Some(record) => ports.drug_orders.of_medical_record(record.id).await.unwrap(),
            None => None,
        };
        let entries = self.inquiry_history(id).await.len();
        (ports.inquiries.find(id).await.unwrap().unwrap(), record, order, entries)
    }

    /// An inquiry of the patient and the physician in these statuses.
    async fn ready(&self, status: InquiryStatus, order: DrugOrderStatus) -> InquiryId {
        let id = self.submit_another(&self.patient).await;
        let all: &[&str] = match status {
            InquiryStatus::Submitted => &[],
            InquiryStatus::Assigned => &["appoint"],
            InquiryStatus::Accepted => &["appoint", "answer"],
            InquiryStatus::Registered => &["appoint", "answer", "register"],
            InquiryStatus::Returned => &["appoint", "answer", "register", "return_for_correction"],
            InquiryStatus::Approved => &["appoint", "answer", "register", "approve"],
            InquiryStatus::Cancelled => &["cancel"],
        };
        let of_order: &[&str] = match order {
            DrugOrderStatus::Pending => &[],
            DrugOrderStatus::Purchased => &["purchase"],
            DrugOrderStatus::Dispatched => &["purchase", "dispatch"],
            DrugOrderStatus::Received => &["purchase", "dispatch", "confirm_receipt"],
        };
        for function in all.iter().chain(of_order) {
            let step = STEPS.iter().find(|step| step.function == *function).unwrap();
            let by = self.actor(step.may.last().unwrap().0);
            self.take(function, &by, id).await.unwrap();
        }
        id
    }

    async fn take(&self, function: &str, actor: &Actor, id: InquiryId) -> Result<(), Error> {
        let use_cases = &self.hospital.use_cases;
        let (inquiries, consultations) = (&use_cases.inquiries, &use_cases.consultations);
        let drug_orders = &use_cases.drug_orders;
        let (_, record, order, _) = self.all_of(id).await;
        let record = record.and_then(|found| found.record).map(|record| record.id);
        let order = order.map(|details| details.order.id);
        let physician = self.physician.actor.uuid;
        let time = sample::inquiry_request().appointment_time;
        match function {
            "appoint" => inquiries.appoint(actor, id, physician).await.map(drop),
            "answer" => inquiries.answer(actor, id, true, None).await.map(drop),
            "approve" => inquiries.approve(actor, id).await.map(drop),
            "cancel" => inquiries.cancel(actor, id, &why()).await.map(drop),
            "reschedule" => inquiries.reschedule(actor, id, time, &why()).await.map(drop),
            "reassign" => {
                let other = self.other_physician.actor.uuid;
                inquiries.reassign(actor, id, other, &why()).await.map(drop)
            }
            "return_for_correction" => inquiries.return_for_correction(actor, id, &why()).await.map(drop),
            "register" => consultations.register(actor, sample::consultation_report(id)).await.map(drop),
            "amend_once" => {
                let report = AddendumReport {
                    record: record.unwrap(),
                    text: AddendumText::parse("补充：血压 150/90").unwrap(),
                    reason: why(),
                    medical_img: None,
                    inquiry_video: None,
                };
                consultations.amend_once(actor, report, None).await.map(drop)
            }
            "purchase" => drug_orders.purchase(actor, order.unwrap()).await.map(drop),
            "dispatch" => drug_orders.dispatch(actor, order.unwrap(), &sample::file()).await.map(drop),
            "confirm_receipt" => drug_orders.confirm_receipt(actor, order.unwrap()).await.map(drop),
            other => panic!("{other} is not tried here"),
        }
    }
}

#[tokio::test]
async fn a_step_is_refused_to_everybody_without_the_right() {
    let case = Case::new().await;
    let (patient, physician, admin) = (&case.patient.actor, &case.physician.actor, &case.admin.actor);
    let strangers = [&case.other_patient.actor, &case.other_physician.actor];
    for Step { function, may, order } in STEPS {
        for (_, status) in *may {
            let id = case.ready(*status, *order).await;
            let before = case.all_of(id).await;
            for actor in strangers {
                let refused = case.take(function, actor, id).await;
                if may.iter().any(|(role, _)| *role == actor.role) {
                    assert_refused!(refused, Error::NotFound, "{function} by {actor:?}");
                } else {
                    assert_refused!(refused, Error::Forbidden, "{function} by {actor:?}");
                }
            }
            for actor in [patient, physician, admin] {
                if may.iter().all(|(role, _)| *role != actor.role) {
                    let refused = case.take(function, actor, id).await;
                    assert_refused!(refused, Error::Forbidden, "{function} by {actor:?}");
                }
            }
            assert_eq!(case.all_of(id).await, before, "{function}");
        }
        for (role, status) in *may {
            let id = case.ready(*status, *order).await;
            let before = case.all_of(id).await;
            case.take(function, &case.actor(*role), id).await.unwrap();
            assert_ne!(case.all_of(id).await, before, "{function} by the {role:?}");
        }
    }
}

/// The public functions of this folder's use cases that decide on a record and save it.
fn deciding(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(deciding(&path));
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        for function in source.split("\n    pub async fn ").skip(1) {
            let body = function.split("\n    }\n").next().unwrap();
            if ["decide_and_save(", "self.advance(", ".save("].iter().any(|call| body.contains(call)) {
                found.push(body.split(['(', '<']).next().unwrap().to_owned());
            }
        }
    }
    found
}

#[test]
fn every_step_is_tried() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/usecase");
    let mut found = deciding(&folder);
    let mut tried: Vec<_> = STEPS.iter().map(|step| step.function).collect();
    found.sort();
    tried.sort_unstable();
    assert_eq!(found, tried, "each use case that takes a step is tried by those without the right");
}

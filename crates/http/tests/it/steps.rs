//! Every step in every status: the next status, or the missing step.

use reqwest::Method;
use serde_json::json;
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::inquiry::InquiryStatus;

use crate::arrange::{CID, Case, registration_body};
use crate::on_every_backend;
use crate::world::World;

/// A step and its outcome in each status, in the order of declaration: the next status, or the error. A new status does not
/// compile without its outcomes.
type Row<const STATES: usize> = (&'static str, [&'static str; STATES]);

/// A repeated step is reported as already done under the requested step, not the latest one.
const INQUIRY_STEPS: &[Row<{ InquiryStatus::ALL.len() }>] = &{
    const UNKNOWN: &str = "record.not_found";
    const NOT_ASSIGNED: &str = "inquiry.not_assigned";
    const NOT_ACCEPTED: &str = "inquiry.not_accepted";
    const NOT_REGISTERED: &str = "inquiry.not_registered";
    const ACCEPTED: &str = "inquiry.already_accepted";
    const REGISTERED: &str = "inquiry.already_registered";
    const APPROVED: &str = "inquiry.already_approved";
    const CANCELLED: &str = "inquiry.already_cancelled";
    const IN_HANDS: &str = "inquiry.in_physicians_hands";
    [
        ("appoint", ["assigned", "assigned", ACCEPTED, ACCEPTED, ACCEPTED, CANCELLED, ACCEPTED]),
        ("appoint another", ["assigned", "assigned", ACCEPTED, ACCEPTED, ACCEPTED, CANCELLED, ACCEPTED]),
        ("accept", [UNKNOWN, "accepted", ACCEPTED, ACCEPTED, ACCEPTED, CANCELLED, ACCEPTED]),
        ("decline", [UNKNOWN, "submitted", ACCEPTED, ACCEPTED, ACCEPTED, CANCELLED, ACCEPTED]),
        ("register", [UNKNOWN, NOT_ACCEPTED, "registered", REGISTERED, REGISTERED, CANCELLED, REGISTERED]),
        (
            "approve",
            [
                NOT_ASSIGNED,
                NOT_ACCEPTED,
                NOT_REGISTERED,
                "approved",
                APPROVED,
                CANCELLED,
                "inquiry.not_amended",
            ],
        ),
        ("withdraw", ["cancelled", "cancelled", IN_HANDS, REGISTERED, APPROVED, CANCELLED, REGISTERED]),
        ("cancel", ["cancelled", "cancelled", "cancelled", REGISTERED, APPROVED, CANCELLED, REGISTERED]),
        ("move by patient", ["submitted", "assigned", IN_HANDS, REGISTERED, APPROVED, CANCELLED, REGISTERED]),
        (
            "move by physician",
            [UNKNOWN, NOT_ACCEPTED, "accepted", REGISTERED, APPROVED, CANCELLED, REGISTERED],
        ),
        ("move by admin", ["submitted", "assigned", "accepted", REGISTERED, APPROVED, CANCELLED, REGISTERED]),
        ("reassign", [NOT_ASSIGNED, NOT_ACCEPTED, "assigned", REGISTERED, APPROVED, CANCELLED, REGISTERED]),
        (
            "return",
            [
                NOT_ASSIGNED,
                NOT_ACCEPTED,
                NOT_REGISTERED,
                "returned",
                APPROVED,
                CANCELLED,
                "inquiry.already_returned",
            ],
        ),
    ]
};

const ORDER_STEPS: &[Row<{ DrugOrderStatus::ALL.len() }>] = &{
    const PURCHASED: &str = "drug_order.already_purchased";
    const DISPATCHED: &str = "drug_order.already_dispatched";
    const NOT_PURCHASED: &str = "drug_order.not_purchased";
    [
        ("buy", ["purchased", PURCHASED, PURCHASED, PURCHASED]),
        ("send", [NOT_PURCHASED, "dispatched", DISPATCHED, DISPATCHED]),
        ("confirm", [NOT_PURCHASED, "drug_order.not_dispatched", "received", "drug_order.already_received"]),
    ]
};

impl Case<'_> {
    /// An inquiry in this status. A cancelled one was accepted before.
    async fn inquiry_in(&self, status: InquiryStatus) -> i64 {
        let (id, last) = match status {
            InquiryStatus::Submitted => (self.submitted().await, None),
            InquiryStatus::Assigned => (self.assigned().await, None),
            InquiryStatus::Accepted => (self.accepted().await, None),
            InquiryStatus::Registered => (self.registered().await.0, None),
            InquiryStatus::Approved => (self.registered().await.0, Some("approve")),
            InquiryStatus::Cancelled => (self.accepted().await, Some("cancel")),
            InquiryStatus::Returned => (self.registered().await.0, Some("return")),
        };
        if let Some(last) = last {
            self.step(last, id, "").await;
        }
        id
    }

    /// A drug order in this status.
    async fn order_in(&self, status: DrugOrderStatus) -> i64 {
        let steps: &[&str] = match status {
            DrugOrderStatus::Pending => &[],
            DrugOrderStatus::Purchased => &["buy"],
            DrugOrderStatus::Dispatched => &["buy", "send"],
            DrugOrderStatus::Received => &["buy", "send", "confirm"],
        };
        let id = self.ordered().await;
        for step in steps {
            self.step(step, id, "").await;
        }
        id
    }

    /// Takes a step: returns the record's next status, or the error of a 409 or 404.
    async fn step(&self, step: &str, id: i64, another: &str) -> String {
        let appoint = "/api/inquiry/appointedPhysician?userUUID=";
        let (client, method, path) = match step {
            "appoint" => (&self.admin, Method::POST, format!("{appoint}{}&id=", self.physician.uuid())),
            "appoint another" => (&self.admin, Method::POST, format!("{appoint}{another}&id=")),
            "accept" => {
                (&self.physician, Method::PUT, "/api/inquiry/physicianReception?isReception=true&id=".into())
            }
            "decline" => {
                (&self.physician, Method::PUT, "/api/inquiry/physicianReception?isReception=false&id=".into())
            }
            "register" => (&self.physician, Method::POST, "/api/medical/medicalRegistration?id=".into()),
            "approve" => (&self.admin, Method::PUT, "/api/inquiry/approveInquiryRecord?id=".into()),
            "withdraw" => (&self.patient, Method::PUT, "/api/inquiry/cancelInquiryRecord?id=".into()),
            "cancel" => (&self.admin, Method::PUT, "/api/inquiry/cancelInquiryRecord?id=".into()),
            "move by patient" => {
                (&self.patient, Method::PUT, "/api/inquiry/rescheduleInquiryRecord?id=".into())
            }
            "move by physician" => {
                (&self.physician, Method::PUT, "/api/inquiry/rescheduleInquiryRecord?id=".into())
            }
            "move by admin" => (&self.admin, Method::PUT, "/api/inquiry/rescheduleInquiryRecord?id=".into()),
            "reassign" => (
                &self.admin,
                Method::PUT,
                format!("/api/inquiry/reassignInquiryRecord?userUUID={another}&id="),
            ),
            "return" => (&self.admin, Method::PUT, "/api/inquiry/returnInquiryRecord?id=".into()),
            "buy" => (&self.physician, Method::POST, "/api/drug/physiciansOrderAgentDrug?id=".into()),
            "send" => (
                &self.physician,
                Method::POST,
                format!("/api/drug/physiciansOrderDelivery?certificate={CID}&id="),
            ),
            _ => (&self.admin, Method::POST, "/api/drug/hospitalAgentDrugConfirmReceipt?id=".to_owned()),
        };
        let body = match step {
            "register" => Some(registration_body(id, false)),
            "withdraw" | "cancel" | "reassign" | "return" => Some(json!({"reason": "情况有变"})),
            step if step.starts_with("move") => {
                Some(json!({"appointment_time": "2027-01-15 09:30", "reason": "情况有变"}))
            }
            _ => None,
        };
        let body = body.map(|body| body.to_string());
        let answer = client.client.send(method, &format!("{path}{id}"), body).await;
        match answer.status.as_u16() {
            200 if step == "register" => "registered".to_owned(),
            200 => answer.payload()["status"].as_str().unwrap().to_owned(),
            409 => {
                assert!(!answer.error().ends_with("not_found"));
                answer.error().to_owned()
            }
            _ => answer.expect(404).error().to_owned(),
        }
    }
}

on_every_backend! {
    async fn every_step_of_an_inquiry_in_every_status(world: &World) {
        let case = Case::new(world).await;
        let another = world.physicians(1).await.remove(0);
        for (step, outcomes) in INQUIRY_STEPS {
            for (status, outcome) in InquiryStatus::ALL.into_iter().zip(*outcomes) {
                let (id, state) = (case.inquiry_in(status).await, status.as_str());
                assert_eq!(case.step(step, id, another.uuid()).await, outcome, "{step} when {state}");
                let after = if InquiryStatus::NAMES.contains(&outcome) { outcome } else { state };
                let path = format!("/api/inquiry/queryInquiryRecordById?id={id}");
                let inquiry = case.patient.client.get(&path).await.payload();
                assert_eq!(inquiry["status"], after, "after {step} when {state}");
                let ended = ["registered", "approved", "returned"].contains(&after);
                let kept = after == "cancelled" && ["accepted", "cancelled"].contains(&state);
                assert_eq!(inquiry["is_reception"], ended || after == "accepted" || kept, "{inquiry}");
                assert_eq!(inquiry["is_inquiry"], ended);
                assert_eq!(inquiry["is_audit"], after == "approved");
                let unassigned = after == "submitted" || after == "cancelled" && state == "submitted";
                assert_eq!(inquiry["physician"]["uuid"] == "", unassigned);
                assert_eq!(inquiry["cancel_reason"], if after == "cancelled" { "情况有变" } else { "" });
                assert_eq!(inquiry["return_reason"], if after == "returned" { "情况有变" } else { "" });
            }
        }
    }

    async fn every_step_of_a_drug_order_in_every_status(world: &World) {
        let case = Case::new(world).await;
        for (step, outcomes) in ORDER_STEPS {
            for (status, outcome) in DrugOrderStatus::ALL.into_iter().zip(*outcomes) {
                let (id, state) = (case.order_in(status).await, status.as_str());
                assert_eq!(case.step(step, id, "").await, outcome, "{step} when {state}");
                let after = if DrugOrderStatus::NAMES.contains(&outcome) { outcome } else { state };
                let order = case.patient.client.get(&format!("/api/drug/queryDrugByID?id={id}")).await.payload();
                assert_eq!(order["status"], after, "after {step} when {state}");
                assert_eq!(order["already_buy"], u8::from(after != "pending"));
                assert_eq!(order["is_receive"], u8::from(after == "received"));
                assert_eq!(order["delivery_certificate"] == "", ["pending", "purchased"].contains(&after));
                assert_eq!((&order["is_inquiry"], &order["is_reception"]), (&1.into(), &1.into()));
            }
        }
    }

    async fn a_former_physician_has_no_access_to_the_inquiry(world: &World) {
        let case = Case::new(world).await;
        let another = world.physicians(1).await.remove(0);
        let id = case.assigned().await;
        case.step("appoint another", id, another.uuid()).await;
        for step in ["accept", "decline", "register"] {
            assert_eq!(case.step(step, id, "").await, "record.not_found");
        }
        let former = &case.physician.client;
        former.get(&format!("/api/inquiry/queryInquiryRecordById?id={id}")).await.expect(404);
        former.get(&format!("/api/medical/queryMedialRecordInformation?inquiryId={id}")).await.expect(404);
        let list = former.get("/api/inquiry/queryPhysicianInquiryRecord").await.payload();
        assert_eq!(list["total"], 0);
        another.client.get(&format!("/api/inquiry/queryInquiryRecordById?id={id}")).await.expect(200);
    }
}

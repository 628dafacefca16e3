//! Every step in every status: the next status, or the missing step; and who may not take it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::inquiry::InquiryStatus;

use crate::answer::{Answer, Client};
use crate::arrange::{CID, Case, registration_body};
use crate::declared::{Declared, ROUTES};
use crate::on_every_backend;
use crate::world::{Backend, World, run};

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
        // Without a record there is nothing to amend.
        ("amend", [UNKNOWN, UNKNOWN, UNKNOWN, "registered", "approved", UNKNOWN, "registered"]),
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

    /// The role that takes this step, its route, and the query and body of a request about this record.
    async fn request(&self, step: &str, id: i64, another: &str) -> Request {
        let why = || Some(json!({"reason": "情况有变"}));
        let time = || Some(json!({"appointment_time": "2027-01-15 09:30", "reason": "情况有变"}));
        let to = |uuid: &str| format!("id={id}&userUUID={uuid}");
        let this = format!("id={id}");
        let (role, operation, query, body) = match step {
            "appoint" => ("admin", "appointedPhysician", to(self.physician.uuid()), None),
            "appoint another" => ("admin", "appointedPhysician", to(another), None),
            "accept" => ("physician", "physicianReception", format!("{this}&isReception=true"), None),
            "decline" => ("physician", "physicianReception", format!("{this}&isReception=false"), None),
            "register" => {
                ("physician", "medicalRegistration", String::new(), Some(registration_body(id, false)))
            }
            "approve" => ("admin", "approveInquiryRecord", this, None),
            "withdraw" => ("patient", "cancelInquiryRecord", this, why()),
            "cancel" => ("admin", "cancelInquiryRecord", this, why()),
            "move by patient" => ("patient", "rescheduleInquiryRecord", this, time()),
            "move by physician" => ("physician", "rescheduleInquiryRecord", this, time()),
            "move by admin" => ("admin", "rescheduleInquiryRecord", this, time()),
            "reassign" => ("admin", "reassignInquiryRecord", to(another), why()),
            "return" => ("admin", "returnInquiryRecord", this, why()),
            "amend" => {
                let addendum = json!({"text": "补充", "reason": "情况有变"});
                (
                    "physician",
                    "addAddendum",
                    format!("medicalId={}", self.record_of(id).await),
                    Some(addendum),
                )
            }
            "buy" => ("physician", "physiciansOrderAgentDrug", this, None),
            "send" => ("physician", "physiciansOrderDelivery", format!("{this}&certificate={CID}"), None),
            "confirm" => ("admin", "hospitalAgentDrugConfirmReceipt", this, None),
            other => panic!("{other} has no request"),
        };
        let route = ROUTES.iter().find(|route| route.id() == operation).unwrap();
        Request { role, route, query, body }
    }

    /// The inquiry's medical record, or an id that no record has.
    async fn record_of(&self, id: i64) -> i64 {
        let path = format!("/api/medical/queryMedialRecordInformation?inquiryId={id}");
        self.admin.client.get(&path).await.json["data"][0]["id"].as_i64().unwrap_or(999_999)
    }

    /// Takes a step: returns the record's next status, or the error of a 409 or 404.
    async fn step(&self, step: &str, id: i64, another: &str) -> String {
        let request = self.request(step, id, another).await;
        let person = match request.role {
            "patient" => &self.patient,
            "physician" => &self.physician,
            _ => &self.admin,
        };
        let answer = request.send(&person.client).await;
        match answer.status.as_u16() {
            // These respond with the medical record.
            200 if ["register", "amend"].contains(&step) => {
                self.inquiry(id).await["status"].as_str().unwrap().to_owned()
            }
            200 => answer.payload()["status"].as_str().unwrap().to_owned(),
            409 => {
                assert!(!answer.error().ends_with("not_found"));
                answer.error().to_owned()
            }
            _ => answer.expect(404).error().to_owned(),
        }
    }

    async fn inquiry(&self, id: i64) -> Value {
        self.admin.client.get(&format!("/api/inquiry/queryInquiryRecordById?id={id}")).await.payload()
    }

    /// Sends a step that would succeed as everybody who has no right to take it.
    async fn refuses(&self, step: &str, id: i64, rights: &Rights, others: &[&Client<'_>; 2]) {
        let request = self.request(step, id, self.physician.uuid()).await;
        let may = &rights[request.route.id()];
        let callers = [
            ("patient", others[0], false),
            ("physician", others[1], false),
            ("patient", &self.patient.client, may.contains("patient")),
            ("physician", &self.physician.client, may.contains("physician")),
            ("admin", &self.admin.client, may.contains("admin")),
        ];
        for (role, client, has_the_right) in callers {
            if !has_the_right {
                let status = request.send(client).await.status.as_u16();
                let expected = if may.contains(role) { 404 } else { 403 };
                assert_eq!(status, expected, "{step} by the {role}, with {may:?} declared");
            }
        }
    }
}

/// A request for a step.
struct Request {
    role: &'static str,
    route: &'static Declared,
    query: String,
    body: Option<Value>,
}

impl Request {
    async fn send(&self, client: &Client<'_>) -> Answer {
        let path = format!("{}?{}", self.route.path, self.query);
        client.send(self.route.method.clone(), &path, self.body.as_ref().map(Value::to_string)).await
    }
}

/// The roles that take a step by each route.
type Rights = BTreeMap<&'static str, BTreeSet<&'static str>>;

/// As in the tables above.
async fn rights(case: &Case<'_>) -> Rights {
    let mut rights = Rights::new();
    let steps = INQUIRY_STEPS.iter().map(|(step, _)| step).chain(ORDER_STEPS.iter().map(|(step, _)| step));
    for step in steps {
        let request = case.request(step, 0, "").await;
        rights.entry(request.route.id()).or_default().insert(request.role);
    }
    rights
}

/// Routes that change a record with a state machine, but take no step of it.
const NO_STEPS: &[&str] = &["createInquiryRecord"];

/// Whether the route takes a step: a state machine may refuse it, or it changes a record that has one.
fn takes_a_step(route: &Declared) -> bool {
    let refusals = &route.operation["responses"]["409"]["content"]["application/json"]["examples"];
    let mut refusals = refusals.as_object().into_iter().flatten();
    let has_states = ["inquiry", "medical", "drug"].iter().any(|tag| route.operation["tags"][0] == *tag);
    refusals.any(|(slug, _)| slug.starts_with("inquiry.") || slug.starts_with("drug_order."))
        || route.changes() && has_states && !NO_STEPS.contains(&route.id())
}

#[test]
fn every_route_that_takes_a_step_has_its_rows() {
    run(Backend::Fakes, async |world| {
        let rights = rights(&Case::new(world).await).await;
        for route in ROUTES.iter().filter(|route| takes_a_step(route)) {
            let rows = rights.get(route.id());
            let rows = rows.unwrap_or_else(|| panic!("{} takes a step: add its outcomes", route.id()));
            let declared: BTreeSet<_> = route.roles().unwrap().into_iter().collect();
            assert_eq!(*rows, declared, "each role that {} admits has a row, and no other", route.id());
        }
    });
}

/// Where the step is legal: only the right is missing.
#[test]
fn a_step_is_refused_to_everybody_else_and_changes_nothing() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let rights = rights(&case).await;
        let others = (world.patients(1).await.remove(0), world.physicians(1).await.remove(0));
        let others = [&others.0.client, &others.1.client];
        for (step, outcomes) in INQUIRY_STEPS {
            let mut statuses = InquiryStatus::ALL.into_iter().zip(outcomes);
            let legal = statuses.find(|(_, outcome)| InquiryStatus::NAMES.contains(outcome));
            let id = case.inquiry_in(legal.unwrap().0).await;
            let before = case.inquiry(id).await;
            case.refuses(step, id, &rights, &others).await;
            assert_eq!(case.inquiry(id).await, before, "{step}");
        }
        for (step, outcomes) in ORDER_STEPS {
            let mut statuses = DrugOrderStatus::ALL.into_iter().zip(outcomes);
            let legal = statuses.find(|(_, outcome)| DrugOrderStatus::NAMES.contains(outcome));
            let id = case.order_in(legal.unwrap().0).await;
            let path = format!("/api/drug/queryDrugByID?id={id}");
            let before = case.admin.client.get(&path).await.payload();
            case.refuses(step, id, &rights, &others).await;
            assert_eq!(case.admin.client.get(&path).await.payload(), before, "{step}");
        }
    });
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

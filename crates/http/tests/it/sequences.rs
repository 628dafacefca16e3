//! Random actions of random accounts: a database must behave like the fakes, and the records must be
//! consistent afterwards.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};
use yilin_domain::id::{DrugOrderId, InquiryId};
use yilin_testkit::contract::DEADLINES;
use yilin_testkit::rebuild;

use crate::arrange::{CID, Person, inquiry_body, registration_body};
use crate::world::{Backend, World, run, usual};

/// Number of sequences, and their maximum length.
const SEQUENCES: u32 = 24;
const LENGTH: usize = 120;

/// The admin, two patients and two physicians.
const PEOPLE: usize = 5;
const PHYSICIANS: [usize; 2] = [3, 4];

/// A possible action. Numbers select among the existing inquiries or drug orders.
#[derive(Debug, Clone, Copy)]
enum Attempt {
    Create,
    Appoint { inquiry: usize, physician: usize },
    Answer { inquiry: usize, accept: bool },
    Register { inquiry: usize, drugs: bool },
    Approve { inquiry: usize },
    Cancel { inquiry: usize },
    Reschedule { inquiry: usize, day: u8 },
    Reassign { inquiry: usize, physician: usize },
    Return { inquiry: usize },
    Amend { inquiry: usize },
    Repeat,
    Buy { order: usize },
    Send { order: usize },
    Confirm { order: usize },
    Look { inquiry: usize },
    LookAtRecord { inquiry: usize },
    LookAtOrder { order: usize },
    ListInquiries,
    ListOrders,
    Rename { person: usize },
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let which = || 0..3_usize;
    prop_oneof![
        2 => Just(Attempt::Create),
        6 => (which(), 0..2_usize).prop_map(|(inquiry, physician)| Attempt::Appoint { inquiry, physician }),
        8 => (which(), any::<bool>()).prop_map(|(inquiry, accept)| Attempt::Answer { inquiry, accept }),
        8 => (which(), any::<bool>()).prop_map(|(inquiry, drugs)| Attempt::Register { inquiry, drugs }),
        4 => which().prop_map(|inquiry| Attempt::Approve { inquiry }),
        1 => which().prop_map(|inquiry| Attempt::Cancel { inquiry }),
        2 => (which(), 1..29_u8).prop_map(|(inquiry, day)| Attempt::Reschedule { inquiry, day }),
        1 => (which(), 0..2_usize).prop_map(|(inquiry, physician)| Attempt::Reassign { inquiry, physician }),
        1 => which().prop_map(|inquiry| Attempt::Return { inquiry }),
        2 => which().prop_map(|inquiry| Attempt::Amend { inquiry }),
        1 => Just(Attempt::Repeat),
        5 => which().prop_map(|order| Attempt::Buy { order }),
        5 => which().prop_map(|order| Attempt::Send { order }),
        5 => which().prop_map(|order| Attempt::Confirm { order }),
        1 => which().prop_map(|inquiry| Attempt::Look { inquiry }),
        1 => which().prop_map(|inquiry| Attempt::LookAtRecord { inquiry }),
        1 => which().prop_map(|order| Attempt::LookAtOrder { order }),
        1 => Just(Attempt::ListInquiries),
        1 => Just(Attempt::ListOrders),
        1 => (0..PEOPLE).prop_map(|person| Attempt::Rename { person }),
    ]
}

/// The acting account: one with the right role, as far as known, or any.
fn who(attempt: Attempt) -> impl Strategy<Value = (Option<usize>, Attempt)> {
    let person = prop_oneof![4 => Just(None), 1 => (0..PEOPLE).prop_map(Some)];
    person.prop_map(move |person| (person, attempt))
}

/// The accounts of a world without records, and the records they create.
struct Story<'w> {
    world: &'w World,
    people: Vec<Person<'w>>,
    inquiries: Vec<i64>,
    orders: Vec<i64>,
    /// Indexes of each inquiry's physician, and each order's.
    appointed: Vec<usize>,
    buyers: Vec<usize>,
    /// The last request for a visit.
    asked: Option<Value>,
}

impl<'w> Story<'w> {
    async fn new(world: &'w World) -> Self {
        let mut people = vec![world.admin().await];
        people.extend(world.patients(2).await);
        people.extend(world.physicians(2).await);
        Self {
            world,
            people,
            inquiries: Vec::new(),
            orders: Vec::new(),
            appointed: Vec::new(),
            buyers: Vec::new(),
            asked: None,
        }
    }

    /// An account that may take this action, or could be expected to.
    fn fitting(&self, attempt: Attempt) -> usize {
        let pick =
            |of: &[usize], number: usize| of.get(number % of.len().max(1)).copied().unwrap_or(PHYSICIANS[0]);
        match attempt {
            Attempt::Create | Attempt::Repeat | Attempt::ListInquiries => 1,
            Attempt::Answer { inquiry, .. }
            | Attempt::Register { inquiry, .. }
            | Attempt::Reschedule { inquiry, .. }
            | Attempt::Amend { inquiry }
            | Attempt::Look { inquiry }
            | Attempt::LookAtRecord { inquiry } => pick(&self.appointed, inquiry),
            Attempt::Buy { order } | Attempt::Send { order } | Attempt::LookAtOrder { order } => {
                pick(&self.buyers, order)
            }
            Attempt::ListOrders => PHYSICIANS[1],
            Attempt::Rename { person } => person,
            Attempt::Appoint { .. }
            | Attempt::Approve { .. }
            | Attempt::Cancel { .. }
            | Attempt::Reassign { .. }
            | Attempt::Return { .. }
            | Attempt::Confirm { .. } => 0,
        }
    }

    /// The outcome, without the parts that differ between worlds.
    async fn try_out(&mut self, person: Option<usize>, attempt: Attempt) -> Value {
        let person = person.unwrap_or_else(|| self.fitting(attempt));
        // An id that no record has, if there is none yet.
        let pick = |of: &[i64], number: usize| of.get(number % of.len().max(1)).copied().unwrap_or(i64::MAX);
        let inquiry = |number| pick(&self.inquiries, number);
        let order = |number| pick(&self.orders, number);
        let (method, path, body) = match attempt {
            Attempt::Create => {
                self.asked = Some(inquiry_body());
                (Method::POST, "/api/inquiry/createInquiryRecord".to_owned(), self.asked.clone())
            }
            Attempt::Repeat => {
                (Method::POST, "/api/inquiry/createInquiryRecord".to_owned(), self.asked.clone())
            }
            Attempt::Cancel { inquiry: number } => {
                let id = inquiry(number);
                (Method::PUT, format!("/api/inquiry/cancelInquiryRecord?id={id}"), Some(why()))
            }
            Attempt::Reschedule { inquiry: number, day } => {
                let time = format!("2027-01-{day:02} 09:30");
                let body = json!({"appointment_time": time, "reason": "改期"});
                let id = inquiry(number);
                (Method::PUT, format!("/api/inquiry/rescheduleInquiryRecord?id={id}"), Some(body))
            }
            Attempt::Reassign { inquiry: number, physician } => {
                let (id, uuid) = (inquiry(number), self.people[PHYSICIANS[physician]].uuid());
                let path = format!("/api/inquiry/reassignInquiryRecord?id={id}&userUUID={uuid}");
                (Method::PUT, path, Some(why()))
            }
            Attempt::Return { inquiry: number } => {
                let id = inquiry(number);
                (Method::PUT, format!("/api/inquiry/returnInquiryRecord?id={id}"), Some(why()))
            }
            Attempt::Amend { inquiry: number } => {
                let path = format!("/api/medical/queryMedialRecordInformation?inquiryId={}", inquiry(number));
                let record = self.people[0].client.get(&path).await.json["data"][0]["id"].as_i64();
                let id = record.unwrap_or(i64::MAX);
                let body = json!({"text": "补充", "reason": "遗漏"});
                (Method::POST, format!("/api/medical/addAddendum?medicalId={id}"), Some(body))
            }
            Attempt::Appoint { inquiry: number, physician } => {
                let (id, uuid) = (inquiry(number), self.people[PHYSICIANS[physician]].uuid());
                (Method::POST, format!("/api/inquiry/appointedPhysician?id={id}&userUUID={uuid}"), None)
            }
            Attempt::Answer { inquiry: number, accept } => {
                let id = inquiry(number);
                (Method::PUT, format!("/api/inquiry/physicianReception?id={id}&isReception={accept}"), None)
            }
            Attempt::Register { inquiry: number, drugs } => {
                let body = registration_body(inquiry(number), drugs);
                (Method::POST, "/api/medical/medicalRegistration".to_owned(), Some(body))
            }
            Attempt::Approve { inquiry: number } => {
                (Method::PUT, format!("/api/inquiry/approveInquiryRecord?id={}", inquiry(number)), None)
            }
            Attempt::Buy { order: number } => {
                (Method::POST, format!("/api/drug/physiciansOrderAgentDrug?id={}", order(number)), None)
            }
            Attempt::Send { order: number } => {
                let id = order(number);
                (Method::POST, format!("/api/drug/physiciansOrderDelivery?id={id}&certificate={CID}"), None)
            }
            Attempt::Confirm { order: number } => (
                Method::POST,
                format!("/api/drug/hospitalAgentDrugConfirmReceipt?id={}", order(number)),
                None,
            ),
            Attempt::Look { inquiry: number } => {
                (Method::GET, format!("/api/inquiry/queryInquiryRecordById?id={}", inquiry(number)), None)
            }
            Attempt::LookAtRecord { inquiry: number } => {
                let id = inquiry(number);
                (Method::GET, format!("/api/medical/queryMedialRecordInformation?inquiryId={id}"), None)
            }
            Attempt::LookAtOrder { order: number } => {
                (Method::GET, format!("/api/drug/queryDrugByID?id={}", order(number)), None)
            }
            Attempt::ListInquiries if person > 2 => {
                (Method::GET, "/api/inquiry/queryPhysicianInquiryRecord".to_owned(), None)
            }
            Attempt::ListInquiries => {
                (Method::GET, "/api/inquiry/queryPatientInquiryRecord".to_owned(), None)
            }
            Attempt::ListOrders if person > 2 => {
                (Method::GET, "/api/drug/queryPhysiciansAgentHistoryRecord".to_owned(), None)
            }
            Attempt::ListOrders => (Method::GET, "/api/drug/queryPatientAgentDrugHistory".to_owned(), None),
            Attempt::Rename { person: whose } => {
                let body = json!({"uuid": self.people[whose].uuid(), "nickname": format!("by {person}")});
                (Method::PUT, "/api/user/updatePatientInformation".to_owned(), Some(body))
            }
        };
        let client = &self.people[person].client;
        let answer = client.send(method, &path, body.map(|body| body.to_string())).await;
        let payload = answer.json["data"][0].clone();
        if answer.status == 200 {
            self.remember(attempt, &payload).await;
        }
        let listed = payload["list"].as_array().map(|list| list.iter().map(essence).collect::<Vec<_>>());
        json!([answer.status.as_u16(), answer.json["error"], essence(&payload), payload["total"], listed])
    }

    async fn remember(&mut self, attempt: Attempt, payload: &Value) {
        match attempt {
            Attempt::Create | Attempt::Repeat => {
                let id = payload["id"].as_i64().unwrap();
                if !self.inquiries.contains(&id) {
                    self.inquiries.push(id);
                    self.appointed.push(PHYSICIANS[0]);
                }
            }
            Attempt::Appoint { inquiry, physician } | Attempt::Reassign { inquiry, physician } => {
                let inquiry = inquiry % self.inquiries.len();
                self.appointed[inquiry] = PHYSICIANS[physician];
            }
            Attempt::Register { inquiry, drugs: true } => {
                self.buyers.push(self.appointed[inquiry % self.inquiries.len()]);
                let path = format!("/api/drug/queryDrugByMedicalId?medical_id={}", payload["id"]);
                let order = self.people[0].client.get(&path).await.payload();
                self.orders.push(order["drug_id"].as_i64().unwrap());
            }
            _ => {}
        }
    }

    /// Checks the invariants. Returns the number of completed orders.
    async fn check(&self) -> usize {
        let admin = &self.people[0].client;
        let mut orders = 0;
        for id in &self.inquiries {
            let inquiry = admin.get(&format!("/api/inquiry/queryInquiryRecordById?id={id}")).await.payload();
            let has = |flag: &str| inquiry[flag] == true;
            assert!(
                !has("is_audit") || has("is_inquiry"),
                "approved only after it was registered: {inquiry}"
            );
            assert!(
                !has("is_inquiry") || has("is_reception"),
                "registered only after it was accepted: {inquiry}"
            );
            assert!(!has("is_reception") || inquiry["physician"]["uuid"] != "", "{inquiry}");
            assert_eq!(inquiry["cancel_reason"] != "", inquiry["status"] == "cancelled", "{inquiry}");
            assert_eq!(inquiry["return_reason"] != "", inquiry["status"] == "returned", "{inquiry}");
            let path = format!("/api/medical/queryMedialRecordInformation?inquiryId={id}");
            let record = admin.get(&path).await.expect(200).json["data"][0].clone();
            assert_eq!(!record.is_null(), has("is_inquiry"), "a record exactly of what is registered");
            if !record.is_null() {
                let path = format!("/api/drug/queryDrugByMedicalId?medical_id={}", record["id"]);
                let order = admin.get(&path).await;
                orders += usize::from(order.status == 200);
            }
            let history = self.world.ports.inquiries.history(InquiryId(*id)).await.unwrap();
            let stored = self.world.ports.inquiries.find(InquiryId(*id)).await.unwrap().unwrap().inquiry;
            assert_eq!(rebuild::inquiry(&stored, &history, &DEADLINES), stored, "rebuilt from its history");
            let last = history.last().unwrap();
            assert_eq!(
                last.physician.map(|uuid| uuid.to_string()).unwrap_or_default(),
                inquiry["physician"]["uuid"]
            );
            // Each account sees it only if it is a party.
            for person in &self.people[1..] {
                let theirs = [&inquiry["patient"]["uuid"], &inquiry["physician"]["uuid"]]
                    .contains(&&json!(person.uuid()));
                let seen = person.client.get(&format!("/api/inquiry/queryInquiryRecordById?id={id}")).await;
                assert_eq!(seen.status, if theirs { 200 } else { 404 });
            }
        }
        assert_eq!(orders, self.orders.len(), "an order exactly of each record that needs drugs");
        self.check_lists().await;
        let mut received = 0;
        for id in &self.orders {
            let order = admin.get(&format!("/api/drug/queryDrugByID?id={id}")).await.payload();
            let steps = ["pending", "purchased", "dispatched", "received"]
                .iter()
                .position(|step| order["status"] == *step);
            let history = self.world.ports.drug_orders.history(DrugOrderId(*id)).await.unwrap();
            assert_eq!(history.len(), steps.unwrap() + 1, "one entry for each step");
            let stored = self.world.ports.drug_orders.find(DrugOrderId(*id)).await.unwrap().unwrap().order;
            assert_eq!(rebuild::drug_order(&stored, &history), stored, "rebuilt from its history");
            received += usize::from(steps == Some(3));
        }
        received
    }
}

impl Story<'_> {
    /// Checks that each account's lists show exactly its own records.
    async fn check_lists(&self) {
        let admin = &self.people[0].client;
        let all = admin.get("/api/inquiry/queryAllInquiryRecord").await.payload();
        for (number, person) in self.people.iter().enumerate().skip(1) {
            let (party, inquiries, orders) = if number > 2 {
                ("physician", "queryPhysicianInquiryRecord", "queryPhysiciansAgentHistoryRecord")
            } else {
                ("patient", "queryPatientInquiryRecord", "queryPatientAgentDrugHistory")
            };
            let is_theirs = |record: &&Value| record[party]["uuid"] == person.uuid();
            let theirs: Vec<_> = all["list"].as_array().unwrap().iter().filter(is_theirs).collect();
            let listed = person.client.get(&format!("/api/inquiry/{inquiries}")).await.payload();
            assert_eq!(listed["list"].as_array().unwrap().iter().collect::<Vec<_>>(), theirs);
            let listed = person.client.get(&format!("/api/drug/{orders}")).await.payload();
            for order in listed["list"].as_array().unwrap() {
                assert_eq!(order[party], person.uuid());
            }
        }
    }
}

fn why() -> Value {
    json!({"reason": "情况有变"})
}

/// The parts of a record that are the same in every world.
fn essence(record: &Value) -> Value {
    json!([
        record["status"],
        record["is_need_by_drug"],
        record["diagnostic_description"],
        record["nickname"],
        record["appointment_time"],
        record["addenda"].as_array().map(Vec::len),
    ])
}

fn a_database_behaves_like_the_fakes(backend: Backend) {
    run(Backend::Fakes, async |fakes| {
        let database = World::new(backend, usual).await;
        let sequence = prop::collection::vec(attempt().prop_flat_map(who), 1..LENGTH);
        let runtime = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            let config = Config { cases: SEQUENCES, failure_persistence: None, ..Config::default() };
            // A fixed seed: the verdict on a change must not depend on luck.
            let dice = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
            let mut runner = TestRunner::new_with_rng(config, dice);
            let received = AtomicUsize::new(0);
            let outcome = runner.run(&sequence, |sequence| {
                runtime.block_on(async {
                    let (mut model, mut real) = (Story::new(fakes).await, Story::new(&database).await);
                    for (person, attempt) in sequence {
                        let expected = model.try_out(person, attempt).await;
                        let found = real.try_out(person, attempt).await;
                        prop_assert_eq!(expected, found, "{:?} by {:?}", attempt, person);
                    }
                    model.check().await;
                    received.fetch_add(real.check().await, Ordering::Relaxed);
                    Ok(())
                })
            });
            outcome.unwrap();
            assert!(received.into_inner() > 0, "no sequence completed an order, which proves little");
        });
        database.stop().await;
    });
}

#[test]
fn sqlite_behaves_like_the_fakes() {
    a_database_behaves_like_the_fakes(Backend::Sqlite);
}

#[test]
fn mariadb_behaves_like_the_fakes() {
    a_database_behaves_like_the_fakes(Backend::MariaDb);
}

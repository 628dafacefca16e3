//! Many identical concurrent requests, on one instance and on two over one database.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::Value;
use yilin_domain::id::{DrugOrderId, InquiryId};

use crate::answer::{Answer, Client};
use crate::arrange::{CID, Case, registration_body};
use crate::world::{Backend, World, run};

/// Number of concurrent requests.
const CROWD: usize = 200;

/// Sends this account's request concurrently, alternating between the instances.
async fn crowd(
    instances: &[&World],
    token: &str,
    requests: &[(Method, String, Option<Value>)],
) -> Vec<Answer> {
    join_all((0..CROWD).map(|number| async move {
        let client = Client::new(instances[number % instances.len()]).token(token);
        let (method, path, body) = &requests[number / instances.len() % requests.len()];
        client.send(method.clone(), path, body.as_ref().map(Value::to_string)).await
    }))
    .await
}

/// Number of responses by status.
fn statuses(answers: &[Answer]) -> BTreeMap<u16, usize> {
    answers.iter().fold(BTreeMap::new(), |mut counts, answer| {
        *counts.entry(answer.status.as_u16()).or_default() += 1;
        counts
    })
}

/// One succeeds, and all others are reported as too late.
#[track_caller]
fn assert_one_winner(step: &str, answers: &[Answer]) {
    assert_eq!(statuses(answers), BTreeMap::from([(200, 1), (409, CROWD - 1)]), "{step}");
}

async fn every_step_is_taken_once(instances: &[&World]) {
    let world = instances[0];
    let case = Case::new(world).await;
    let (admin, physician) = (case.admin.token(), case.physician.token());
    let inquiry = case.assigned().await;
    let entries = async || world.ports.inquiries.history(InquiryId(inquiry)).await.unwrap().len();
    let before = entries().await;
    let record = [
        (
            "accept",
            physician,
            Method::PUT,
            format!("/api/inquiry/physicianReception?id={inquiry}&isReception=true"),
            None,
        ),
        (
            "register",
            physician,
            Method::POST,
            "/api/medical/medicalRegistration".to_owned(),
            Some(registration_body(inquiry, true)),
        ),
        ("approve", admin, Method::PUT, format!("/api/inquiry/approveInquiryRecord?id={inquiry}"), None),
    ];
    for (number, (step, token, method, path, body)) in record.into_iter().enumerate() {
        assert_one_winner(step, &crowd(instances, token, &[(method, path, body)]).await);
        assert_eq!(entries().await, before + number + 1, "{step}");
    }

    let record = case
        .patient
        .client
        .get(&format!("/api/medical/queryMedialRecordInformation?inquiryId={inquiry}"))
        .await
        .payload();
    let order = case
        .patient
        .client
        .get(&format!("/api/drug/queryDrugByMedicalId?medical_id={}", record["id"]))
        .await
        .payload();
    let order = order["drug_id"].as_i64().unwrap();
    let entries = async || world.ports.drug_orders.history(DrugOrderId(order)).await.unwrap().len();
    let before = entries().await;
    for (number, (step, token, path)) in [
        ("buy", physician, format!("/api/drug/physiciansOrderAgentDrug?id={order}")),
        ("send", physician, format!("/api/drug/physiciansOrderDelivery?id={order}&certificate={CID}")),
        ("confirm", admin, format!("/api/drug/hospitalAgentDrugConfirmReceipt?id={order}")),
    ]
    .into_iter()
    .enumerate()
    {
        assert_one_winner(step, &crowd(instances, token, &[(Method::POST, path, None)]).await);
        assert_eq!(entries().await, before + number + 1, "{step}");
    }
}

async fn a_decline_takes_effect_once(instances: &[&World]) {
    let case = Case::new(instances[0]).await;
    let inquiry = case.assigned().await;
    let path = format!("/api/inquiry/physicianReception?id={inquiry}&isReception=false");
    let counts = statuses(&crowd(instances, case.physician.token(), &[(Method::PUT, path, None)]).await);
    assert_eq!(counts.get(&200), Some(&1), "{counts:?}");
    assert!(counts.keys().all(|status| [200, 404, 409].contains(status)), "{counts:?}");
    let history = instances[0].ports.inquiries.history(InquiryId(inquiry)).await.unwrap();
    assert_eq!(
        history.iter().filter(|entry| entry.physician.is_none()).count(),
        2,
        "submitted, and declined once"
    );
}

async fn the_last_appointment_stands(instances: &[&World]) {
    let world = instances[0];
    let case = Case::new(world).await;
    let another = world.physicians(1).await.remove(0);
    let inquiry = case.submitted().await;
    let appointments = [case.physician.uuid(), another.uuid()].map(|uuid| {
        (Method::POST, format!("/api/inquiry/appointedPhysician?id={inquiry}&userUUID={uuid}"), None)
    });
    let answers = crowd(instances, case.admin.token(), &appointments).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(200, CROWD)]));
    let history = world.ports.inquiries.history(InquiryId(inquiry)).await.unwrap();
    let physicians: Vec<_> =
        history.iter().map(|entry| entry.physician.map(|uuid| uuid.to_string())).collect();
    assert!(
        physicians.windows(2).all(|pair| pair[0] != pair[1]),
        "one entry for each change: {physicians:?}"
    );
    let stands =
        case.admin.client.get(&format!("/api/inquiry/queryInquiryRecordById?id={inquiry}")).await.payload();
    assert_eq!(physicians.last().unwrap().as_deref(), stands["physician"]["uuid"].as_str());
}

/// Of mutually exclusive steps one wins, and the others are rejected with the reason.
async fn mutually_exclusive_steps_have_one_winner(instances: &[&World]) {
    let world = instances[0];
    let case = Case::new(world).await;
    let another = world.physicians(1).await.remove(0);
    let third = world.physicians(1).await.remove(0);
    let why = || Some(serde_json::json!({"reason": "情况有变"}));
    let put = |path: String, body: Option<Value>| (Method::PUT, path, body);
    let cancel = |id: i64| put(format!("/api/inquiry/cancelInquiryRecord?id={id}"), why());
    let accept = |id: i64| put(format!("/api/inquiry/physicianReception?id={id}&isReception=true"), None);
    let appoint = |id: i64, uuid: &str| {
        (Method::POST, format!("/api/inquiry/appointedPhysician?id={id}&userUUID={uuid}"), None)
    };
    let reassign = |id: i64, uuid: &str| {
        put(format!("/api/inquiry/reassignInquiryRecord?id={id}&userUUID={uuid}"), why())
    };
    let (patient, physician, admin) = (case.patient.token(), case.physician.token(), case.admin.token());
    for _ in 0..6 {
        let (assigned, submitted, accepted) =
            (case.assigned().await, case.submitted().await, case.accepted().await);
        for (id, before, pair, refusals) in [
            (
                assigned,
                2,
                [(patient, cancel(assigned)), (physician, accept(assigned))],
                ["inquiry.in_physicians_hands", "inquiry.already_cancelled"],
            ),
            (
                submitted,
                1,
                [(patient, cancel(submitted)), (admin, appoint(submitted, another.uuid()))],
                ["", "inquiry.already_cancelled"],
            ),
            (
                accepted,
                3,
                [(admin, reassign(accepted, another.uuid())), (admin, reassign(accepted, third.uuid()))],
                ["inquiry.not_accepted", "inquiry.not_accepted"],
            ),
        ] {
            let answers = join_all(pair.iter().zip(0..).map(
                |((token, (method, path, body)), number): (_, usize)| async move {
                    let client = Client::new(instances[number % instances.len()]).token(token);
                    client.send(method.clone(), path, body.as_ref().map(Value::to_string)).await
                },
            ))
            .await;
            let history = world.ports.inquiries.history(InquiryId(id)).await.unwrap();
            let won = answers.iter().filter(|answer| answer.status == 200).count();
            // A physician may be appointed, and then the patient cancels: both come in time.
            assert!(won == 1 || won == 2 && refusals[0].is_empty(), "{answers:?}");
            assert_eq!(history.len(), before + won, "{answers:?}");
            for (answer, refusal) in answers.iter().zip(refusals) {
                assert!(
                    answer.status == 200 || answer.status == 409 && answer.error() == refusal,
                    "{answer:?}"
                );
            }
        }
    }
}

/// The same request sent many times, to all instances, creates one inquiry.
async fn a_repeated_request_creates_one_inquiry(instances: &[&World]) {
    let case = Case::new(instances[0]).await;
    let create =
        (Method::POST, "/api/inquiry/createInquiryRecord".to_owned(), Some(crate::arrange::inquiry_body()));
    let answers = crowd(instances, case.patient.token(), &[create]).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(200, CROWD)]));
    let list = case.patient.client.get("/api/inquiry/queryPatientInquiryRecord").await.payload();
    assert_eq!(list["total"], 1, "{list}");
    let id = &list["list"][0]["id"];
    assert!(answers.iter().all(|answer| answer.json["data"][0]["id"] == *id));
}

async fn guesses_are_counted_over_all_instances(instances: &[&World]) {
    let case = Case::new(instances[0]).await;
    let body = serde_json::json!({"phone": case.patient.phone(), "password": "a wrong guess"});
    let guess = (Method::POST, "/api/user/login".to_owned(), Some(body));
    let counts = statuses(&crowd(instances, "", &[guess]).await);
    // One of the five was the patient's own log-in, which reset the count.
    assert_eq!(counts.get(&422), Some(&5), "{counts:?}");
    assert!(counts.keys().all(|status| [422, 429, 503].contains(status)), "{counts:?}");
}

async fn all(instances: &[&World]) {
    every_step_is_taken_once(instances).await;
    a_decline_takes_effect_once(instances).await;
    the_last_appointment_stands(instances).await;
    mutually_exclusive_steps_have_one_winner(instances).await;
    a_repeated_request_creates_one_inquiry(instances).await;
    guesses_are_counted_over_all_instances(instances).await;
}

#[test]
fn on_the_fakes() {
    run(Backend::Fakes, async |world| all(&[world]).await);
}

#[test]
fn on_sqlite() {
    run(Backend::Sqlite, async |world| all(&[world]).await);
}

#[test]
fn on_two_instances_over_one_mariadb() {
    run(Backend::MariaDb, async |world| {
        let another = world.another_instance().await;
        all(&[world, &another]).await;
        another.stop().await;
    });
}

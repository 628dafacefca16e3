//! Requests that a killed process left unanswered, and that are sent again.

use std::collections::HashMap;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use yilin_testkit::eventually;

use crate::instance::Instance;

async fn answered(request: reqwest::RequestBuilder) -> Option<Value> {
    request.send().await.ok()?.json().await.ok()
}

/// Creates the account of this number, with a key of its own.
fn create(instance: &Instance, token: &str, number: u64) -> reqwest::RequestBuilder {
    let phone = (13_800_000_000 + number).to_string();
    let body = json!({"role": "患者", "username": "王秀英", "phone": phone});
    let request = instance.request(Method::POST, "/api/user/createAccount", token);
    request.header("idempotency-key", format!("key {number}")).json(&body)
}

#[tokio::test]
async fn what_a_crash_interrupted_is_created_once() {
    const ACCOUNTS: u64 = 60;
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[]);
    let token = instance.log_in("admin").await;
    let requests: Vec<_> = (0..ACCOUNTS).map(|number| create(&instance, &token, number)).collect();
    let sent = tokio::spawn(async move { join_all(requests.into_iter().map(answered)).await });
    eventually("some are created", async || {
        let patients = instance.payload("/api/user/queryPatientInformation?size=1", &token).await;
        patients["total"].as_u64() > Some(ACCOUNTS / 6)
    })
    .await;
    instance.kill();
    let before: HashMap<u64, Value> =
        (0..).zip(sent.await.unwrap()).filter_map(|(n, answer)| Some((n, answer?))).collect();

    let instance = Instance::start(folder.path(), &[]);
    for number in 0..ACCOUNTS {
        let again = answered(create(&instance, &token, number)).await.unwrap();
        assert_eq!(again["code"], 200, "{again}");
        if let Some(first) = before.get(&number) {
            assert_eq!(again, *first);
        }
    }
    let patients = instance.payload("/api/user/queryPatientInformation?size=1", &token).await;
    assert_eq!(patients["total"], ACCOUNTS);
}

#[tokio::test]
async fn a_hand_over_that_a_crash_interrupted_is_finished_by_another() {
    const VISITS: u64 = 120;
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[]);
    let token = instance.log_in("admin").await;
    let made = async |role: &str, number: u64| {
        let path = format!("/api/mock/generate{role}Account?number={number}");
        instance.payload(&path, &token).await["accounts"].clone()
    };
    let patient = made("Patient", 1).await[0]["uuid"].as_str().unwrap().to_owned();
    let physicians = made("Physician", 2).await;
    let [from, to] = [0, 1].map(|place| physicians[place]["uuid"].as_str().unwrap().to_owned());
    let body = json!({"type": "在家就医", "inquiry_detail": "头痛", "appointment_time": "2027-03-02 20:30"});
    for number in 0..VISITS {
        let path = format!("/api/inquiry/createInquiryRecord?uuid={patient}");
        let request =
            instance.request(Method::POST, &path, &token).header("idempotency-key", number.to_string());
        let id = answered(request.json(&body)).await.unwrap()["data"][0]["id"].clone();
        let path = format!("/api/inquiry/appointedPhysician?id={id}&userUUID={from}");
        let appointed = answered(instance.request(Method::POST, &path, &token)).await.unwrap();
        assert_eq!(appointed["code"], 200, "{appointed}");
    }
    let phone = physicians[1]["phone"].clone();
    let log_in = json!({"phone": phone, "password": "123456"});
    let heir =
        instance.post("/api/user/login", &log_in).await["data"][0]["token"].as_str().unwrap().to_owned();
    let waiting = "/api/inquiry/queryPhysicianInquiryRecord?isInquiry=4&size=1";

    let path = format!("/api/user/handOver?from={from}&to={to}");
    let hand_over =
        |instance: &Instance| instance.request(Method::PUT, &path, &token).json(&json!({"reason": "休产假"}));
    let sent = tokio::spawn(answered(hand_over(&instance)));
    let mut moved = 0;
    eventually("some are handed over", async || {
        moved = instance.payload(waiting, &heir).await["total"].as_u64().unwrap();
        moved > 0
    })
    .await;
    instance.kill();
    sent.await.unwrap();

    let instance = Instance::start(folder.path(), &[]);
    let before = instance.payload(waiting, &heir).await["total"].as_u64().unwrap();
    assert!(before >= moved);
    let rest = answered(hand_over(&instance)).await.unwrap();
    assert_eq!(rest["data"][0], json!({"inquiries": VISITS - before, "drug_orders": 0}));
    assert_eq!(instance.payload(waiting, &heir).await["total"], VISITS);
}

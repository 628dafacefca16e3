//! Requests that are sent again with the same key.

use serde_json::{Value, json};

use crate::answer::{Answer, Client};
use crate::arrange::Case;
use crate::on_every_backend;
use crate::world::{Backend, World, run};

const VISIT: &str = "/api/inquiry/createInquiryRecord";
const ACCOUNT: &str = "/api/user/createAccount";

fn keyed<'w>(client: &Client<'w>, key: &str) -> Client<'w> {
    client.with("idempotency-key", key)
}

fn is_replayed(answer: &Answer) -> bool {
    answer.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
}

fn account_body(phone: &str) -> Value {
    json!({"role": "患者", "username": "王秀英", "phone": phone, "password": "for the first day"})
}

/// A request for a visit, the same each time.
fn visit_body() -> Value {
    json!({"type": "在家就医", "inquiry_detail": "经常感到头痛", "appointment_time": "2024-03-02 20:30"})
}

async fn visits(case: &Case<'_>) -> u64 {
    let list = case.admin.client.get("/api/inquiry/queryAllInquiryRecord?size=1").await.payload();
    list["total"].as_u64().unwrap()
}

on_every_backend! {
    async fn the_same_request_gets_the_first_answer(world: &World) {
        let case = Case::new(world).await;
        let client = keyed(&case.patient.client, "8e03978e-40d5-43dd-bc93-6894a57f9324");
        let mut body = visit_body();
        body["extra"] = json!({"b": [1, {"y": 2, "x": 1}], "a": null});
        let first = client.post(VISIT, body).await.expect(200);
        assert!(!is_replayed(&first));
        let id = first.json["data"][0]["id"].as_i64().unwrap();
        // What has happened since makes no difference.
        let uuid = case.physician.uuid();
        let path = format!("/api/inquiry/appointedPhysician?id={id}&userUUID={uuid}");
        case.admin.client.post(&path, None).await.expect(200);
        // Neither do order and white space.
        let same = "{ \"extra\": {\"a\":null,\"b\":[1, {\"x\":1,\"y\":2}]}, \"appointment_time\": \"2024-03-02 20:30\",\
            \"inquiry_detail\":\"经常感到头痛\", \"type\":\"在家就医\"}";
        for _ in 0..2 {
            let again = client.send(reqwest::Method::POST, VISIT, Some(same.to_owned())).await.expect(200);
            assert!(is_replayed(&again));
            assert_eq!(again.json, first.json);
        }
        assert_eq!(visits(&case).await, 1);
    }

    async fn another_request_is_a_request_of_its_own(world: &World) {
        let case = Case::new(world).await;
        let client = keyed(&case.patient.client, "a key");
        client.post(VISIT, visit_body()).await.expect(200);
        let mut other = visit_body();
        other["inquiry_detail"] = json!("发烧");
        client.post(VISIT, other.clone()).await.expect_error(422, "request.idempotency_mismatch");
        client.post(&format!("{VISIT}?uuid=1"), visit_body()).await.expect_error(422, "request.idempotency_mismatch");
        assert_eq!(visits(&case).await, 1);
        // Another key, another caller, another route.
        keyed(&case.patient.client, "a Key").post(VISIT, other).await.expect(200);
        let neighbour = world.patients(1).await.remove(0);
        let answer = keyed(&neighbour.client, "a key").post(VISIT, visit_body()).await.expect(200);
        assert!(!is_replayed(&answer));
        assert_eq!(visits(&case).await, 3);
        let admin = keyed(&case.admin.client, "a key");
        admin.post(&format!("{VISIT}?uuid={}", neighbour.uuid()), visit_body()).await.expect(200);
        admin.post(ACCOUNT, account_body("13800000001")).await.expect(200);
        assert_eq!(visits(&case).await, 4);
    }

    async fn an_account_is_created_once(world: &World) {
        let admin = world.admin().await;
        let client = keyed(&admin.client, "a key");
        let first = client.post(ACCOUNT, account_body("13800000001")).await.expect(200);
        let again = client.post(ACCOUNT, account_body("13800000001")).await.expect(200);
        assert!(is_replayed(&again), "its own phone number is not taken");
        assert_eq!(again.json, first.json);
        // What failed is not answered again.
        let other = keyed(&admin.client, "another key");
        other.post(ACCOUNT, account_body("13800000001")).await.expect_error(409, "account.phone_taken");
        let fresh = other.post(ACCOUNT, account_body("13800000002")).await.expect(200);
        assert!(!is_replayed(&fresh));
    }

    async fn an_addendum_is_added_once(world: &World) {
        let case = Case::new(world).await;
        let (_, record) = case.registered().await;
        let path = format!("/api/medical/addAddendum?medicalId={record}");
        let body = json!({"text": "补充：心率 76 次/分", "reason": "登记时遗漏"});
        let client = keyed(&case.physician.client, "a key");
        let first = client.post(&path, body.clone()).await.expect(200);
        let second = keyed(&case.physician.client, "another").post(&path, body.clone()).await.payload();
        assert_eq!(second["addenda"].as_array().unwrap().len(), 2, "{second}");
        let again = client.post(&path, body).await.expect(200);
        assert!(is_replayed(&again));
        assert_eq!(again.json, first.json);
        let other = json!({"text": "另一份", "reason": "登记时遗漏"});
        client.post(&path, other).await.expect_error(422, "request.idempotency_mismatch");
        let read = case.physician.client.get(&format!("/api/medical/queryMedicalByID?medicalId={record}")).await.payload();
        assert_eq!(read["addenda"].as_array().unwrap().len(), 2);
    }

    async fn a_key_is_1_to_255_printable_characters(world: &World) {
        let case = Case::new(world).await;
        for key in ["", "x\ty", "键", &"x".repeat(256)] {
            keyed(&case.patient.client, key).post(VISIT, json!({})).await.expect_fields(&[
                "Idempotency-Key", "type", "appointment_time", "inquiry_detail",
            ]);
        }
        let twice = keyed(&keyed(&case.patient.client, "a"), "b");
        twice.post(VISIT, visit_body()).await.expect_fields(&["Idempotency-Key"]);
        keyed(&case.patient.client, &"~".repeat(255)).post(VISIT, visit_body()).await.expect(200);
        // Authentication and role come first.
        keyed(&world.anonymous(), "").post(VISIT, visit_body()).await.expect(401);
        keyed(&case.physician.client, "").post(VISIT, visit_body()).await.expect(403);
    }

    async fn of_the_same_requests_at_once_one_makes_a_visit(world: &World) {
        let case = Case::new(world).await;
        let client = keyed(&case.patient.client, "a key");
        let answers = futures_util::future::join_all((0..12).map(|_| client.post(VISIT, visit_body()))).await;
        check_racers(&case, &answers).await;
    }
}

/// One visit was made, and whoever got an answer got the same; the others were too early for it.
async fn check_racers(case: &Case<'_>, answers: &[Answer]) {
    let (answered, early): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert!(!answered.is_empty());
    assert!(answered.windows(2).all(|pair| pair[0].json == pair[1].json), "{answered:?}");
    assert_eq!(answered.iter().filter(|answer| !is_replayed(answer)).count(), 1);
    let is_early = |answer: &&Answer| {
        (answer.status.as_u16(), answer.error()) == (409, "request.idempotency_in_progress")
    };
    assert!(early.iter().all(is_early), "{early:?}");
    assert_eq!(visits(case).await, 1);
}

async fn of_the_same_requests_on_two_instances_one_makes_a_visit(world: &World) {
    let other = world.another_instance().await;
    let case = Case::new(world).await;
    let clients = [case.patient.client.clone(), other.anonymous().token(case.patient.token())];
    let clients = clients.map(|client| keyed(&client, "a key"));
    let requests = (0..12).map(|racer| clients[racer % 2].post(VISIT, visit_body()));
    let answers = futures_util::future::join_all(requests).await;
    check_racers(&case, &answers).await;
    let again = clients[1].post(VISIT, visit_body()).await.expect(200);
    assert!(is_replayed(&again));
    other.stop().await;
}

#[test]
fn of_racers_on_two_instances_one_makes_a_visit_sqlite() {
    run(Backend::Sqlite, async |world| {
        of_the_same_requests_on_two_instances_one_makes_a_visit(world).await;
    });
}

#[test]
fn of_racers_on_two_instances_one_makes_a_visit_mariadb() {
    run(Backend::MariaDb, async |world| {
        of_the_same_requests_on_two_instances_one_makes_a_visit(world).await;
    });
}

//! Handing a physician's work over to another one.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::arrange::{Case, Person, registration_body};
use crate::on_every_backend;
use crate::standing::set;
use crate::world::{Backend, World, run};

async fn hand_over(admin: &Person<'_>, from: &str, to: &str) -> Answer {
    admin.client.put(&format!("/api/user/handOver?from={from}&to={to}"), json!({"reason": "休产假"})).await
}

/// The ids in a list of one's own.
async fn ids(person: &Person<'_>, path: &str, id: &str) -> Vec<i64> {
    let list = person.client.get(path).await.payload();
    list["list"].as_array().unwrap().iter().map(|row| row[id].as_i64().unwrap()).collect()
}

const INQUIRIES: &str = "/api/inquiry/queryPhysicianInquiryRecord?isInquiry=4";
const ORDERS: &str = "/api/drug/queryPhysiciansAgentHistoryRecord?raw=2";

on_every_backend! {
    async fn the_work_of_a_disabled_physician_moves(world: &World) {
        let case = Case::new(world).await;
        let other = world.physicians(1).await.remove(0);
        let (assigned, accepted) = (case.assigned().await, case.accepted().await);
        let order = case.ordered().await;
        set(&case.admin, "disable", case.physician.uuid()).await.expect(200);
        let moved = hand_over(&case.admin, case.physician.uuid(), other.uuid()).await.payload();
        assert_eq!(moved, json!({"inquiries": 2, "drug_orders": 1}));
        assert_eq!(ids(&other, INQUIRIES, "id").await, [accepted, assigned]);
        assert_eq!(ids(&other, ORDERS, "drug_id").await, [order]);
        let moved = hand_over(&case.admin, case.physician.uuid(), other.uuid()).await.payload();
        assert_eq!(moved, json!({"inquiries": 0, "drug_orders": 0}));
        // The other one goes on.
        other.client.put(&format!("/api/inquiry/physicianReception?id={accepted}&isReception=true"), None).await.expect(200);
        other.client.post("/api/medical/medicalRegistration", registration_body(accepted, false)).await.expect(200);
        other.client.post(&format!("/api/drug/physiciansOrderAgentDrug?id={order}"), None).await.expect(200);
        // And is the only one.
        set(&case.admin, "enable", case.physician.uuid()).await.expect(200);
        let physician = world.log_in(case.physician.phone(), "123456").await;
        assert!(ids(&physician, INQUIRIES, "id").await.is_empty());
        physician.client.get(&format!("/api/drug/queryDrugByID?id={order}")).await.expect(404);
    }

    async fn both_have_to_be_physicians(world: &World) {
        let case = Case::new(world).await;
        let (patient, physician) = (case.patient.uuid(), case.physician.uuid());
        for (from, to, fields) in [
            ("", "", vec!["from", "to"]),
            (patient, physician, vec!["from"]),
            (physician, patient, vec!["to"]),
            (physician, physician, vec!["to"]),
            ("00000007", "00000007", vec!["from", "to"]),
        ] {
            hand_over(&case.admin, from, to).await.expect_fields(&fields);
        }
        let path = format!("/api/user/handOver?from={physician}&to={physician}");
        case.admin.client.put(&path, json!({})).await.expect_fields(&["reason"]);
    }
}

/// The physician registers consultations while the admin hands them over: each ends with one of the two, and
/// nothing is lost.
async fn registering_and_handing_over_at_once(world: &World, other: &World) {
    let case = Case::new(world).await;
    let heir = world.physicians(1).await.remove(0);
    let mut accepted = Vec::new();
    for _ in 0..12 {
        accepted.push(case.accepted().await);
    }
    let physician = other.anonymous().token(case.physician.token());
    let registering = accepted.iter().rev().map(|id| {
        let physician = physician.clone();
        async move { physician.post("/api/medical/medicalRegistration", registration_body(*id, true)).await }
    });
    let (registered, moved) = tokio::join!(
        futures_util::future::join_all(registering),
        hand_over(&case.admin, case.physician.uuid(), heir.uuid())
    );
    let first = moved.payload()["inquiries"].as_u64().unwrap();
    let registered = registered.into_iter().filter(|answer| answer.status == 200).count();
    // Nothing is left for a second call but what was registered after the first had looked.
    let second: Value = hand_over(&case.admin, case.physician.uuid(), heir.uuid()).await.payload();
    assert_eq!(second["inquiries"], 0);
    assert_eq!(usize::try_from(first).unwrap() + registered, 12);
    let waiting = ids(&heir, INQUIRIES, "id").await;
    assert_eq!(waiting.len(), usize::try_from(first).unwrap());
    assert_eq!(ids(&heir, ORDERS, "drug_id").await.len(), registered, "every order moved");
}

#[test]
fn registering_and_handing_over_at_once_on_two_instances_sqlite() {
    run(Backend::Sqlite, async |world| {
        let other = world.another_instance().await;
        registering_and_handing_over_at_once(world, &other).await;
        other.stop().await;
    });
}

#[test]
fn registering_and_handing_over_at_once_on_two_instances_mariadb() {
    run(Backend::MariaDb, async |world| {
        let other = world.another_instance().await;
        registering_and_handing_over_at_once(world, &other).await;
        other.stop().await;
    });
}

//! Unavailable or overloaded components: a 503 with `Retry-After`, and nothing half done.

use serde_json::json;

use crate::answer::Answer;
use crate::arrange::{CID, Case, inquiry_body, registration_body};
use crate::world::{Backend, World, run};

#[track_caller]
fn comes_back(answer: Answer, slug: &str) {
    let answer = answer.expect_error(503, slug);
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

#[test]
fn every_route_reports_a_database_outage() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let (patient, physician, admin) = (&case.patient.client, &case.physician.client, &case.admin.client);
        world.fakes.storage.go_down();
        for (client, path) in [
            (patient, "/api/user/verifyToken"),
            (patient, "/api/user/queryDoctorInformation?page=1"),
            (patient, "/api/inquiry/queryPatientInquiryRecord?page=1"),
            (patient, "/api/medical/queryMedialRecordInformation?inquiryId=1"),
            (physician, "/api/inquiry/queryPhysicianInquiryRecord"),
            (physician, "/api/drug/queryPhysiciansAgentHistoryRecord"),
            (admin, "/api/user/queryPatientInformation"),
            (admin, "/api/user/likeAccountByCV?page=2"),
            (admin, "/api/drug/queryAllDrug?size=3"),
            (admin, "/api/sum/getInquirySumTypeDay"),
            (admin, "/api/sum/getDrugSumTypeDay"),
            (admin, "/api/mock/generatePatientAccount?number=1"),
        ] {
            comes_back(client.get(path).await, "service.database_unavailable");
        }
        let uuid = case.physician.uuid();
        for answer in [
            patient.post("/api/inquiry/createInquiryRecord", inquiry_body()).await,
            admin.post(&format!("/api/inquiry/appointedPhysician?id=1&userUUID={uuid}"), None).await,
            admin.put("/api/inquiry/approveInquiryRecord?id=1", None).await,
            physician.post("/api/medical/medicalRegistration", registration_body(1, true)).await,
            physician.post(&format!("/api/drug/physiciansOrderDelivery?id=1&certificate={CID}"), None).await,
            patient.put("/api/user/updatePatientInformation", json!({"uuid": case.patient.uuid()})).await,
            log_in(world, &case, "123456").await,
            world.anonymous().post("/api/user/login", json!({"phone": "1", "password": "x"})).await,
        ] {
            comes_back(answer, "service.database_unavailable");
        }
        // Errors that need no database are reported as usual.
        patient.get("/api/drug/queryAllDrug").await.expect(403);
        patient.post("/api/inquiry/createInquiryRecord", None).await.expect(422);
        world.anonymous().get("/api/user/verifyToken").await.expect(401);
        world.fakes.storage.recover();
        patient.get("/api/user/verifyToken").await.expect(200);
    });
}

#[test]
fn no_attempt_is_counted_while_the_hasher_is_overloaded() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        world.fakes.hasher.set_overloaded(true);
        for _ in 0..8 {
            comes_back(log_in(world, &case, "wrong").await, "service.overloaded");
        }
        let body = json!({"uuid": case.patient.uuid(), "password": "a new one"});
        let changed = case.patient.client.put("/api/user/updatePatientInformation", body).await;
        comes_back(changed, "service.overloaded");
        case.patient.client.get("/api/user/verifyToken").await.expect(200);
        world.fakes.hasher.set_overloaded(false);
        log_in(world, &case, "123456").await.expect(200);
    });
}

async fn log_in(world: &World, case: &Case<'_>, password: &str) -> Answer {
    let body = json!({"phone": case.patient.phone(), "password": password});
    world.anonymous().post("/api/user/login", body).await
}

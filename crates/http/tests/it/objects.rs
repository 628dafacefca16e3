//! The members of response objects: the described ones and no others. The description itself is compared with the committed
//! one, where a new member is reviewed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::arrange::Case;
use crate::declared::DESCRIPTION;
use crate::on_every_backend;
use crate::world::World;

/// The members that the description requires of this schema, and these of the others.
#[track_caller]
pub(crate) fn has_exactly(object: &Value, schema: &str, also: &[&str]) {
    let schema = &DESCRIPTION["components"]["schemas"][schema];
    let required = schema["required"].as_array().unwrap().iter().map(|member| member.as_str().unwrap());
    let expected: BTreeSet<&str> = required.chain(also.iter().copied()).collect();
    let present: BTreeSet<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(present, expected);
    let described: BTreeSet<&str> =
        schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    assert!(expected.is_subset(&described), "{described:?}");
}

on_every_backend! {
    async fn an_account_shows_no_more_than_documented_and_never_its_password(world: &World) {
        let case = Case::new(world).await;
        for person in [&case.admin, &case.patient, &case.physician] {
            let mut logged_in = person.account.clone();
            assert!(logged_in.as_object_mut().unwrap().remove("token").is_some());
            // What only an admin sees of an account.
            let also: &[&str] = if person.account["role"] == "系统管理员" { &["disabled"] } else { &[] };
            has_exactly(&logged_in, "Account", also);
            assert!(logged_in["id"].is_i64());
            let uuid = person.uuid();
            assert!(uuid.len() == 8 && uuid.bytes().all(|byte| byte.is_ascii_hexdigit()), "{uuid}");
            assert_eq!((&logged_in["chain_account"], &logged_in["create_time"]), (&json!(""), &json!("2024-03-01 12:00:00")));
            for route in ["queryUserMessage", "verifyToken"] {
                assert_eq!(person.client.get(&format!("/api/user/{route}")).await.payload(), logged_in);
            }
            let body = json!({"uuid": uuid, "password": "a new password"});
            let saved = person.client.put("/api/user/updatePatientInformation", body).await.payload();
            has_exactly(&saved, "Account", also);
            assert!(!saved.to_string().contains("a new password") && !saved.to_string().contains("fake$"));
        }
        assert_eq!(case.admin.account["age"], Value::Null, "an unknown age is null");
        assert_eq!((&case.admin.account["phone"], &case.admin.account["sex"]), (&json!(""), &json!("")));
        for route in ["queryPatientInformation", "queryDoctorInformation", "likeAccountByCV"] {
            let list = case.admin.client.get(&format!("/api/user/{route}")).await.payload();
            has_exactly(&list, "AccountList", &[]);
            has_exactly(&list["list"][0], "Account", &["disabled"]);
        }
    }

    async fn an_inquiry_and_its_record_show_what_is_documented(world: &World) {
        let case = Case::new(world).await;
        let (id, record) = case.registered().await;
        let inquiry = case.patient.client.get(&format!("/api/inquiry/queryInquiryRecordById?id={id}")).await.payload();
        has_exactly(&inquiry, "Inquiry", &[]);
        has_exactly(&inquiry["patient"], "InquiryPatient", &[]);
        has_exactly(&inquiry["physician"], "InquiryPhysician", &[]);
        for (party, account, members) in [
            ("patient", &case.patient.account, ["uuid", "username", "sex", "age"]),
            ("physician", &case.physician.account, ["uuid", "username", "sex", "hospital"]),
        ] {
            for member in members {
                assert_eq!(inquiry[party][member], account[member], "{party} {member}");
            }
        }
        for (client, route) in [
            (&case.admin.client, "queryAllInquiryRecord"), (&case.admin.client, "likeQueryInquiryRecord"),
            (&case.patient.client, "queryPatientInquiryRecord"), (&case.physician.client, "queryPhysicianInquiryRecord"),
        ] {
            for paging in ["", "?page=1"] {
                let list = client.get(&format!("/api/inquiry/{route}{paging}")).await.payload();
                assert_eq!(list["list"], json!([inquiry]), "{route}{paging}");
            }
        }
        let by_id = case.patient.client.get(&format!("/api/medical/queryMedicalByID?medicalId={record}")).await.payload();
        has_exactly(&by_id, "MedicalRecord", &[]);
        let of_inquiry = format!("/api/medical/queryMedialRecordInformation?inquiryId={id}");
        assert_eq!(case.admin.client.get(&of_inquiry).await.payload(), by_id);
    }

    async fn change_times_are_in_hospital_time_and_updated_by_each_step(world: &World) {
        let case = Case::new(world).await;
        // Midnight at the hospital is afternoon in UTC.
        world.fakes.clock.advance(chrono::TimeDelta::seconds(12 * 3600 - 1));
        let id = case.submitted().await;
        world.fakes.clock.advance(chrono::TimeDelta::seconds(1));
        let appoint = format!("/api/inquiry/appointedPhysician?id={id}&userUUID={}", case.physician.uuid());
        let inquiry = case.admin.client.post(&appoint, None).await.payload();
        let times = (&inquiry["create_time"], &inquiry["update_time"]);
        assert_eq!(times, (&json!("2024-03-01 23:59:59"), &json!("2024-03-02 00:00:00")));
        world.fakes.clock.advance(chrono::TimeDelta::minutes(1));
        assert_eq!(case.admin.client.post(&appoint, None).await.payload(), inquiry, "nothing changed");
    }

    async fn an_empty_list_is_a_list(world: &World) {
        let patient = world.patients(1).await.remove(0).client;
        for path in [
            "/api/inquiry/queryPatientInquiryRecord", "/api/drug/queryPatientAgentDrugHistory", "/api/user/queryDoctorInformation",
        ] {
            let complete = patient.get(path).await.payload();
            assert_eq!(complete, json!({"total": 0, "totalPages": 1, "currentPage": 1, "list": []}), "page 1 of 1");
            let page = patient.get(&format!("{path}?page=1")).await.payload();
            assert_eq!(page, json!({"total": 0, "totalPages": 0, "currentPage": 1, "list": []}), "⌈0 ÷ 10⌉ pages");
        }
    }
}

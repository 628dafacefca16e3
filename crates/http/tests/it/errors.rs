//! Errors of invalid requests: complete, and in the documented order.

use serde_json::{Value, json};

use crate::arrange::{CID, Case, inquiry_body, registration_body};
use crate::on_every_backend;
use crate::world::{Backend, World, run};

/// The body with one member set; absent if it is null.
fn with(mut body: Value, name: &str, value: Value) -> Value {
    let members = body.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
    body
}

on_every_backend! {
    async fn every_invalid_field_of_an_inquiry_is_reported(world: &World) {
        let patient = world.patients(1).await.remove(0).client;
        let create = async |body: Value| patient.post("/api/inquiry/createInquiryRecord", body).await;
        create(json!({})).await.expect_fields(&["type", "inquiry_detail", "appointment_time"]);
        patient.post("/api/inquiry/createInquiryRecord", None).await
            .expect_fields(&["type", "inquiry_detail", "appointment_time"]);
        create(json!({"type": "x", "inquiry_detail": 1, "appointment_time": "y", "reserved_phone": "1"})).await
            .expect_fields(&["type", "inquiry_detail", "appointment_time", "reserved_phone"]);
        for (field, bad) in [
            ("type", json!("在家")), ("type", json!("")), ("type", json!(["在家就医"])),
            ("inquiry_detail", json!("")), ("inquiry_detail", json!("   ")), ("inquiry_detail", json!("痛".repeat(4001))),
            ("appointment_time", json!("2024-13-01 10:00")), ("appointment_time", json!("1999-12-31 23:59")),
            ("appointment_time", json!("2101-01-01 00:00")), ("appointment_time", json!(20_241_012)),
            ("reserved_phone", json!("1234567890")), ("reserved_phone", json!("1234567890a")),
        ] {
            create(with(inquiry_body(), field, bad)).await.expect_fields(&[field]);
        }
        let longest = with(inquiry_body(), "inquiry_detail", json!("😀".repeat(4000)));
        assert_eq!(create(longest.clone()).await.payload()["inquiry_detail"], longest["inquiry_detail"]);
        let landline = with(inquiry_body(), "reserved_phone", json!("02812345678"));
        assert_eq!(create(landline).await.payload()["reserved_phone"], "02812345678");
    }

    async fn every_invalid_field_of_an_account_is_reported(world: &World) {
        let people = world.patients(2).await;
        let (patient, other) = (&people[0], &people[1]);
        let update = async |body: Value| patient.client.put("/api/user/updatePatientInformation", body).await;
        let body = json!({"uuid": patient.uuid()});
        update(json!({"nickname": "n"})).await.expect_fields(&["uuid"]);
        for (field, bad) in [
            ("uuid", json!("xyz")), ("nickname", json!("名".repeat(51))), ("password", json!("12345")),
            ("password", json!("1".repeat(72))), ("phone", json!("29081309823")), ("phone", json!("1908130982")),
            ("sex", json!("x")), ("sex", json!(1)), ("home_addr", json!("址".repeat(256))),
        ] {
            update(with(body.clone(), field, bad)).await.expect_fields(&[field]);
        }
        update(with(body.clone(), "phone", json!(other.phone()))).await.expect_error(409, "account.phone_taken");
        update(with(body.clone(), "phone", json!(patient.phone()))).await.expect(200);
        update(json!({"uuid": "00000000", "nickname": "n"})).await.expect_error(404, "record.not_found");
        let named = update(with(body.clone(), "nickname", json!("名".repeat(50)))).await.payload();
        assert_eq!(update(with(body.clone(), "phone", json!(""))).await.payload()["nickname"], named["nickname"]);
        assert_eq!(update(with(body.clone(), "nickname", json!(""))).await.payload()["nickname"], "");
        let moved = update(with(body, "home_addr", json!("阳光社区3栋"))).await.payload();
        assert_eq!((&moved["home_addr"], &moved["hospital"]), (&json!("阳光社区3栋"), &json!("")));
    }

    async fn the_documented_order_of_checks_holds(world: &World) {
        let case = Case::new(world).await;
        let (patient, physician, admin) = (&case.patient.client, &case.physician.client, &case.admin.client);
        let register = "/api/medical/medicalRegistration";
        world.anonymous().post(register, json!({})).await.expect(401);
        patient.post(register, json!({})).await.expect(403);
        physician.post(register, json!({"bind_inquiry_id": 999_999})).await
            .expect_fields(&["inquiry_video", "medical_img", "is_need_by_drug"]);
        physician.post(register, registration_body(999_999, true)).await.expect(404);
        let id = case.assigned().await;
        physician.post(register, registration_body(id, true)).await.expect_error(409, "inquiry.not_accepted");
        let appoint = |uuid: &str, id: i64| format!("/api/inquiry/appointedPhysician?id={id}&userUUID={uuid}");
        admin.post(&appoint("00000000", 999_999), None).await.expect_fields(&["userUUID"]);
        admin.post(&appoint(case.patient.uuid(), id), None).await.expect_fields(&["userUUID"]);
        admin.post(&appoint(case.physician.uuid(), 999_999), None).await.expect(404);
        let for_patient = format!("/api/inquiry/createInquiryRecord?uuid={}", case.patient.uuid());
        let created = admin.post(&for_patient, inquiry_body()).await.payload();
        assert_eq!(created["patient"]["uuid"], case.patient.account["uuid"]);
        admin.post("/api/inquiry/createInquiryRecord", inquiry_body()).await.expect_fields(&["uuid"]);
        admin.post(&format!("/api/inquiry/createInquiryRecord?uuid={}", case.physician.uuid()), inquiry_body()).await
            .expect_fields(&["uuid"]);
    }
}

#[test]
fn only_unparsable_bodies_are_a_400() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0).client;
        let send = async |body: &str| {
            let method = reqwest::Method::POST;
            patient.send(method, "/api/inquiry/createInquiryRecord", Some(body.to_owned())).await
        };
        for body in ["{", "{\"type\": }", "nonsense", "{} {}"] {
            send(body).await.expect_error(400, "request.unparsable");
        }
        for body in ["[]", "null", "1", "\"text\""] {
            send(body).await.expect_fields(&["body"]);
        }
        send(&format!("{{\"x\": \"{}\"}}", "x".repeat(2 << 20))).await.expect_error(413, "request.too_large");
    });
}

#[test]
fn invalid_parameters_are_reported() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let (patient, physician, admin) = (&case.patient.client, &case.physician.client, &case.admin.client);
        for (client, path, fields) in [
            (admin, "/api/inquiry/queryInquiryRecordById", &["id"][..]),
            (admin, "/api/inquiry/queryInquiryRecordById?id=", &["id"]),
            (admin, "/api/inquiry/queryInquiryRecordById?id=abc", &["id"]),
            (admin, "/api/inquiry/queryInquiryRecordById?id=1.5", &["id"]),
            // The log and a proxy may not mean the same one of two.
            (admin, "/api/inquiry/queryInquiryRecordById?id=1&id=2", &["id"]),
            (admin, "/api/inquiry/queryInquiryRecordById?id=1&i%64=1", &["id"]),
            (admin, "/api/drug/queryAllDrug?page=1&page=1&size=5", &["page"]),
            (admin, "/api/inquiry/queryAllInquiryRecord?isInquiry=99", &["isInquiry"]),
            (
                admin,
                "/api/inquiry/queryAllInquiryRecord?isInquiry=x&page=0&size=1001",
                &["isInquiry", "page", "size"],
            ),
            (admin, "/api/drug/queryAllDrug?page=-99999999999999999999", &["page"]),
            (physician, "/api/inquiry/queryPhysicianInquiryRecord?isInquiry=3", &["isInquiry"]),
            (patient, "/api/inquiry/queryPatientInquiryRecord?isInquiry=99", &["isInquiry"]),
            (admin, "/api/inquiry/likeQueryInquiryRecord?isPatient=maybe", &["isPatient"]),
            (admin, "/api/drug/queryAllDrug?raw=6&size=0", &["raw", "size"]),
            (admin, "/api/user/likeAccountByCV?cond=password_hash&role=x", &["cond", "role"]),
            (admin, "/api/sum/getInquirySumTypeDay?day=0", &["day"]),
            (admin, "/api/sum/getDrugSumTypeDay?day=367", &["day"]),
            (admin, "/api/mock/generatePatientAccount", &["number"]),
            (admin, "/api/mock/generatePhysicianAccount?number=100001", &["number"]),
        ] {
            client.get(path).await.expect_fields(fields);
        }
        admin.get("/api/inquiry/queryInquiryRecordById?id=99999999999999999999").await.expect(404);
        admin.get("/api/inquiry/queryInquiryRecordById?id=-1").await.expect(404);
        physician
            .put("/api/inquiry/physicianReception?id=1&isReception=1", None)
            .await
            .expect_fields(&["isReception"]);
        physician.post("/api/drug/physiciansOrderDelivery", None).await.expect_fields(&["id", "certificate"]);
    });
}

#[test]
fn invalid_file_references_are_a_422() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let id = case.accepted().await;
        let register = async |video: String| {
            let body = with(registration_body(id, false), "inquiry_video", json!(video));
            case.physician.client.post("/api/medical/medicalRegistration", body).await
        };
        for bad in ["photo.jpg".to_owned(), format!("http://h/ipfs/{CID}?x=1"), format!("ftp://h/ipfs/{CID}")]
        {
            register(bad).await.expect_fields(&["inquiry_video"]);
        }
        let url = format!("http://192.168.1.11:8080/ipfs/{CID}");
        assert_eq!(register(url.clone()).await.payload()["inquiry_video"], url);
    });
}

#[test]
fn messages_are_in_the_callers_language() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0).client;
        let path = "/api/inquiry/createInquiryRecord";
        let body = json!({"type": "在家就医", "inquiry_detail": "x"});
        let chinese = patient.post(path, body.clone()).await.expect_fields(&["appointment_time"]);
        assert_eq!(chinese.msg(), "预约时间（appointment_time）不能为空");
        let english = patient.with("accept-language", "en").post(path, body).await;
        assert_eq!(english.msg(), "appointment_time is required");
    });
}

#[test]
fn unavailable_and_overloaded_components_are_a_503_with_retry_after() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0);
        world.fakes.hasher.set_overloaded(true);
        let credentials = json!({"phone": patient.phone(), "password": "123456"});
        let busy = world.anonymous().post("/api/user/login", credentials).await;
        assert!(busy.expect_error(503, "service.overloaded").headers.contains_key("retry-after"));
        world.fakes.storage.go_down();
        for path in [
            "/api/user/queryUserMessage",
            "/api/inquiry/queryPatientInquiryRecord",
            "/api/drug/queryDrugByID?id=1",
        ] {
            let down = patient.client.get(path).await.expect_error(503, "service.database_unavailable");
            assert!(down.headers.contains_key("retry-after"));
        }
    });
}

#[test]
fn the_caller_is_checked_before_the_input() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let broken = async |client: &crate::answer::Client<'_>, method: &str, path: &str| {
            client.send(method.parse().unwrap(), path, Some("{broken".to_owned())).await
        };
        for (method, path) in [
            ("POST", "/api/medical/medicalRegistration"),
            ("PUT", "/api/user/updatePhysicianInformation"),
            ("POST", "/api/inquiry/createInquiryRecord"),
        ] {
            broken(&world.anonymous(), method, path).await.expect(401);
        }
        broken(&case.patient.client, "POST", "/api/medical/medicalRegistration").await.expect(403);
        broken(&case.patient.client, "PUT", "/api/user/updatePhysicianInformation").await.expect(403);
        broken(&case.physician.client, "POST", "/api/inquiry/createInquiryRecord").await.expect(403);
        broken(&case.physician.client, "POST", "/api/medical/medicalRegistration").await.expect(400);
        broken(&case.patient.client, "PUT", "/api/user/updatePatientInformation").await.expect(400);
        broken(&world.anonymous(), "POST", "/api/user/login").await.expect(400);
        broken(&world.anonymous(), "POST", "/api/user/adminLogin").await.expect(400);
    });
}

#[test]
fn a_log_in_reports_missing_fields() {
    run(Backend::Fakes, async |world| {
        for (route, name) in [("login", "phone"), ("adminLogin", "username")] {
            let path = format!("/api/user/{route}");
            for (body, fields) in [
                (json!({}), &[name, "password"][..]),
                (json!({name: "", "password": null}), &[name, "password"]),
                (json!({name: "13800000000"}), &["password"]),
                (json!({name: 13_800_000_000_u64, "password": 123_456}), &[name, "password"]),
            ] {
                world.anonymous().post(&path, body).await.expect_fields(fields);
            }
            world.anonymous().post(&path, None).await.expect_fields(&[name, "password"]);
        }
    });
}

#[test]
fn updating_another_account_is_a_404_whatever_the_phone_number() {
    run(Backend::Fakes, async |world| {
        let people = world.patients(2).await;
        let body = json!({"uuid": people[1].uuid(), "phone": people[0].phone()});
        people[0]
            .client
            .put("/api/user/updatePatientInformation", body)
            .await
            .expect_error(404, "record.not_found");
        let admin = world.admin().await.client;
        let body = json!({"uuid": people[1].uuid(), "phone": people[0].phone()});
        admin.put("/api/user/updatePatientInformation", body).await.expect_error(409, "account.phone_taken");
        let body = json!({"uuid": people[1].uuid(), "phone": people[0].phone(), "sex": "x"});
        admin.put("/api/user/updatePatientInformation", body).await.expect_fields(&["sex"]);
    });
}

//! Validation of single fields at their limits.

use serde_json::{Value, json};
use yilin_web::error::field_label;

use crate::arrange::{CID, Case, Person, inquiry_body, registration_body};
use crate::declared::{DESCRIPTION, Declared, ROUTES};
use crate::on_every_backend;
use crate::world::{Backend, World, run};

fn with(mut body: Value, name: &str, value: &Value) -> Value {
    body[name] = value.clone();
    body
}

async fn set(person: &Person<'_>, of: &Person<'_>, name: &str, value: &Value) -> crate::answer::Answer {
    let body = with(json!({"uuid": of.uuid()}), name, value);
    person.client.put("/api/user/updatePatientInformation", body).await
}

on_every_backend! {
    async fn a_password_is_measured_in_bytes(world: &World) {
        let patient = world.patients(1).await.remove(0);
        for bad in ["a".repeat(5), "密a".to_owned(), "a".repeat(72), "密".repeat(24), "密".repeat(71)] {
            set(&patient, &patient, "password", &json!(bad)).await.expect_fields(&["password"]);
        }
        for good in ["密码".to_owned(), "a".repeat(71), format!("{}aa", "密".repeat(23)), "  spaces  ".to_owned()] {
            set(&patient, &patient, "password", &json!(good)).await.expect(200);
            world.log_in(patient.phone(), &good).await;
            let longer = json!({"phone": patient.phone(), "password": format!("{good}x")});
            world.anonymous().post("/api/user/login", longer).await.expect_error(422, "session.wrong_credentials");
        }
        set(&patient, &patient, "password", &json!("")).await.expect(200);
    }

    async fn lengths_are_counted_in_characters(world: &World) {
        let case = Case::new(world).await;
        for (of, name, longest) in
            [(&case.patient, "nickname", 50), (&case.patient, "home_addr", 255), (&case.physician, "hospital", 255)]
        {
            let text = json!("😀".repeat(longest));
            assert_eq!(set(&case.admin, of, name, &text).await.payload()[name], text);
            let too_long = json!("a".repeat(longest + 1));
            set(&case.admin, of, name, &too_long).await.expect_fields(&[name]);
        }
        let id = case.accepted().await;
        let body = registration_body(id, false);
        let register = "/api/medical/medicalRegistration";
        let too_long = with(body.clone(), "diagnostic_description", &json!("痛".repeat(4001)));
        case.physician.client.post(register, too_long).await.expect_fields(&["diagnostic_description"]);
        let longest = with(body, "diagnostic_description", &json!("😀".repeat(4000)));
        let record = case.physician.client.post(register, longest.clone()).await.payload();
        assert_eq!(record["diagnostic_description"], longest["diagnostic_description"]);
    }

    async fn times_are_accepted_in_every_documented_notation(world: &World) {
        let patient = world.patients(1).await.remove(0).client;
        let create = async |time: &str| {
            let body = with(inquiry_body(), "appointment_time", &json!(time));
            patient.post("/api/inquiry/createInquiryRecord", body).await
        };
        for (given, kept) in [
            ("2024-10-02 20:30", "2024-10-02 20:30"),
            ("2024-10-02 20:30:59", "2024-10-02 20:30"),
            ("2024-10-12T08:30:00.000Z", "2024-10-12 16:30"),
            ("2024-10-12T08:30:00Z", "2024-10-12 16:30"),
            ("2024-10-12T08:30:00-05:00", "2024-10-12 21:30"),
            ("2000-01-01 00:00", "2000-01-01 00:00"),
            ("2100-12-31 23:59", "2100-12-31 23:59"),
            ("2024-02-29 00:00", "2024-02-29 00:00"),
        ] {
            assert_eq!(create(given).await.payload()["appointment_time"], kept, "{given}");
        }
        for bad in [
            "", "2024-10-02", "20:30", "2023-02-29 10:00", "2024-10-02 24:00", "2024-10-02 20:60", "02/10/2024 20:30",
            "1999-12-31T15:59:00Z", "2100-12-31T16:00:00Z", "+2024-10-02 20:30:00 junk",
        ] {
            create(bad).await.expect_fields(&["appointment_time"]);
        }
    }

    async fn a_missing_reserved_phone_is_copied_from_the_patient(world: &World) {
        let patient = world.patients(1).await.remove(0);
        let own = json!(patient.phone());
        for given in [Value::Null, json!("")] {
            let body = with(inquiry_body(), "reserved_phone", &given);
            let inquiry = patient.client.post("/api/inquiry/createInquiryRecord", body).await.payload();
            assert_eq!(inquiry["reserved_phone"], own);
            set(&patient, &patient, "phone", &json!("13800000001")).await.expect(200);
            let path = format!("/api/inquiry/queryInquiryRecordById?id={}", inquiry["id"]);
            let kept = patient.client.get(&path).await.payload();
            assert_eq!(kept["reserved_phone"], own, "it was copied, so a later change does not affect it");
            set(&patient, &patient, "phone", &own).await.expect(200);
        }
    }

    async fn an_update_only_changes_fields_of_the_role(world: &World) {
        let case = Case::new(world).await;
        for (person, kept) in [(&case.patient, "hospital"), (&case.physician, "home_addr")] {
            for route in ["updatePatientInformation", "updatePhysicianInformation"] {
                if route == "updatePhysicianInformation" && kept == "hospital" {
                    continue;
                }
                let body = json!({
                    "uuid": person.uuid(), "hospital": "新医院", "home_addr": "新地址", "sex": "女", "username": "改名",
                    "role": "系统管理员", "age": 1, "must_change_password": false, "create_time": "x", "nickname": null,
                });
                let saved = person.client.put(&format!("/api/user/{route}"), body).await.payload();
                assert_eq!(saved[kept], person.account[kept], "{route}");
                for fixed in ["username", "role", "age", "create_time", "must_change_password", "id", "phone", "nickname"] {
                    assert_eq!(saved[fixed], person.account[fixed], "{route}: {fixed}");
                }
                let own = if kept == "hospital" { "home_addr" } else { "hospital" };
                assert_eq!(saved["sex"], "女");
                assert!(saved[own].as_str().unwrap().starts_with('新'), "{route}: {own}");
            }
        }
    }

    async fn an_echoed_account_only_changes_the_forms_fields(world: &World) {
        let case = Case::new(world).await;
        let mut echo = case.physician.account.clone();
        case.admin.client.put("/api/user/updatePhysicianInformation", json!({
            "uuid": case.physician.uuid(), "hospital": "社区医院二部",
        })).await.expect(200);
        echo["nickname"] = json!("彰化");
        echo["phone"] = json!("18923412345");
        let saved = case.physician.client.put("/api/user/updatePatientInformation", echo).await.payload();
        assert_eq!(saved["hospital"], "社区医院二部", "the old one must not be restored");
        assert_eq!((&saved["nickname"], &saved["phone"]), (&json!("彰化"), &json!("18923412345")));
        let echo = json!({"id": saved["id"], "uuid": case.physician.uuid(), "nickname": ""});
        assert_eq!(case.physician.client.put("/api/user/updatePatientInformation", echo).await.payload()["nickname"], "");
    }
}

#[test]
fn a_registration_reports_every_missing_or_mistyped_field() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let id = case.accepted().await;
        let physician = &case.physician.client;
        let register = "/api/medical/medicalRegistration";
        let required = ["bind_inquiry_id", "inquiry_video", "medical_img", "is_need_by_drug"];
        physician.post(register, None).await.expect_fields(&required);
        let empty =
            json!({"bind_inquiry_id": "", "inquiry_video": "", "medical_img": "", "is_need_by_drug": ""});
        physician.post(register, empty).await.expect_fields(&required);
        for (field, values) in [
            ("bind_inquiry_id", vec![json!(null), json!(true), json!("x"), json!(1.5), json!([id])]),
            ("is_need_by_drug", vec![json!(null), json!("yes"), json!(2), json!({})]),
            ("diagnostic_description", vec![json!(1), json!(["text"])]),
            ("inquiry_video", vec![json!(null), json!(1), json!({"url": CID})]),
            ("medical_img", vec![json!(null), json!(false)]),
        ] {
            for value in values {
                let body = with(registration_body(id, true), field, &value);
                physician.post(register, body).await.expect_fields(&[field]);
            }
        }
        let mut least = registration_body(id, false);
        least.as_object_mut().unwrap().remove("diagnostic_description");
        let record = physician.post(register, least).await.payload();
        assert_eq!(
            (&record["diagnostic_description"], &record["is_need_by_drug"]),
            (&json!(""), &json!(false))
        );
        let none = format!("/api/drug/queryDrugByMedicalId?medical_id={}", record["id"]);
        physician.get(&none).await.expect_error(404, "record.not_found");
    });
}

#[test]
fn files_are_referenced_by_cid_or_url_without_special_characters() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let order = case.ordered().await;
        case.physician
            .client
            .post(&format!("/api/drug/physiciansOrderAgentDrug?id={order}"), None)
            .await
            .expect(200);
        let deliver = async |certificate: &str| {
            let request =
                case.physician.client.request(reqwest::Method::POST, "/api/drug/physiciansOrderDelivery");
            let query = [("id", order.to_string()), ("certificate", certificate.to_owned())];
            request.query(&query).send().await.unwrap().status().as_u16()
        };
        for bad in [
            String::new(),
            "x".to_owned(),
            CID[1..].to_owned(),
            format!("{CID}x"),
            format!("http://h/{CID}"),
            format!("http://h/ipfs/{CID}#x"),
            format!("http://h/ipfs/{CID}&x"),
            format!("http://h/a=b/ipfs/{CID}"),
            format!("http://h/a+b/ipfs/{CID}"),
            format!("http://h/a%41/ipfs/{CID}"),
            format!("http://h/?/ipfs/{CID}"),
            format!("/ipfs/{CID}"),
            format!("javascript:/ipfs/{CID}"),
            format!("http://h/ipfs/{CID}/a.png/more"),
            "http://h/ipfs/".to_owned(),
        ] {
            assert_eq!(deliver(&bad).await, 422, "{bad}");
        }
        assert_eq!(deliver(&format!("https://h:8080/gateway/ipfs/{CID}")).await, 200);
    });
}

#[test]
fn the_content_type_of_a_body_is_ignored() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0).client;
        for kind in ["application/json", "text/plain", "application/x-www-form-urlencoded", "nonsense"] {
            let client = patient.with("content-type", kind);
            client.post("/api/inquiry/createInquiryRecord", inquiry_body()).await.expect(200);
        }
    });
}

#[test]
fn every_route_reports_an_invalid_record_id() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        for (person, method, path, field) in [
            (&case.patient, "GET", "/api/inquiry/queryInquiryRecordById", "id"),
            (&case.patient, "GET", "/api/medical/queryMedialRecordInformation", "inquiryId"),
            (&case.patient, "GET", "/api/medical/queryMedicalByID", "medicalId"),
            (&case.patient, "GET", "/api/drug/queryDrugByID", "id"),
            (&case.patient, "GET", "/api/drug/queryDrugByMedicalId", "medical_id"),
            (&case.admin, "PUT", "/api/inquiry/approveInquiryRecord", "id"),
            (&case.admin, "POST", "/api/drug/hospitalAgentDrugConfirmReceipt", "id"),
            (&case.physician, "POST", "/api/drug/physiciansOrderAgentDrug", "id"),
        ] {
            for value in ["", "abc", "1.5", "0x1", "1 2", "null", "一"] {
                let path = format!("{path}?{field}={value}");
                person.client.send(method.parse().unwrap(), &path, None).await.expect_fields(&[field]);
            }
            person.client.send(method.parse().unwrap(), path, None).await.expect_fields(&[field]);
            let absent = format!("{path}?{field}=999999999");
            person
                .client
                .send(method.parse().unwrap(), &absent, None)
                .await
                .expect_error(404, "record.not_found");
        }
    });
}

#[test]
fn missing_and_foreign_records_are_reported_identically() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let stranger = world.patients(1).await.remove(0).client;
        let (inquiry, record) = case.registered().await;
        for (path, id) in [
            ("/api/inquiry/queryInquiryRecordById?id=", inquiry),
            ("/api/medical/queryMedialRecordInformation?inquiryId=", inquiry),
            ("/api/medical/queryMedicalByID?medicalId=", record),
            ("/api/drug/queryDrugByMedicalId?medical_id=", record),
        ] {
            let told = async |id: i64| {
                let mut answer = stranger.get(&format!("{path}{id}")).await.expect(404);
                answer.json["request_id"] = Value::Null;
                answer.json
            };
            assert_eq!(told(id).await, told(987_654_321).await, "{path}");
        }
    });
}

/// The names of the parameters and of the body's members.
fn fields(route: &Declared) -> Vec<String> {
    let of_schema = |schema: &Value| {
        let named = schema["$ref"]
            .as_str()
            .map(|path| &DESCRIPTION["components"]["schemas"][path.rsplit('/').next().unwrap()]);
        let properties = named.unwrap_or(schema)["properties"].as_object().cloned().unwrap_or_default();
        properties.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    let parameters = route.operation["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|parameter| parameter["name"].as_str().unwrap().to_owned());
    let bodies = route.operation["requestBody"]["content"]
        .as_object()
        .into_iter()
        .flat_map(|content| content.values());
    parameters.chain(bodies.flat_map(|body| of_schema(&body["schema"]))).collect()
}

#[test]
fn messages_call_every_field_by_a_chinese_name_too() {
    let of = |id| fields(ROUTES.iter().find(|route| route.id() == id).unwrap());
    assert!(
        of("handOver").contains(&"reason".to_owned()),
        "members of bodies are found: {:?}",
        of("handOver")
    );
    for route in ROUTES.iter() {
        for field in fields(route) {
            assert!(field_label(&field).is_some(), "{field} of {} has no label", route.id());
        }
    }
}

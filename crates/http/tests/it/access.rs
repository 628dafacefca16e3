//! Who may call what: one table of every route and every kind of caller.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Client;
use crate::arrange::{CID, Case, inquiry_body, registration_body};
use crate::on_every_backend;
use crate::world::World;

/// The columns of the table.
const CALLERS: [&str; 8] =
    ["anonymous", "dead", "other patient", "patient", "other physician", "physician", "admin", "cookie only"];

/// A route, how it is called, and what each of [`CALLERS`] gets, in that order.
pub(crate) struct Row {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) query: &'static str,
    pub(crate) body: Option<Value>,
    expected: [u16; 8],
}

fn get(path: &'static str, query: &'static str, expected: [u16; 8]) -> Row {
    Row { method: Method::GET, path, query, body: None, expected }
}

fn put(path: &'static str, query: &'static str, expected: [u16; 8]) -> Row {
    Row { method: Method::PUT, path, query, body: None, expected }
}

fn post(path: &'static str, query: &'static str, expected: [u16; 8]) -> Row {
    Row { method: Method::POST, path, query, body: None, expected }
}

/// Every documented route. `{inquiry}` and so on stand for records of the patient and physician. A
/// 409 means: allowed, but not in this state; a 422: allowed, but nothing was sent.
pub(crate) fn table() -> Vec<Row> {
    vec![
        post("/api/user/login", "", [422, 422, 422, 422, 422, 422, 422, 422]),
        post("/api/user/adminLogin", "", [422, 422, 422, 422, 422, 422, 422, 422]),
        get("/api/user/verifyToken", "", [401, 401, 200, 200, 200, 200, 200, 401]),
        get("/api/user/queryUserMessage", "", [401, 401, 200, 200, 200, 200, 200, 401]),
        get("/api/user/queryPatientInformation", "", [401, 401, 403, 403, 403, 403, 200, 401]),
        get("/api/user/queryDoctorInformation", "", [401, 401, 200, 200, 200, 200, 200, 401]),
        get("/api/user/accessLog", "", [401, 401, 200, 200, 200, 200, 200, 401]),
        get("/api/audit", "", [401, 401, 403, 403, 403, 403, 200, 401]),
        get("/api/user/likeAccountByCV", "val=1", [401, 401, 403, 403, 403, 403, 200, 401]),
        Row {
            body: Some(json!({"uuid": "{patient}", "nickname": "n"})),
            ..put("/api/user/updatePatientInformation", "", [401, 401, 404, 200, 404, 404, 200, 401])
        },
        Row {
            body: Some(json!({"uuid": "{physician}", "nickname": "n"})),
            ..put("/api/user/updatePhysicianInformation", "", [401, 401, 403, 403, 404, 200, 200, 401])
        },
        Row {
            body: Some(inquiry_body()),
            ..post(
                "/api/inquiry/createInquiryRecord",
                "uuid={patient}",
                [401, 401, 200, 200, 403, 403, 200, 401],
            )
        },
        put("/api/inquiry/approveInquiryRecord", "id={submitted}", [401, 401, 403, 403, 403, 403, 409, 401]),
        post(
            "/api/inquiry/appointedPhysician",
            "id={inquiry}&userUUID={physician}",
            [401, 401, 403, 403, 403, 403, 409, 401],
        ),
        get("/api/inquiry/queryAllInquiryRecord", "", [401, 401, 403, 403, 403, 403, 200, 401]),
        get("/api/inquiry/likeQueryInquiryRecord", "", [401, 401, 403, 403, 403, 403, 200, 401]),
        get("/api/inquiry/queryPhysicianInquiryRecord", "", [401, 401, 403, 403, 200, 200, 403, 401]),
        get("/api/inquiry/queryPatientInquiryRecord", "", [401, 401, 200, 200, 403, 403, 403, 401]),
        put(
            "/api/inquiry/physicianReception",
            "id={inquiry}&isReception=true",
            [401, 401, 403, 403, 404, 409, 403, 401],
        ),
        get("/api/inquiry/queryInquiryRecordById", "id={inquiry}", [401, 401, 404, 200, 404, 200, 200, 200]),
        get(
            "/api/medical/queryMedialRecordInformation",
            "inquiryId={inquiry}",
            [401, 401, 404, 200, 404, 200, 200, 200],
        ),
        get("/api/medical/queryMedicalByID", "medicalId={record}", [401, 401, 404, 200, 404, 200, 200, 401]),
        Row {
            body: Some(registration_body(-1, false)),
            ..post("/api/medical/medicalRegistration", "", [401, 401, 403, 403, 404, 409, 403, 401])
        },
        get("/api/drug/queryPatientAgentDrugHistory", "", [401, 401, 200, 200, 403, 403, 403, 401]),
        get("/api/drug/queryPhysiciansAgentHistoryRecord", "", [401, 401, 403, 403, 200, 200, 403, 401]),
        get("/api/drug/queryAllDrug", "", [401, 401, 403, 403, 403, 403, 200, 401]),
        get("/api/drug/queryDrugByID", "id={order}", [401, 401, 404, 200, 404, 200, 200, 401]),
        get(
            "/api/drug/queryDrugByMedicalId",
            "medical_id={record}",
            [401, 401, 404, 200, 404, 200, 200, 401],
        ),
        post("/api/drug/physiciansOrderAgentDrug", "id={order}", [401, 401, 403, 403, 404, 409, 403, 401]),
        post(
            "/api/drug/physiciansOrderDelivery",
            "id={order}&certificate={cid}",
            [401, 401, 403, 403, 404, 409, 403, 401],
        ),
        post(
            "/api/drug/hospitalAgentDrugConfirmReceipt",
            "id={order}",
            [401, 401, 403, 403, 403, 403, 409, 401],
        ),
        get("/api/sum/getInquirySumTypeDay", "", [401, 401, 403, 403, 403, 403, 200, 401]),
        get("/api/sum/getDrugSumTypeDay", "", [401, 401, 403, 403, 403, 403, 200, 401]),
        get("/api/mock/generatePatientAccount", "number=1", [401, 401, 403, 403, 403, 403, 200, 401]),
        get("/api/mock/generatePhysicianAccount", "number=1", [401, 401, 403, 403, 403, 403, 200, 401]),
        get(
            "/api/mock/testFullSystem",
            "number=1&goroutineNumber=1",
            [401, 401, 403, 403, 403, 403, 200, 401],
        ),
        post("/api/user/uploadUserMessage", "", [401, 401, 403, 403, 403, 403, 422, 403]),
        get("/api/user/importJob", "id={import}", [401, 401, 403, 403, 403, 403, 404, 401]),
        get("/api/user/importJob/events", "id={import}", [401, 401, 403, 403, 403, 403, 404, 401]),
        get("/api/user/importReport", "id={import}", [401, 401, 403, 403, 403, 403, 404, 401]),
        post("/api/v1/chat/completions", "", [401, 401, 422, 422, 422, 422, 422, 401]),
        get("/api/ai/getMedicalSum", "", [401, 401, 200, 200, 200, 200, 200, 401]),
        get("/api/ai/conversation", "", [401, 401, 200, 200, 200, 200, 200, 401]),
        Row {
            method: Method::DELETE,
            ..get("/api/ai/conversation", "", [401, 401, 200, 200, 200, 200, 200, 401])
        },
        post("/api/upload", "", [401, 401, 422, 422, 422, 422, 422, 422]),
        get("/ipfs/{cid}", "", [403, 401, 403, 403, 403, 403, 404, 403]),
        get("/ipfs/{cid}/{token}", "", [403, 403, 403, 403, 403, 403, 403, 403]),
        get("/healthz", "", [200, 200, 200, 200, 200, 200, 200, 200]),
        get("/readyz", "", [200, 200, 200, 200, 200, 200, 200, 200]),
        // Last: they end sessions. The cookie's request comes from a page of our own.
        get("/api/user/logOut", "", [200, 200, 200, 200, 200, 200, 200, 200]),
        post("/api/logout", "", [200, 200, 200, 200, 200, 200, 200, 200]),
    ]
}

on_every_backend! {
    async fn every_route_admits_whom_it_should(world: &World) {
        let mut dead = crate::tokens::refused(world).await;
        let case = Case::new(world).await;
        let others = (world.patients(1).await.remove(0), world.physicians(1).await.remove(0));
        let (inquiry, record) = case.registered().await;
        let submitted = case.submitted().await;
        let order = case.patient.client.get(&format!("/api/drug/queryDrugByMedicalId?medical_id={record}")).await.payload();
        // The order has come to its end, so that every further step is a 409 for those who may.
        let order = order["drug_id"].as_i64().unwrap();
        case.physician.client.post(&format!("/api/drug/physiciansOrderAgentDrug?id={order}"), None).await.expect(200);
        case.physician.client.post(&format!("/api/drug/physiciansOrderDelivery?id={order}&certificate={CID}"), None).await.expect(200);
        case.admin.client.post(&format!("/api/drug/hospitalAgentDrugConfirmReceipt?id={order}"), None).await.expect(200);

        let credentials = json!({"phone": case.patient.phone(), "password": "123456"});
        let cookie = world.anonymous().post("/api/user/login", credentials).await.expect(200).session_cookie().unwrap();
        let callers: [Client<'_>; 8] = [
            world.anonymous(),
            dead.remove(0).1,
            others.0.client.clone(),
            case.patient.client.clone(),
            others.1.client.clone(),
            case.physician.client.clone(),
            case.admin.client.clone(),
            world.anonymous().with("cookie", cookie).with("sec-fetch-site", "same-origin"),
        ];
        let fill = |text: &str| {
            text.replace("{inquiry}", &inquiry.to_string())
                .replace("{submitted}", &submitted.to_string())
                .replace("{record}", &record.to_string())
                .replace("{order}", &order.to_string())
                .replace("{patient}", case.patient.uuid())
                .replace("{physician}", case.physician.uuid())
                .replace("{import}", &"0".repeat(32))
                .replace("{cid}", CID)
                .replace("{token}", "0.AAAA")
                .replace("\"bind_inquiry_id\":-1", &format!("\"bind_inquiry_id\":{inquiry}"))
        };
        for row in table() {
            let path = fill(&format!("{}?{}", row.path, row.query));
            for ((caller, name), expected) in callers.iter().zip(CALLERS).zip(row.expected) {
                let body = row.body.as_ref().map(|body| fill(&body.to_string()));
                let answer = caller.send(row.method.clone(), &path, body).await;
                assert_eq!(answer.status.as_u16(), expected, "{} {path} by {name}: {answer:?}", row.method);
            }
            // Everything else that must not be believed gets what the first such token gets.
            for (name, caller) in &dead {
                let body = row.body.as_ref().map(|body| fill(&body.to_string()));
                let answer = caller.send(row.method.clone(), &path, body).await;
                assert_eq!(answer.status.as_u16(), row.expected[1], "{} {path}, token {name}: {answer:?}", row.method);
            }
        }
    }
}

#[test]
fn every_described_route_is_in_the_table() {
    let description: Value = serde_json::from_str(&yilin_http::openapi_json().unwrap()).unwrap();
    let described: BTreeSet<String> = description["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        // Not a matter of roles: see the tests of operations.
        .filter(|route| route != "GET /metrics")
        // Answers with a workbook: see the tests of rosters.
        .filter(|route| route != "GET /api/user/importTemplate")
        .collect();
    let tabled: BTreeSet<String> = table().iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    assert_eq!(described, tabled);
}

//! Access control: every declared route with every kind of caller.

use serde_json::{Value, json};

use crate::answer::Client;
use crate::arrange::{CID, Case, inquiry_body, registration_body};
use crate::declared::{Declared, ROUTES};
use crate::on_every_backend;
use crate::world::World;

/// The logged-in callers and their roles.
const CALLERS: [(&str, &str); 5] = [
    ("other patient", "patient"),
    ("patient", "patient"),
    ("other physician", "physician"),
    ("physician", "physician"),
    ("admin", "admin"),
];

/// A request to a route whose access does not depend on the role alone.
struct Case5 {
    operation: &'static str,
    query: &'static str,
    body: Option<Value>,
    /// The expected status for each of [`CALLERS`]; roles without access are left to the declaration.
    expected: [u16; 5],
}

fn case(operation: &'static str, query: &'static str, expected: [u16; 5]) -> Case5 {
    Case5 { operation, query, body: None, expected }
}

/// A 409 means: allowed, but not in this state; a 422: allowed, but the body is missing.
fn owned() -> Vec<Case5> {
    let why = || Some(json!({"reason": "情况有变"}));
    let account = |uuid: &str| Some(json!({"uuid": uuid, "nickname": "n"}));
    vec![
        Case5 {
            body: account("{patient}"),
            ..case("updatePatientInformation", "", [404, 200, 404, 404, 200])
        },
        Case5 {
            body: account("{physician}"),
            ..case("updatePhysicianInformation", "", [403, 403, 404, 200, 200])
        },
        Case5 {
            body: Some(inquiry_body()),
            ..case("createInquiryRecord", "uuid={patient}", [200, 200, 403, 403, 200])
        },
        case("approveInquiryRecord", "id={submitted}", [403, 403, 403, 403, 409]),
        case("appointedPhysician", "id={inquiry}&userUUID={physician}", [403, 403, 403, 403, 409]),
        case("physicianReception", "id={inquiry}&isReception=true", [403, 403, 404, 409, 403]),
        Case5 { body: why(), ..case("cancelInquiryRecord", "id={inquiry}", [404, 409, 403, 403, 409]) },
        Case5 {
            body: Some(json!({"appointment_time": "2027-01-15 09:30", "reason": "情况有变"})),
            ..case("rescheduleInquiryRecord", "id={inquiry}", [404, 409, 404, 409, 409])
        },
        Case5 {
            body: why(),
            ..case("reassignInquiryRecord", "id={submitted}&userUUID={physician}", [403, 403, 403, 403, 409])
        },
        Case5 { body: why(), ..case("returnInquiryRecord", "id={submitted}", [403, 403, 403, 403, 409]) },
        case("inquiryHistory", "id={inquiry}", [404, 200, 404, 200, 200]),
        case(
            "physicianSchedule",
            "userUUID={physician}&from=2024-03-01&to=2024-03-31",
            [403, 403, 404, 200, 200],
        ),
        case("queryInquiryRecordById", "id={inquiry}", [404, 200, 404, 200, 200]),
        case("queryMedialRecordInformation", "inquiryId={inquiry}", [404, 200, 404, 200, 200]),
        case("queryMedicalByID", "medicalId={record}", [404, 200, 404, 200, 200]),
        Case5 {
            body: Some(registration_body(-1, false)),
            ..case("medicalRegistration", "", [403, 403, 404, 409, 403])
        },
        Case5 {
            body: Some(json!({"text": "补充", "reason": "遗漏"})),
            ..case("addAddendum", "medicalId={record}", [403, 403, 404, 200, 403])
        },
        case("drugHistory", "id={order}", [404, 200, 404, 200, 200]),
        case("queryDrugByID", "id={order}", [404, 200, 404, 200, 200]),
        case("queryDrugByMedicalId", "medical_id={record}", [404, 200, 404, 200, 200]),
        case("physiciansOrderAgentDrug", "id={order}", [403, 403, 404, 409, 403]),
        case("physiciansOrderDelivery", "id={order}&certificate={cid}", [403, 403, 404, 409, 403]),
        case("hospitalAgentDrugConfirmReceipt", "id={order}", [403, 403, 403, 403, 409]),
        // Who may listen is told by the declaration; a line that opens does not end.
        case("listen", "Last-Event-ID=x", [422, 422, 422, 422, 422]),
        // Nobody is disabled or relieved here: the accounts are unknown.
        Case5 { body: why(), ..case("disableAccount", "uuid=00000000", [403, 403, 403, 403, 404]) },
        Case5 { body: why(), ..case("enableAccount", "uuid=00000000", [403, 403, 403, 403, 404]) },
        Case5 { body: why(), ..case("handOver", "from=00000000&to={physician}", [403, 403, 403, 403, 422]) },
        case("fileByAccount", "", [403, 403, 403, 403, 404]),
        case("generatePatientAccount", "number=1", [403, 403, 403, 403, 200]),
        case("generatePhysicianAccount", "number=1", [403, 403, 403, 403, 200]),
        case("testFullSystem", "number=1&goroutineNumber=1", [403, 403, 403, 403, 200]),
        case("importJob", "id={import}", [403, 403, 403, 403, 404]),
        case("importJobEvents", "id={import}", [403, 403, 403, 403, 404]),
        case("importReport", "id={import}", [403, 403, 403, 403, 404]),
    ]
}

/// Routes without role-based access or without the envelope; they have their own tests.
const ELSEWHERE: [&str; 3] = ["metrics", "importTemplate", "exportMyData"];

/// A request to a declared route.
pub(crate) struct Request {
    pub(crate) route: Declared,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    expected: Option<[u16; 5]>,
}

/// A request to each declared route; log-outs come last, because they end sessions.
pub(crate) fn requests() -> Vec<Request> {
    let mut owned = owned();
    let mut requests: Vec<Request> = ROUTES
        .iter()
        .filter(|route| !ELSEWHERE.contains(&route.id()))
        .map(|route| {
            let place = owned.iter().position(|case| case.operation == route.id());
            let case = place.map(|place| owned.swap_remove(place));
            let is_covered = case.is_some() || !route.depends_on_more_than_the_role();
            assert!(is_covered, "{} is for some accounts of a role or of one record: add a case", route.id());
            let query = case.as_ref().map_or("", |case| case.query);
            Request {
                route: route.clone(),
                path: format!("{}?{query}", route.path),
                body: case.as_ref().and_then(|case| case.body.clone()),
                expected: case.map(|case| case.expected),
            }
        })
        .collect();
    assert!(owned.is_empty(), "no such route: {}", owned[0].operation);
    requests.sort_by_key(|request| request.route.id().to_lowercase() == "logout");
    requests
}

/// Whether the declaration admits a caller with this role.
fn admitted(route: &Declared, role: &str) -> bool {
    route.roles().is_none_or(|roles| roles.contains(&role))
}

on_every_backend! {
    async fn every_route_admits_the_declared_callers(world: &World) {
        let dead = crate::tokens::refused(world).await;
        let case = Case::new(world).await;
        let others = (world.patients(1).await.remove(0), world.physicians(1).await.remove(0));
        let (inquiry, record) = case.registered().await;
        let submitted = case.submitted().await;
        let order = case.patient.client.get(&format!("/api/drug/queryDrugByMedicalId?medical_id={record}")).await.payload();
        // The order is complete, so that every further step is a 409 for those with access.
        let order = order["drug_id"].as_i64().unwrap();
        case.physician.client.post(&format!("/api/drug/physiciansOrderAgentDrug?id={order}"), None).await.expect(200);
        case.physician.client.post(&format!("/api/drug/physiciansOrderDelivery?id={order}&certificate={CID}"), None).await.expect(200);
        case.admin.client.post(&format!("/api/drug/hospitalAgentDrugConfirmReceipt?id={order}"), None).await.expect(200);

        let credentials = json!({"phone": case.patient.phone(), "password": "123456"});
        let cookie = world.anonymous().post("/api/user/login", credentials).await.expect(200).session_cookie().unwrap();
        let cookie_only = world.anonymous().with("cookie", cookie).with("sec-fetch-site", "same-origin");
        let callers: [Client<'_>; 5] = [
            others.0.client.clone(),
            case.patient.client.clone(),
            others.1.client.clone(),
            case.physician.client.clone(),
            case.admin.client.clone(),
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
        for Request { route, path, body, expected } in requests() {
            let (path, body) = (fill(&path), body.map(|body| fill(&body.to_string())));
            let send = async |client: &Client<'_>| client.send(route.method.clone(), &path, body.clone()).await.status.as_u16();
            let about = format!("{} {path}", route.method);
            let needs_session = route.roles().is_some();
            for ((client, (name, role)), place) in callers.iter().zip(CALLERS).zip(0..) {
                let status = send(client).await;
                if let Some(expected) = expected {
                    assert_eq!(status, expected[place], "{about} by {name}");
                }
                if needs_session && route.id() != "fileByAccount" {
                    assert_eq!(status == 403, !admitted(&route, role), "{about} by {name}: {status}");
                    assert_ne!(status, 401, "{about} by {name}");
                }
            }
            // Access to another person's file is denied in the same way with and without a log-in.
            let (anonymous, by_cookie) = (send(&world.anonymous()).await, send(&cookie_only).await);
            match route.id() {
                "fileByAccount" | "fileByToken" => assert_eq!((anonymous, by_cookie), (403, 403), "{about}"),
                _ if needs_session => {
                    assert_eq!(anonymous, 401, "{about} anonymously");
                    // The cookie belongs to a patient.
                    let expected = if !route.takes_cookie() { 401 } else if admitted(&route, "patient") { by_cookie } else { 403 };
                    assert_eq!(by_cookie, expected, "{about} by cookie");
                    assert!(by_cookie != 401 || !route.takes_cookie(), "{about} by cookie");
                }
                _ => assert!(!matches!(anonymous, 401 | 403), "{about} anonymously: {anonymous}"),
            }
            for (name, client) in &dead {
                let expected = if needs_session { 401 } else { anonymous };
                assert_eq!(send(client).await, expected, "{about}, token {name}");
            }
        }
    }
}

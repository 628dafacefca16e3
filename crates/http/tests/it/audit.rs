//! The audit log: every access is recorded, and callers only see what they may.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use yilin_domain::audit::{AuditEvent, AuditFilter};
use yilin_domain::usecase::verify_audit_log;
use yilin_testkit::eventually;

use crate::access::{Request, requests};
use crate::answer::{Answer, Client};
use crate::arrange::{Case, Person, inquiry_body};
use crate::on_every_backend;
use crate::world::{Backend, World, run};

/// The entries of an operation, oldest first.
async fn entries(world: &World, operation: &str) -> Vec<AuditEvent> {
    let filter = AuditFilter { operation: Some(operation.to_owned()), ..AuditFilter::default() };
    let mut records = world.ports.audit.batch(&filter, None, 1000).await.unwrap().unwrap();
    records.reverse();
    records.into_iter().map(|record| record.entry.event).collect()
}

/// The entry of the request with this response. That of a read is written with a delay.
async fn entry_of(world: &World, answer: &Answer) -> AuditEvent {
    let id = answer.headers["x-request-id"].to_str().unwrap();
    let mut found = None;
    eventually("the entry is written", async || {
        let newest = world.ports.audit.batch(&AuditFilter::default(), None, 1000).await.unwrap().unwrap();
        found = newest.into_iter().map(|record| record.entry.event).find(|event| event.request == id);
        found.is_some()
    })
    .await;
    found.unwrap()
}

/// An entry in short: agent, operation, entity, patient and outcome.
fn summary(event: &AuditEvent) -> (String, String, String, String, u16) {
    let entity =
        event.entity.as_ref().map(|entity| format!("{}/{}", entity.kind, entity.id)).unwrap_or_default();
    (
        event.agent.map(|agent| agent.uuid.to_string()).unwrap_or_default(),
        format!("{} {}", event.action.code(), event.operation),
        entity,
        event.patient.map(|patient| patient.to_string()).unwrap_or_default(),
        event.outcome,
    )
}

async fn whole(world: &World) {
    let verification = verify_audit_log(&*world.ports.audit, &[]).await.unwrap();
    assert_eq!(verification.faults, []);
}

on_every_backend! {
    async fn accesses_are_recorded_with_their_details(world: &World) {
        let case = Case::new(world).await;
        let (admin, patient, physician) = (&case.admin, &case.patient, &case.physician);
        let stranger = world.patients(1).await.remove(0);
        let made = patient.client.post("/api/inquiry/createInquiryRecord", inquiry_body()).await.expect(200);
        let inquiry = made.json["data"][0]["id"].as_i64().unwrap();
        let (registered, record) = case.registered().await;
        let owner = patient.uuid();
        let nickname = json!({"uuid": owner, "nickname": "小王", "password": "geheim-7"});
        let read = format!("/api/inquiry/queryInquiryRecordById?id={inquiry}");
        for (person, answer, action, entity, patient, outcome) in [
            (patient, made, "C createInquiryRecord", format!("inquiry/{inquiry}"), owner, 200),
            (admin, admin.client.get(&read).await, "R queryInquiryRecordById", format!("inquiry/{inquiry}"), owner, 200),
            (&stranger, stranger.client.get(&read).await, "R queryInquiryRecordById", format!("inquiry/{inquiry}"), "", 404),
            (physician, physician.client.get(&format!("/api/medical/queryMedicalByID?medicalId={record}")).await,
                "R queryMedicalByID", format!("medical_record/{record}"), owner, 200),
            (physician, physician.client.get(&format!("/api/medical/queryMedialRecordInformation?inquiryId={registered}")).await,
                "R queryMedialRecordInformation", format!("medical_record/{record}"), owner, 200),
            (patient, patient.client.get(&format!("/api/medical/queryMedialRecordInformation?inquiryId={inquiry}")).await,
                "R queryMedialRecordInformation", format!("inquiry/{inquiry}"), owner, 200),
            (patient, patient.client.put(&format!("/api/inquiry/approveInquiryRecord?id={inquiry}"), None).await,
                "U approveInquiryRecord", format!("inquiry/{inquiry}"), "", 403),
            (admin, admin.client.put(&format!("/api/inquiry/approveInquiryRecord?id={inquiry}"), None).await,
                "U approveInquiryRecord", format!("inquiry/{inquiry}"), "", 409),
            (admin, admin.client.put("/api/inquiry/approveInquiryRecord?id=x", None).await,
                "U approveInquiryRecord", "inquiry/".to_owned(), "", 422),
            (admin, admin.client.put("/api/user/updatePatientInformation", nickname.clone()).await,
                "U updatePatientInformation", format!("account/{owner}"), owner, 200),
            (&stranger, stranger.client.put("/api/user/updatePatientInformation", nickname.clone()).await,
                "U updatePatientInformation", format!("account/{owner}"), "", 404),
            (&stranger, stranger.client.get("/api/ai/conversation").await,
                "R getConversation", "conversation/".to_owned(), stranger.uuid(), 200),
        ] {
            let event = entry_of(world, &answer).await;
            let expected = (person.uuid().to_owned(), action.to_owned(), entity, patient.to_owned(), outcome);
            assert_eq!(summary(&event), expected);
            assert_eq!((event.source.as_str(), event.session.map(|session| session.len())), ("127.0.0.1", Some(16)));
        }
        let anonymous = world.anonymous().get(&read).await;
        let event = entry_of(world, &anonymous).await;
        let expected = ("R queryInquiryRecordById".to_owned(), format!("inquiry/{inquiry}"), 401);
        let (agent, operation, entity, _, outcome) = summary(&event);
        assert_eq!((agent.as_str(), event.session, (operation, entity, outcome)), ("", None, expected));
        whole(world).await;
    }

    async fn log_ins_are_recorded_without_the_credentials(world: &World) {
        let patient = world.patients(1).await.remove(0);
        let attempt = async |route: &str, body: Value| {
            let answer = world.anonymous().post(route, body).await;
            entry_of(world, &answer).await
        };
        let success = attempt("/api/user/login", json!({"phone": patient.phone(), "password": "123456"})).await;
        let account = format!("account/{}", patient.uuid());
        assert_eq!(summary(&success), (patient.uuid().into(), "E login".into(), account, patient.uuid().into(), 200));
        let failure = attempt("/api/user/login", json!({"phone": patient.phone(), "password": "geheim"})).await;
        let masked = format!("account/{}****{}", &patient.phone()[..3], &patient.phone()[7..]);
        assert_eq!(summary(&failure), (String::new(), "E login".into(), masked, String::new(), 422));
        let password = attempt("/api/user/adminLogin", json!({"username": "geheim-8", "password": "x"})).await;
        assert_eq!(password.entity.unwrap().id, "g***");
        let out = patient.client.get("/api/user/logOut").await;
        let out = entry_of(world, &out).await;
        assert_eq!((out.agent.unwrap().uuid.to_string().as_str(), out.outcome), (patient.uuid(), 200));
    }

    async fn lists_are_recorded_by_query_and_by_the_patients_shown(world: &World) {
        let case = Case::new(world).await;
        case.submitted().await;
        let other = world.patients(1).await.remove(0);
        other.client.post("/api/inquiry/createInquiryRecord", inquiry_body()).await.expect(200);
        for (path, results) in [
            ("/api/inquiry/likeQueryInquiryRecord?username=&isPatient=true&page=1&size=9&password=geheim", Some(2)),
            ("/api/inquiry/queryAllInquiryRecord", None),
        ] {
            let operation = if results.is_some() { "likeQueryInquiryRecord" } else { "queryAllInquiryRecord" };
            for _ in 0..2 {
                let answer = case.admin.client.get(path).await;
                let event = entry_of(world, &answer).await;
                assert_eq!((event.results, event.outcome), (results, 200));
            }
            eventually("both are recorded", async || entries(world, operation).await.len() >= 4).await;
            let events = entries(world, operation).await;
            assert!(events.iter().all(|event| !event.query.contains("geheim")));
            let shown: Vec<_> = events.iter().filter_map(|event| event.patient).collect();
            assert_eq!((events.len(), shown.len()), (4, 2), "each patient once a day for each list: {events:?}");
        }
        let one = entries(world, "likeQueryInquiryRecord").await;
        assert!(one.iter().any(|event| event.query == "isPatient=true&page=1&size=9"), "{one:?}");
        // Each patient sees only their own.
        for person in [&case.patient, &other] {
            let log = person.client.get("/api/user/accessLog?page=1&size=1000").await.payload();
            let lists: Vec<&Value> = log["list"].as_array().unwrap().iter()
                .filter(|access| access["operation"] == "queryAllInquiryRecord").collect();
            assert_eq!(lists.len(), 1, "{log}");
            assert_eq!((&lists[0]["agent_name"], &lists[0]["agent_role"]), (&json!("admin"), &json!("系统管理员")));
            assert_eq!(lists[0]["is_self"], false);
        }
        whole(world).await;
    }

    async fn the_admin_finds_entries_by_every_filter(world: &World) {
        let case = Case::new(world).await;
        let inquiry = case.submitted().await;
        let path = format!("/api/inquiry/queryInquiryRecordById?id={inquiry}");
        let answer = case.physician.client.get(&path).await;
        answer.expect(404);
        let read = case.admin.client.get(&path).await;
        entry_of(world, &read).await;
        let is_linked = async || entries(world, "createInquiryRecord").await.len() == 1;
        eventually("the change is linked", is_linked).await;
        let search = async |query: &str| case.admin.client.get(&format!("/api/audit?{query}")).await.payload();
        let (patient, physician) = (case.patient.uuid(), case.physician.uuid());
        for (query, total) in [
            (format!("agent={physician}&outcome=404&page=1"), 1),
            (format!("patient={patient}&operation=queryInquiryRecordById&page=1"), 1),
            (format!("patient={patient}&operation=queryInquiryRecordById"), 1),
            (format!("patient={patient}&from=2100-01-01&page=1"), 0),
            (format!("patient={patient}&operation=createInquiryRecord&from=2000-01-01 00:00&to=2100-01-01T00:00:00Z&page=1"), 1),
            ("outcome=599&page=1".to_owned(), 0),
        ] {
            let found = search(&query).await;
            assert_eq!(found["total"], total, "{query}: {found}");
        }
        let entry = search(&format!("patient={patient}&operation=queryInquiryRecordById&page=1")).await["list"][0].clone();
        for (field, value) in [
            ("agent", json!(case.admin.uuid())), ("agent_role", json!("系统管理员")), ("action", json!("R")),
            ("entity_kind", json!("inquiry")), ("entity_id", json!(inquiry.to_string())), ("outcome", json!(200)),
        ] {
            assert_eq!(entry[field], value, "{field}: {entry}");
        }
        for bad in ["agent=x", "patient=1", "outcome=99", "from=soon", "to=2024-13-01", "page=0"] {
            case.admin.client.get(&format!("/api/audit?{bad}")).await.expect(422);
        }
        // Reading the log is recorded, too.
        let reading = case.admin.client.get(&format!("/api/audit?agent={physician}&page=1")).await;
        let event = entry_of(world, &reading).await;
        assert_eq!((event.operation.as_str(), event.query), ("queryAuditLog", format!("agent={physician}&page=1")));
    }
}

#[test]
fn every_route_is_audited_for_every_caller() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await;
        let patient = world.patients(1).await.remove(0);
        let mut expected = HashMap::new();
        let callers: [(Client<'_>, Option<&Person<'_>>); 3] = [
            (world.anonymous(), None),
            (patient.client.clone(), Some(&patient)),
            (admin.client.clone(), Some(&admin)),
        ];
        for Request { route, path, body, .. } in requests() {
            if !route.is_audited() {
                continue;
            }
            let operation = route.id().to_owned();
            let path = path.replace("{cid}", crate::arrange::CID).replace("{token}", "0.AAAA");
            for (client, person) in &callers {
                let answer =
                    client.send(route.method.clone(), &path, body.as_ref().map(Value::to_string)).await;
                let id = answer.headers["x-request-id"].to_str().unwrap().to_owned();
                let agent = person.map(|person| person.uuid().to_owned());
                expected.insert(id, (operation.clone(), agent, answer.status.as_u16()));
            }
        }
        assert!(expected.len() > 100, "{}", expected.len());
        eventually("all are written", async || {
            let records =
                world.ports.audit.batch(&AuditFilter::default(), None, 10_000).await.unwrap().unwrap();
            let ids: HashSet<_> = records.iter().map(|record| record.entry.event.request.as_str()).collect();
            expected.keys().all(|id| ids.contains(id.as_str()))
        })
        .await;
        for record in world.ports.audit.batch(&AuditFilter::default(), None, 10_000).await.unwrap().unwrap() {
            let event = record.entry.event;
            let Some((operation, agent, outcome)) = expected.get(&event.request) else { continue };
            assert_eq!((&event.operation, event.outcome), (operation, *outcome));
            // A file link and a log-in ignore the token, so the agent is unknown.
            let ignores_token = ["fileByToken", "login", "adminLogin"].contains(&operation.as_str());
            // The first log-out ended the session.
            let may_be_nobody = ["logOut", "logout"].contains(&operation.as_str());
            let by = event.agent.map(|agent| agent.uuid.to_string());
            let is_excused = ignores_token || may_be_nobody && by.is_none();
            if !is_excused {
                assert_eq!(&by, agent, "{operation} {outcome}");
            }
        }
        whole(world).await;
    });
}

#[test]
fn changes_succeed_while_the_log_cannot_be_written() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let hasty = world.beside(|options| options.audit_patience = Duration::from_millis(100)).await;
        let patient = hasty.anonymous().token(case.patient.token());
        let before = entries(world, "updatePatientInformation").await.len();
        world.fakes.storage.refuse_audit(true);
        let body = json!({"uuid": case.patient.uuid(), "nickname": "x"});
        patient.put("/api/user/updatePatientInformation", body).await.expect(200);
        // Reads still work: there is room in the queue.
        patient.get("/api/user/queryUserMessage").await.expect(200);
        assert_eq!(entries(world, "updatePatientInformation").await.len(), before);
        world.fakes.storage.refuse_audit(false);
        eventually("the read is recorded", async || entries(world, "queryUserMessage").await.len() == 1)
            .await;
        let changes = async || entries(world, "updatePatientInformation").await.len();
        eventually("the change is linked", async || changes().await == before + 1).await;
        whole(world).await;
        hasty.stop().await;
    });
}

#[test]
fn a_full_queue_rejects_requests_and_loses_nothing() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0);
        let hasty = world.beside(|options| options.audit_patience = Duration::from_millis(100)).await;
        let client = hasty.anonymous().token(patient.token());
        world.fakes.storage.refuse_audit(true);
        let reads = (0..16).map(|_| async {
            let mut answered = 0;
            loop {
                let answer = client.get("/api/user/queryUserMessage").await;
                if answer.status == 503 {
                    answer.expect_error(503, "service.overloaded");
                    return answered;
                }
                answer.expect(200);
                answered += 1;
            }
        });
        let answered: usize = futures_util::future::join_all(reads).await.into_iter().sum();
        assert!((4000..6000).contains(&answered), "{answered}");
        world.fakes.storage.refuse_audit(false);
        eventually("all are written", async || {
            let filter = AuditFilter {
                outcome: Some(200),
                operation: Some("queryUserMessage".to_owned()),
                ..AuditFilter::default()
            };
            world.ports.audit.batch(&filter, None, 10_000).await.unwrap().unwrap().len() == answered
        })
        .await;
        whole(world).await;
        hasty.stop().await;
    });
}

#[test]
fn a_flood_of_rejected_requests_does_not_fill_the_log() {
    run(Backend::Fakes, async |world| {
        let (patient, since) = (world.patients(1).await.remove(0), Instant::now());
        for token in [None, Some("Bearer forged")] {
            let client =
                token.map_or(world.anonymous(), |token| world.anonymous().with("authorization", token));
            for _ in 0..100 {
                client.get("/api/user/queryUserMessage").await.expect(401);
                patient.client.get("/api/inquiry/queryInquiryRecordById?id=999").await.expect(404);
            }
        }
        patient.client.get("/api/user/verifyToken").await.expect(200);
        eventually("the last is written", async || entries(world, "verifyToken").await.len() == 1).await;
        let minutes = usize::try_from(since.elapsed().as_secs() / 60).unwrap();
        // And one for each minute before the last, which counts the omitted ones.
        let most = 120 + 121 * minutes;
        // Anonymous, and of a session.
        for operation in ["queryUserMessage", "queryInquiryRecordById"] {
            let recorded = entries(world, operation).await.len();
            assert!((120..=most).contains(&recorded), "{operation}: {recorded} in {minutes} minutes");
        }
        whole(world).await;
    });
}

#[test]
fn a_disconnected_client_is_recorded_too() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let inquiry = case.submitted().await;
        world.fakes.storage.fall_silent();
        let path = format!("/api/inquiry/queryInquiryRecordById?id={inquiry}");
        let url: reqwest::Url = world.base.parse().unwrap();
        let stream = std::net::TcpStream::connect((url.host_str().unwrap(), url.port().unwrap())).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: {}\r\n\r\n",
            case.admin.token()
        );
        std::io::Write::write_all(&mut &stream, request.as_bytes()).unwrap();
        eventually("it is being read", async || world.fakes.storage.hanging() == 1).await;
        world.fakes.storage.recover();
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
        drop(stream);
        eventually("it is recorded", async || {
            let events = entries(world, "queryInquiryRecordById").await;
            events.iter().any(|event| {
                let by = event.agent.map(|agent| agent.uuid.to_string());
                event.outcome == 499 && by.as_deref() == Some(case.admin.uuid())
            })
        })
        .await;
    });
}

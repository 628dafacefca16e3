//! A change and its audit entry are atomic: every route that makes a change inserts the entry in the change's
//! transaction, once, even if the client disconnects.

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::Method;
use serde_json::{Value, json};
use yilin_domain::audit::{
    AuditAction, AuditEntry, AuditEvent, AuditFilter, AuditRecord, AuditRecordId, ChainId, ChainOpening,
    ChainRemoval, OutboxEvent, OutboxId,
};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{Appended, AuditRepository, Part, PortError, Random as _};
use yilin_domain::time::Timestamp;
use yilin_testkit::fakes::FakeRandom;
use yilin_testkit::{eventually, form};

use crate::arrange::{CID, Case, inquiry_body, registration_body};
use crate::declared::ROUTES;
use crate::on_every_backend;
use crate::world::{Backend, World, run};

/// The caller of a request.
#[derive(Clone, Copy)]
enum By {
    Admin,
    Patient,
    Physician,
    Nobody,
}

/// Number of entries of a successful request.
const ONE: usize = 1;

/// Two accounts, and eight steps from the request to the received drugs.
const WHOLE_FLOW: usize = 10;

/// A successful request for each route that makes a change, in an order in which all succeed.
fn changes(case: &Case<'_>, other: &str) -> Vec<(&'static str, By, String, Option<Value>, usize)> {
    let (patient, physician) = (case.patient.uuid(), case.physician.uuid());
    let reason = || Some(json!({"reason": "家中有事"}));
    let moved = json!({"appointment_time": "2027-03-03 09:00", "reason": "家中有事"});
    let addendum = json!({"text": "补充说明", "reason": "漏记"});
    let mut second = inquiry_body();
    second["inquiry_detail"] = json!("咳嗽");
    let appointed = format!("?id={{inquiry}}&userUUID={physician}");
    let accepted = "?id={inquiry}&isReception=true".to_owned();
    let this = "?id={inquiry}".to_owned();
    let nickname = |uuid: &str| Some(json!({"uuid": uuid, "nickname": "小王"}));
    let account = json!({"role": "患者", "username": "王桂兰", "phone": "13800008888"});
    let question = json!({"messages": [{"role": "user", "content": "头痛怎么办"}]});
    vec![
        ("createInquiryRecord", By::Patient, String::new(), Some(inquiry_body()), ONE),
        ("rescheduleInquiryRecord", By::Patient, this.clone(), Some(moved), ONE),
        ("appointedPhysician", By::Admin, appointed, None, ONE),
        ("physicianReception", By::Physician, accepted.clone(), None, ONE),
        ("reassignInquiryRecord", By::Admin, format!("?id={{inquiry}}&userUUID={other}"), reason(), ONE),
        ("handOver", By::Admin, format!("?from={other}&to={physician}"), reason(), ONE),
        ("physicianReception", By::Physician, accepted, None, ONE),
        ("medicalRegistration", By::Physician, String::new(), Some(registration_body(-1, true)), ONE),
        ("returnInquiryRecord", By::Admin, this.clone(), reason(), ONE),
        ("addAddendum", By::Physician, "?medicalId={record}".to_owned(), Some(addendum), ONE),
        ("approveInquiryRecord", By::Admin, this.clone(), None, ONE),
        ("physiciansOrderAgentDrug", By::Physician, "?id={order}".to_owned(), None, ONE),
        ("physiciansOrderDelivery", By::Physician, format!("?id={{order}}&certificate={CID}"), None, ONE),
        ("hospitalAgentDrugConfirmReceipt", By::Admin, "?id={order}".to_owned(), None, ONE),
        ("createInquiryRecord", By::Patient, String::new(), Some(second), ONE),
        ("cancelInquiryRecord", By::Patient, this, reason(), ONE),
        ("updatePatientInformation", By::Patient, String::new(), nickname(patient), ONE),
        ("updatePhysicianInformation", By::Physician, String::new(), nickname(physician), ONE),
        ("upload", By::Patient, String::new(), None, ONE),
        ("uploadUserMessage", By::Admin, String::new(), None, ONE),
        ("createChatCompletion", By::Patient, String::new(), Some(question), ONE),
        ("deleteConversation", By::Patient, String::new(), None, ONE),
        ("createAccount", By::Admin, String::new(), Some(account), ONE),
        ("disableAccount", By::Admin, format!("?uuid={other}"), reason(), ONE),
        ("enableAccount", By::Admin, format!("?uuid={other}"), reason(), ONE),
        ("generatePatientAccount", By::Admin, "?number=1".to_owned(), None, ONE),
        ("generatePhysicianAccount", By::Admin, "?number=3".to_owned(), None, ONE),
        ("testFullSystem", By::Admin, "?number=1&goroutineNumber=1".to_owned(), None, WHOLE_FLOW),
        (
            "login",
            By::Nobody,
            String::new(),
            Some(json!({"phone": case.patient.phone(), "password": "123456"})),
            ONE,
        ),
        (
            "adminLogin",
            By::Nobody,
            String::new(),
            Some(json!({"username": "admin", "password": "admin"})),
            ONE,
        ),
        ("logOut", By::Patient, String::new(), None, ONE),
        ("logout", By::Physician, String::new(), None, ONE),
    ]
}

/// A request's body and content type.
fn body_of(operation: &str, body: Option<&Value>) -> (&'static str, Vec<u8>) {
    match (operation, body) {
        ("upload", _) => (form::CONTENT_TYPE, form::with_file("a picture".as_bytes())),
        ("uploadUserMessage", _) => {
            (form::CONTENT_TYPE, form::with_file("姓名,电话,角色\n王芳,13800009999,患者\n".as_bytes()))
        }
        (_, Some(body)) => ("application/json", body.to_string().into_bytes()),
        (_, None) => ("application/json", Vec::new()),
    }
}

/// An audit log that is never appended to: what a change inserts stays in the outbox, and what the change itself does not
/// insert is not written.
struct Unlinked(Arc<dyn AuditRepository>);

#[async_trait]
impl AuditRepository for Unlinked {
    async fn append(&self, _: ChainId, _: &[AuditEntry], _: &[OutboxId]) -> Result<Appended, PortError> {
        Err(PortError::Overloaded { part: Part::Database, retry_after: Duration::from_secs(1) })
    }

    async fn open_chain(&self, opening: &ChainOpening) -> Result<(), PortError> {
        self.0.open_chain(opening).await
    }

    async fn leave(&self, writer: ChainId, event: &AuditEvent) -> Result<(), PortError> {
        self.0.leave(writer, event).await
    }

    async fn outbox(
        &self,
        writer: ChainId,
        abandoned: Timestamp,
        limit: u16,
    ) -> Result<Vec<OutboxEvent>, PortError> {
        self.0.outbox(writer, abandoned, limit).await
    }

    async fn unlinked(&self, before: Timestamp) -> Result<u64, PortError> {
        self.0.unlinked(before).await
    }

    async fn chains(&self) -> Result<Vec<ChainOpening>, PortError> {
        self.0.chains().await
    }

    async fn chains_without_opening(&self) -> Result<Vec<ChainId>, PortError> {
        self.0.chains_without_opening().await
    }

    async fn chain(&self, chain: ChainId, from: u64, limit: u16) -> Result<Vec<AuditEntry>, PortError> {
        self.0.chain(chain, from, limit).await
    }

    async fn misfiled(&self, chain: ChainId) -> Result<Option<u64>, PortError> {
        self.0.misfiled(chain).await
    }

    async fn remove_chain(&self, removal: &ChainRemoval) -> Result<bool, PortError> {
        self.0.remove_chain(removal).await
    }

    async fn removals(&self) -> Result<Vec<ChainRemoval>, PortError> {
        self.0.removals().await
    }

    async fn page(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditRecord>, PortError> {
        self.0.page(filter, page).await
    }

    async fn batch(
        &self,
        filter: &AuditFilter,
        last: Option<AuditRecordId>,
        limit: u16,
    ) -> Result<Option<Vec<AuditRecord>>, PortError> {
        self.0.batch(filter, last, limit).await
    }
}

#[test]
fn every_changing_route_is_tried() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let changes = changes(&case, case.physician.uuid());
        for route in ROUTES.iter().filter(|route| route.changes()) {
            let is_listed = changes.iter().any(|(operation, ..)| *operation == route.id());
            assert!(is_listed, "{} makes changes: add a successful request to this test", route.id());
        }
    });
}

on_every_backend! {
    async fn every_changing_route_inserts_its_entry_with_the_change(world: &World) {
        let world = &world.beside_with(|ports| ports.audit = Arc::new(Unlinked(ports.audit.clone()))).await;
        let case = Case::new(world).await;
        let other = world.physicians(1).await.remove(0);
        let changes = changes(&case, other.uuid());
        let mut known: HashMap<&str, String> = HashMap::new();
        for (operation, by, query, body, expected) in changes {
            let route = ROUTES.iter().find(|route| route.id() == operation);
            let route = route.unwrap_or_else(|| panic!("no such route: {operation}"));
            let client = match by {
                By::Admin => case.admin.client.clone(),
                By::Patient => case.patient.client.clone(),
                By::Physician => case.physician.client.clone(),
                By::Nobody => world.anonymous(),
            };
            let fill =
                |text: String| known.iter().fold(text, |text, (name, value)| text.replace(name, value));
            let body = body.map(|body| serde_json::from_str::<Value>(&fill(body.to_string())).unwrap());
            let (kind, bytes) = body_of(operation, body.as_ref());
            let path = format!("{}{}", route.path, fill(query));
            let request = client.request(route.method.clone(), &path).header("content-type", kind);
            let answer = request.body(bytes).send().await.unwrap();
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            let text = answer.text().await.unwrap();
            assert_eq!(status, 200, "{operation}: {text}");
            let id = headers["x-request-id"].to_str().unwrap();
            let left = left_by(world, id).await;
            assert_eq!(left.len(), expected, "{operation}: {left:?}");
            assert!(
                left.iter().all(|event| event.operation == operation && event.outcome == 200),
                "{left:?}"
            );
            let payload = serde_json::from_str::<Value>(&text).unwrap()["data"][0].clone();
            match operation {
                "createInquiryRecord" => {
                    let id = payload["id"].to_string();
                    known.insert("{inquiry}", id.clone());
                    known.insert("\"bind_inquiry_id\":-1", format!("\"bind_inquiry_id\":{id}"));
                }
                "medicalRegistration" => {
                    known.insert("{record}", payload["id"].to_string());
                    let path = format!("/api/drug/queryDrugByMedicalId?medical_id={}", payload["id"]);
                    let order = case.patient.client.get(&path).await.payload();
                    known.insert("{order}", order["drug_id"].to_string());
                }
                _ => {}
            }
        }
    }
}

/// The outbox's entries of one request.
async fn left_by(world: &World, request: &str) -> Vec<AuditEvent> {
    let anybody = ChainId::from_bytes([0; 16]);
    let events = world.ports.audit.outbox(anybody, Timestamp::MAX_UTC, 10_000).await.unwrap();
    events.into_iter().map(|event| event.event).filter(|event| event.request == request).collect()
}

/// The linked entries, newest first.
async fn entries(world: &World) -> Vec<AuditEvent> {
    let mut entries = Vec::new();
    let mut last = None;
    loop {
        let batch = world.ports.audit.batch(&AuditFilter::default(), last, 1000).await.unwrap().unwrap();
        let Some(record) = batch.last() else { return entries };
        last = Some(record.id);
        entries.extend(batch.into_iter().map(|record| record.entry.event));
    }
}

/// Sends a request and resets the connection at once or while the request is being handled.
fn cut_off(world: &World, request: &str, microseconds: u64) {
    let address = world.base.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(request.as_bytes()).unwrap();
    std::thread::park_timeout(Duration::from_micros(microseconds));
    // With no time to linger, closing sends a reset, which drops the handler's future.
    socket2::SockRef::from(&connection).set_linger(Some(Duration::ZERO)).unwrap();
}

/// With clients that disconnect, there are as many entries of changes as changes, and one entry per request.
async fn changes_of_disconnected_clients_have_their_entries(world: &World) {
    const REQUESTS: u64 = 200;
    let case = Case::new(world).await;
    let (host, token) = (world.base.strip_prefix("http://").unwrap(), case.patient.token());
    let request = |number: u64| {
        // Equal ones would count as repetitions.
        let mut body = inquiry_body();
        body["inquiry_detail"] = json!(format!("头痛 {number}"));
        let (body, length) = (body.to_string(), body.to_string().len());
        format!(
            "POST /api/inquiry/createInquiryRecord HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
    };
    let random = FakeRandom::new(7);
    for number in 0..REQUESTS {
        let mut delay = [0];
        random.fill(&mut delay);
        cut_off(world, &request(number), u64::from(delay[0]) * 40);
    }
    let last = case.submitted().await;
    let made = async || case.admin.client.get("/api/inquiry/queryAllInquiryRecord").await.payload();
    let ids = |payload: &Value| -> Vec<String> {
        let inquiries = payload["list"].as_array().unwrap();
        inquiries.iter().map(|inquiry| format!("inquiry/{}", inquiry["id"])).collect()
    };
    eventually("entries match inquiries", async || {
        let created: Vec<_> = entries(world).await;
        let created = created.into_iter().filter(|event| event.operation == "createInquiryRecord");
        let mut by_request: BTreeMap<String, Vec<AuditEvent>> = BTreeMap::new();
        for event in created {
            by_request.entry(event.request.clone()).or_default().push(event);
        }
        let twice: Vec<_> = by_request.values().filter(|events| events.len() > 1).collect();
        assert!(twice.is_empty(), "one request, several entries: {twice:?}");
        let mut said: Vec<String> = by_request
            .into_values()
            .flatten()
            .filter(|event| event.outcome == 200 && event.action == AuditAction::Create)
            .map(|event| event.entity.map(|entity| format!("{}/{}", entity.kind, entity.id)).unwrap())
            .collect();
        let mut made = ids(&made().await);
        said.sort();
        made.sort();
        made.contains(&format!("inquiry/{last}")) && said == made
    })
    .await;
}

#[test]
fn changes_of_disconnected_clients_have_their_entries_on_sqlite() {
    run(Backend::Sqlite, changes_of_disconnected_clients_have_their_entries);
}

#[test]
fn changes_of_disconnected_clients_have_their_entries_on_mariadb() {
    run(Backend::MariaDb, changes_of_disconnected_clients_have_their_entries);
}

#[test]
fn a_link_access_records_its_recipient_and_patient() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let inquiry = case.accepted().await;
        let upload = case.physician.client.request(Method::POST, "/api/upload");
        let upload = upload.header("content-type", form::CONTENT_TYPE).body(form::with_file(b"a picture"));
        let upload: Value =
            serde_json::from_str(&upload.send().await.unwrap().text().await.unwrap()).unwrap();
        let mut body = registration_body(inquiry, false);
        body["medical_img"] = upload["data"][0].clone();
        let record = case.physician.client.post("/api/medical/medicalRegistration", body).await.payload();
        let path = format!("/api/medical/queryMedicalByID?medicalId={}", record["id"]);
        for reader in [&case.admin, &case.patient] {
            let shown = reader.client.get(&path).await.payload()["medical_img"].clone();
            let link = shown.as_str().unwrap().strip_prefix(&world.base).unwrap().to_owned();
            let token = link.rsplit_once('/').unwrap().1;
            assert!(!token.contains(reader.uuid()) && !token.contains(case.patient.uuid()));
            let read = world.anonymous().request(Method::GET, &link).send().await.unwrap();
            assert_eq!(read.status(), 200);
            let id = read.headers()["x-request-id"].to_str().unwrap().to_owned();
            let mut found = None;
            eventually("it is recorded", async || {
                found = entries(world).await.into_iter().find(|event| event.request == id);
                found.is_some()
            })
            .await;
            let event = found.unwrap();
            let (agent, patient) = (event.agent.unwrap(), event.patient.unwrap());
            assert_eq!(agent.uuid.to_string(), reader.uuid());
            assert_eq!((patient.to_string().as_str(), event.session), (case.patient.uuid(), None));
            assert_eq!(event.query, format!("record=medical_record/{}", record["id"]));
        }
        let log = case.patient.client.get("/api/user/accessLog?page=1&size=1000").await.payload();
        let opened: Vec<_> = log["list"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|access| access["operation"] == "fileByToken")
            .map(|access| (access["agent_name"].clone(), access["is_self"].clone()))
            .collect();
        assert_eq!(opened.len(), 2, "{log}");
        assert!(opened.contains(&(json!("admin"), json!(false))), "{opened:?}");
    });
}

//! Complete flows while the service and its database are killed repeatedly: whatever was answered 200 is
//! still there, nothing is half done, every change has exactly one audit entry, and the service recovers once its
//! database does.
//!
//! `YILIN_TORTURE_SECONDS`, `YILIN_TORTURE_KILLS` and `YILIN_TORTURE_CHANGES` set for how long at least
//! (`just torture`), `YILIN_TORTURE_SEED` the random seed.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use yilin_domain::port::Random as _;
use yilin_testkit::eventually;
use yilin_testkit::fakes::FakeRandom;
use yilin_testkit::form;
use yilin_testkit::mariadb::Server;

use crate::instance::Instance;
use crate::same_set::assert_changes_and_entries_are_the_same;

/// Number of concurrent flows.
const FLOWS: usize = 6;

/// After this time a request hangs rather than being slow.
const ANSWER: Duration = Duration::from_secs(180);

/// Minimum number of kills and of acknowledged changes, and of changes between two kills.
const KILLS: u64 = 4;
const CHANGES: u64 = 50;
const CHANGES_BETWEEN: u64 = 3;

/// The steps of an inquiry and its drug order.
const STEPS: [&str; 8] =
    ["submitted", "assigned", "accepted", "registered", "approved", "purchased", "dispatched", "received"];

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |value| value.parse().unwrap())
}

/// Seeded random numbers below `end`.
struct Dice(FakeRandom);

impl Dice {
    fn roll(&self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_be_bytes(bytes) % end
    }

    async fn pause(&self, milliseconds: u64) {
        tokio::time::sleep(Duration::from_millis(self.roll(milliseconds))).await;
    }
}

/// The service's current address, and its accounts.
struct Hospital {
    address: RwLock<String>,
    client: Client,
    admin: String,
    patient: String,
    physician: String,
    physician_uuid: String,
    stop: AtomicBool,
    /// Number of changes answered 200.
    acknowledged: AtomicU64,
    /// Inquiries with the number of acknowledged steps.
    inquiries: Mutex<Vec<(i64, usize)>>,
    files: Mutex<Vec<(String, Vec<u8>)>>,
}

impl Hospital {
    async fn new(instance: &Instance) -> Self {
        let admin = instance.log_in("admin").await;
        let person = async |route: &str| {
            let made = instance.payload(&format!("/api/mock/{route}?number=1"), &admin).await;
            let credentials = json!({"phone": made["accounts"][0]["phone"], "password": "123456"});
            instance.post("/api/user/login", &credentials).await["data"][0].clone()
        };
        let (patient, physician) =
            (person("generatePatientAccount").await, person("generatePhysicianAccount").await);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            address: RwLock::new(instance.address().to_owned()),
            client: Client::builder().timeout(ANSWER).build().unwrap(),
            admin,
            patient: text(&patient["token"]),
            physician: text(&physician["token"]),
            physician_uuid: text(&physician["uuid"]),
            stop: AtomicBool::new(false),
            acknowledged: AtomicU64::new(0),
            inquiries: Mutex::default(),
            files: Mutex::default(),
        }
    }

    fn request(&self, method: Method, token: &str, path: &str) -> reqwest::RequestBuilder {
        let address = self.address.read().unwrap().clone();
        self.client.request(method, format!("http://{address}{path}")).header("authorization", token)
    }

    /// Retries until there is an answer: the payload, or `None` for a 409. Anything else but a missing answer
    /// or a 503 with `Retry-After` is a bug.
    async fn ask(&self, method: &Method, token: &str, path: &str, body: Option<&Value>) -> Option<Value> {
        loop {
            let request = self.request(method.clone(), token, path);
            let request = body.into_iter().fold(request, reqwest::RequestBuilder::json);
            let sent = Instant::now();
            match request.send().await {
                Err(error) if error.is_timeout() => panic!("{path} hung for {:?}", sent.elapsed()),
                Err(_) => {}
                Ok(answer) => {
                    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
                    // The body may be truncated, too.
                    if let Ok(text) = answer.text().await {
                        match status {
                            200 if method != Method::GET => {
                                self.acknowledged.fetch_add(1, Ordering::Relaxed);
                                return Some(payload(&text));
                            }
                            200 => return Some(payload(&text)),
                            409 => return None,
                            503 => assert!(headers.contains_key("retry-after"), "{path}: {text}"),
                            _ => panic!("{method} {path}: {status} {text}"),
                        }
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn get(&self, token: &str, path: &str) -> Value {
        self.ask(&Method::GET, token, path, None).await.unwrap()
    }

    /// Number of steps that an inquiry has taken. Nothing may be half done.
    async fn reached(&self, inquiry: i64) -> usize {
        let found = self.get(&self.admin, &format!("/api/inquiry/queryInquiryRecordById?id={inquiry}")).await;
        let place = |status: &Value| STEPS.iter().position(|step| status == step).unwrap();
        let status = place(&found["status"]);
        let record = self
            .get(&self.admin, &format!("/api/medical/queryMedialRecordInformation?inquiryId={inquiry}"))
            .await;
        assert_eq!(!record.is_null(), status >= 3, "a record exactly when registered: {found} {record}");
        if record.is_null() {
            return status + 1;
        }
        let order = format!("/api/drug/queryDrugByMedicalId?medical_id={}", record["id"]);
        match &self.get(&self.admin, &order).await["status"] {
            pending if pending == "pending" => status + 1,
            bought => place(bought) + 1,
        }
    }

    /// One inquiry from the request to the received drugs, as far as time allows.
    async fn flow(&self, number: usize, dice: &Dice) {
        let content = format!("record {number}-{}", dice.roll(u64::MAX)).into_bytes();
        let file = self.upload(&content).await;
        self.files.lock().unwrap().push((file.clone(), content));
        // All differ: an equal one would count as a repetition.
        let detail = format!("头痛 {number}-{}", dice.roll(u64::MAX));
        let body =
            json!({"type": "在家就医", "inquiry_detail": detail, "appointment_time": "2027-03-02 20:30"});
        let submitted =
            self.ask(&Method::POST, &self.patient, "/api/inquiry/createInquiryRecord", Some(&body)).await;
        let inquiry = submitted.unwrap()["id"].as_i64().unwrap();
        let place = {
            let mut inquiries = self.inquiries.lock().unwrap();
            inquiries.push((inquiry, 1));
            inquiries.len() - 1
        };
        let mut order = 0;
        for (step, name) in STEPS.into_iter().enumerate().skip(1) {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            if step == 5 {
                let record = format!("/api/medical/queryMedialRecordInformation?inquiryId={inquiry}");
                let record = self.get(&self.physician, &record).await["id"].clone();
                let path = format!("/api/drug/queryDrugByMedicalId?medical_id={record}");
                order = self.get(&self.physician, &path).await["drug_id"].as_i64().unwrap();
            }
            let (method, token, path, body) = self.step(step, inquiry, order, &file);
            if self.ask(&method, token, &path, body.as_ref()).await.is_none() {
                // An earlier attempt must have succeeded, with its response lost.
                assert!(self.reached(inquiry).await > step, "{name} was rejected too early");
            }
            self.inquiries.lock().unwrap()[place].1 = step + 1;
        }
    }

    fn step(
        &self,
        step: usize,
        inquiry: i64,
        order: i64,
        file: &str,
    ) -> (Method, &str, String, Option<Value>) {
        let (admin, physician) = (self.admin.as_str(), self.physician.as_str());
        match STEPS[step] {
            "assigned" => {
                let uuid = &self.physician_uuid;
                let path = format!("/api/inquiry/appointedPhysician?id={inquiry}&userUUID={uuid}");
                (Method::POST, admin, path, None)
            }
            "accepted" => {
                let path = format!("/api/inquiry/physicianReception?id={inquiry}&isReception=true");
                (Method::PUT, physician, path, None)
            }
            "registered" => {
                let body = json!({"bind_inquiry_id": inquiry, "diagnostic_description": "高血压",
                    "inquiry_video": file, "medical_img": file, "is_need_by_drug": true});
                (Method::POST, physician, "/api/medical/medicalRegistration".to_owned(), Some(body))
            }
            "approved" => {
                (Method::PUT, admin, format!("/api/inquiry/approveInquiryRecord?id={inquiry}"), None)
            }
            "purchased" => {
                (Method::POST, physician, format!("/api/drug/physiciansOrderAgentDrug?id={order}"), None)
            }
            "dispatched" => {
                let path = format!("/api/drug/physiciansOrderDelivery?id={order}&certificate={file}");
                (Method::POST, physician, path, None)
            }
            _ => (Method::POST, admin, format!("/api/drug/hospitalAgentDrugConfirmReceipt?id={order}"), None),
        }
    }

    async fn upload(&self, content: &[u8]) -> String {
        loop {
            let request = self.request(Method::POST, &self.physician, "/api/upload");
            let request = request.header("content-type", form::CONTENT_TYPE).body(form::with_file(content));
            if let Ok(answer) = request.send().await {
                let status = answer.status().as_u16();
                if let Ok(text) = answer.text().await {
                    match status {
                        200 => return payload(&text).as_str().unwrap().to_owned(),
                        503 => {}
                        _ => panic!("an upload: {status} {text}"),
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the service works again; returns how long that took.
    async fn works_again(&self) -> Duration {
        let since = Instant::now();
        eventually("it works again", async || {
            let answer = self.request(Method::GET, "", "/readyz").send().await;
            answer.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
        since.elapsed()
    }

    /// Number of changes acknowledged so far.
    fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Checks that everything acknowledged is there.
    async fn check(&self, instance: &Instance) {
        let inquiries = self.inquiries.lock().unwrap().clone();
        for (inquiry, acknowledged) in inquiries {
            let reached = self.reached(inquiry).await;
            assert!(
                reached >= acknowledged,
                "inquiry {inquiry}: {acknowledged} steps were acknowledged, {reached} are there"
            );
        }
        let files = self.files.lock().unwrap().clone();
        for (url, content) in files {
            assert_eq!(instance.file(&url).await, content, "{url}");
        }
        let listed = self.get(&self.admin, "/api/inquiry/queryAllInquiryRecord?page=1&size=1").await;
        let all = self.get(&self.admin, "/api/inquiry/queryAllInquiryRecord").await;
        assert_eq!(listed["total"], all["list"].as_array().unwrap().len(), "the total is right");
    }
}

fn payload(text: &str) -> Value {
    serde_json::from_str::<Value>(text).unwrap()["data"][0].clone()
}

async fn torture(folder: &Path, settings: &[(&str, &str)], mut database: Option<Server>) {
    let seed = setting("YILIN_TORTURE_SEED", 1);
    let lasting = Duration::from_secs(setting("YILIN_TORTURE_SECONDS", 10));
    let (least_kills, least_changes) =
        (setting("YILIN_TORTURE_KILLS", KILLS), setting("YILIN_TORTURE_CHANGES", CHANGES));
    let database_url = settings.iter().find(|(name, _)| *name == "YILIN_DATABASE_URL");
    let database_url = database_url.map_or_else(
        || format!("sqlite:{}", folder.join("data/yilin.db").display()),
        |(_, url)| (*url).to_owned(),
    );
    let dice = Dice(FakeRandom::new(seed));
    // Errors are expected here and not logged.
    let settings = &[settings, &[("YILIN_LOG", "off")]].concat();
    let mut instance = Instance::start(folder, settings);
    let hospital = Arc::new(Hospital::new(&instance).await);
    let flows: Vec<_> = (0..FLOWS)
        .map(|number| {
            let hospital = hospital.clone();
            let dice = Dice(FakeRandom::new(seed * 1000 + u64::try_from(number).unwrap()));
            tokio::spawn(async move {
                while !hospital.stop.load(Ordering::Relaxed) {
                    hospital.flow(number, &dice).await;
                }
            })
        })
        .collect();
    let began = Instant::now();
    let (mut kills, mut slowest) = (0, Duration::ZERO);
    while began.elapsed() < lasting || kills < least_kills || hospital.acknowledged() < least_changes {
        let before = hospital.acknowledged();
        eventually("the flows make progress", async || {
            assert!(flows.iter().all(|flow| !flow.is_finished()), "a flow failed");
            hospital.acknowledged() >= before + least_changes.div_ceil(least_kills).max(CHANGES_BETWEEN)
        })
        .await;
        dice.pause(1200).await;
        match &mut database {
            Some(server) if dice.roll(2) == 0 => {
                server.kill();
                dice.pause(1500).await;
                server.restart().await;
                slowest = slowest.max(hospital.works_again().await);
            }
            _ => {
                instance.kill();
                instance = Instance::start(folder, settings);
                instance.address().clone_into(&mut hospital.address.write().unwrap());
            }
        }
        kills += 1;
    }
    hospital.stop.store(true, Ordering::Relaxed);
    for flow in flows {
        flow.await.unwrap();
    }
    hospital.check(&instance).await;
    let changes = assert_changes_and_entries_are_the_same(&database_url).await;
    let acknowledged = hospital.acknowledged();
    println!("seed {seed}: {changes} changes and their entries are the same set");
    println!(
        "seed {seed}: {kills} kills, {acknowledged} acknowledged changes; at most {slowest:?} after the database"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_changes_survive_kills_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    torture(folder.path(), &[], None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_changes_survive_kills_of_service_and_mariadb() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start().await);
    let url = server.database().await;
    torture(folder.path(), &[("YILIN_DATABASE_URL", &url)], Some(server)).await;
}

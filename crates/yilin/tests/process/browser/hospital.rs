//! A hospital at work: the service with demo data.

use std::process::Stdio;

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::form_urlencoded::byte_serialize;

use super::session::Browser;
use super::setup::Setup;
use crate::instance::{Instance, yilin};

/// The admin's password.
pub(super) const PASSWORD: &str = "the-hospital-1";
const SETTINGS: &[(&str, &str)] = &[("YILIN_ADMIN_PASSWORD", PASSWORD)];

/// The service with demo data, on its own database.
pub(super) struct Hospital {
    pub(super) service: Instance,
    /// The admin's token for the JSON interface.
    token: String,
    folder: TempDir,
}

/// A hospital whose service is down.
pub(super) struct Closed {
    address: String,
    token: String,
    folder: TempDir,
}

impl Closed {
    /// Starts the service again, at the same address.
    pub(super) fn open(self) -> Hospital {
        let Self { address, token, folder } = self;
        let settings = [SETTINGS, &[("YILIN_BIND", address.as_str())]].concat();
        Hospital { service: Instance::start(folder.path(), &settings), token, folder }
    }
}

impl Hospital {
    /// Opens with visits in every status.
    pub(super) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut demo = yilin(folder.path(), SETTINGS);
        assert!(demo.arg("demo").stdout(Stdio::null()).status().unwrap().success());
        let service = Instance::start(folder.path(), SETTINGS);
        let token = service.log_in(PASSWORD).await;
        let hospital = Self { service, token, folder };
        // The demo has none that is still returned.
        let visit = hospital.visit_in("registered").await;
        let path = format!("/api/inquiry/returnInquiryRecord?id={visit}");
        hospital.put(&hospital.token, &path, &json!({ "reason": "请补充用药后的血压。" })).await;
        // The demo's records name files that are elsewhere.
        hospital.register(hospital.visit_in("accepted").await).await;
        hospital
    }

    /// The service goes down.
    pub(super) fn close(self) -> Closed {
        let Self { service, token, folder } = self;
        let address = service.address().to_owned();
        service.kill();
        Closed { address, token, folder }
    }

    /// A browser for its pages.
    pub(super) async fn browser(&self, setup: Setup) -> Browser {
        Browser::start(&format!("http://{}", self.service.address()), setup).await
    }

    /// Every visit, as the JSON interface shows it.
    pub(super) async fn visits(&self) -> Vec<Value> {
        let list = self.service.payload("/api/inquiry/queryAllInquiryRecord", &self.token).await;
        list["list"].as_array().unwrap().clone()
    }

    /// The visit with this id.
    pub(super) async fn visit(&self, id: u64) -> Value {
        self.service.payload(&format!("/api/inquiry/queryInquiryRecordById?id={id}"), &self.token).await
    }

    /// The id of the newest visit in this status.
    pub(super) async fn visit_in(&self, status: &str) -> u64 {
        let visits = self.visits().await;
        let visit = visits.iter().find(|visit| visit["status"] == status);
        visit.unwrap_or_else(|| panic!("no visit is {status}"))["id"].as_u64().unwrap()
    }

    /// The id of the newest drug order in this status.
    pub(super) async fn order_in(&self, status: &str) -> u64 {
        let order = self.order_where(|order| order["status"] == status).await;
        order.unwrap_or_else(|| panic!("no drug order is {status}"))["drug_id"].as_u64().unwrap()
    }

    /// The drug order of a visit.
    pub(super) async fn order_of(&self, visit: u64) -> Value {
        let order = self.order_where(|order| order["inquiry_id"] == visit).await;
        order.unwrap_or_else(|| panic!("visit {visit} has no drug order"))
    }

    async fn order_where(&self, is_wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        let list = self.service.payload("/api/drug/queryAllDrug", &self.token).await;
        list["list"].as_array().unwrap().iter().find(|order| is_wanted(order)).cloned()
    }

    /// The account of somebody in this role, or of somebody whose account is disabled.
    pub(super) async fn person(&self, role: &str) -> String {
        match role {
            "patient" => {
                let list = self.service.payload("/api/user/queryPatientInformation", &self.token).await;
                let people = list["list"].as_array().unwrap();
                uuid_of(people.iter().find(|person| person["username"] == "沈阿婆").unwrap())
            }
            "physician" => self.physicians().await[0].clone(),
            "disabled" => {
                let path = "/api/mock/generatePatientAccount?number=1";
                let uuid = uuid_of(&self.service.payload(path, &self.token).await["accounts"][0]);
                let path = format!("/api/user/disableAccount?uuid={uuid}");
                self.put(&self.token, &path, &json!({ "reason": "已经搬走" })).await;
                uuid
            }
            _ => uuid_of(&self.service.payload("/api/user/queryUserMessage", &self.token).await),
        }
    }

    /// Two physicians.
    pub(super) async fn physicians(&self) -> [String; 2] {
        let list = self.service.payload("/api/user/queryDoctorInformation", &self.token).await;
        [0, 1].map(|place| uuid_of(&list["list"][place]))
    }

    /// Imports somebody, and a row that has to be corrected. Returns the import.
    pub(super) async fn import(&self) -> String {
        let csv = "姓名,电话,角色\n金秀兰,13800009001,患者\n金秀兰,1,患者\n";
        let answer: Value = self.service.import(&self.token, csv).send().await.unwrap().json().await.unwrap();
        answer["data"][0]["job"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// The token of a visit's physician.
    pub(super) async fn physician_of(&self, visit: u64) -> String {
        let uuid = self.visit(visit).await["physician"]["uuid"].clone();
        let people = self.service.payload("/api/user/queryDoctorInformation", &self.token).await;
        let people = people["list"].as_array().unwrap();
        let physician = people.iter().find(|person| person["uuid"] == uuid).unwrap();
        let body = json!({ "phone": physician["phone"], "password": "123456" });
        let answer = self.service.post("/api/user/login", &body).await;
        answer["data"][0]["token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// The physician of a visit accepts it.
    pub(super) async fn accept(&self, visit: u64) {
        let token = self.physician_of(visit).await;
        let path = format!("/api/inquiry/physicianReception?id={visit}&isReception=true");
        self.put(&token, &path, &json!({})).await;
    }

    /// The physician of a visit registers it with a picture, and orders drugs.
    pub(super) async fn register(&self, visit: u64) {
        let token = self.physician_of(visit).await;
        let picture = self.service.upload(&token, &picture(1600, 1200)).await;
        let record = json!({
            "bind_inquiry_id": visit, "inquiry_video": picture, "medical_img": picture, "is_need_by_drug": true,
            "diagnostic_description": "血压 138/86，心率 72，伤口愈合良好。继续双抗治疗，两周后复查。",
        });
        self.send(Method::POST, &token, "/api/medical/medicalRegistration", &record).await;
    }

    /// The physician of a visit buys and delivers the drugs.
    pub(super) async fn deliver(&self, visit: u64) {
        let token = self.physician_of(visit).await;
        let order = self.order_of(visit).await["drug_id"].clone();
        let path = format!("/api/drug/physiciansOrderAgentDrug?id={order}");
        self.send(Method::POST, &token, &path, &json!({})).await;
        let proof = self.service.upload(&token, &picture(1200, 1600)).await;
        let proof: String = byte_serialize(proof.as_bytes()).collect();
        let path = format!("/api/drug/physiciansOrderDelivery?id={order}&certificate={proof}");
        self.send(Method::POST, &token, &path, &json!({})).await;
    }

    /// Another admin appoints a physician.
    pub(super) async fn appoint(&self, visit: u64) {
        let physician = self.person("physician").await;
        let path = format!("/api/inquiry/appointedPhysician?id={visit}&userUUID={physician}");
        self.send(Method::POST, &self.token, &path, &json!({})).await;
    }

    /// Another admin approves the record of a visit.
    pub(super) async fn approve(&self, visit: u64) {
        let path = format!("/api/inquiry/approveInquiryRecord?id={visit}");
        self.put(&self.token, &path, &json!({})).await;
    }

    /// The physician of a visit adds to its record.
    pub(super) async fn add_to_record(&self, visit: u64, text: &str) {
        let token = self.physician_of(visit).await;
        let path = format!("/api/medical/queryMedialRecordInformation?inquiryId={visit}");
        let record = self.service.payload(&path, &self.token).await;
        let path = format!("/api/medical/addAddendum?medicalId={}", record["id"]);
        let body = json!({ "text": text, "reason": "按医院要求补充" });
        self.send(Method::POST, &token, &path, &body).await;
    }

    async fn put(&self, token: &str, path: &str, body: &Value) {
        self.send(Method::PUT, token, path, body).await;
    }

    async fn send(&self, method: Method, token: &str, path: &str, body: &Value) {
        let answer = self.service.request(method, path, token).json(body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["code"], 200, "{path}: {answer}");
    }
}

fn uuid_of(account: &Value) -> String {
    account["uuid"].as_str().unwrap().to_owned()
}

/// A GIF of this size, all of one colour.
fn picture(width: u16, height: u16) -> Vec<u8> {
    let head = [&b"GIF89a"[..], &width.to_le_bytes(), &height.to_le_bytes(), &[0x80, 0, 0]].concat();
    // The colours, and one pixel of the first.
    let (colours, pixel) = ([0x0a, 0x5c, 0x60, 0, 0, 0], [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
    [&head[..], &colours, &pixel, b";"].concat()
}

impl Browser {
    /// Logs in the admin on the log-in page.
    pub(super) async fn log_in(&self) {
        self.open("/console/log-in").await;
        self.enter_password().await;
        self.find("form[action='/console/log-out']").await;
    }

    /// Fills in and sends the log-in form that is shown.
    pub(super) async fn enter_password(&self) {
        self.fill("[name=username]", "admin").await;
        self.fill("[name=password]", PASSWORD).await;
        self.click("form[action='/console/log-in'] button[type=submit]").await;
    }
}

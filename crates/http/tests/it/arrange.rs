//! Accounts and records for tests, created over HTTP.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::answer::{Answer, Client};
use crate::world::World;

/// A file that was not uploaded here.
pub(crate) const CID: &str = "QmUSaebDyekM1GFk7FExm2NqMBFyTUC5crTuBTTSwiPAzG";

/// A logged-in account.
#[derive(Clone)]
pub(crate) struct Person<'w> {
    pub(crate) client: Client<'w>,
    pub(crate) account: Value,
    /// The cookie set by the log-in, as `name=value`.
    pub(crate) cookie: String,
}

impl<'w> Person<'w> {
    fn new(world: &'w World, answer: Answer) -> Self {
        let cookie = answer.session_cookie().expect("a log-in sets the cookie");
        let account = answer.payload();
        Self { client: world.anonymous().token(account["token"].as_str().unwrap()), account, cookie }
    }

    /// The token of the log-in.
    pub(crate) fn token(&self) -> &str {
        self.account["token"].as_str().unwrap()
    }

    /// The same account without the header, authenticated by the cookie alone.
    pub(crate) fn by_cookie(&self) -> Client<'w> {
        self.client.nobody().with("cookie", self.cookie.clone())
    }

    /// Like [`Self::by_cookie`], from one of our own pages.
    pub(crate) fn by_page(&self) -> Client<'w> {
        self.by_cookie().with("sec-fetch-site", "same-origin")
    }

    pub(crate) fn uuid(&self) -> &str {
        self.account["uuid"].as_str().unwrap()
    }

    pub(crate) fn phone(&self) -> &str {
        self.account["phone"].as_str().unwrap()
    }
}

impl World {
    /// The admin, logged in.
    pub(crate) async fn admin(&self) -> Person<'_> {
        self.log_in_admin("admin", "admin").await
    }

    /// An admin of this name, logged in.
    pub(crate) async fn log_in_admin(&self, username: &str, password: &str) -> Person<'_> {
        let credentials = json!({"username": username, "password": password});
        Person::new(self, self.anonymous().post("/api/user/adminLogin", credentials).await.expect(200))
    }

    /// Creates and logs in patients.
    pub(crate) async fn patients(&self, number: usize) -> Vec<Person<'_>> {
        self.people("generatePatientAccount", number).await
    }

    /// Creates and logs in physicians.
    pub(crate) async fn physicians(&self, number: usize) -> Vec<Person<'_>> {
        self.people("generatePhysicianAccount", number).await
    }

    async fn people(&self, route: &str, number: usize) -> Vec<Person<'_>> {
        let admin = self.admin().await;
        let made = admin.client.get(&format!("/api/mock/{route}?number={number}")).await.payload();
        let mut people = Vec::new();
        for account in made["accounts"].as_array().unwrap() {
            people.push(self.log_in(account["phone"].as_str().unwrap(), "123456").await);
        }
        people
    }

    /// Logs in by phone number.
    pub(crate) async fn log_in(&self, phone: &str, password: &str) -> Person<'_> {
        let credentials = json!({"phone": phone, "password": password});
        Person::new(self, self.anonymous().post("/api/user/login", credentials).await.expect(200))
    }
}

/// A body for a new inquiry. All differ: an equal one would count as a repetition.
pub(crate) fn inquiry_body() -> Value {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let detail = format!("经常感到头痛 {}", NUMBER.fetch_add(1, Ordering::Relaxed));
    json!({"type": "在家就医", "inquiry_detail": detail, "appointment_time": "2024-03-02 20:30"})
}

/// A body for the registration of a consultation.
pub(crate) fn registration_body(inquiry: i64, needs_drugs: bool) -> Value {
    json!({
        "bind_inquiry_id": inquiry,
        "diagnostic_description": "病人有高血压",
        "inquiry_video": CID,
        "medical_img": CID,
        "is_need_by_drug": needs_drugs,
    })
}

/// The accounts of an inquiry, and the steps of its workflow.
pub(crate) struct Case<'w> {
    pub(crate) admin: Person<'w>,
    pub(crate) patient: Person<'w>,
    pub(crate) physician: Person<'w>,
}

impl<'w> Case<'w> {
    pub(crate) async fn new(world: &'w World) -> Self {
        Self {
            admin: world.admin().await,
            patient: world.patients(1).await.remove(0),
            physician: world.physicians(1).await.remove(0),
        }
    }

    pub(crate) async fn submitted(&self) -> i64 {
        let inquiry =
            self.patient.client.post("/api/inquiry/createInquiryRecord", inquiry_body()).await.payload();
        inquiry["id"].as_i64().unwrap()
    }

    pub(crate) async fn assigned(&self) -> i64 {
        let id = self.submitted().await;
        let uuid = self.physician.uuid();
        self.admin
            .client
            .post(&format!("/api/inquiry/appointedPhysician?id={id}&userUUID={uuid}"), None)
            .await
            .expect(200);
        id
    }

    pub(crate) async fn accepted(&self) -> i64 {
        let id = self.assigned().await;
        self.physician
            .client
            .put(&format!("/api/inquiry/physicianReception?id={id}&isReception=true"), None)
            .await
            .expect(200);
        id
    }

    /// The ids of a registered inquiry and its medical record.
    pub(crate) async fn registered(&self) -> (i64, i64) {
        let id = self.accepted().await;
        let body = registration_body(id, true);
        let record = self.physician.client.post("/api/medical/medicalRegistration", body).await.payload();
        (id, record["id"].as_i64().unwrap())
    }

    /// A pending drug order.
    pub(crate) async fn ordered(&self) -> i64 {
        let (_, record) = self.registered().await;
        let path = format!("/api/drug/queryDrugByMedicalId?medical_id={record}");
        self.patient.client.get(&path).await.payload()["drug_id"].as_i64().unwrap()
    }
}

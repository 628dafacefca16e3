//! Whatever stands in an address: nothing makes a page or an answer fail.

use std::collections::BTreeSet;

use actix_web::http::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use yilin_domain::account::{Account, Role};
use yilin_domain::audit::AuditFilter;
use yilin_testkit::eventually;
use yilin_web::route::Route;

use crate::world::{PASSWORD, World, actor, phone, run, run_on_mariadb, run_on_sqlite};

/// Values that are no position in a list, no day, no id of anything, or nothing at all.
const ODD: [&str; 22] = [
    "",
    "0",
    "1",
    "-1",
    "7.5",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "2024-02-30",
    "9999-12-31T23:59:59Z",
    "ffffffff",
    "ffffffffffffffffffffffffffffffff",
    "1390000000013900000000",
    "x",
    "王",
    "%00",
    "%FF",
    "%F0%9F%98%80",
    "'\"%25_",
];

/// Who sends the requests, and the values of parameters that a request needs besides the odd one.
struct Sender<'w> {
    world: &'w World,
    /// The tokens of an admin, a patient and a physician.
    tokens: [(Role, String); 3],
    console: String,
    usual: Vec<(&'static str, String)>,
}

impl<'w> Sender<'w> {
    async fn new(world: &'w World) -> Self {
        let patient = world.account(Role::Patient, "王秀英").await;
        let physician = world.account(Role::Physician, "李建国").await;
        let visit = world.registered(&patient, &physician).await.to_string();
        let admin = json!({"username": "admin", "password": PASSWORD});
        let tokens = [
            (Role::Admin, token(world, "adminLogin", &admin).await),
            (Role::Patient, token(world, "login", &of(&patient)).await),
            (Role::Physician, token(world, "login", &of(&physician)).await),
        ];
        let usual = [
            ("userUUID", physician.uuid.to_string()),
            ("from", "2024-03-01".to_owned()),
            ("to", "2024-03-31".to_owned()),
            ("id", visit.clone()),
            ("inquiryId", visit),
            ("number", "1".to_owned()),
            ("goroutineNumber", "1".to_owned()),
        ];
        let console = world.admin().await.cookie("yilin_console").unwrap().to_owned();
        Self { world, tokens, console, usual: usual.into() }
    }

    /// The value that an address usually has there.
    fn usual(&self, name: &str) -> &str {
        self.usual.iter().find(|(usual, _)| *usual == name).map_or("1", |(_, value)| value)
    }

    /// The status of the answer, whose body may have no end.
    async fn status(&self, route: &Route, path: &str, header: Option<(&str, &str)>) -> u16 {
        let mut request = self.world.http.get(format!("{}{path}", self.world.base));
        if route.path.starts_with("/console") {
            request = request.header("cookie", format!("yilin_console={}", self.console));
        } else if let Some(role) = route.input.roles.and_then(<[Role]>::first) {
            let (_, token) = self.tokens.iter().find(|(of, _)| of == role).unwrap();
            request = request.header("authorization", token);
        }
        if let Some((name, value)) = header {
            request = request.header(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        request.send().await.unwrap().status().as_u16()
    }
}

fn of(account: &Account) -> Value {
    json!({"phone": phone(account), "password": PASSWORD})
}

async fn token(world: &World, route: &str, body: &Value) -> String {
    let url = format!("{}/api/user/{route}", world.base);
    let answer = world.http.post(url).body(body.to_string()).send().await.unwrap();
    let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    answer["data"][0]["token"].as_str().unwrap().to_owned()
}

#[test]
fn nothing_in_an_address_makes_an_answer_fail() {
    run(async |world| every_address(world).await);
}

#[test]
fn nothing_in_an_address_makes_an_answer_fail_on_sqlite() {
    run_on_sqlite(async |world| every_address(world).await);
}

#[test]
fn nothing_in_an_address_makes_an_answer_fail_on_mariadb() {
    run_on_mariadb(async |world| every_address(world).await);
}

async fn every_address(world: &World) {
    let sender = Sender::new(world).await;
    let (mut tried, mut failed) = (BTreeSet::new(), Vec::new());
    for route in yilin_pages::adapter().routes.iter().chain(yilin_http::adapter().routes) {
        if route.method != Method::GET {
            continue;
        }
        let parameters: Vec<Value> =
            route.input.parameters.iter().map(|parameter| serde_json::to_value(parameter).unwrap()).collect();
        for odd in &parameters {
            let (name, place) = (odd["name"].as_str().unwrap(), odd["in"].as_str().unwrap());
            tried.insert((route.operation, name.to_owned()));
            for value in ODD {
                let (mut path, mut query) = (route.path.to_owned(), Vec::new());
                for other in &parameters {
                    let name = other["name"].as_str().unwrap();
                    let value = if other == odd { value } else { sender.usual(name) };
                    match other["in"].as_str().unwrap() {
                        "path" => path = path.replace(&format!("{{{name}}}"), value),
                        "query" if other == odd || other["required"] == true => {
                            query.push(format!("{name}={value}"));
                        }
                        _ => {}
                    }
                }
                let path = format!("{path}?{}", query.join("&"));
                let header = (place == "header").then_some((name, value));
                let status = sender.status(route, &path, header).await;
                // 503: of open streams, which end when the service notices that nobody reads them, there may be too many.
                let is_stream = route.operation == "listen" || route.operation == "consoleEvents";
                if status >= 500 && !(is_stream && status == 503) {
                    failed.push(format!("{path} {header:?}: {status}"));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
    for (operation, name) in [
        ("consoleAudit", "older"),
        ("consoleVisits", "newer"),
        ("consoleDrugOrders", "older"),
        ("consoleDuplicates", "after"),
        ("consoleEvents", "Last-Event-ID"),
        ("consoleVisit", "id"),
        ("listen", "Last-Event-ID"),
        ("queryPatientInquiryRecord", "page"),
        ("physicianSchedule", "from"),
    ] {
        assert!(tried.contains(&(operation, name.to_owned())), "{operation}, {name}: {tried:?}");
    }
}

#[test]
fn the_log_after_an_entry_that_does_not_exist_is_no_record() {
    run(async |world| lost_place(world).await);
}

#[test]
fn the_log_after_an_entry_that_does_not_exist_is_no_record_on_sqlite() {
    run_on_sqlite(async |world| lost_place(world).await);
}

#[test]
fn the_log_after_an_entry_that_does_not_exist_is_no_record_on_mariadb() {
    run_on_mariadb(async |world| lost_place(world).await);
}

async fn lost_place(world: &World) {
    let mut admin = world.admin().await;
    admin.get("/console/service").await.expect(200);
    let by = actor(&world.first_admin().await);
    eventually("an entry is written", async || {
        !world.use_cases.audit.after(&by, &AuditFilter::default(), None, 1).await.unwrap().is_empty()
    })
    .await;
    for older in [i64::MAX, i64::MAX - 1_000_000] {
        admin.get(&format!("/console/audit?older={older}")).await.expect(404).shows("没有找到记录");
    }
}

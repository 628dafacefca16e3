//! Access: every declared route with every kind of caller, and an audit entry for each access to personal data.

use std::collections::BTreeMap;

use actix_web::http::Method;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};
use yilin_domain::account::Role;
use yilin_domain::audit::AuditFilter;
use yilin_testkit::eventually;
use yilin_web::route::Route;

use crate::browser::Browser;
use crate::world::{PASSWORD, SECRET, World, actor, phone, run};

/// Every route of the console.
pub(crate) fn routes() -> &'static [Route] {
    yilin_pages::adapter().routes
}

/// The claims of one of our tokens.
fn claims(token: &str) -> BTreeMap<String, Value> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(SECRET);
    jsonwebtoken::decode::<BTreeMap<String, Value>>(token, &key, &validation).unwrap().claims
}

/// A token with these claims.
fn signed(claims: &BTreeMap<String, Value>) -> String {
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(SECRET)).unwrap()
}

/// The token and the cookie of a session of the JSON interface.
async fn api_session(world: &World) -> (String, String) {
    let body = json!({"username": "admin", "password": PASSWORD}).to_string();
    let request = world.http.post(format!("{}/api/user/adminLogin", world.base)).body(body);
    let response = request.header("sec-fetch-site", "same-origin").send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    let token = answer["data"][0]["token"].as_str().unwrap().to_owned();
    (token, cookie.strip_prefix("yilin_session=").unwrap().to_owned())
}

/// Browsers without access: who uses them, and whether they are somebody, but not of the staff.
async fn refused(world: &World) -> Vec<(&'static str, bool, Browser<'_>)> {
    let admin = world.admin().await;
    let console = admin.cookie("yilin_console").unwrap().to_owned();
    let (header, cookie) = api_session(world).await;
    let with_cookie = |value: &str| {
        let mut browser = world.browser();
        browser.set_cookie("yilin_console", value);
        browser
    };
    let changed = |name: &str, value: Value| {
        let mut claims = claims(&console);
        claims.insert(name.to_owned(), value);
        with_cookie(&signed(&claims))
    };
    let mut api_cookie = world.browser();
    api_cookie.set_cookie("yilin_session", &cookie);
    let mut console_as_api_cookie = world.browser();
    console_as_api_cookie.set_cookie("yilin_session", &console);
    let old = world.ports.clock.now().timestamp() - 12 * 3600;
    vec![
        ("nobody", false, world.browser()),
        ("a header token", false, world.browser().with("authorization", header.clone())),
        ("a console token in the header", false, world.browser().with("authorization", console.clone())),
        ("a header token in the console's cookie", false, with_cookie(&header)),
        ("an API cookie", false, api_cookie),
        ("an API cookie's token in the console's", false, with_cookie(&cookie)),
        ("a console token in the API's cookie", false, console_as_api_cookie),
        ("nonsense", false, with_cookie("nonsense")),
        ("an expired token", false, changed("exp", json!(1))),
        ("a token that was set half a day ago", false, changed("iat", json!(old))),
        ("a patient", true, changed("role", json!(Role::Patient.as_str()))),
        ("a physician", true, changed("role", json!(Role::Physician.as_str()))),
    ]
}

#[test]
fn every_page_admits_the_staff_only() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let physician = world.account(Role::Physician, "李建国").await;
        let id = world.registered(&patient, &physician).await;
        let record = world.use_cases.consultations.of_inquiry(&actor(&physician), id).await.unwrap();
        let orders = &world.use_cases.drug_orders;
        let order = orders.of_medical_record(&actor(&physician), record.record.unwrap().id).await.unwrap();
        let order = order.order.id;
        let by = actor(&world.first_admin().await);
        let run = world.use_cases.audit.begin_verification(&by).await.unwrap().unwrap();
        world.use_cases.audit.run_verification(run).await.unwrap();
        let import = crate::imports::checked(world, &by).await;
        let asset = world.admin().await.get("/console").await.all("link[rel=stylesheet]", "href").remove(0);
        let asset = asset.rsplit_once('/').unwrap().1.to_owned();
        let mut refused = refused(world).await;
        let mut admin = world.admin().await;
        // The session ends with the log-out.
        let mut routes: Vec<&Route> = routes().iter().collect();
        routes.sort_by_key(|route| route.path == "/console/log-out");
        for route in routes {
            let record = match route.path {
                // Only physicians have work to hand over.
                path if path.ends_with("/hand-over") => physician.uuid.to_string(),
                path if path.starts_with("/console/people/") => patient.uuid.to_string(),
                path if path.contains("/drug-orders/") => order.to_string(),
                path if path.contains("/import/") => import.to_string(),
                _ => id.to_string(),
            };
            let path = route.path.replace("{id}", &record).replace("{name}", &asset);
            let fields = (route.method == Method::POST).then(Vec::new);
            let method = reqwest::Method::from_bytes(route.method.as_str().as_bytes()).unwrap();
            let about = format!("{method} {path}");
            let is_protected = route.input.roles.is_some();
            for (who, is_known, browser) in &mut refused {
                let mut browser = browser.clone();
                let page = browser.send(method.clone(), &path, fields.clone()).await;
                let status = page.status.as_u16();
                match (is_protected, *is_known, method == reqwest::Method::GET) {
                    (false, ..) => assert!(![401, 403].contains(&status), "{about} by {who}: {status}"),
                    (true, true, _) => assert_eq!(status, 403, "{about} by {who}"),
                    (true, false, true) => {
                        assert_eq!(status, 303, "{about} by {who}");
                        assert!(page.header("location").starts_with("/console/log-in"), "{about} by {who}");
                    }
                    (true, false, false) => assert_eq!(status, 401, "{about} by {who}"),
                }
            }
            // An open stream of events does not end.
            if path == "/console/events" || path == "/console/log-out" {
                continue;
            }
            let page = admin.send(method, &path, fields).await;
            let expected: &[u16] =
                if route.method == Method::GET { &[200, 204, 303, 409] } else { &[303, 409, 422] };
            assert!(expected.contains(&page.status.as_u16()), "{about} by an admin: {}", page.status);
        }
        assert!(crate::access::routes().iter().filter(|route| route.input.roles.is_some()).count() > 10);
    });
}

#[test]
fn a_token_of_the_console_is_none_of_the_interface() {
    run(async |world| {
        let admin = world.admin().await;
        let token = admin.cookie("yilin_console").unwrap();
        let url = format!("{}/api/user/verifyToken", world.base);
        let answer = world.http.get(url).header("authorization", token).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        let patient = world.account(Role::Patient, "王秀英").await;
        assert!(!phone(&patient).is_empty());
    });
}

#[test]
fn an_ended_session_ends_everywhere() {
    run(async |world| {
        let mut one = world.admin().await;
        let mut other = one.clone();
        let page = one.get("/console").await;
        one.submit(&page, "/console/log-out", &[]).await.expect(303);
        other.get("/console/visits").await.expect(303);
        other.post("/console/visits/new", &[]).await.expect(401);
    });
}

#[test]
fn what_a_page_shows_is_recorded() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let physician = world.account(Role::Physician, "李建国").await;
        let id = world.registered(&patient, &physician).await;
        let found = world.use_cases.consultations.of_inquiry(&actor(&patient), id).await.unwrap();
        let record = found.record.unwrap().id;
        let mut admin = world.admin().await;
        admin.get(&format!("/console/visits/{id}")).await.expect(200);
        admin.get(&format!("/console/visits/{id}/record")).await.expect(200);
        admin.get("/console/visits?name=王").await.expect(200);
        let page = admin.get(&format!("/console/visits/{id}/approve")).await.expect(200);
        admin.submit(&page, &format!("/console/visits/{id}/approve"), &[]).await.expect(303);
        for (operation, entity, code) in [
            ("consoleVisit", id.to_string(), "R"),
            ("consoleVisitRecord", record.to_string(), "R"),
            ("consoleVisits", String::new(), "R"),
            ("consoleApprove", id.to_string(), "U"),
        ] {
            let filter = AuditFilter { operation: Some(operation.to_owned()), ..AuditFilter::default() };
            eventually(&format!("{operation} is recorded"), async || {
                let entries = world.ports.audit.batch(&filter, None, 100).await.unwrap().unwrap();
                entries.iter().any(|record| {
                    let event = &record.entry.event;
                    let of = event.entity.as_ref().map(|entity| entity.id.clone()).unwrap_or_default();
                    event.patient == Some(patient.uuid)
                        && event.action.code() == code
                        && of == entity
                        && event.agent.is_some_and(|agent| agent.role == Role::Admin)
                })
            })
            .await;
        }
    });
}

//! Pages that may use the cookie to change state.

use serde_json::json;

use crate::arrange::Person;
use crate::world::{Backend, World, run, run_adjusted};

const PUBLIC: &str = "https://yilin.example";
const CONSOLE: &str = "http://console.example:9000";

fn with_origins(options: &mut yilin_web::HttpOptions) {
    options.public_url = PUBLIC.parse().unwrap();
    options.web_origins = vec![CONSOLE.to_owned()];
}

/// Headers about the request's origin: ours, foreign, or none.
fn provenances(world: &World) -> [Vec<Vec<(&'static str, String)>>; 2] {
    let site = |value: &str| ("sec-fetch-site", value.to_owned());
    let origin = |value: &str| ("origin", value.to_owned());
    let ours = vec![
        vec![site("same-origin")],
        vec![site("same-origin"), origin(PUBLIC)],
        vec![origin(&world.base)],
        vec![origin(PUBLIC)],
        vec![origin(CONSOLE)],
    ];
    let foreign = vec![
        vec![site("cross-site")],
        vec![site("same-site")],
        vec![site("cross-site"), origin(PUBLIC)],
        vec![origin("http://evil.example")],
        vec![origin("http://yilin.example")],
        vec![origin("https://yilin.example.evil.example")],
        vec![origin("https://yilin.example:8443")],
        vec![origin("http://127.0.0.1:1")],
        vec![origin("null")],
    ];
    [ours, foreign]
}

/// An upload without a file, with the cookie: 422 if the cookie is accepted.
async fn upload(person: &Person<'_>, headers: &[(&'static str, String)]) -> u16 {
    let client = headers.iter().fold(person.by_cookie(), |client, (name, value)| client.with(name, value));
    client.post("/api/upload", None).await.status.as_u16()
}

#[test]
fn only_our_own_pages_may_upload_with_the_cookie() {
    run_adjusted(Backend::Fakes, with_origins, async |world| {
        let admin = world.admin().await;
        let [ours, foreign] = provenances(world);
        for headers in ours {
            assert_eq!(upload(&admin, &headers).await, 422, "{headers:?}");
        }
        for headers in foreign {
            assert_eq!(upload(&admin, &headers).await, 403, "{headers:?}");
        }
        let decided_by_site =
            [("sec-fetch-site", "same-origin".to_owned()), ("origin", "http://evil.example".to_owned())];
        assert_eq!(upload(&admin, &decided_by_site).await, 422, "Sec-Fetch-Site decides if present");
        let typed = [("sec-fetch-site", "none".to_owned())];
        assert_eq!(upload(&admin, &typed).await, 403, "only same-origin passes");
        assert_eq!(upload(&admin, &[]).await, 403, "neither header");
    });
}

#[test]
fn a_foreign_page_cannot_log_out_with_the_cookie() {
    run_adjusted(Backend::Fakes, with_origins, async |world| {
        let admin = world.admin().await;
        let foreign = admin.by_cookie().with("sec-fetch-site", "cross-site");
        foreign.get("/api/user/logOut").await.expect_error(403, "request.foreign_origin");
        foreign.post("/api/logout", None).await.expect(403);
        admin.client.get("/api/user/verifyToken").await.expect(200);
    });
}

#[test]
fn reading_with_the_cookie_needs_no_origin() {
    run_adjusted(Backend::Fakes, with_origins, async |world| {
        let admin = world.admin().await;
        admin.by_cookie().get("/api/inquiry/queryInquiryRecordById?id=1").await.expect(404);
    });
}

#[test]
fn the_header_needs_no_origin() {
    run_adjusted(Backend::Fakes, with_origins, async |world| {
        let foreign = world.admin().await.client.with("sec-fetch-site", "cross-site");
        foreign.post("/api/upload", None).await.expect(422);
        foreign.post("/api/logout", None).await.expect(200);
    });
}

#[test]
fn a_log_in_from_a_foreign_page_sets_no_cookie() {
    run_adjusted(Backend::Fakes, with_origins, async |world| {
        let sets_cookie = async |headers: &[(&'static str, String)]| {
            let client =
                headers.iter().fold(world.anonymous(), |client, (name, value)| client.with(name, value));
            let credentials = json!({"username": "admin", "password": "admin"});
            client.post("/api/user/adminLogin", credentials).await.expect(200).set_cookie().is_some()
        };
        let [ours, foreign] = provenances(world);
        for headers in ours {
            assert!(sets_cookie(&headers).await, "{headers:?}");
        }
        for headers in foreign {
            assert!(!sets_cookie(&headers).await, "{headers:?}");
        }
        assert!(sets_cookie(&[]).await, "no browser omits both");
        let contradicting =
            [("sec-fetch-site", "same-origin".to_owned()), ("origin", "http://evil.example".to_owned())];
        assert!(!sets_cookie(&contradicting).await, "a foreign value of either");
    });
}

/// The preflight request before a page of another origin may send a token.
async fn preflight(world: &World, origin: &str) -> reqwest::Response {
    let request = world
        .http
        .request(reqwest::Method::OPTIONS, format!("{}/api/inquiry/createInquiryRecord", world.base));
    let request = request.header("origin", origin).header("access-control-request-method", "POST");
    request.header("access-control-request-headers", "authorization,content-type").send().await.unwrap()
}

#[test]
fn cors_allows_only_the_configured_origins() {
    run_adjusted(Backend::Fakes, with_origins, async |world| {
        let allowed = preflight(world, CONSOLE).await;
        assert_eq!(
            (allowed.status().as_u16(), &allowed.headers()["access-control-allow-origin"]),
            (200, &CONSOLE.parse().unwrap())
        );
        let named = allowed.headers()["access-control-allow-headers"].to_str().unwrap().to_lowercase();
        assert!(named.contains("authorization") && named.contains("content-type"), "{named}");
        for origin in ["http://evil.example", "null", "https://console.example:9000"] {
            let refused = preflight(world, origin).await;
            assert!(!refused.status().is_server_error());
            assert!(!refused.headers().contains_key("access-control-allow-origin"), "{origin}");
        }
        let answer = world.anonymous().with("origin", CONSOLE).get("/api/user/verifyToken").await.expect(401);
        assert_eq!(answer.headers["access-control-allow-origin"], CONSOLE, "errors can be read, too");
        let answer = world.anonymous().with("origin", "http://evil.example").get("/healthz").await;
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    });
    run(Backend::Fakes, async |world| {
        let refused = preflight(world, CONSOLE).await;
        assert!(!refused.headers().contains_key("access-control-allow-origin"), "none is allowed by default");
    });
}

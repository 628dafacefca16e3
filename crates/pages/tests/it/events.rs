//! Live updates: the stream of events, and rows that can be replaced.

use std::time::Duration;

use reqwest::Response;
use tokio::task::JoinHandle;
use yilin_domain::account::{Account, Role};
use yilin_domain::id::InquiryId;

use crate::browser::Browser;
use crate::world::{World, actor, run};

/// Numbers and publishes events, as the service does in the background.
fn pump(world: &World) -> JoinHandle<()> {
    let events = world.use_cases.events.clone();
    tokio::spawn(async move {
        loop {
            events.advance().await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
}

/// Listens at the address that a page names.
async fn listen(world: &World, admin: &Browser<'_>, address: &str) -> Response {
    let cookie = format!("yilin_console={}", admin.cookie("yilin_console").unwrap());
    let request = world.http.get(format!("{}{address}", world.base)).header("cookie", cookie);
    request.send().await.unwrap()
}

/// Reads until the stream has said this. Returns all that it has said.
async fn hear(stream: &mut Response, words: &str) -> String {
    let mut heard = String::new();
    while !heard.contains(words) {
        heard.push_str(&String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap()));
    }
    heard
}

async fn appoint(world: &World, id: InquiryId, physician: &Account) {
    let by = world.first_admin().await;
    world.use_cases.inquiries.appoint(&actor(&by), id, physician.uuid).await.unwrap();
}

#[test]
fn a_page_hears_of_changes_and_finds_the_row_again() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let physician = world.account(Role::Physician, "李建国").await;
        let id = world.visit(&patient, "2024-03-04 08:30").await.inquiry.id;
        let pump = pump(world);
        let mut admin = world.admin().await;
        let list = admin.get("/console/visits").await.expect(200);
        let of_visit = format!("inquiry-{id}");
        assert_eq!(list.all("tr[data-live]", "data-live"), std::slice::from_ref(&of_visit));
        assert!(list.all("body", "data-event-types")[0].split(' ').any(|name| name == "inquiry.assigned"));

        let mut stream = listen(world, &admin, &list.all("body", "data-events")[0]).await;
        assert_eq!(stream.status(), 200);
        assert_eq!(stream.headers()["content-type"], "text/event-stream; charset=utf-8");
        hear(&mut stream, "listening").await;
        appoint(world, id, &physician).await;
        let heard = hear(&mut stream, "inquiry.assigned").await;
        assert!(heard.contains(&format!(r#"{{"subject":{{"id":{id},"kind":"inquiry"}}}}"#)), "{heard}");
        let list = admin.get("/console/visits").await.expect(200);
        list.shows("李建国").shows("待接诊");
        assert_eq!(list.all("tr[data-live]", "id"), [format!("visit-{id}")]);
        pump.abort();
    });
}

#[test]
fn what_happens_before_a_page_listens_is_heard() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let physician = world.account(Role::Physician, "李建国").await;
        let id = world.visit(&patient, "2024-03-04 08:30").await.inquiry.id;
        world.use_cases.events.advance().await.unwrap();
        let mut admin = world.admin().await;
        let pages = ["/console", "/console/visits", "/console/visits?tab=submitted"].map(str::to_owned);
        let pages = pages
            .into_iter()
            .chain([format!("/console/visits/{id}"), format!("/console/visits/{id}/appoint")]);
        let mut addresses = Vec::new();
        for path in pages {
            let page = admin.get(&path).await.expect(200);
            addresses.push((path, page.all("body", "data-events").remove(0)));
        }
        appoint(world, id, &physician).await;
        world.use_cases.events.advance().await.unwrap();
        for (path, address) in addresses {
            let mut stream = listen(world, &admin, &address).await;
            let heard = hear(&mut stream, "inquiry.assigned").await;
            assert!(!heard.contains("inquiry.submitted"), "{path} shows that already: {heard}");
        }
    });
}

#[test]
fn a_page_without_records_that_change_does_not_listen() {
    run(async |world| {
        let mut admin = world.admin().await;
        for path in ["/console/people", "/console/audit", "/console/password"] {
            let page = admin.get(path).await.expect(200);
            assert_eq!(page.all("body", "data-events"), [""; 0], "{path}");
        }
        assert_eq!(listen(world, &admin, "/console/events?after=x").await.status(), 422);
        assert_eq!(listen(world, &admin, "/console/events?after=7").await.status(), 422);
    });
}

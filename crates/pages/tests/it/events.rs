//! Live updates: the stream of events, and rows that can be replaced.

use std::time::Duration;

use yilin_domain::account::Role;

use crate::world::{actor, run};

#[test]
fn a_page_hears_of_changes_and_finds_the_row_again() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let physician = world.account(Role::Physician, "李建国").await;
        let id = world.visit(&patient, "2024-03-04 08:30").await.inquiry.id;
        let events = world.use_cases.events.clone();
        let pump = tokio::spawn(async move {
            loop {
                events.advance().await.unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let mut admin = world.admin().await;
        let list = admin.get("/console/visits").await.expect(200);
        let of_visit = format!("inquiry-{id}");
        assert_eq!(list.all("tr[data-live]", "data-live"), std::slice::from_ref(&of_visit));
        assert_eq!(list.all("body", "data-events"), ["/console/events"]);
        assert!(list.all("body", "data-event-types")[0].split(' ').any(|name| name == "inquiry.assigned"));

        let cookie = format!("yilin_console={}", admin.cookie("yilin_console").unwrap());
        let request = world.http.get(format!("{}/console/events", world.base)).header("cookie", cookie);
        let mut stream = request.send().await.unwrap();
        assert_eq!(stream.status(), 200);
        assert_eq!(stream.headers()["content-type"], "text/event-stream; charset=utf-8");
        let mut heard = String::new();
        while !heard.contains("listening") {
            heard.push_str(&String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap()));
        }
        let by = world.first_admin().await;
        world.use_cases.inquiries.appoint(&actor(&by), id, physician.uuid).await.unwrap();
        while !heard.contains("inquiry.assigned") {
            heard.push_str(&String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap()));
        }
        assert!(heard.contains(&format!(r#"{{"subject":{{"id":{id},"kind":"inquiry"}}}}"#)), "{heard}");
        let list = admin.get("/console/visits").await.expect(200);
        list.shows("李建国").shows("待接诊");
        assert_eq!(list.all("tr[data-live]", "id"), [format!("visit-{id}")]);
        pump.abort();
    });
}

//! Events as clients receive them: the stream's form, where it continues, and when it ends.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use yilin_testkit::eventually;

use crate::answer::Client;
use crate::arrange::{Case, inquiry_body};
use crate::on_every_backend;
use crate::world::{Backend, World, run};

/// An event as it was sent: id, name, data.
type Sent = (String, String, Value);

/// A client that listens.
struct Listener {
    response: Response,
    text: String,
    comments: usize,
}

impl Listener {
    async fn new(client: &Client<'_>, path: &str) -> Self {
        let response = client.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let mut listener = Self { response, text: String::new(), comments: 0 };
        while listener.comments == 0 {
            assert!(listener.receive().await, "it begins with a comment");
        }
        listener
    }

    /// Whether something has come; nothing comes after the end.
    async fn receive(&mut self) -> bool {
        let Some(piece) = self.response.chunk().await.unwrap() else { return false };
        self.text += std::str::from_utf8(&piece).unwrap();
        let comments = self.text.split("\n\n").filter(|block| block.starts_with(':')).count();
        self.comments = self.comments.max(comments);
        true
    }

    /// The next event.
    async fn next(&mut self) -> Option<Sent> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if !block.starts_with(':') {
                    return Some(parse(&block));
                }
            }
            if !self.receive().await {
                return None;
            }
        }
    }

    async fn take(&mut self, number: usize) -> Vec<Sent> {
        let mut sent = Vec::new();
        while sent.len() < number {
            sent.push(self.next().await.expect("the stream goes on"));
        }
        sent
    }

    async fn types(&mut self, number: usize) -> Vec<String> {
        self.take(number).await.into_iter().map(|(_, name, _)| name).collect()
    }
}

fn parse(block: &str) -> Sent {
    let lines: Vec<(&str, &str)> = block.lines().map(|line| line.split_once(": ").unwrap()).collect();
    let [("id", id), ("event", name), ("data", data)] = lines[..] else { panic!("{block}") };
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!((data["id"].as_str(), data["type"].as_str()), (Some(id), Some(name)), "{block}");
    (id.to_owned(), name.to_owned(), data)
}

const PATH: &str = "/api/events";

on_every_backend! {
    async fn each_party_gets_the_events_of_its_own_records(world: &World) {
        let case = Case::new(world).await;
        let (other_patient, other_physician) = (world.patients(1).await.remove(0), world.physicians(1).await.remove(0));
        let _pump = world.pump_events();
        let mut of_admin = Listener::new(&case.admin.client, PATH).await;
        let mut of_patient = Listener::new(&case.patient.client, PATH).await;
        let mut of_physician = Listener::new(&case.physician.client, PATH).await;
        let mut of_other_physician = Listener::new(&other_physician.client, PATH).await;
        let mut of_other_patient = Listener::new(&other_patient.client, PATH).await;

        let (inquiry, _) = case.registered().await;
        other_patient.client.post("/api/inquiry/createInquiryRecord", inquiry_body()).await.expect(200);
        let expected = ["inquiry.submitted", "inquiry.assigned", "inquiry.accepted", "inquiry.registered", "drug_order.created"];
        assert_eq!(of_patient.types(5).await, expected);
        assert_eq!(of_physician.types(4).await, expected[1..]);
        assert_eq!(of_other_patient.types(1).await, ["inquiry.submitted"]);
        let all = of_admin.take(6).await;
        let ids: Vec<i64> = all.iter().map(|(id, ..)| id.parse().unwrap()).collect();
        assert!(ids.windows(2).all(|pair| pair[1] == pair[0] + 1), "{ids:?}");
        let (id, _, data) = &all[2];
        assert_eq!(
            data,
            &json!({
                "id": id,
                "type": "inquiry.accepted",
                "at": "2024-03-01 12:00:00",
                "subject": {"kind": "inquiry", "id": inquiry},
                "status": "accepted",
            })
        );
        assert_eq!(all[4].2["subject"]["kind"], "drug_order");

        // Nothing of the others' came before this.
        let theirs = other_patient.client.post("/api/inquiry/createInquiryRecord", json!({
            "type": "社区就医", "inquiry_detail": "咳嗽", "appointment_time": "2024-03-02 20:30",
        })).await.payload()["id"].clone();
        let path = format!("/api/inquiry/appointedPhysician?id={theirs}&userUUID={}", other_physician.uuid());
        case.admin.client.post(&path, None).await.expect(200);
        assert_eq!(of_other_physician.types(1).await, ["inquiry.assigned"]);
    }

    async fn a_listener_continues_where_it_was(world: &World) {
        let case = Case::new(world).await;
        let _pump = world.pump_events();
        let mut listener = Listener::new(&case.admin.client, PATH).await;
        case.accepted().await;
        let seen = listener.take(3).await;
        let (first, last) = (seen[0].0.clone(), seen[2].0.clone());
        drop(listener);
        // By the parameter, by the header, and the header counts where there are both.
        let by_parameter = format!("{PATH}?Last-Event-ID={first}");
        assert_eq!(Listener::new(&case.admin.client, &by_parameter).await.take(2).await, seen[1..]);
        let by_header = case.admin.client.with("last-event-id", first.clone());
        assert_eq!(Listener::new(&by_header, PATH).await.take(2).await, seen[1..]);
        let both = format!("{PATH}?Last-Event-ID={last}");
        assert_eq!(Listener::new(&by_header, &both).await.take(2).await, seen[1..]);
        let from_start = format!("{PATH}?Last-Event-ID=0");
        assert_eq!(Listener::new(&case.patient.client, &from_start).await.take(3).await, seen);
        // What is empty is absent: only what happens from now on.
        let empty = case.patient.client.with("last-event-id", "");
        let mut now = Listener::new(&empty, &format!("{PATH}?Last-Event-ID=")).await;
        case.patient.client.post("/api/inquiry/createInquiryRecord", json!({
            "type": "社区就医", "inquiry_detail": "咳嗽", "appointment_time": "2024-03-02 20:30",
        })).await.expect(200);
        let next = now.take(1).await.remove(0);
        assert_eq!(next.0.parse::<i64>().unwrap(), last.parse::<i64>().unwrap() + 1);
    }

    async fn an_id_that_is_none_is_named(world: &World) {
        let case = Case::new(world).await;
        for (id, error) in [("x", "not_an_event_id"), ("-1", "not_an_event_id"), ("99999999", "unknown_event")] {
            let path = format!("{PATH}?Last-Event-ID={id}");
            let answer = case.patient.client.get(&path).await.expect_error(422, "request.invalid");
            assert_eq!(answer.json["fields"][0]["field"], "Last-Event-ID");
            assert_eq!(answer.json["fields"][0]["error"], error);
            let by_header = case.patient.client.with("last-event-id", id).get(PATH).await;
            assert_eq!(by_header.expect_error(422, "request.invalid").json["fields"][0]["error"], error);
        }
        // The cookie does not open the line.
        case.patient.by_page().get(PATH).await.expect(401);
    }

    async fn the_end_of_a_session_ends_its_lines(world: &World) {
        let case = Case::new(world).await;
        let _pump = world.pump_events();
        let mut leaving = Listener::new(&case.patient.client, PATH).await;
        let mut staying = Listener::new(&case.physician.client, PATH).await;
        case.patient.client.get("/api/user/logOut").await.expect(200);
        assert_eq!(leaving.next().await, None);
        let case = Case { patient: world.log_in(case.patient.phone(), "123456").await, ..case };
        case.assigned().await;
        assert_eq!(staying.types(1).await, ["inquiry.assigned"]);
        let path = format!("{PATH}?Last-Event-ID=0");
        case.physician.client.get("/api/user/logOut").await.expect(200);
        case.physician.client.get(&path).await.expect(401);
    }

    async fn who_comes_too_late_starts_anew(world: &World) {
        let case = Case::new(world).await;
        let pump = world.pump_events();
        let mut listener = Listener::new(&case.admin.client, PATH).await;
        case.assigned().await;
        listener.take(2).await;
        drop(pump);
        let later = world.ports.clock.now() + chrono::TimeDelta::seconds(1);
        assert_eq!(world.ports.events.forget(later, 100).await.unwrap(), 2);
        let _pump = world.pump_events();
        let mut late = Listener::new(&case.admin.client, &format!("{PATH}?Last-Event-ID=1")).await;
        assert_eq!(late.take(1).await, [("2".to_owned(), "reset".to_owned(), json!({"id": "2", "type": "reset"}))]);
        case.submitted().await;
        assert_eq!(late.types(1).await, ["inquiry.submitted"]);
    }
}

#[test]
fn a_stream_is_not_buffered_or_kept() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await;
        for method in [Method::GET, Method::HEAD] {
            let response = admin.client.request(method.clone(), PATH).send().await.unwrap();
            assert_eq!(response.status(), 200);
            let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
            assert_eq!(header("content-type"), "text/event-stream; charset=utf-8");
            assert_eq!(header("x-accel-buffering"), "no");
            assert_eq!(header("cache-control"), "no-store");
            if method == Method::HEAD {
                assert_eq!(response.bytes().await.unwrap().len(), 0);
            }
        }
    });
}

#[test]
fn a_line_that_is_given_up_frees_its_place() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await;
        let _pump = world.pump_events();
        let listener = Listener::new(&admin.client, PATH).await;
        assert_eq!(world.events.state().listeners, 1);
        drop(listener);
        let patient = world.patients(1).await.remove(0);
        eventually("its line is found to be broken", async || {
            // Something has to be sent for that.
            world.submit_directly(patient.uuid(), 0).await;
            world.events.state().listeners == 0
        })
        .await;
    });
}

#[test]
fn an_instance_that_stops_ends_every_line() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await;
        let mut listener = Listener::new(&admin.client, PATH).await;
        world.events.stop();
        assert_eq!(listener.next().await, None);
        let refused = admin.client.get(PATH).await.expect_error(503, "event.too_many_listeners");
        assert_eq!(refused.headers["retry-after"], "5");
    });
}

/// A listener that does not read is dropped; the others hear everything meanwhile.
#[test]
fn a_client_that_does_not_read_delays_no_other() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let _pump = world.pump_events();
        let slow = case.admin.client.request(Method::GET, PATH).send().await.unwrap();
        let mut reading = Listener::new(&case.patient.client, PATH).await;
        let mut number = 0;
        // The connection's own buffers take some megabytes.
        while world.events.state().dropped == 0 {
            for _ in 0..1000 {
                number += 1;
                world.submit_directly(case.patient.uuid(), number).await;
            }
            reading.take(1000).await;
        }
        assert_eq!(world.events.state().listeners, 1);
        drop(slow);
    });
}

//! Wrong credentials and repeated attempts.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::on_every_backend;
use crate::world::{Backend, World, run, run_adjusted};

async fn attempt(world: &World, from: &str, phone: &str, password: &str) -> Answer {
    let client = world.anonymous().with("x-forwarded-for", from);
    client.post("/api/user/login", json!({"phone": phone, "password": password})).await
}

/// A patient's phone number; their password is `correct`.
async fn patient(world: &World) -> String {
    let patient = world.patients(1).await.remove(0);
    let body = json!({"uuid": patient.uuid(), "password": "correct"});
    patient.client.put("/api/user/updatePatientInformation", body).await.expect(200);
    patient.phone().to_owned()
}

fn behind_a_proxy(options: &mut yilin_web::HttpOptions) {
    options.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
}

on_every_backend! {
    async fn all_wrong_credentials_are_reported_identically(world: &World) {
        let phone = patient(world).await;
        let mut told = Vec::new();
        for (phone, password) in [
            (&*phone, "wrong"), (&phone, "correctx"), (&phone, "correc"), (&phone, "CORRECT"),
            ("13700000000", "correct"), ("not a number", "x"), ("admin", "admin"), (&"9".repeat(3000), "x"),
            ("13700000001", &"长".repeat(5000)), ("' OR 1=1 --", "x"), ("1370000000\0", "x"),
        ] {
            let body = json!({"phone": phone, "password": password});
            let mut answer = world.anonymous().post("/api/user/login", body).await.expect_error(422, "session.wrong_credentials");
            assert!(answer.set_cookie().is_none());
            answer.json["request_id"] = Value::Null;
            told.push(answer.json);
        }
        for (name, password) in [("admin", "wrong"), ("nobody", "admin"), (&phone, "correct")] {
            let body = json!({"username": name, "password": password});
            let mut answer = world.anonymous().post("/api/user/adminLogin", body).await.expect(422);
            answer.json["request_id"] = Value::Null;
            told.push(answer.json);
        }
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
    }

    async fn a_new_password_ends_cookie_sessions_too(world: &World) {
        let case = crate::arrange::Case::new(world).await;
        let id = case.submitted().await;
        let record = format!("/api/inquiry/queryInquiryRecordById?id={id}");
        let elsewhere = world.log_in(case.patient.phone(), "123456").await;
        elsewhere.by_page().get(&record).await.expect(200);
        let body = json!({"uuid": case.patient.uuid(), "password": "a new one"});
        case.patient.client.put("/api/user/updatePatientInformation", body).await.expect(200);
        elsewhere.by_page().get(&record).await.expect(401);
        case.patient.by_page().get(&record).await.expect(200);

        // Admins who change their own password stay logged in, and need not change it again.
        let other = world.admin().await;
        let body = json!({"uuid": case.admin.uuid(), "password": "a longer one"});
        let admin = case.admin.client.put("/api/user/updatePatientInformation", body).await.payload();
        assert_eq!(admin["must_change_password"], false);
        case.admin.client.get("/api/user/verifyToken").await.expect(200);
        other.client.get("/api/user/verifyToken").await.expect(401);
    }
}

#[test]
fn an_unknown_number_costs_the_same_work_and_a_rejected_attempt_none() {
    run(Backend::Fakes, async |world| {
        let phone = patient(world).await;
        for (phone, password) in [(&*phone, "wrong"), ("13700000000", "wrong"), ("no number", "wrong")] {
            let body = json!({"phone": phone, "password": password});
            for n in 0..7 {
                let before = world.fakes.hasher.work_done();
                world.anonymous().post("/api/user/login", body.clone()).await;
                assert_eq!(world.fakes.hasher.work_done() - before, usize::from(n < 5), "{phone}");
            }
        }
    });
}

on_every_backend! {
    adjusted by behind_a_proxy:

    async fn the_fifth_attempt_is_checked_and_a_success_resets_the_count(world: &World) {
        let phone = patient(world).await;
        for _ in 0..3 {
            for _ in 0..4 {
                attempt(world, "203.0.113.1", &phone, "wrong").await.expect(422);
            }
            attempt(world, "203.0.113.1", &phone, "correct").await.expect(200);
        }
        for _ in 0..5 {
            attempt(world, "203.0.113.1", &phone, "wrong").await.expect(422);
        }
        attempt(world, "203.0.113.1", &phone, "correct").await.expect(429);
        attempt(world, "203.0.113.2", &phone, "correct").await.expect(200);
        attempt(world, "203.0.113.1", "13700000000", "wrong").await.expect(422);
        attempt(world, "203.0.113.1", &phone, "correct").await.expect(429);
        world.fakes.clock.advance(TimeDelta::seconds(599));
        attempt(world, "203.0.113.1", &phone, "correct").await.expect(429);
        world.fakes.clock.advance(TimeDelta::seconds(1));
        attempt(world, "203.0.113.1", &phone, "correct").await.expect(200);
    }

    async fn fifty_failures_block_an_address_for_unknown_accounts_and_successes_do_not_count(world: &World) {
        let (known, phone) = (patient(world).await, patient(world).await);
        for n in 0..49 {
            attempt(world, "203.0.113.1", &format!("137{n:08}"), "wrong").await.expect(422);
            attempt(world, "203.0.113.1", &known, "correct").await.expect(200);
        }
        attempt(world, "203.0.113.1", "13799999999", "wrong").await.expect(422);
        attempt(world, "203.0.113.1", &phone, "correct")
            .await
            .expect_error(429, "session.too_many_attempts");
        attempt(world, "203.0.113.1", &known, "correct").await.expect(200);
        attempt(world, "203.0.113.2", &phone, "correct").await.expect(200);
        world.fakes.clock.advance(TimeDelta::minutes(10));
        attempt(world, "203.0.113.1", &phone, "correct").await.expect(200);
    }
}

#[test]
fn the_reported_wait_is_sufficient() {
    run(Backend::Fakes, async |world| {
        let phone = patient(world).await;
        let body = json!({"phone": phone, "password": "wrong"});
        for _ in 0..5 {
            world.anonymous().post("/api/user/login", body.clone()).await.expect(422);
            world.fakes.clock.advance(TimeDelta::seconds(7));
        }
        let refused = world.anonymous().post("/api/user/login", body.clone()).await.expect(429);
        let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        world.fakes.clock.advance(TimeDelta::seconds(wait - 1));
        world.anonymous().post("/api/user/login", body.clone()).await.expect(429);
        world.fakes.clock.advance(TimeDelta::seconds(1));
        world.anonymous().post("/api/user/login", body).await.expect(422);
    });
}

#[test]
fn the_client_is_the_last_forwarded_entry_that_is_not_a_trusted_proxy() {
    run_adjusted(Backend::Fakes, behind_a_proxy, async |world| {
        let phone = patient(world).await;
        for n in 0..5 {
            let from = format!("198.51.100.{n}, 203.0.113.1, 127.0.0.1");
            attempt(world, &from, &phone, "wrong").await.expect(422);
        }
        attempt(world, "203.0.113.1", &phone, "correct").await.expect(429);
        attempt(world, " 192.0.2.1 ,203.0.113.1", &phone, "correct").await.expect(429);
        attempt(world, "203.0.113.1, 192.0.2.1", &phone, "correct").await.expect(200);
        // A second header line continues the first.
        let twice =
            world.anonymous().with("x-forwarded-for", "192.0.2.9").with("x-forwarded-for", "203.0.113.1");
        let body = json!({"phone": phone, "password": "correct"});
        twice.post("/api/user/login", body).await.expect(429);
    });
}

on_every_backend! {
    async fn spellings_of_an_identifier_are_counted_together(world: &World) {
        let phone = patient(world).await;
        let wide: String = phone.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
        let typed = [format!(" {phone}"), format!("{phone}\t"), format!("\u{3000}{phone}\r\n"), wide];
        for text in &typed {
            attempt(world, "", text, "correct").await.expect(200);
        }
        for text in typed.iter().chain([&phone]) {
            attempt(world, "", text, "wrong").await.expect_error(422, "session.wrong_credentials");
        }
        for text in typed.iter().chain([&phone]) {
            attempt(world, "", text, "correct").await.expect_error(429, "session.too_many_attempts");
        }
    }

    async fn a_phone_number_can_be_changed_five_times_a_day(world: &World) {
        let people = world.patients(2).await;
        let (patient, taken) = (&people[0], people[1].phone());
        let change = async |phone: &str| {
            let body = json!({"uuid": patient.uuid(), "phone": phone, "nickname": "小明"});
            patient.client.put("/api/user/updatePatientInformation", body).await
        };
        // The same number again is not a change, but an attempt with a taken number is.
        for _ in 0..10 {
            change(patient.phone()).await.expect(200);
        }
        for _ in 0..3 {
            change(taken).await.expect_error(409, "account.phone_taken");
        }
        change("13955550001").await.expect(200);
        change("13955550002").await.expect(200);
        for phone in ["13955550003", taken] {
            let refused = change(phone).await.expect_error(429, "account.too_many_phone_changes");
            let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=86_400).contains(&wait), "{wait}");
        }
        change("13955550002").await.expect(200);
        // The admin knows all numbers, and may correct any number of them.
        let admin = world.admin().await;
        let body = json!({"uuid": patient.uuid(), "phone": "13955550004"});
        admin.client.put("/api/user/updatePatientInformation", body).await.expect(200);
        world.fakes.clock.advance(TimeDelta::days(1));
        change("13955550005").await.expect(200);
    }

    async fn a_default_password_cannot_be_set(world: &World) {
        let patient = world.patients(1).await.remove(0);
        let admin = world.admin().await;
        for client in [&patient.client, &admin.client] {
            for password in ["123456", "admin"] {
                let body = json!({"uuid": patient.uuid(), "password": password, "sex": "?"});
                let refused = client.put("/api/user/updatePatientInformation", body).await.expect(422);
                let fields = refused.json["fields"].as_array().unwrap();
                assert_eq!(fields.len(), 2, "all invalid fields at once: {fields:?}");
                let error = if password == "admin" { "password_length" } else { "default_password" };
                assert!(fields.iter().any(|bad| bad["field"] == "password" && bad["error"] == error), "{fields:?}");
            }
        }
        let unchanged = json!({"phone": patient.phone(), "password": "123456"});
        world.anonymous().post("/api/user/login", unchanged).await.expect(200);
    }
}

#[test]
fn known_accounts_are_not_locked_out_by_others_at_their_address() {
    run_adjusted(Backend::Fakes, behind_a_proxy, async |world| {
        let phone = patient(world).await;
        // Providers assign a household 64 bits of addresses.
        attempt(world, "2001:db8:1:2::1", &phone, "correct").await.expect(200);
        for n in 0..50 {
            let from = format!("2001:db8:1:2::{n:x}:1");
            attempt(world, &from, &format!("139{n:08}"), "guess!").await.expect(422);
        }
        attempt(world, "2001:db8:1:2::5", "13911111111", "guess!")
            .await
            .expect_error(429, "session.too_many_attempts");
        attempt(world, "2001:db8:1:3::5", "13911111111", "guess!").await.expect(422);
        attempt(world, "2001:db8:1:2::6", &phone, "wrong").await.expect(422);
        attempt(world, "2001:db8:1:2::7", &phone, "correct").await.expect(200);
    });
}

#[test]
fn too_many_concurrent_log_ins_get_a_retry_after_of_one_second() {
    run(Backend::Fakes, async |world| {
        let phone = patient(world).await;
        world.fakes.hasher.set_crowded(true);
        let refused =
            attempt(world, "", &phone, "correct").await.expect_error(429, "session.too_many_at_once");
        assert_eq!(refused.headers["retry-after"], "1");
        world.fakes.hasher.set_crowded(false);
        attempt(world, "", &phone, "correct").await.expect(200);
    });
}

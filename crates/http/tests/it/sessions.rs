//! Tokens, the session cookie, log-out, passwords and attempts.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use crate::arrange::Case;
use crate::on_every_backend;
use crate::world::{Backend, World, run, run_adjusted};

const OWN: &str = "/api/user/queryUserMessage";

on_every_backend! {
    async fn a_log_out_ends_the_session_immediately_and_clears_the_cookie(world: &World) {
        let patient = world.patients(1).await.remove(0);
        let other = world.log_in(patient.phone(), "123456").await;
        let answer = patient.client.get("/api/user/logOut").await.expect(200);
        let cleared = answer.set_cookie().unwrap();
        assert!(cleared.starts_with("yilin_session=;") && cleared.contains("Max-Age=0"), "{cleared}");
        patient.client.get(OWN).await.expect_error(401, "session.required");
        patient.client.get("/api/user/verifyToken").await.expect(401);
        other.client.get(OWN).await.expect(200);
        patient.client.get("/api/user/logOut").await.expect(200);
        world.anonymous().post("/api/logout", None).await.expect(200);
    }

    async fn a_new_password_ends_the_other_sessions(world: &World) {
        let patient = world.patients(1).await.remove(0);
        let elsewhere = world.log_in(patient.phone(), "123456").await;
        let body = json!({"uuid": patient.uuid(), "password": "1234567"});
        let account = patient.client.put("/api/user/updatePatientInformation", body).await.payload();
        assert_eq!(account["must_change_password"], false);
        patient.client.get(OWN).await.expect(200);
        elsewhere.client.get(OWN).await.expect(401);
        let old = json!({"phone": patient.phone(), "password": "123456"});
        world.anonymous().post("/api/user/login", old).await.expect_error(422, "session.wrong_credentials");
        world.log_in(patient.phone(), "1234567").await;

        let admin = world.admin().await.client;
        let body = json!({"uuid": patient.uuid(), "password": "set by the admin"});
        assert_eq!(admin.put("/api/user/updatePatientInformation", body).await.payload()["must_change_password"], true);
        patient.client.get(OWN).await.expect(401);
        let again = world.log_in(patient.phone(), "set by the admin").await;
        assert_eq!(again.account["must_change_password"], true);
    }

    async fn the_sixth_attempt_is_rejected_for_any_identifier(world: &World) {
        let patient = world.patients(1).await.remove(0);
        for identifier in [patient.phone(), "19999999999", "no phone number at all"] {
            let guess = |password: &str| json!({"phone": identifier, "password": password});
            for _ in 0..5 {
                let answer = world.anonymous().post("/api/user/login", guess("wrong")).await
                    .expect_error(422, "session.wrong_credentials");
                assert!(answer.json.get("fields").is_none());
            }
            let refused = world.anonymous().post("/api/user/login", guess("123456")).await
                .expect_error(429, "session.too_many_attempts");
            let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=600).contains(&wait), "{wait}");
        }
        patient.client.get(OWN).await.expect(200);
        world.fakes.clock.advance(TimeDelta::seconds(601));
        for _ in 0..4 {
            let wrong = json!({"phone": patient.phone(), "password": "wrong"});
            world.anonymous().post("/api/user/login", wrong).await.expect(422);
        }
        for _ in 0..7 {
            world.log_in(patient.phone(), "123456").await;
        }
    }

    async fn concurrent_guesses_are_counted_like_sequential_ones(world: &World) {
        let patient = world.patients(1).await.remove(0);
        let guesses = (0..40).map(|_| async {
            let guess = json!({"phone": patient.phone(), "password": "wrong"});
            world.anonymous().post("/api/user/login", guess).await.status.as_u16()
        });
        let statuses = futures_util::future::join_all(guesses).await;
        assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 5, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 35, "{statuses:?}");
    }
}

#[test]
fn fifty_failures_from_one_address_are_enough() {
    run_adjusted(
        Backend::Fakes,
        |options| options.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()],
        async |world| {
            let attacker = world.anonymous().with("x-forwarded-for", "198.51.100.7, 203.0.113.5");
            let guess = |n: usize| json!({"phone": format!("139{n:08}"), "password": "guess!"});
            for n in 0..50 {
                attacker.post("/api/user/login", guess(n)).await.expect(422);
            }
            attacker.post("/api/user/login", guess(50)).await.expect(429);
            // The last entry that is not a trusted proxy counts, not what the client wrote before it.
            let same = world.anonymous().with("x-forwarded-for", "192.0.2.1, 203.0.113.5, 127.0.0.9");
            same.post("/api/user/login", guess(51)).await.expect(429);
            let other = world.anonymous().with("x-forwarded-for", "203.0.113.5, 203.0.113.6");
            other.post("/api/user/login", guess(52)).await.expect(422);
        },
    );
}

#[test]
fn forwarded_for_is_only_trusted_from_proxies() {
    run(Backend::Fakes, async |world| {
        for n in 0..6 {
            let client = world.anonymous().with("x-forwarded-for", format!("203.0.113.{n}"));
            let guess = json!({"phone": "13900000000", "password": "guess!"});
            client.post("/api/user/login", guess).await.expect(if n < 5 { 422 } else { 429 });
        }
    });
}

#[test]
fn tokens_are_accepted_bare_or_as_bearer_only() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0);
        let token = patient.account["token"].as_str().unwrap();
        let cookie = cookie_of(world, patient.phone()).await;
        let cookie_token = cookie.strip_prefix("yilin_session=").unwrap();
        for good in [token.to_owned(), format!("Bearer {token}"), format!("bearer {token}")] {
            world.anonymous().token(&good).get(OWN).await.expect(200);
        }
        let parts: Vec<&str> = token.split('.').collect();
        // {"alg":"none","typ":"JWT"}
        let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
        let mut forged = token.to_owned();
        let last = if forged.pop() == Some('A') { 'E' } else { 'A' };
        forged.push(last);
        for bad in [
            String::new(),
            "null".to_owned(),
            "Bearer ".to_owned(),
            format!("Basic {token}"),
            format!("{}.{}", parts[0], parts[1]),
            unsigned,
            forged,
            cookie_token.to_owned(),
            "x".repeat(6000),
        ] {
            // A valid cookie does not help: the header decides.
            let client =
                world.anonymous().token(&bad).with("cookie", &*cookie).with("sec-fetch-site", "same-origin");
            client.get(OWN).await.expect_error(401, "session.required");
            client.post("/api/upload", None).await.expect(401);
        }
        world.fakes.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
        patient.client.get(OWN).await.expect(200);
        world.fakes.clock.advance(TimeDelta::seconds(1));
        patient.client.get(OWN).await.expect(401);
    });
}

#[test]
fn the_cookie_is_accepted_where_and_as_long_as_documented() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let id = case.submitted().await;
        let cookie = cookie_of(world, case.patient.phone()).await;
        let browser = world.anonymous().with("cookie", &*cookie).with("sec-fetch-site", "same-origin");
        let reads = [
            format!("/api/inquiry/queryInquiryRecordById?id={id}"),
            format!("/api/medical/queryMedialRecordInformation?inquiryId={id}"),
        ];
        // The header's token is not accepted as a cookie.
        let wrong = format!("yilin_session={}", case.patient.account["token"].as_str().unwrap());
        for path in &reads {
            browser.get(path).await.expect(200);
            world.anonymous().with("cookie", &*wrong).get(path).await.expect(401);
        }
        browser.get(OWN).await.expect(401);
        world.fakes.clock.advance(TimeDelta::hours(12) - TimeDelta::seconds(1));
        for path in &reads {
            browser.get(path).await.expect(200);
        }
        world.fakes.clock.advance(TimeDelta::seconds(1));
        for path in &reads {
            browser.get(path).await.expect(401);
        }
        // A visit can be long: uploads are accepted as long as the session (here without a file).
        browser.post("/api/upload", None).await.expect(422);
        world.fakes.clock.advance(TimeDelta::days(7));
        browser.post("/api/upload", None).await.expect(401);
    });
}

#[test]
fn the_cookie_is_renewed_when_missing_old_or_foreign() {
    run(Backend::Fakes, async |world| {
        let patients = world.patients(2).await;
        let mine = cookie_of(world, patients[0].phone()).await;
        let others = cookie_of(world, patients[1].phone()).await;
        let me = world.log_in(patients[0].phone(), "123456").await.client;
        assert!(me.get(OWN).await.session_cookie().is_some(), "missing");
        let fresh = me.get(OWN).await.session_cookie().unwrap();
        assert!(me.with("cookie", &*fresh).get(OWN).await.session_cookie().is_none(), "fresh");
        assert!(me.with("cookie", others).get(OWN).await.session_cookie().is_some(), "another account's");
        assert!(me.with("cookie", mine).get(OWN).await.session_cookie().is_some(), "another session's");
        // Also on an error: the header authenticated the request.
        assert!(me.get("/api/inquiry/queryAllInquiryRecord").await.expect(403).session_cookie().is_some());
        world.fakes.clock.advance(TimeDelta::hours(3));
        assert!(me.with("cookie", &*fresh).get(OWN).await.session_cookie().is_none(), "just 3 hours");
        world.fakes.clock.advance(TimeDelta::seconds(1));
        let set = me.with("cookie", &*fresh).get(OWN).await.set_cookie().expect("older than 3 hours");
        let left = 7 * 24 * 3600 - 3 * 3600 - 1;
        for part in ["HttpOnly", "SameSite=Strict", "Path=/", &format!("Max-Age={left}")] {
            assert!(set.contains(part), "{part}: {set}");
        }
        assert!(!set.contains("Secure"), "the public URL is not https: {set}");
    });
}

#[test]
fn over_https_the_cookie_is_secure() {
    run_adjusted(
        Backend::Fakes,
        |options| options.public_url = "https://yilin.example".parse().unwrap(),
        async |world| {
            let body = json!({"username": "admin", "password": "admin"});
            let answer = world.anonymous().post("/api/user/adminLogin", body).await.expect(200);
            assert!(answer.set_cookie().unwrap().contains("Secure"));
        },
    );
}

#[test]
fn requests_with_the_cookie_must_come_from_our_own_pages() {
    run_adjusted(
        Backend::Fakes,
        |options| options.web_origins = vec!["https://app.example".to_owned()],
        async |world| {
            let patient = world.patients(1).await.remove(0);
            let cookie = cookie_of(world, patient.phone()).await;
            let host = world.base.clone();
            for (name, value, status) in [
                ("sec-fetch-site", "same-origin", 422),
                ("sec-fetch-site", "same-site", 403),
                ("sec-fetch-site", "cross-site", 403),
                ("sec-fetch-site", "none", 403),
                ("origin", &*host, 422),
                ("origin", "https://app.example", 422),
                ("origin", "https://evil.example", 403),
                ("origin", "null", 403),
                ("x-nothing", "said", 403),
            ] {
                let client = world.anonymous().with("cookie", &*cookie).with(name, value);
                client.post("/api/upload", None).await.expect(status);
            }
            // Sec-Fetch-Site decides; the origin is then ignored.
            let client = world.anonymous().with("cookie", &*cookie).with("origin", host);
            client.with("sec-fetch-site", "cross-site").post("/api/upload", None).await.expect(403);
            client.with("sec-fetch-site", "cross-site").post("/api/logout", None).await.expect(403);
            client.post("/api/logout", None).await.expect(200);
            client.post("/api/upload", None).await.expect(401);
        },
    );
}

#[test]
fn a_log_in_from_a_foreign_page_sets_no_cookie() {
    run(Backend::Fakes, async |world| {
        let body = json!({"username": "admin", "password": "admin"});
        for (name, value, sets) in [
            ("origin", "https://evil.example", false),
            ("sec-fetch-site", "cross-site", false),
            ("sec-fetch-site", "same-site", false),
            ("sec-fetch-site", "same-origin", true),
            ("x-nothing", "said", true),
        ] {
            let answer = world.anonymous().with(name, value).post("/api/user/adminLogin", body.clone()).await;
            assert_eq!(answer.session_cookie().is_some(), sets, "{name}: {value}");
            answer.payload();
        }
    });
}

#[test]
fn a_default_password_only_works_directly_and_on_a_private_service() {
    let admin = json!({"username": "admin", "password": "admin"});
    let body = admin.clone();
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0);
        let forwarded = world.anonymous().with("x-forwarded-for", "203.0.113.5");
        forwarded.post("/api/user/adminLogin", body).await.expect_error(422, "session.default_password");
        let initial = json!({"phone": patient.phone(), "password": "123456"});
        forwarded.post("/api/user/login", initial).await.expect_error(422, "session.default_password");
        let admin = world.admin().await.client.with("x-real-ip", "203.0.113.5");
        admin.get("/api/mock/generatePatientAccount?number=1").await.expect_error(404, "route.not_found");
        admin.get(OWN).await.expect(200);
    });
    run_adjusted(
        Backend::Fakes,
        |options| options.private = false,
        async |world| {
            world
                .anonymous()
                .post("/api/user/adminLogin", admin)
                .await
                .expect_error(422, "session.default_password");
        },
    );
}

/// The cookie of a new session.
async fn cookie_of(world: &World, phone: &str) -> String {
    let credentials = json!({"phone": phone, "password": "123456"});
    let answer = world.anonymous().send(Method::POST, "/api/user/login", Some(credentials.to_string())).await;
    answer.expect(200).session_cookie().unwrap()
}

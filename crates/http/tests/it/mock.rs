//! Generated data: limits, access, and disabled routes.

use serde_json::json;

use crate::on_every_backend;
use crate::world::{Backend, World, run, run_adjusted};

const ROUTES: [&str; 3] = ["generatePatientAccount", "generatePhysicianAccount", "testFullSystem"];

on_every_backend! {
    async fn generated_accounts_work_and_the_first_hundred_are_shown(world: &World) {
        let admin = world.admin().await.client;
        for (route, role) in [("generatePatientAccount", "患者"), ("generatePhysicianAccount", "医师")] {
            for (number, shown) in [(1, 1), (100, 100), (101, 100)] {
                let made = admin.get(&format!("/api/mock/{route}?number={number}")).await.payload();
                assert_eq!((&made["created"], &made["password"]), (&json!(number), &json!("123456")));
                let accounts = made["accounts"].as_array().unwrap();
                assert_eq!(accounts.len(), shown);
                assert!(accounts.iter().all(|account| account["role"] == role && account.get("password").is_none()));
                let person = world.log_in(accounts[shown - 1]["phone"].as_str().unwrap(), "123456").await;
                assert_eq!(person.account["must_change_password"], true);
            }
        }
    }
}

#[test]
fn numbers_are_limited() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await.client;
        for route in ROUTES {
            for bad in ["", "0", "-1", "100001", "1.5", "x", "99999999999999999999"] {
                let path = format!("/api/mock/{route}?goroutineNumber=1&number={bad}");
                admin.get(&path).await.expect_fields(&["number"]);
            }
        }
        for bad in ["", "0", "-1", "x"] {
            let path = format!("/api/mock/testFullSystem?number=1&goroutineNumber={bad}");
            admin.get(&path).await.expect_fields(&["goroutineNumber"]);
        }
        admin.get("/api/mock/testFullSystem").await.expect_fields(&["number", "goroutineNumber"]);
        let report = admin.get("/api/mock/testFullSystem?number=3&goroutineNumber=8").await.payload();
        assert_eq!(report, json!({"completed": 3, "failed": 0}), "more workers than flows");
    });
}

#[test]
fn forwarded_requests_have_no_mock_routes_and_no_default_password() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await.client;
        for (header, value) in [
            ("forwarded", "for=203.0.113.5"),
            ("x-forwarded-for", "203.0.113.5"),
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-for", ""),
            ("x-forwarded-host", "yilin.example"),
            ("x-forwarded-proto", "https"),
            ("x-real-ip", "203.0.113.5"),
        ] {
            let forwarded = admin.with(header, value);
            for route in ROUTES {
                let path = format!("/api/mock/{route}?number=1&goroutineNumber=1");
                forwarded.get(&path).await.expect_error(404, "route.not_found");
                world.anonymous().with(header, value).get(&path).await.expect(404);
            }
            for (password, phone) in [("123456", "13800000000"), ("admin", "13800000000")] {
                let body = json!({"phone": phone, "password": password, "username": "admin"});
                for route in ["login", "adminLogin"] {
                    let answer = forwarded.post(&format!("/api/user/{route}"), body.clone()).await;
                    let refused = answer.expect_error(422, "session.default_password");
                    assert!(refused.json.get("fields").is_none());
                }
            }
        }
        assert_eq!(
            world.fakes.hasher.work_done(),
            2,
            "the admin's account and log-in: nothing else was hashed"
        );
    });
}

#[test]
fn disabled_mock_routes_do_not_exist() {
    run_adjusted(
        Backend::Fakes,
        |options| options.mock = false,
        async |world| {
            let admin = world.admin().await.client;
            for route in ROUTES {
                for client in [&admin, &world.anonymous()] {
                    let path = format!("/api/mock/{route}?number=1&goroutineNumber=1");
                    client.get(&path).await.expect_error(404, "route.not_found");
                }
            }
        },
    );
}

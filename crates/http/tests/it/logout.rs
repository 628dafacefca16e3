//! Log-out ends the session immediately, and never fails.

use serde_json::json;

use crate::arrange::Case;
use crate::on_every_backend;
use crate::world::{Backend, World, run};

on_every_backend! {
    async fn log_out_ends_this_session_at_once_and_clears_the_cookie(world: &World) {
        let case = Case::new(world).await;
        let inquiry = case.submitted().await;
        let record = format!("/api/inquiry/queryInquiryRecordById?id={inquiry}");
        let phone = case.patient.phone();
        for by_post in [false, true] {
            for by_cookie in [false, true] {
                let (leaving, staying) = (world.log_in(phone, "123456").await, world.log_in(phone, "123456").await);
                let client = if by_cookie { leaving.by_page() } else { leaving.client.with("cookie", leaving.cookie.clone()) };
                let answer = if by_post { client.post("/api/logout", None).await } else { client.get("/api/user/logOut").await };
                let answer = answer.expect(200);
                assert_eq!(answer.json["data"], json!([]));
                let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
                assert_eq!(cookies.len(), 1, "{cookies:?}");
                let cookie = answer.set_cookie().unwrap();
                assert!(cookie.starts_with("yilin_session=;") && cookie.contains("Max-Age=0"), "{cookie}");
                assert!(cookie.contains("Path=/"), "otherwise the browser keeps it: {cookie}");

                leaving.client.get("/api/user/verifyToken").await.expect_error(401, "session.required");
                leaving.by_page().get(&record).await.expect(401);
                staying.client.get("/api/user/verifyToken").await.expect(200);
                staying.by_page().get(&record).await.expect(200);
            }
        }
    }
}

#[test]
fn log_out_always_returns_200() {
    run(Backend::Fakes, async |world| {
        let nobody = world.anonymous();
        let garbage = nobody.with("cookie", "yilin_session=garbage");
        for client in [nobody.clone(), nobody.token("a.dead.token"), garbage] {
            client.get("/api/user/logOut").await.expect(200);
            client.post("/api/logout", None).await.expect(200);
            client.post("/api/logout", json!({"any": "thing"})).await.expect(200);
            client.send(reqwest::Method::POST, "/api/logout", Some("{not json".to_owned())).await.expect(200);
        }
    });
}

/// Other instances, and this one after a restart, would go on with the session.
#[test]
fn a_log_out_that_is_not_stored_is_an_error_however_often() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0);
        world.fakes.storage.go_down();
        for client in [patient.client.clone(), patient.client.clone(), patient.by_page()] {
            client.get("/api/user/logOut").await.expect(503);
            client.get("/api/user/verifyToken").await.expect(401);
        }
        world.fakes.storage.recover();
        patient.client.get("/api/user/logOut").await.expect(200);
        patient.client.get("/api/user/verifyToken").await.expect(401);
    });
}

#[test]
fn an_invalid_token_does_not_end_the_cookies_session() {
    run(Backend::Fakes, async |world| {
        // The app and the console on two ports of one host share their cookies: a log-out of the app with its
        // expired token must not log out the console.
        let admin = world.admin().await;
        let app = world.anonymous().token("a.dead.token").with("cookie", admin.cookie.clone());
        app.with("sec-fetch-site", "same-origin").post("/api/logout", None).await.expect(200);
        admin.client.get("/api/user/verifyToken").await.expect(200);
    });
}

//! Sessions that end while somebody works.

use chrono::TimeDelta;
use yilin_domain::account::Role;

use crate::world::{PASSWORD, World, run};

/// A visit, and the path of its cancelling.
async fn cancelling(world: &World) -> String {
    let patient = world.account(Role::Patient, "王秀英").await;
    let id = world.visit(&patient, "2024-03-04 08:30").await.inquiry.id;
    format!("/console/visits/{id}/cancel")
}

#[test]
fn what_was_typed_survives_the_log_in() {
    run(async |world| {
        let path = cancelling(world).await;
        let mut browser = world.admin().await;
        let page = browser.get(&path).await.expect(200);
        world.fakes.clock.advance(TimeDelta::hours(13));
        let log_in = browser.submit(&page, &path, &[("reason", "家人<已>送医")]).await.expect(401);
        log_in.shows("您刚才填写的内容已保留");
        let typed = [("username", "admin"), ("password", "wrong")];
        let log_in = browser.submit(&log_in, "/console/log-in", &typed).await.expect(422);
        let typed = [("username", "admin"), ("password", PASSWORD)];
        let resume = browser.submit(&log_in, "/console/log-in", &typed).await.expect(200);
        resume.shows("继续提交刚才的内容").shows("取消就诊");
        // It is shown with whom it concerns before it is sent.
        let form = browser.submit(&resume, &path, &[]).await.expect(200);
        form.shows("王秀英").shows("家人<已>送医").lacks("请先改正");
        let done = browser.submit(&form, &path, &[]).await.expect(303);
        browser.get(done.header("location")).await.expect(200).shows("就诊已取消").shows("家人<已>送医");
    });
}

#[test]
fn kept_content_cannot_be_made_up_and_expires() {
    run(async |world| {
        let path = cancelling(world).await;
        let mut browser = world.browser();
        let log_in =
            browser.post(&path, &[("reason", "情况有变"), ("new_password", "secret")]).await.expect(401);
        let kept = log_in.value("kept");
        assert!(!kept.is_empty());
        for wrong in ["nonsense".to_owned(), format!("{kept}x"), browser_token(world).await] {
            let typed = [("username", "admin"), ("password", PASSWORD), ("kept", wrong.as_str())];
            world.browser().post("/console/log-in", &typed).await.expect_redirect("/console");
        }
        let typed = [("username", "admin"), ("password", PASSWORD), ("kept", kept.as_str())];
        let resume = world.browser().post("/console/log-in", &typed).await.expect(200);
        assert!(resume.html.contains("情况有变") && !resume.html.contains("secret"));
        world.fakes.clock.advance(TimeDelta::hours(3));
        world.browser().post("/console/log-in", &typed).await.expect_redirect("/console");
        // What does not fit is not kept, and that is said.
        let long = "x".repeat(50_000);
        let log_in = world.browser().post(&path, &[("reason", &long)]).await.expect(401);
        log_in.shows("没有保留");
        // At least the way back to the page is.
        let typed = [("username", "admin"), ("password", PASSWORD)];
        world.browser().submit(&log_in, "/console/log-in", &typed).await.expect_redirect(&path);
    });
}

/// What another site makes a browser send must not wait here for the person to log in.
#[test]
fn the_form_of_a_foreign_page_is_not_kept() {
    run(async |world| {
        let path = cancelling(world).await;
        let typed = [("reason", "别人写的理由")];
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.example")] {
            let answer = world.browser().with(name, value).post(&path, &typed).await.expect(403);
            answer.lacks("别人写的理由");
            assert!(!answer.html.contains("name=\"kept\""), "{name}");
        }
        // Nor the form of who does not say where it is from.
        let request = world.http.post(format!("{}{path}", world.base));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body("reason=unknown").send().await.unwrap();
        assert_eq!(answer.status(), 401);
        let html = answer.text().await.unwrap();
        assert!(!html.contains("name=\"kept\""), "{html}");
    });
}

/// The next person at a shared computer.
#[test]
fn a_kept_form_is_shown_to_its_author_only() {
    run(async |world| {
        let path = cancelling(world).await;
        world.account(Role::Admin, "nightshift").await;
        let mut author = world.admin().await;
        world.fakes.clock.advance(TimeDelta::hours(13));
        let log_in = author.post(&path, &[("reason", "情况有变")]).await.expect(401);
        let kept = log_in.value("kept");
        assert!(!kept.is_empty());
        let typed = |name| [("username", name), ("password", PASSWORD), ("kept", kept.as_str())];
        world.browser().post("/console/log-in", &typed("nightshift")).await.expect_redirect("/console");
        world
            .browser()
            .post("/console/log-in", &typed("admin"))
            .await
            .expect(200)
            .shows("继续提交刚才的内容");
    });
}

async fn browser_token(world: &World) -> String {
    world.admin().await.cookie("yilin_console").unwrap().to_owned()
}

#[test]
fn a_session_that_is_used_goes_on_and_an_idle_one_ends() {
    run(async |world| {
        let mut browser = world.admin().await;
        for _ in 0..20 {
            world.fakes.clock.advance(TimeDelta::hours(3));
            browser.get("/console").await.expect(200);
        }
        let idle = browser.clone();
        world.fakes.clock.advance(TimeDelta::hours(12));
        idle.clone().get("/console").await.expect_redirect("/console/log-in");
        // A week after the log-in it ends in any case.
        let mut browser = world.admin().await;
        for _ in 0..16 {
            world.fakes.clock.advance(TimeDelta::hours(10));
            browser.get("/console").await.expect(200);
        }
        world.fakes.clock.advance(TimeDelta::hours(9));
        browser.get("/console").await.expect_redirect("/console/log-in");
    });
}

//! Components that are down, and other services' pages.

use yilin_domain::account::Role;

use crate::world::{actor, run, run_adjusted};

#[test]
fn an_outage_has_a_page_and_nothing_is_half_done() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let id = world.visit(&patient, "2024-03-04 08:30").await.inquiry.id;
        let path = format!("/console/visits/{id}/cancel");
        let mut admin = world.admin().await;
        let form = admin.get(&path).await.expect(200);
        world.fakes.storage.go_down();
        for (page, is_step) in [
            (admin.get("/console").await, false),
            (admin.get("/console/visits").await, false),
            (admin.get(&format!("/console/visits/{id}")).await, false),
            (admin.submit(&form, &path, &[("reason", "情况有变")]).await, true),
        ] {
            let page = page.expect(503);
            page.shows("服务暂时不可用").shows("数据库暂时不可用").shows("请过一会儿刷新本页");
            assert_eq!(page.text().contains("您的操作没有生效"), is_step);
            assert!(page.header("retry-after").parse::<u64>().unwrap() > 0);
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        }
        let mut english = admin.with("accept-language", "en");
        english.get("/console").await.expect(503).shows("The service is temporarily unavailable");
        world.fakes.storage.recover();
        let details = world.use_cases.inquiries.find(&actor(&patient), id).await.unwrap();
        assert!(details.inquiry.status().takes_place());
        // Reloading sends the form again, and now it is done.
        admin.submit(&form, &path, &[("reason", "情况有变")]).await.expect(303);
    });
}

#[test]
fn a_log_in_during_an_outage_says_so() {
    run(async |world| {
        let mut browser = world.browser();
        let page = browser.get("/console/log-in").await.expect(200);
        world.fakes.hasher.set_down(true);
        let typed = [("username", "admin"), ("password", "whatever")];
        browser.submit(&page, "/console/log-in", &typed).await.expect(503).shows("登录服务暂时不可用");
    });
}

#[test]
fn pages_of_other_origins_cannot_read_the_console() {
    let shared =
        |options: &mut yilin_web::HttpOptions| options.web_origins = vec!["http://app.example".to_owned()];
    run_adjusted(shared, async |world| {
        let mut admin = world.admin().await.with("origin", "http://app.example");
        let page = admin.get("/console").await.expect(200);
        assert_eq!(page.header("access-control-allow-origin"), "");
        // Routes are found by the decoded path.
        let page = admin.get("/%63onsole").await;
        assert_eq!(page.header("access-control-allow-origin"), "", "{}", page.status);
        let request =
            world.http.get(format!("{}/healthz", world.base)).header("origin", "http://app.example");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["access-control-allow-origin"], "http://app.example");
    });
}

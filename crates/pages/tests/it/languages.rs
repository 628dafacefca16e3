//! The language of pages.

use crate::world::run;

#[test]
fn the_browser_asks_and_the_person_chooses() {
    run(async |world| {
        let mut browser = world.browser();
        let page = browser.get("/console/log-in").await.expect(200);
        page.shows("登录管理后台");
        let mut english = browser.with("accept-language", "en-US,en;q=0.9");
        let page = english.get("/console/log-in").await.expect(200);
        page.shows("Log in to the console");
        assert_eq!(page.all("html", "lang"), ["en"]);
        assert_eq!(page.header("vary"), "Accept-Language, Cookie");
        let back = english.submit(&page, "/console/language", &[("language", "zh")]).await;
        back.expect_redirect("/console/log-in");
        english.get("/console/log-in").await.expect(200).shows("登录管理后台");

        let mut admin = world.admin().await;
        let page = admin.get("/console/visits?tab=overdue").await.expect(200);
        let back = admin.submit(&page, "/console/language", &[("language", "en")]).await;
        let page = admin.get(back.expect_redirect("/console/visits?tab=overdue").header("location")).await;
        page.shows("No visit meets these criteria").shows("Overdue");
        admin.get("/console/visits/99").await.expect(404).shows("No such record");
        admin.get("/console/nowhere").await.expect(404).shows("There is no such page");
        for (language, to) in [("fr", "/console"), ("en", "https://evil.example"), ("en", "//evil.example")] {
            let led = admin.post("/console/language", &[("language", language), ("back", to)]).await;
            led.expect_redirect("/console");
        }
    });
}

//! The state of the service, in pages: its warnings, and deliveries that were given up.

use chrono::TimeDelta;
use yilin_domain::account::Role;
use yilin_testkit::fakes::Receiving;
use yilin_web::settings::{SettingOrigin, ShownSetting};

use crate::world::{run, run_adjusted, run_on_sqlite};

#[test]
fn the_state_is_told_and_what_needs_attention() {
    run(async |world| {
        let mut admin = world.admin().await;
        let page = admin.get("/console/service").await.expect(200);
        page.shows("一切正常")
            .shows("语言模型")
            .shows("本次启动以来没有失败")
            .shows("磁盘剩余空间")
            .shows("版本 0.");
        page.lacks("已放弃的通知");
        world.fakes.clock.differ_by(TimeDelta::minutes(10));
        let page = admin.get("/console/service").await.expect(200);
        page.shows("时钟不一致").lacks("一切正常").shows("600000 ms");
        let overview = admin.get("/console").await.expect(200);
        overview.shows("时钟不一致");
        assert_eq!(overview.all(".notice-warning:not([hidden]) a", "href"), ["/console/service"]);
    });
}

#[test]
fn the_state_is_told_on_sqlite() {
    run_on_sqlite(async |world| {
        let page = world.admin().await.get("/console/service").await.expect(200);
        page.shows("一切正常").shows("SQLite");
    });
}

#[test]
fn what_was_given_up_is_sent_again() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        world.use_cases.webhooks.prepare().await.unwrap();
        for day in ["2024-03-04 08:30", "2024-03-05 08:30", "2024-03-06 08:30"] {
            world.visit(&patient, day).await;
        }
        world.use_cases.events.advance().await.unwrap();
        world.fakes.webhook_receiver.set(Receiving::Refusing);
        world.use_cases.webhooks.send_due().await.unwrap();
        world.fakes.clock.advance(TimeDelta::days(4));
        world.use_cases.webhooks.send_due().await.unwrap();
        let mut admin = world.admin().await;
        let page = admin.get("/console/service").await.expect(200);
        page.shows("已放弃发送").shows("已放弃 3").shows("inquiry.submitted").shows("已放弃的通知");
        assert_eq!(page.all("tbody a[href^='/console/visits/']", "href").len(), 3);
        let events = page.all("td input[name=event]", "value");
        // The same one twice: both lead to where it is told, and it is queued once.
        for _ in 0..2 {
            let one = [("event", events[0].as_str())];
            let done = admin.post("/console/service/webhooks", &one).await;
            done.expect_redirect("/console/service?done=requeued");
        }
        let page = admin.get("/console/service?done=requeued").await.expect(200);
        page.shows("已重新排队").shows("已放弃 2").shows("等待发送 1");
        admin.post("/console/service/webhooks", &[("event", "many")]).await.expect(422);
        admin.post("/console/service/webhooks", &[]).await.expect(303);
        let page = admin.get("/console/service").await.expect(200);
        page.shows("一切正常").shows("等待发送 3").shows("已放弃 0").lacks("全部重新发送");
    });
}

#[test]
fn settings_are_shown_with_their_origin() {
    let settings: crate::world::Adjust = |options| {
        let setting = |name: &'static str, value: Option<(&str, SettingOrigin)>| ShownSetting {
            name,
            variable: format!("YILIN_{}", name.to_uppercase()),
            value: value.map(|(value, origin)| (value.to_owned(), origin)),
            allowed_chinese: "须为文本",
            allowed_english: "must be a text",
        };
        options.settings = vec![
            setting("bind", Some(("127.0.0.1:8088", SettingOrigin::Default))),
            setting("data_dir", Some(("/srv", SettingOrigin::File("/etc/yilin.toml".into())))),
            setting("jwt_secret", Some(("…", SettingOrigin::Environment))),
            setting("log", Some(("<b>debug</b>", SettingOrigin::Flag))),
            setting("mock", None),
        ];
    };
    run_adjusted(settings, async |world| {
        let mut admin = world.admin().await;
        let links = admin.get("/console/service").await.expect(200).all("main a", "href");
        assert!(links.contains(&"/console/service/settings".to_owned()), "{links:?}");
        let page = admin.get("/console/service/settings").await.expect(200);
        page.shows("bind YILIN_BIND 127.0.0.1:8088 默认值 须为文本")
            .shows("data_dir YILIN_DATA_DIR /srv 文件 /etc/yilin.toml")
            .shows("jwt_secret YILIN_JWT_SECRET … 环境变量")
            .shows("log YILIN_LOG <b>debug</b> 命令行参数")
            .shows("mock YILIN_MOCK 未设置");
        let page = admin.with("accept-language", "en").get("/console/service/settings").await.expect(200);
        page.shows("default must be a text").shows("flag of the command");
    });
}

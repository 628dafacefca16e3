//! Log-in, log-out, and the change of a password.

use chrono::TimeDelta;
use yilin_domain::account::{AccountUpdate, NewPassword, Role};
use yilin_domain::usecase::UpdateRoute;

use crate::world::{PASSWORD, actor, phone, run, run_adjusted};

#[test]
fn an_admin_logs_in_and_out() {
    run(async |world| {
        let mut browser = world.browser();
        browser.get("/").await.expect_redirect("/console");
        browser.get("/console").await.expect_redirect("/console/log-in");
        let page = browser.log_in("admin", PASSWORD).await.expect_redirect("/console");
        let cookie = page.header("set-cookie").to_owned();
        for attribute in ["yilin_console=", "HttpOnly", "SameSite=Lax", "Path=/console", "Max-Age=43200"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Secure"), "{cookie}");
        let overview = browser.get("/console").await.expect(200);
        overview.shows("admin").shows("总览");
        let old = browser.clone();
        browser
            .submit(&overview, "/console/log-out", &[])
            .await
            .expect_redirect("/console/log-in?done=logged-out");
        assert_eq!(browser.cookie("yilin_console"), None);
        browser.get("/console/log-in?done=logged-out").await.expect(200).shows("您已退出登录");
        // The token itself is dead, not only forgotten.
        old.clone().get("/console").await.expect_redirect("/console/log-in");
    });
}

#[test]
fn the_cookie_is_secure_where_the_public_url_is_https() {
    let https =
        |options: &mut yilin_web::HttpOptions| options.public_url = "https://example.org".parse().unwrap();
    run_adjusted(https, async |world| {
        let page = world.browser().log_in("admin", PASSWORD).await.expect_redirect("/console");
        assert!(page.header("set-cookie").contains("Secure"), "{}", page.header("set-cookie"));
    });
}

#[test]
fn a_log_in_leads_to_the_page_that_was_asked_for() {
    run(async |world| {
        let mut browser = world.browser();
        let led = browser.get("/console/visits?tab=overdue").await;
        let led = led.expect_redirect("/console/log-in?next=%2Fconsole%2Fvisits%3Ftab%3Doverdue");
        let page = browser.get(led.header("location")).await.expect(200);
        page.shows("请先登录");
        let typed = [("username", "admin"), ("password", PASSWORD)];
        browser.submit(&page, "/console/log-in", &typed).await.expect_redirect("/console/visits?tab=overdue");
        browser.get("/console/log-in?next=/console/visits").await.expect_redirect("/console/visits");
        for elsewhere in ["https://evil.example/console", "//evil.example", "/api/logout", "/console/..//x"] {
            let encoded: String = url::form_urlencoded::byte_serialize(elsewhere.as_bytes()).collect();
            browser.get(&format!("/console/log-in?next={encoded}")).await.expect_redirect("/console");
        }
    });
}

#[test]
fn what_is_wrong_is_said_beside_what_was_typed() {
    run(async |world| {
        let mut browser = world.browser();
        let page = browser.log_in("admin", "").await.expect(422);
        page.shows("请先改正以下内容").shows("密码：不能为空");
        assert_eq!(page.value("username"), "admin");
        assert_eq!(page.value("password"), "");
        let page = browser.log_in("admin", "wrong").await.expect(422);
        page.shows("账号或密码错误");
        assert_eq!((page.value("username"), page.value("password")), ("admin".to_owned(), String::new()));
        assert_eq!(browser.cookie("yilin_console"), None);
    });
}

#[test]
fn the_console_is_for_the_hospitals_staff() {
    run(async |world| {
        for role in [Role::Patient, Role::Physician] {
            let account = world.account(role, "王秀英").await;
            let mut browser = world.browser();
            browser.log_in(phone(&account), PASSWORD).await.expect(422).shows("医院工作人员");
            assert_eq!(browser.cookie("yilin_console"), None);
            browser.log_in(phone(&account), "wrong").await.expect(422).shows("账号或密码错误");
        }
    });
}

#[test]
fn a_lock_out_is_told_with_the_time_left() {
    run(async |world| {
        let mut browser = world.browser();
        for _ in 0..5 {
            browser.log_in("admin", "wrong").await.expect(422);
        }
        let page = browser.log_in("admin", PASSWORD).await.expect(429);
        page.shows("10 分钟后再试");
        assert_eq!(page.header("retry-after"), "600");
        world.fakes.clock.advance(TimeDelta::minutes(4));
        browser.log_in("admin", PASSWORD).await.expect(429).shows("6 分钟后再试");
        world.fakes.clock.advance(TimeDelta::minutes(7));
        browser.log_in("admin", PASSWORD).await.expect_redirect("/console");
    });
}

#[test]
fn default_passwords_are_refused_outside_a_private_installation() {
    let public = |options: &mut yilin_web::HttpOptions| options.private = false;
    run_adjusted(public, async |world| {
        world.browser().log_in("admin", "admin").await.expect(422).shows("默认密码只能在本机使用");
    });
}

#[test]
fn a_password_set_by_somebody_else_is_changed_before_anything_else() {
    run(async |world| {
        let account = world.account(Role::Admin, "nurse").await;
        let admin = world.first_admin().await;
        let update = AccountUpdate::of_password(account.uuid, NewPassword::parse("temporary 1").unwrap());
        world.use_cases.accounts.update(&actor(&admin), UpdateRoute::Patient, update).await.unwrap();

        let mut browser = world.browser();
        let page = browser.get("/console/log-in?next=/console/visits").await.expect(200);
        let typed = [("username", "nurse"), ("password", "temporary 1")];
        let led = browser.submit(&page, "/console/log-in", &typed).await;
        let led = led.expect_redirect("/console/password?next=%2Fconsole%2Fvisits");
        for path in ["/console", "/console/visits", "/console/visits/1"] {
            browser.get(path).await.expect_redirect("/console/password");
        }
        let page = browser.get(led.header("location")).await.expect(200);
        page.shows("请先修改密码").lacks("主菜单").lacks("当前密码");
        let change = |one: &str, other: &str| {
            vec![("password".to_owned(), one.to_owned()), ("password_again".to_owned(), other.to_owned())]
        };
        for (one, other, problem) in [
            ("", "", "不能为空"),
            ("short", "short", "长度必须为6到71个字节"),
            ("123456", "123456", "不能是默认密码或初始密码"),
            ("long enough", "another one", "两次输入的密码不一致"),
        ] {
            let fields = change(one, other);
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            browser.submit(&page, "/console/password", &fields).await.expect(422).shows(problem);
        }
        let fields = [("password", "long enough"), ("password_again", "long enough")];
        let led = browser.submit(&page, "/console/password", &fields).await;
        led.expect_redirect("/console/visits?done=password");
        browser.get("/console/visits").await.expect(200);
        world.browser().log_in("nurse", "temporary 1").await.expect(422);
        world.browser().log_in("nurse", "long enough").await.expect_redirect("/console");
    });
}

#[test]
fn ones_own_password_is_changed_by_who_knows_the_present_one() {
    run(async |world| {
        let mut browser = world.admin().await;
        let mut elsewhere = world.admin().await;
        let path = "/console/password";
        let page = browser.get(path).await.expect(200);
        page.shows("当前密码").shows("总览");
        let typed = |current| {
            [("current_password", current), ("password", "long enough"), ("password_again", "long enough")]
        };
        browser.submit(&page, path, &typed("")).await.expect(422).shows("当前密码：不能为空");
        let wrong = browser.submit(&page, path, &typed("wrong")).await.expect(422);
        wrong.shows("当前密码：不正确");
        assert_eq!(wrong.all("[aria-invalid]", "id"), ["current_password"]);
        assert_eq!(wrong.value("password"), "");
        elsewhere.get("/console").await.expect(200);
        browser.submit(&page, path, &typed(PASSWORD)).await.expect_redirect("/console?done=password");
        browser.get("/console?done=password").await.expect(200).shows("密码已修改");
        elsewhere.get("/console").await.expect(303);
        world.browser().log_in("admin", "long enough").await.expect_redirect("/console");
    });
}

#[test]
fn a_session_that_was_left_open_does_not_help_to_guess_the_password() {
    run(async |world| {
        let mut browser = world.admin().await;
        let path = "/console/password";
        let page = browser.get(path).await.expect(200);
        let typed = |current| {
            [("current_password", current), ("password", "long enough"), ("password_again", "long enough")]
        };
        for _ in 0..5 {
            browser.submit(&page, path, &typed("wrong")).await.expect(422);
        }
        let locked = browser.submit(&page, path, &typed(PASSWORD)).await.expect(429);
        locked.shows("10 分钟后再试");
        assert_eq!(locked.header("retry-after"), "600");
        world.fakes.clock.advance(TimeDelta::minutes(11));
        browser.submit(&page, path, &typed(PASSWORD)).await.expect_redirect("/console?done=password");
    });
}

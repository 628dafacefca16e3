//! Steps about a person: editing, a new password, disabling and enabling.

use yilin_domain::account::{Account, PhoneNumber, Role};
use yilin_domain::audit::AuditFilter;
use yilin_testkit::eventually;

use crate::world::{PASSWORD, World, actor, phone, run, run_on_mariadb, run_on_sqlite};
use yilin_domain::reason::Reason;

async fn stored(world: &World, account: &Account) -> Account {
    world.ports.accounts.find(account.uuid).await.unwrap().unwrap()
}

fn path(account: &Account) -> String {
    format!("/console/people/{}", account.uuid)
}

#[test]
fn what_is_known_of_a_person_is_corrected() {
    run(async |world| corrected(world).await);
}

#[test]
fn what_is_known_of_a_person_is_corrected_on_sqlite() {
    run_on_sqlite(async |world| corrected(world).await);
}

async fn corrected(world: &World) {
    let patient = world.account(Role::Patient, "王秀英").await;
    let physician = world.account(Role::Physician, "李建国").await;
    let mut admin = world.admin().await;
    let edit = format!("{}/edit", path(&patient));
    let person = admin.get(&path(&patient)).await.expect(200);
    let changes = person.all("a.change", "href");
    assert!(changes.contains(&format!("{edit}#phone")), "{changes:?}");
    let page = admin.get(&edit).await.expect(200);
    page.shows("修改王秀英的资料").shows("家庭住址").lacks("所属医院");
    assert_eq!(page.value("phone"), phone(&patient));

    let wrong = [("phone", "12345"), ("nickname", "<b>王阿姨</b>")];
    let again = admin.submit(&page, &edit, &wrong).await.expect(422);
    again.shows("手机号：");
    assert_eq!(again.value("nickname"), "<b>王阿姨</b>");
    admin.submit(&page, &edit, &[("phone", "")]).await.expect(422).shows("手机号：不能为空");
    let taken = admin.submit(&again, &edit, &[("phone", phone(&physician))]).await.expect(409);
    taken.shows("该手机号已被其他账户使用");
    assert_eq!(taken.all(".problem a", "href"), [path(&physician)]);
    assert_eq!(stored(world, &patient).await, patient);

    let mended = [("phone", "13799990001"), ("home_addr", "滨河路2号"), ("sex", "女")];
    for _ in 0..2 {
        let done = admin.submit(&taken, &edit, &mended).await;
        done.expect_redirect(&format!("{}?done=account-updated", path(&patient)));
    }
    let person = admin.get(&format!("{}?done=account-updated", path(&patient))).await.expect(200);
    person.shows("资料已保存").shows("13799990001").shows("滨河路2号").shows("<b>王阿姨</b>").shows("女");
    // What may be empty can be emptied.
    let page = admin.get(&edit).await.expect(200);
    admin.submit(&page, &edit, &[("home_addr", ""), ("nickname", "")]).await.expect(303);
    let emptied = stored(world, &patient).await;
    assert_eq!((emptied.home_address.as_str(), emptied.nickname.as_str()), ("", ""));
    assert_eq!(phone(&emptied), "13799990001");

    let page = admin.get(&format!("{}/edit", path(&physician))).await.expect(200);
    page.shows("所属医院").lacks("家庭住址");
    admin.get("/console/people/00000000/edit").await.expect(404);
}

#[test]
fn what_was_not_touched_stays_as_somebody_else_has_made_it() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let (mut one, mut other) = (world.admin().await, world.admin().await);
        let edit = format!("{}/edit", path(&patient));
        let ones = one.get(&edit).await.expect(200);
        let others = other.get(&edit).await.expect(200);
        one.submit(&ones, &edit, &[("phone", "13799990001")]).await.expect(303);
        other.submit(&others, &edit, &[("nickname", "王阿姨")]).await.expect(303);
        let now = stored(world, &patient).await;
        assert_eq!((phone(&now), now.nickname.as_str()), ("13799990001", "王阿姨"));
    });
}

/// The later of two people is told what the first has changed, and can then decide.
async fn edited_by_two(world: &World) {
    let patient = world.account(Role::Patient, "王秀英").await;
    let (mut one, mut other) = (world.admin().await, world.admin().await);
    let edit = format!("{}/edit", path(&patient));
    let ones = one.get(&edit).await.expect(200);
    let others = other.get(&edit).await.expect(200);
    let first = [("phone", "13799990001"), ("home_addr", "滨河路2号")];
    one.submit(&ones, &edit, &first).await.expect(303);
    let late = [("phone", "13799990002"), ("nickname", "王阿姨")];
    let told = other.submit(&others, &edit, &late).await.expect(409);
    told.shows("其他人刚刚修改了下面标出的内容").shows("手机号：刚刚被改为“13799990001”");
    assert_eq!(told.all("[aria-invalid]", "id"), ["phone"]);
    assert_eq!(
        (told.value("phone"), told.value("nickname")),
        ("13799990002".to_owned(), "王阿姨".to_owned())
    );
    let now = stored(world, &patient).await;
    assert_eq!((phone(&now), now.nickname.as_str()), ("13799990001", ""), "nothing is changed");
    other.submit(&told, &edit, &[]).await.expect(303);
    let now = stored(world, &patient).await;
    assert_eq!((phone(&now), now.nickname.as_str()), ("13799990002", "王阿姨"));
    assert_eq!(now.home_address.as_str(), "滨河路2号", "what was not touched stays");
    // Both want the same.
    let (ones, others) = (one.get(&edit).await.expect(200), other.get(&edit).await.expect(200));
    let same = [("phone", " 13799990003 "), ("home_addr", "")];
    one.submit(&ones, &edit, &same).await.expect(303);
    other.submit(&others, &edit, &same).await.expect(303);
}

#[test]
fn of_two_who_edit_the_same_the_later_is_told() {
    run(async |world| edited_by_two(world).await);
}

#[test]
fn of_two_who_edit_the_same_the_later_is_told_sqlite() {
    run_on_sqlite(async |world| edited_by_two(world).await);
}

#[test]
fn of_two_who_edit_the_same_the_later_is_told_mariadb() {
    run_on_mariadb(async |world| edited_by_two(world).await);
}

/// Of two who set a password the later one is told; the first one's was told to the person already.
async fn password_by_two(world: &World) {
    let nurse = world.account(Role::Admin, "nurse").await;
    let (mut one, mut other) = (world.admin().await, world.admin().await);
    let form = format!("{}/password", path(&nurse));
    let ones = one.get(&form).await.expect(200);
    let others = other.get(&form).await.expect(200);
    let first = [("password", "for the first day"), ("password_again", "for the first day")];
    let done = format!("{}?done=set-password", path(&nurse));
    for _ in 0..2 {
        // Sent twice, too.
        one.submit(&ones, &form, &first).await.expect_redirect(&done);
    }
    let second = [("password", "for another day"), ("password_again", "for another day")];
    let told = other.submit(&others, &form, &second).await.expect(409);
    told.shows("这个账号刚刚有变化").shows("其他人已经为此人设置了新密码");
    world.browser().log_in("nurse", "for another day").await.expect(422);
    world.browser().log_in("nurse", "for the first day").await.expect_redirect("/console/password");
    assert!(told.all(".actions a", "href").contains(&form), "it can be done again");
    let again = other.get(&form).await.expect(200);
    other.submit(&again, &form, &second).await.expect_redirect(&done);
    world.browser().log_in("nurse", "for another day").await.expect_redirect("/console/password");
}

#[test]
fn of_two_who_set_a_password_the_later_is_told() {
    run(async |world| password_by_two(world).await);
}

#[test]
fn of_two_who_set_a_password_the_later_is_told_sqlite() {
    run_on_sqlite(async |world| password_by_two(world).await);
}

#[test]
fn of_two_who_set_a_password_the_later_is_told_mariadb() {
    run_on_mariadb(async |world| password_by_two(world).await);
}

#[test]
fn an_admin_changes_their_own_number_five_times_a_day() {
    run(async |world| {
        let account = world.first_admin().await;
        let mut admin = world.admin().await;
        let edit = format!("{}/edit", path(&account));
        for number in 1..=5 {
            let page = admin.get(&edit).await.expect(200);
            let phone = format!("1379999000{number}");
            admin.submit(&page, &edit, &[("phone", &phone)]).await.expect(303);
        }
        let page = admin.get(&edit).await.expect(200);
        let refused = admin.submit(&page, &edit, &[("phone", "13799990006")]).await.expect(429);
        refused.shows("手机号：今天修改手机号的次数已用完");
        assert!(!refused.header("retry-after").is_empty());
        assert_eq!(refused.value("phone"), "13799990006");
        let stored = stored(world, &account).await.phone;
        assert_eq!(stored.as_ref().map(PhoneNumber::as_str), Some("13799990005"));
    });
}

#[test]
fn a_forgotten_password_is_replaced() {
    run(async |world| {
        let nurse = world.account(Role::Admin, "nurse").await;
        let mut admin = world.admin().await;
        let mut browser = world.browser();
        browser.log_in("nurse", PASSWORD).await.expect_redirect("/console");
        let form = format!("{}/password", path(&nurse));
        let page = admin.get(&form).await.expect(200);
        page.shows("全部登录立即失效").shows("nurse");
        for (one, other, problem) in [
            ("", "", "新密码：不能为空"),
            ("123456", "123456", "新密码：不能是默认密码或初始密码"),
            ("for the first day", "for the 1st day", "再输一遍新密码：两次输入的密码不一致"),
        ] {
            let typed = [("password", one), ("password_again", other)];
            admin.submit(&page, &form, &typed).await.expect(422).shows(problem);
        }
        browser.get("/console").await.expect(200);
        let typed = [("password", "for the first day"), ("password_again", "for the first day")];
        let done = admin.submit(&page, &form, &typed).await;
        let done = done.expect_redirect(&format!("{}?done=set-password", path(&nurse)));
        let person = admin.get(done.header("location")).await.expect(200);
        person.shows("已设置新密码").shows("由他人设置").shows("现在没有登录");
        browser.get("/console").await.expect(303);
        world.browser().log_in("nurse", PASSWORD).await.expect(422);
        let mut browser = world.browser();
        browser.log_in("nurse", "for the first day").await.expect_redirect("/console/password");

        // One's own is changed on the page that asks for the present one.
        let own = format!("{}/password", path(&world.first_admin().await));
        admin.get(&own).await.expect_redirect("/console/password");
        admin.post(&own, &typed).await.expect_redirect("/console/password");
        admin.get("/console/people/00000000/password").await.expect(404);
    });
}

#[test]
fn accounts_are_disabled_and_enabled_with_a_reason() {
    run(async |world| disabled(world).await);
}

#[test]
fn accounts_are_disabled_and_enabled_with_a_reason_on_sqlite() {
    run_on_sqlite(async |world| disabled(world).await);
}

#[test]
fn accounts_are_disabled_and_enabled_with_a_reason_on_mariadb() {
    run_on_mariadb(async |world| disabled(world).await);
}

async fn disabled(world: &World) {
    let physician = world.account(Role::Physician, "李建国").await;
    let patient = world.account(Role::Patient, "王秀英").await;
    let by = actor(&world.first_admin().await);
    let id = world.visit(&patient, "2027-01-15 09:30").await.inquiry.id;
    world.use_cases.inquiries.appoint(&by, id, physician.uuid).await.unwrap();
    let mut admin = world.admin().await;
    let (disable, enable) = (format!("{}/disable", path(&physician)), format!("{}/enable", path(&physician)));
    let person = admin.get(&path(&physician)).await.expect(200);
    person.lacks("已停用");
    assert!(person.all(".actions a", "href").contains(&disable));
    let page = admin.get(&disable).await.expect(200);
    page.shows("不能再登录").shows("1 次未结束的就诊和 0 份未收货的药单");
    assert_eq!(page.all(".notice-warning a", "href"), [format!("{}/hand-over", path(&physician))]);
    admin.submit(&page, &disable, &[]).await.expect(422).shows("原因：不能为空");
    assert!(!stored(world, &physician).await.disabled);
    for _ in 0..2 {
        let done = admin.submit(&page, &disable, &[("reason", "已退休")]).await;
        done.expect_redirect(&format!("{}?done=disabled", path(&physician)));
    }
    let person = admin.get(&format!("{}?done=disabled", path(&physician))).await.expect(200);
    person.shows("账号已停用").shows("已停用").shows("停用账号").shows("已退休").shows("admin");
    assert!(person.all(".actions a", "href").contains(&enable));
    let history = world.use_cases.accounts.standings(&by, physician.uuid).await.unwrap();
    assert_eq!(history.lines.len(), 1, "it is disabled once");

    // Who comes later is told who was faster, and why.
    let told = admin.submit(&page, &disable, &[("reason", "长期请假")]).await.expect(409);
    told.shows("这个账号刚刚有变化").shows("已退休").shows("长期请假").shows("已停用");
    admin.get(&disable).await.expect(409).shows("已停用").lacks("发生的变化");
    let page = admin.get(&enable).await.expect(200);
    let done = admin.submit(&page, &enable, &[("reason", "返聘")]).await.expect(303);
    admin
        .get(done.header("location"))
        .await
        .expect(200)
        .shows("账号已重新启用")
        .shows("返聘")
        .shows("已退休");
    assert!(!stored(world, &physician).await.disabled);
}

#[test]
fn the_last_admin_stays() {
    run(async |world| {
        let account = world.first_admin().await;
        let mut admin = world.admin().await;
        let disable = format!("{}/disable", path(&account));
        let page = admin.get(&disable).await.expect(200);
        page.shows("这是您自己的账号");
        let refused = admin.submit(&page, &disable, &[("reason", "离职")]).await.expect(409);
        refused.shows("这是最后一个可用的管理员账户，不能停用");
        assert_eq!(refused.value("reason"), "离职");
        // With another admin it is possible, and ends the own session.
        world.account(Role::Admin, "nurse").await;
        let done = admin.submit(&refused, &disable, &[]).await.expect(303);
        admin.get(done.header("location")).await.expect(303);
        assert!(stored(world, &account).await.disabled);
    });
}

#[test]
fn steps_about_a_person_are_recorded() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let mut admin = world.admin().await;
        let of = |step: &str| format!("{}/{step}", path(&patient));
        let why = ("reason", "情况有变");
        let secret = [("password", "for the first day"), ("password_again", "for the first day")];
        for (step, values) in [
            ("edit", vec![("nickname", "王阿姨")]),
            ("password", secret.to_vec()),
            ("disable", vec![why]),
            ("enable", vec![why]),
        ] {
            let page = admin.get(&of(step)).await.expect(200);
            admin.submit(&page, &of(step), &values).await.expect(303);
        }
        for (operation, code) in [
            ("consoleEditPersonPage", "R"),
            ("consoleEditPerson", "U"),
            ("consoleSetPasswordPage", "R"),
            ("consoleSetPassword", "U"),
            ("consoleDisablePage", "R"),
            ("consoleDisable", "U"),
            ("consoleEnable", "U"),
        ] {
            let filter = AuditFilter { operation: Some(operation.to_owned()), ..AuditFilter::default() };
            eventually(&format!("{operation} is recorded"), async || {
                let entries = world.ports.audit.batch(&filter, None, 10).await.unwrap().unwrap();
                entries.iter().any(|record| {
                    let event = &record.entry.event;
                    let id = event.entity.as_ref().map(|entity| entity.id.clone());
                    event.patient == Some(patient.uuid)
                        && id == Some(patient.uuid.to_string())
                        && event.action.code() == code
                })
            })
            .await;
        }
        // No reason and no password is in the log.
        let entries = world.ports.audit.batch(&AuditFilter::default(), None, 500).await.unwrap().unwrap();
        assert!(entries.iter().all(|entry| !format!("{entry:?}").contains("for the first day")));
        let reason = Reason::parse(why.1).unwrap();
        assert!(entries.iter().all(|entry| !format!("{entry:?}").contains(reason.as_str())));
    });
}

//! Adding people: the form of each role, double submits, taken phone numbers, and people who are known already.

use chrono::TimeDelta;
use yilin_domain::account::{Account, Role};
use yilin_domain::audit::AuditFilter;
use yilin_testkit::eventually;

use crate::browser::{Browser, Page};
use crate::world::{PASSWORD, World, phone, run, run_on_sqlite};

const NEW: &str = "/console/people/new";

/// A phone number that nobody has.
const PHONE: &str = "13799990001";

async fn form(admin: &mut Browser<'_>, kind: &str) -> Page {
    admin.get(&format!("{NEW}?kind={kind}")).await.expect(200)
}

/// The uuid in the address of a person's page.
fn uuid_of(page: &Page) -> String {
    let location = page.header("location");
    location.strip_prefix("/console/people/").unwrap().split('?').next().unwrap().to_owned()
}

async fn named(world: &World, role: Role, name: &str) -> Vec<Account> {
    let name = yilin_domain::account::PersonName::parse(name).unwrap();
    world.ports.people.namesakes(role, &name, 10).await.unwrap()
}

#[test]
fn people_are_added() {
    run(async |world| added(world).await);
}

#[test]
fn people_are_added_on_sqlite() {
    run_on_sqlite(async |world| added(world).await);
}

async fn added(world: &World) {
    let mut admin = world.admin().await;
    let list = admin.get("/console/people").await.expect(200);
    assert!(list.all("main a", "href").contains(&NEW.to_owned()));
    let kinds = admin.get(NEW).await.expect(200);
    kinds.shows("居民").shows("医师").shows("系统管理员");
    let links = ["patients", "physicians", "admins"].map(|kind| format!("{NEW}?kind={kind}"));
    assert_eq!(kinds.all(".choice a", "href"), links);

    let page = form(&mut admin, "patients").await;
    page.shows("新增居民").shows("家庭住址").lacks("所属医院");
    let empty = admin.submit(&page, NEW, &[]).await.expect(422);
    empty.shows("姓名：不能为空").shows("手机号：不能为空").lacks("密码：不能为空");
    let typed = [
        ("username", "孙 梅"),
        ("phone", PHONE),
        ("sex", "女"),
        ("birth_date", "2124-03-08"),
        ("home_addr", "人民路<8>号"),
        ("password", "one of many"),
        ("password_again", "another one"),
    ];
    let again = admin.submit(&page, NEW, &typed).await.expect(422);
    again.shows("出生日期（选填）：").shows("再输一遍新密码：两次输入的密码不一致");
    assert_eq!((again.value("username"), again.value("phone")), ("孙 梅".to_owned(), PHONE.to_owned()));
    assert_eq!(
        (again.value("home_addr"), again.value("password")),
        ("人民路<8>号".to_owned(), String::new())
    );
    assert_eq!(again.all("input[name=sex][checked]", "value"), ["女"]);

    // A password that the form does not show any more is not forgotten silently.
    let again = admin.submit(&again, NEW, &[("birth_date", "1950-03-08")]).await.expect(422);
    again.shows("新密码（选填）：刚才填写的密码没有保留");

    // Sent twice, it is done once.
    let born = [("birth_date", "1950-03-08")];
    let first = admin.submit(&again, NEW, &born).await.expect(303);
    let second = admin.submit(&again, NEW, &born).await.expect(303);
    assert_eq!(first.header("location"), second.header("location"));
    assert!(first.header("location").ends_with("?done=account-created-initial"));
    let person = admin.get(first.header("location")).await.expect(200);
    person.shows("已新增账号，密码是医院的初始密码").shows("孙梅").shows("人民路<8>号").shows("由他人设置");
    assert_eq!(named(world, Role::Patient, "孙梅").await.len(), 1);

    let page = form(&mut admin, "physicians").await;
    page.shows("所属医院").lacks("家庭住址").lacks("出生日期");
    let typed = [
        ("username", "周医师"),
        ("phone", "13799990002"),
        ("hospital", "滨河医院"),
        ("password", "for the first day"),
        ("password_again", "for the first day"),
    ];
    let done = admin.submit(&page, NEW, &typed).await.expect(303);
    assert!(done.header("location").ends_with("?done=account-created"), "{}", done.header("location"));
    admin.get(done.header("location")).await.expect(200).shows("请把密码告诉本人").shows("滨河医院");
    admin.get(&format!("{NEW}?kind=nurses")).await.expect(422);
    admin.post(NEW, &[("role", "nurse")]).await.expect(422).shows("先选择身份");
}

#[test]
fn an_admin_is_added_with_a_name_and_a_password() {
    run(async |world| {
        let mut admin = world.admin().await;
        let page = form(&mut admin, "admins").await;
        page.shows("登录账号").lacks("手机号");
        let short = [("username", "root"), ("password", ""), ("password_again", "")];
        let again = admin.submit(&page, NEW, &short).await.expect(422);
        again.shows("登录账号：长度必须为5到16个字").shows("新密码：不能为空");
        let fields = |name| {
            [("username", name), ("password", "for the first day"), ("password_again", "for the first day")]
        };
        let taken = admin.submit(&again, NEW, &fields("admin")).await.expect(409);
        taken.shows("登录账号：已有管理员使用该用户名");
        assert_eq!(taken.all("[aria-invalid]", "id"), ["username"]);
        let done = admin.submit(&taken, NEW, &fields("nurse")).await.expect(303);
        admin.get(done.header("location")).await.expect(200).shows("系统管理员").shows("nurse");
        let mut nurse = world.browser();
        nurse.log_in("nurse", "for the first day").await.expect_redirect("/console/password");
    });
}

#[test]
fn a_taken_phone_number_leads_to_who_has_it() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let mut admin = world.admin().await;
        let page = form(&mut admin, "physicians").await;
        let typed = [("username", "周医师"), ("phone", phone(&patient))];
        let taken = admin.submit(&page, NEW, &typed).await.expect(409);
        taken.shows("手机号：该手机号已被其他账户使用").shows("查看使用该号码的王秀英");
        assert_eq!(taken.all(".problem a", "href"), [format!("/console/people/{}", patient.uuid)]);
        assert_eq!(taken.value("username"), "周医师");
        assert!(named(world, Role::Physician, "周医师").await.is_empty());
        admin.submit(&taken, NEW, &[("phone", PHONE)]).await.expect(303);
        // Whose number it is was shown, which is recorded.
        let filter = AuditFilter {
            operation: Some("consoleNewPerson".to_owned()),
            patient: Some(patient.uuid),
            ..AuditFilter::default()
        };
        eventually("the disclosure is recorded", async || {
            !world.ports.audit.batch(&filter, None, 10).await.unwrap().unwrap().is_empty()
        })
        .await;
    });
}

#[test]
fn whoever_may_be_known_is_shown_first() {
    run(async |world| {
        let known = world.account(Role::Patient, "王秀英").await;
        let mut admin = world.admin().await;
        let page = form(&mut admin, "patients").await;
        let typed = [("username", "王秀英"), ("phone", PHONE)];
        let told = admin.submit(&page, NEW, &typed).await.expect(409);
        told.shows("已有同名的账号").shows("不是同一人，仍然新增");
        assert_eq!(told.all("tbody a", "href"), [format!("/console/people/{}", known.uuid)]);
        assert_eq!(named(world, Role::Patient, "王秀英").await.len(), 1);
        // Whoever was shown is not shown again, but somebody else is.
        let other = world.account(Role::Patient, "赵敏").await;
        let told = admin.submit(&told, NEW, &[("username", "赵敏")]).await.expect(409);
        assert_eq!(told.all("tbody a", "href"), [format!("/console/people/{}", other.uuid)]);
        let first = admin.submit(&told, NEW, &[]).await.expect(303);
        let second = admin.submit(&told, NEW, &[]).await.expect(303);
        assert_eq!(first.header("location"), second.header("location"));
        assert_eq!(named(world, Role::Patient, "赵敏").await.len(), 2);
    });
}

#[test]
fn a_form_that_is_done_adds_somebody_else_when_it_is_sent_again() {
    run(async |world| {
        let mut admin = world.admin().await;
        let page = form(&mut admin, "patients").await;
        let first = admin.submit(&page, NEW, &[("username", "孙梅"), ("phone", PHONE)]).await.expect(303);
        let next = [("username", "赵敏"), ("phone", "13799990002")];
        let told = admin.submit(&page, NEW, &next).await.expect(422);
        told.shows("这份表单之前已经提交成功");
        assert_eq!(told.value("username"), "赵敏");
        let second = admin.submit(&told, NEW, &[]).await.expect(303);
        assert_ne!(uuid_of(&first), uuid_of(&second));
    });
}

#[test]
fn a_password_that_was_lost_with_the_session_is_typed_again() {
    run(async |world| {
        let mut admin = world.admin().await;
        let page = form(&mut admin, "patients").await;
        world.fakes.clock.advance(TimeDelta::hours(13));
        let secret = ("password", "for the first day");
        let typed = [("username", "孙梅"), ("phone", PHONE), secret, ("password_again", secret.1)];
        let log_in = admin.submit(&page, NEW, &typed).await.expect(401);
        let credentials = [("username", "admin"), ("password", PASSWORD)];
        let resume = admin.submit(&log_in, "/console/log-in", &credentials).await.expect(200);
        resume.shows("查看并继续").lacks("yes");
        assert!(!resume.html.contains(secret.1));
        let again = admin.submit(&resume, NEW, &[]).await.expect(422);
        again.shows("新密码（选填）：刚才填写的密码没有保留");
        assert_eq!((again.value("username"), again.value("phone")), ("孙梅".to_owned(), PHONE.to_owned()));
        assert!(named(world, Role::Patient, "孙梅").await.is_empty());
        let done = admin.submit(&again, NEW, &[secret, ("password_again", secret.1)]).await.expect(303);
        assert!(done.header("location").ends_with("?done=account-created"));
    });
}

//! People: search, possible duplicates, and their sessions.

use chrono::TimeDelta;
use yilin_domain::account::{Account, ReservedPhone, Role};
use yilin_domain::audit::AuditFilter;
use yilin_domain::usecase::InquiryRequest;
use yilin_testkit::{eventually, sample};

use crate::world::{World, actor, phone, run, run_on_sqlite};

#[test]
fn people_are_found_and_shown() {
    run(async |world| found(world).await);
}

#[test]
fn people_are_found_and_shown_on_sqlite() {
    run_on_sqlite(async |world| found(world).await);
}

async fn found(world: &World) {
    let one = world.account(Role::Patient, "王秀英").await;
    let same = world.account(Role::Patient, "王秀英").await;
    world.account(Role::Patient, "刘芳").await;
    let physician = world.account(Role::Physician, "李建国").await;
    let mut admin = world.admin().await;
    let list = admin.get("/console/people").await.expect(200);
    list.shows("王秀英").shows("刘芳").lacks("李建国").shows("共 3 条");
    admin.get("/console/people?tab=physicians").await.expect(200).shows("李建国").shows("共 1 条");
    admin.get("/console/people?text=秀").await.expect(200).shows("共 2 条").lacks("刘芳");
    let by_phone = admin.get(&format!("/console/people?text={}", phone(&same))).await.expect(200);
    assert_eq!(by_phone.all("tbody a", "href"), [format!("/console/people/{}", same.uuid)]);
    admin.get("/console/people?text=没有").await.expect(200).shows("没有找到");

    let person = admin.get(&format!("/console/people/{}", one.uuid)).await.expect(200);
    person.shows("居民").shows("可能是同一人").shows(phone(&same)).shows("现在没有登录");
    let links = person.all("main li a", "href");
    for list in ["visits?patient", "drug-orders?patient", "audit?patient", "audit?agent"] {
        assert!(links.contains(&format!("/console/{list}={}", one.uuid)), "{links:?}");
    }
    let person = admin.get(&format!("/console/people/{}", physician.uuid)).await.expect(200);
    person.shows("医师").lacks("可能是同一人");
    admin.get("/console/people/00000000").await.expect(404);
    admin.get("/console/people/nobody").await.expect(404);
}

#[test]
fn pages_of_people_follow_each_other() {
    run(async |world| {
        for number in 0..30 {
            world.account(Role::Patient, &format!("王{number}")).await;
        }
        let mut admin = world.admin().await;
        let first = admin.get("/console/people?text=王").await.expect(200);
        first.shows("共 30 条").shows("王29").lacks("王4 ");
        let older = first.all("a[rel=next]", "href").remove(0);
        let second = admin.get(&older).await.expect(200);
        second.shows("王0").shows("王4").lacks("王29");
        assert!(second.all("a[rel=next]", "href").is_empty());
        let newer = second.all("a[rel=prev]", "href").remove(0);
        admin.get(&newer).await.expect(200).shows("王29").shows("王5");
    });
}

#[test]
fn sessions_are_ended_one_by_one_or_all() {
    run(async |world| {
        let account = world.first_admin().await;
        let mut admin = world.admin().await;
        world.fakes.clock.advance(TimeDelta::minutes(1));
        let mut other = world.admin().await;
        let path = format!("/console/people/{}", account.uuid);
        let page = admin.get(&path).await.expect(200);
        page.shows("您现在的登录");
        let sessions = page.all("input[name=session]", "value");
        assert_eq!(sessions.len(), 2);
        let end = format!("{path}/sessions");
        admin.post(&end, &[("session", "x")]).await.expect(422);
        other.get("/console").await.expect(200);
        // The newest is on top.
        for _ in 0..2 {
            let done = admin.post(&end, &[("session", sessions[0].as_str())]).await;
            done.expect_redirect(&format!("{path}?done=ended"));
        }
        other.get("/console").await.expect_redirect("/console/log-in");
        let page = admin.get(&format!("{path}?done=ended")).await.expect(200);
        page.shows("已使其退出登录");
        assert_eq!(page.all("input[name=session]", "value"), sessions[1..]);
        admin.post(&end, &[]).await.expect_redirect(&format!("{path}?done=ended"));
        admin.get("/console").await.expect_redirect("/console/log-in");
        admin.post("/console/people/00000000/sessions", &[]).await.expect(401);
    });
}

#[test]
fn whom_a_page_shows_is_recorded() {
    run(async |world| {
        let one = world.account(Role::Patient, "王秀英").await;
        let same = world.account(Role::Patient, "王秀英").await;
        let mut admin = world.admin().await;
        admin.get(&format!("/console/people/{}", one.uuid)).await.expect(200);
        admin.get("/console/people?text=王").await.expect(200);
        for (operation, patient) in [
            ("consolePerson", one.uuid),
            ("consolePerson", same.uuid),
            ("consolePeople", one.uuid),
            ("consolePeople", same.uuid),
        ] {
            let filter = AuditFilter {
                operation: Some(operation.to_owned()),
                patient: Some(patient),
                ..AuditFilter::default()
            };
            eventually(&format!("{operation} is recorded"), async || {
                !world.ports.audit.batch(&filter, None, 10).await.unwrap().unwrap().is_empty()
            })
            .await;
        }
    });
}

#[test]
fn possible_duplicates_are_shown_side_by_side() {
    run(async |world| duplicates(world).await);
}

#[test]
fn possible_duplicates_are_shown_side_by_side_on_sqlite() {
    run_on_sqlite(async |world| duplicates(world).await);
}

async fn duplicates(world: &World) {
    let path = "/console/people/duplicates";
    let mut admin = world.admin().await;
    let list = admin.get("/console/people").await.expect(200);
    assert!(list.all("main a", "href").contains(&path.to_owned()));
    admin.get(path).await.expect(200).shows("没有可能重复的账号");
    let one = world.account(Role::Patient, "王秀英").await;
    let same = world.account(Role::Patient, "王秀英").await;
    let other = world.account(Role::Patient, "刘芳").await;
    for patient in [&one, &other] {
        let reserved_phone = Some(ReservedPhone::parse("02087654321").unwrap());
        let request = InquiryRequest { reserved_phone, ..sample::inquiry_request() };
        world.use_cases.inquiries.submit(&actor(patient), request).await.unwrap();
    }
    let of = |accounts: [&Account; 2]| accounts.map(|account| format!("/console/people/{}", account.uuid));
    let by_name = admin.get(path).await.expect(200);
    by_name.lacks("刘芳").lacks("继续查找");
    assert_eq!(by_name.all("tbody a", "href"), of([&one, &same]));
    let by_phone = admin.get(&format!("{path}?tab=phones")).await.expect(200);
    by_phone.shows("02087654321");
    assert_eq!(by_phone.all("tbody a", "href"), of([&one, &other]));
    admin.get(&format!("{path}?tab=physicians")).await.expect(200).shows("没有可能重复的账号");
    let rest = admin.get(&format!("{path}?after=王秀英")).await.expect(200);
    assert!(rest.all("tbody a", "href").is_empty());
    for wrong in ["tab=nurses", "tab=phones&after=x"] {
        admin.get(&format!("{path}?{wrong}")).await.expect(422);
    }
}

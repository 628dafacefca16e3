//! Handing a physician's work over.

use yilin_domain::account::{Account, Role};
use yilin_domain::reason::Reason;

use crate::world::{World, actor, run, run_on_sqlite};

/// A physician with two open visits and a drug order, and a successor.
async fn physicians(world: &World) -> (Account, Account) {
    let patient = world.account(Role::Patient, "王秀英").await;
    let from = world.account(Role::Physician, "李建国").await;
    let to = world.account(Role::Physician, "张伟").await;
    let by = actor(&world.first_admin().await);
    for at in ["2027-01-15 09:30", "2027-01-16 09:30"] {
        let id = world.visit(&patient, at).await.inquiry.id;
        world.use_cases.inquiries.appoint(&by, id, from.uuid).await.unwrap();
    }
    world.registered(&patient, &from).await;
    (from, to)
}

#[test]
fn a_physicians_work_moves_to_another() {
    run(async |world| moved(world).await);
}

#[test]
fn a_physicians_work_moves_to_another_on_sqlite() {
    run_on_sqlite(async |world| moved(world).await);
}

async fn moved(world: &World) {
    let (from, to) = physicians(world).await;
    let mut admin = world.admin().await;
    let person = format!("/console/people/{}", from.uuid);
    let path = format!("{person}/hand-over");
    assert!(admin.get(&person).await.expect(200).all(".actions a", "href").contains(&path));
    let page = admin.get(&path).await.expect(200);
    page.shows("将移交 2 次就诊和 1 份药单").shows("张伟");
    assert_eq!(page.all("input[name=to]", "value"), [to.uuid.to_string()], "not to themselves");
    let nobody = admin.get(&format!("{path}?physician_name=没有")).await.expect(200);
    assert!(nobody.all("input[name=to]", "value").is_empty());
    let found = admin.get(&format!("{path}?physician_name=张")).await.expect(200);

    let empty = admin.submit(&found, &path, &[]).await.expect(422);
    empty.shows("移交给：不能为空").shows("原因：不能为空");
    assert_eq!(empty.value("physician_name"), "张");
    let own = from.uuid.to_string();
    let why = ("reason", "李医师退休");
    admin.submit(&found, &path, &[("to", &own), why]).await.expect(422).shows("移交给：");

    let chosen = to.uuid.to_string();
    let done = admin.submit(&found, &path, &[("to", &chosen), why]).await;
    let done = done.expect_redirect(&format!("{person}/handed-over?to={chosen}&visits=2&orders=1"));
    let told = admin.get(done.header("location")).await.expect(200);
    told.shows("已把 2 次就诊和 1 份药单移交给张伟").lacks("没有移交");
    let lists = told.all("main li a", "href");
    assert_eq!(lists.len(), 2);
    admin.get(&lists[0]).await.expect(200).shows("共 2 条").shows("王秀英");
    admin.get(&lists[1]).await.expect(200).shows("共 1 条").shows("王秀英");
    admin.get(&path).await.expect(200).shows("没有需要移交的");
    // Sent twice, nothing moves twice, and the page says so.
    let twice = admin.submit(&found, &path, &[("to", &chosen), why]).await.expect(303);
    admin.get(twice.header("location")).await.expect(200).shows("可能刚刚已经移交过");
    let visits = admin.get(&lists[0]).await.expect(200);
    let visit = visits.all("tbody th a", "href").remove(0);
    admin.get(&visit).await.expect(200).shows("指派张伟").shows("李医师退休");
}

#[test]
fn what_is_left_is_told() {
    run(async |world| {
        let (from, to) = physicians(world).await;
        let mut admin = world.admin().await;
        let person = format!("/console/people/{}", from.uuid);
        // As after a hand-over that broke off.
        let told = admin.get(&format!("{person}/handed-over?to={}&visits=1&orders=0", to.uuid)).await;
        let told = told.expect(200);
        told.shows("已把 1 次就诊和 0 份药单移交给张伟").shows("还有 2 次就诊和 1 份药单没有移交");
        assert_eq!(told.all(".notice-warning a", "href"), [format!("{person}/hand-over")]);
        admin.get(&format!("{person}/handed-over")).await.expect_redirect(&person);
        admin.get(&format!("{person}/handed-over?to={}&visits=x", to.uuid)).await.expect(422);
    });
}

#[test]
fn only_physicians_have_work_to_hand_over() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let (from, to) = physicians(world).await;
        let mut admin = world.admin().await;
        for uuid in [patient.uuid.to_string(), "00000000".to_owned()] {
            let path = format!("/console/people/{uuid}/hand-over");
            admin.get(&path).await.expect(404);
            admin.get(&format!("/console/people/{}/handed-over?to={uuid}", from.uuid)).await.expect(404);
            let typed = [("to", to.uuid.to_string()), ("reason", "退休".to_owned())];
            let typed = typed.each_ref().map(|(name, value)| (*name, value.as_str()));
            admin.post(&path, &typed).await.expect(404);
        }
        // Who was disabled meanwhile takes nothing over.
        let path = format!("/console/people/{}/hand-over", from.uuid);
        let page = admin.get(&path).await.expect(200);
        let (by, reason) = (actor(&world.first_admin().await), Reason::parse("休产假").unwrap());
        world.use_cases.accounts.set_disabled(&by, to.uuid, true, reason).await.unwrap();
        let chosen = to.uuid.to_string();
        let refused = admin.submit(&page, &path, &[("to", &chosen), ("reason", "退休")]).await.expect(422);
        refused.shows("移交给：这位医师已停用，请另选一位");
        assert!(world.use_cases.hand_over.open_work(&by, from.uuid).await.unwrap().inquiries == 2);
    });
}

//! A day at the hospital, in pages: from the request to the approved record, over fakes and SQLite.

use yilin_domain::account::Role;
use yilin_domain::medical_record::AddendumText;
use yilin_domain::reason::Reason;
use yilin_domain::usecase::AddendumReport;
use yilin_testkit::sample;

use crate::world::{World, actor, run, run_on_sqlite};

#[test]
fn a_visit_is_led_to_its_approval() {
    run(async |world| day(world).await);
}

#[test]
fn a_visit_is_led_to_its_approval_on_sqlite() {
    run_on_sqlite(async |world| day(world).await);
}

async fn day(world: &World) {
    let patient = world.account(Role::Patient, "王秀英").await;
    let busy = world.account(Role::Physician, "李建国").await;
    let free = world.account(Role::Physician, "张伟").await;
    let admin_account = world.first_admin().await;
    let other = world.visit(&patient, "2027-01-15 09:00").await.inquiry.id;
    world.use_cases.inquiries.appoint(&actor(&admin_account), other, busy.uuid).await.unwrap();
    let id = world.visit(&patient, "2027-01-15 09:30").await.inquiry.id;
    let of = |step: &str| format!("/console/visits/{id}/{step}");

    let mut admin = world.admin().await;
    let overview = admin.get("/console").await.expect(200);
    overview.shows("1 待指派医师").shows("1 医师未答复").shows("今天没有就诊安排");
    let list = admin.get("/console/visits?tab=submitted").await.expect(200);
    list.shows("王秀英").shows("待指派").shows("指派医师").shows("共 1 条");
    admin.get("/console/visits?name=李").await.expect(200).shows("没有符合条件的就诊");
    let reversed = "/console/visits?from=2027-01-16&to=2027-01-15";
    admin.get(reversed).await.expect(200).shows("开始日期晚于结束日期");

    // Who is busy is said, and refused to nobody.
    let page = admin.get(&of("appoint")).await.expect(200);
    page.shows("当天 1 次就诊：09:00").shows("与 1 次就诊时间相近").shows("当天没有其他就诊");
    admin.get(&format!("{}?physician_name=张", of("appoint"))).await.expect(200).lacks("李建国");
    admin.submit(&page, &of("appoint"), &[]).await.expect(422).shows("医师：不能为空");
    let chosen = busy.uuid.to_string();
    let done = admin.submit(&page, &of("appoint"), &[("physician", &chosen)]).await.expect(303);
    let visit = admin.get(done.header("location")).await.expect(200);
    visit.shows("已指派医师").shows("李建国").shows("该医师还有时间相近的就诊");

    world.use_cases.inquiries.answer(&actor(&busy), id, true, None).await.unwrap();
    let visit = admin.get(&format!("/console/visits/{id}")).await.expect(200);
    visit.shows("医师接诊").shows("改派医师").lacks("审核通过").lacks("退回补正");
    let page = admin.get(&of("reassign")).await.expect(200);
    let chosen = free.uuid.to_string();
    let values = [("physician", chosen.as_str()), ("reason", "李医师外出")];
    let done = admin.submit(&page, &of("reassign"), &values).await.expect(303);
    admin.get(done.header("location")).await.expect(200).shows("改派张伟").shows("李医师外出");

    world.use_cases.inquiries.answer(&actor(&free), id, true, None).await.unwrap();
    let report = sample::consultation_report(id);
    let record = world.use_cases.consultations.register(&actor(&free), report).await.unwrap();
    let visit = admin.get(&format!("/console/visits/{id}")).await.expect(200);
    visit.shows("偏头痛").shows("病历").shows("审核通过").lacks("取消就诊");
    let page = admin.get(&of("return")).await.expect(200);
    let done = admin.submit(&page, &of("return"), &[("reason", "缺少血压")]).await.expect(303);
    admin.get(done.header("location")).await.expect(200).shows("病历已退回医师补正").shows("缺少血压");
    let addendum = AddendumReport {
        record: record.record.id,
        text: AddendumText::parse("血压 150/90").unwrap(),
        reason: Reason::parse("补充血压").unwrap(),
        medical_img: None,
        inquiry_video: None,
    };
    world.use_cases.consultations.amend(&actor(&free), addendum).await.unwrap();
    let page = admin.get(&of("approve")).await.expect(200);
    page.shows("偏头痛").shows("血压 150/90");
    let done = admin.submit(&page, &of("approve"), &[]).await.expect(303);
    let visit = admin.get(done.header("location")).await.expect(200);
    visit.shows("病历已审核通过").shows("血压 150/90").shows("补充病历");
    assert_eq!(visit.all("a[href*='/appoint'], a[href*='/cancel'], a[href*='/approve']", "href"), [""; 0]);
    let paper = admin.get(&format!("/console/visits/{id}/record")).await.expect(200);
    paper.shows("就诊病历").shows("偏头痛").shows("血压 150/90").shows("医师签名");
    admin.get(&format!("/console/visits/{other}/record")).await.expect(404);
}

//! Drug orders, in pages: the list, the proof of delivery, and the confirmation of receipt.

use actix_web::web::Bytes;
use yilin_domain::account::{Account, Role};
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::file::FileMention;
use yilin_domain::id::DrugOrderId;

use crate::world::{PASSWORD, World, actor, run, run_on_mariadb, run_on_sqlite};

/// A dispatched order, whose certificate is a file that the physician uploaded.
async fn dispatched(world: &World, patient: &Account, physician: &Account) -> DrugOrderId {
    let id = ordered(world, patient, physician).await;
    let (orders, physician) = (&world.use_cases.drug_orders, actor(physician));
    orders.purchase(&physician, id).await.unwrap();
    let picture: Result<_, std::io::Error> = Ok(Bytes::from_static(b"\x89PNG\r\n\x1a\n"));
    let bytes = futures_util::stream::iter([picture]);
    let uploaded = world.use_cases.files.upload(&physician, Box::pin(bytes), 1 << 20).await.unwrap();
    let certificate = FileMention::parse(&uploaded.url).unwrap();
    orders.dispatch(&physician, id, &certificate).await.unwrap();
    id
}

async fn ordered(world: &World, patient: &Account, physician: &Account) -> DrugOrderId {
    let visit = world.registered(patient, physician).await;
    let found = world.use_cases.consultations.of_inquiry(&actor(physician), visit).await.unwrap();
    let record = found.record.unwrap().id;
    let orders = &world.use_cases.drug_orders;
    orders.of_medical_record(&actor(physician), record).await.unwrap().order.id
}

#[test]
fn an_order_is_led_to_its_receipt() {
    run(async |world| receipt(world).await);
}

#[test]
fn an_order_is_led_to_its_receipt_on_sqlite() {
    run_on_sqlite(async |world| receipt(world).await);
}

async fn receipt(world: &World) {
    let patient = world.account(Role::Patient, "王秀英").await;
    let physician = world.account(Role::Physician, "李建国").await;
    let mut admin = world.admin().await;
    admin.get("/console/drug-orders").await.expect(200).shows("还没有代购药单");
    let pending = ordered(world, &patient, &physician).await;
    let id = dispatched(world, &patient, &physician).await;
    let path = format!("/console/drug-orders/{id}");
    let form = format!("{path}/receipt");

    let overview = admin.get("/console").await.expect(200);
    overview.shows("1 药品待确认收货");
    assert_eq!(overview.all("#count-to-confirm", "href"), ["/console/drug-orders?tab=dispatched"]);
    admin.get("/console/drug-orders").await.expect(200).shows("共 2 条").shows("待购药").shows("已派送");
    let list = admin.get("/console/drug-orders?tab=dispatched").await.expect(200);
    list.shows("共 1 条").shows("王秀英").shows("李建国");
    assert_eq!(list.all("tbody a[href]", "href"), [path.clone(), form.clone()]);
    assert_eq!(list.all("tr[data-live]", "data-live"), [format!("drug_order-{id}")]);
    admin.get("/console/drug-orders?tab=received").await.expect(200).shows("没有符合条件的药单");

    let order = admin.get(&path).await.expect(200);
    order.shows("王秀英的代购药单").shows("开具药单").shows("已派送，上传凭证").shows("偏头痛");
    let pictures = order.all(".proof img", "src");
    assert!(pictures.len() == 1 && pictures[0].starts_with('/'), "{pictures:?}");
    let visit = order.all("dd a[href^='/console/visits/']", "href").remove(0);
    admin.get(&visit).await.expect(200).shows("王秀英的就诊");
    // Nothing is confirmed before there is a proof.
    let early = format!("/console/drug-orders/{pending}/receipt");
    admin.get(&early).await.expect(409).shows("不能确认收货").lacks("您的操作");
    admin.post(&early, &[]).await.expect(409).shows("不能确认收货");

    let page = admin.get(&form).await.expect(200);
    page.shows("请核对送药凭证");
    assert_eq!(page.all(".proof img", "src").len(), 1);
    for _ in 0..2 {
        admin.submit(&page, &form, &[]).await.expect_redirect(&format!("{path}?done=received"));
    }
    let done = admin.get(&format!("{path}?done=received")).await.expect(200);
    done.shows("已确认收货").shows("医院确认收货");
    assert!(done.all(".actions a", "href").is_empty());
    let history = world.use_cases.drug_orders.history(&actor(&patient), id).await.unwrap();
    assert_eq!(history.lines.len(), 4, "it is confirmed once");
    admin.get("/console").await.expect(200).shows("0 药品待确认收货");
    let told = admin.get("/console/drug-orders/9999").await.expect(404);
    told.shows("没有找到记录").lacks("没有找到相关记录");
}

#[test]
fn the_list_goes_on_and_is_that_of_a_person() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let other = world.account(Role::Patient, "赵敏").await;
        let physician = world.account(Role::Physician, "李建国").await;
        for _ in 0..26 {
            ordered(world, &patient, &physician).await;
        }
        ordered(world, &other, &physician).await;
        let mut admin = world.admin().await;
        let first = admin.get("/console/drug-orders?tab=pending").await.expect(200);
        first.shows("共 27 条");
        assert_eq!(first.all("tbody tr", "id").len(), 25);
        let older = first.all("a[rel=next]", "href").remove(0);
        assert!(older.contains("tab=pending"), "{older}");
        let rest = admin.get(&older).await.expect(200);
        assert_eq!(rest.all("tbody tr", "id").len(), 2);
        let newer = rest.all("a[rel=prev]", "href").remove(0);
        assert_eq!(admin.get(&newer).await.expect(200).all("tbody tr", "id").len(), 25);
        let of_other = admin.get(&format!("/console/drug-orders?patient={}", other.uuid)).await.expect(200);
        of_other.shows("共 1 条").shows("赵敏").lacks("王秀英");
        admin.get("/console/drug-orders?tab=lost").await.expect(422).shows("请求的内容不正确");
    });
}

async fn later(world: &World) {
    let patient = world.account(Role::Patient, "王秀英").await;
    let physician = world.account(Role::Physician, "李建国").await;
    let successor = world.account(Role::Physician, "张伟").await;
    world.account(Role::Admin, "nurse").await;
    let id = dispatched(world, &patient, &physician).await;
    let form = format!("/console/drug-orders/{id}/receipt");
    let mut one = world.admin().await;
    let mut other = world.browser();
    other.log_in("nurse", PASSWORD).await.expect(303);
    let seen = one.get(&form).await.expect(200);
    let by = actor(&world.first_admin().await);
    let reason = yilin_domain::reason::Reason::parse("李医师退休").unwrap();
    world.use_cases.hand_over.run(&by, physician.uuid, successor.uuid, reason).await.unwrap();
    let told = one.submit(&seen, &form, &[]).await.expect(409);
    told.shows("这份药单刚刚有变化").shows("交由张伟负责").shows("李医师退休").lacks("开具药单");
    let order = world.use_cases.drug_orders.find(&by, id).await.unwrap().order;
    assert_eq!(order.status(), DrugOrderStatus::Dispatched);
    // It can be done now; the other, who looked before that, sees that it was done and by whom.
    let ones = one.get(&form).await.expect(200);
    let others = other.get(&form).await.expect(200);
    one.submit(&ones, &form, &[]).await.expect(303);
    let told = other.submit(&others, &form, &[]).await.expect(409);
    told.shows("不能确认收货").shows("医院确认收货").shows("admin");
}

#[test]
fn who_comes_later_is_told_what_changed() {
    run(async |world| later(world).await);
}

#[test]
fn who_comes_later_is_told_what_changed_sqlite() {
    run_on_sqlite(async |world| later(world).await);
}

#[test]
fn who_comes_later_is_told_what_changed_mariadb() {
    run_on_mariadb(async |world| later(world).await);
}

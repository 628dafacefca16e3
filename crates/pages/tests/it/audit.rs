//! The audit log in pages: its filters, its parts, and its verification.

use chrono::TimeDelta;
use yilin_domain::account::Role;
use yilin_domain::audit::AuditFilter;
use yilin_testkit::contract::ZONE;
use yilin_testkit::eventually;

use crate::world::{World, actor, run, run_on_sqlite};

/// Waits until so many entries of an operation are in the log.
async fn recorded(world: &World, operation: &str, number: usize) {
    let filter = AuditFilter { operation: Some(operation.to_owned()), ..AuditFilter::default() };
    eventually(&format!("{number} entries of {operation}"), async || {
        world.ports.audit.batch(&filter, None, 500).await.unwrap().unwrap().len() >= number
    })
    .await;
}

#[test]
fn it_tells_who_read_what_of_whom() {
    run(async |world| log(world).await);
}

#[test]
fn it_tells_who_read_what_of_whom_on_sqlite() {
    run_on_sqlite(async |world| log(world).await);
}

async fn log(world: &World) {
    let patient = world.account(Role::Patient, "王秀英").await;
    let other = world.account(Role::Patient, "赵敏").await;
    let (of_patient, of_other) =
        (world.visit(&patient, "2024-03-04 08:30").await, world.visit(&other, "2024-03-04 09:30").await);
    let mut admin = world.admin().await;
    for id in [of_patient.inquiry.id, of_other.inquiry.id] {
        admin.get(&format!("/console/visits/{id}")).await.expect(200);
    }
    recorded(world, "consoleVisit", 2).await;
    let all = admin.get("/console/audit").await.expect(200);
    all.shows("consoleVisit").shows("查看").shows("王秀英").shows("赵敏").shows("127.0.0.1").shows("200");
    let id = of_patient.inquiry.id;
    let path = format!("/console/audit?patient={}", patient.uuid);
    assert!(all.all("tbody a", "href").contains(&path), "{path}");
    admin.get(&path).await.expect(200).shows(&format!("inquiry {id}")).lacks("赵敏");
    let by = world.first_admin().await.uuid;
    let address = format!("/console/audit?agent={by}&operation=consoleVisit");
    let page = admin.get(&address).await.expect(200);
    assert_eq!(page.all("tbody tr", "id").len(), 2);
    assert_eq!((page.value("operation"), page.value("agent")), ("consoleVisit".to_owned(), by.to_string()));
    let reader = actor(&world.first_admin().await);
    let newest = world.use_cases.audit.after(&reader, &AuditFilter::default(), None, 1).await.unwrap();
    let today = ZONE.day(newest[0].record.entry.event.recorded);
    let (before, after) = (today.pred_opt().unwrap(), today.succ_opt().unwrap());
    let of_day = |from, to| format!("{address}&from={from}&to={to}");
    let page = admin.get(&of_day(today, today)).await.expect(200);
    assert_eq!(page.all("tbody tr", "id").len(), 2);
    for (from, to) in [(before, before), (after, after)] {
        admin.get(&of_day(from, to)).await.expect(200).shows("没有符合条件的记录");
    }
    admin.get(&of_day(after, before)).await.expect(200).shows("开始日期晚于结束日期");
    let told = admin.get("/console/audit?agent=nobody").await.expect(422);
    told.shows("请求的内容不正确").shows("操作人编号：格式不正确").lacks("agent");
    assert_eq!(told.all("main a", "href"), ["/console/audit", "/console"], "it can be asked again");
    // Reading it is recorded, too.
    recorded(world, "consoleAudit", 3).await;
}

#[test]
fn it_goes_on_from_entry_to_entry() {
    run(async |world| {
        let mut admin = world.admin().await;
        for _ in 0..60 {
            admin.get("/console/service").await.expect(200);
        }
        recorded(world, "consoleService", 60).await;
        let mut ids = Vec::new();
        let mut path = "/console/audit?operation=consoleService".to_owned();
        loop {
            let page = admin.get(&path).await.expect(200);
            assert_eq!(page.all(".pager a:not([rel])", "href").is_empty(), ids.is_empty());
            ids.extend(page.all("tbody tr", "id"));
            match page.all("a[rel=next]", "href").pop() {
                Some(older) => path = older,
                None => break,
            }
        }
        assert_eq!(ids.len(), 60);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 60);
    });
}

#[test]
fn a_verification_is_started_and_its_result_shown() {
    run(async |world| verification(world).await);
}

#[test]
fn a_verification_is_started_and_its_result_shown_on_sqlite() {
    run_on_sqlite(async |world| verification(world).await);
}

async fn verification(world: &World) {
    let path = "/console/audit/verification";
    let mut admin = world.admin().await;
    admin.get("/console/audit/heads").await.expect(404);
    let page = admin.get(path).await.expect(200);
    page.shows("还没有核验过").shows("开始核验");
    assert!(!page.html.contains("http-equiv=\"refresh\""));
    // One that was started elsewhere is running: it is shown, loaded again, and no other is started.
    let by = actor(&world.first_admin().await);
    eventually("an entry is written", async || {
        !world.use_cases.audit.after(&by, &AuditFilter::default(), None, 1).await.unwrap().is_empty()
    })
    .await;
    let run = world.use_cases.audit.begin_verification(&by).await.unwrap().unwrap();
    let running = admin.get(path).await.expect(200);
    running.shows("正在核验").shows("admin").lacks("开始核验");
    assert!(running.html.contains("<noscript><meta http-equiv=\"refresh\" content=\"3\"></noscript>"));
    assert_eq!(running.all("[data-follow]", "data-follow"), [path]);
    admin.submit(&page, path, &[]).await.expect_redirect(path);
    let state = world.use_cases.audit.verification(&by).await.unwrap();
    assert_eq!(state.running.map(|running| running.id), Some(run.id));
    world.use_cases.audit.run_verification(run).await.unwrap();
    let first = world.use_cases.audit.verification(&by).await.unwrap().last.unwrap();
    let page = admin.get(path).await.expect(200);
    page.shows("全部记录完好").shows("完好的链 1").shows("问题 0").lacks("正在核验");
    assert!(!page.html.contains("http-equiv=\"refresh\"") && page.all("[data-follow]", "id").is_empty());
    // One started from the page runs to its end by itself. (It ends at another time than the first.)
    world.fakes.clock.advance(TimeDelta::seconds(2));
    admin.submit(&page, path, &[]).await.expect_redirect(path);
    eventually("it has ended", async || {
        let state = world.use_cases.audit.verification(&by).await.unwrap();
        state.running.is_none() && state.last.is_some_and(|last| last != first)
    })
    .await;
    admin.get(path).await.expect(200).shows("全部记录完好");
    let heads = admin.get("/console/audit/heads").await.expect(200);
    assert_eq!(heads.header("content-type"), "text/plain; charset=utf-8");
    assert!(heads.header("content-disposition").starts_with("attachment; filename=\"yilin-audit-heads-"));
    assert_eq!(heads.html.lines().count(), 1, "{}", heads.html);
}

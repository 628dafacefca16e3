//! Lists as files.

use yilin_domain::account::Role;
use yilin_domain::audit::AuditFilter;
use yilin_domain::inquiry::InquiryDetail;
use yilin_domain::usecase::InquiryRequest;
use yilin_roster::SpreadsheetReader;
use yilin_testkit::contract::outside::rosters;
use yilin_testkit::{eventually, sample};

use crate::world::{World, actor, run, run_on_sqlite};

async fn visits(world: &World, number: usize) {
    let patient = world.account(Role::Patient, "王秀英").await;
    let other = world.account(Role::Patient, "赵敏").await;
    for number in 0..number {
        let detail = InquiryDetail::parse(&format!("头痛 {number}")).unwrap();
        let request = InquiryRequest { detail, ..sample::inquiry_request() };
        world.use_cases.inquiries.submit(&actor(&patient), request).await.unwrap();
    }
    let detail = InquiryDetail::parse("=1+1, \"说\"\n换行").unwrap();
    let request = InquiryRequest { detail, ..sample::inquiry_request() };
    world.use_cases.inquiries.submit(&actor(&other), request).await.unwrap();
}

#[test]
fn visits_are_exported_as_filtered() {
    run_on_sqlite(async |world| {
        // More than a batch.
        visits(world, 520).await;
        let mut admin = world.admin().await;
        let list = admin.get("/console/visits?name=王").await.expect(200);
        list.shows("按现在的条件导出全部记录，共 520 条");
        let links = list.all("a[download]", "href");
        assert_eq!(links.len(), 2, "{links:?}");
        for link in &links {
            let file = admin.get(link).await.expect(200);
            let disposition = file.header("content-disposition").to_owned();
            assert!(
                disposition.starts_with("attachment; filename=\"yilin-visits-2024-03-0"),
                "{disposition}"
            );
            assert_eq!(file.header("cache-control"), "no-store");
            let rows = rosters::rows(&SpreadsheetReader::new(), &file.bytes).await.unwrap();
            assert_eq!(rows.len(), 520, "{link}");
            assert!(
                rows.iter().all(|(_, _, cells)| cells.iter().any(|(_, cell)| cell.to_text() == "王秀英"))
            );
            assert!(rows.iter().any(|(_, _, cells)| cells.contains(&("状态".to_owned(), "待指派".into()))));
        }
        let csv = admin.get("/console/visits/export?format=csv&name=赵").await.expect(200);
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
        assert!(csv.bytes.starts_with(b"\xef\xbb\xbf"), "spreadsheet programs recognise UTF-8 by it");
        assert!(csv.html.contains("\"'=1+1, \"\"说\"\"\n换行\""), "{}", csv.html);
        assert_eq!(csv.html.matches("赵敏").count(), 1);
        let book = admin.get("/console/visits/export?name=赵").await.expect(200);
        assert!(book.bytes.starts_with(b"PK"));
        let rows = rosters::rows(&SpreadsheetReader::new(), &book.bytes).await.unwrap();
        assert!(rows[0].2.iter().any(|(_, cell)| cell.to_text().starts_with("=1+1")), "it is a text anyway");

        // Those whose data are in it are recorded.
        let filter =
            AuditFilter { operation: Some("consoleVisitsExport".to_owned()), ..AuditFilter::default() };
        eventually("the patients are recorded", async || {
            let entries = world.ports.audit.batch(&filter, None, 100).await.unwrap().unwrap();
            let mut patients: Vec<_> =
                entries.iter().filter_map(|record| record.entry.event.patient).collect();
            patients.sort_unstable();
            patients.dedup();
            patients.len() == 2
        })
        .await;
        admin.get("/console/visits/export?format=pdf").await.expect(422).shows("请求的内容不正确");
    });
}

#[test]
fn an_empty_list_is_a_header() {
    run(async |world| {
        let mut admin = world.admin().await;
        assert!(admin.get("/console/visits").await.expect(200).all("a[download]", "href").is_empty());
        let file = admin.get("/console/visits/export?format=csv").await.expect(200);
        assert!(file.html.starts_with("就诊编号,患者,") && file.html.lines().count() == 1, "{}", file.html);
        let english = admin.with("accept-language", "en").get("/console/visits/export?format=csv").await;
        assert!(english.html.contains("Patient"), "{}", english.html);
    });
}

#[test]
fn a_list_that_cannot_be_read_is_an_error_page() {
    run(async |world| {
        let mut admin = world.admin().await;
        world.fakes.workbooks.set_down(true);
        let page = admin.get("/console/visits/export?format=csv").await.expect(503);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("content-disposition"), "");
        world.fakes.workbooks.set_down(false);
        admin.get("/console/visits/export?format=csv").await.expect(200);
    });
}

#[test]
fn the_audit_log_is_exported_as_filtered() {
    run(async |world| audit(world).await);
}

#[test]
fn the_audit_log_is_exported_as_filtered_on_sqlite() {
    run_on_sqlite(async |world| audit(world).await);
}

async fn audit(world: &World) {
    let patient = world.account(Role::Patient, "王秀英").await;
    let visit = world.visit(&patient, "2024-03-04 08:30").await.inquiry.id;
    let mut admin = world.admin().await;
    admin.get(&format!("/console/visits/{visit}")).await.expect(200);
    admin.get("/console/service").await.expect(200);
    let filter = AuditFilter { operation: Some("consoleService".to_owned()), ..AuditFilter::default() };
    eventually("the reads are recorded", async || {
        !world.ports.audit.batch(&filter, None, 9).await.unwrap().unwrap().is_empty()
    })
    .await;
    let page = admin.get("/console/audit?operation=consoleVisit").await.expect(200);
    let links = page.all(".export a[download]", "href");
    assert_eq!(links.len(), 2, "{links:?}");
    let csv = links.iter().find(|link| link.contains("format=csv")).unwrap();
    let file = admin.get(csv).await.expect(200);
    let rows: Vec<&str> = file.html.trim().lines().collect();
    assert_eq!(rows.len(), 2, "{rows:?}");
    for part in [
        "consoleVisit",
        "王秀英",
        &patient.uuid.to_string(),
        "admin",
        "127.0.0.1",
        &format!("inquiry {visit}"),
    ] {
        assert!(rows[1].contains(part), "{part} in {}", rows[1]);
    }
    let filter = AuditFilter { operation: Some("consoleAuditExport".to_owned()), ..AuditFilter::default() };
    eventually("the export is recorded", async || {
        !world.ports.audit.batch(&filter, None, 9).await.unwrap().unwrap().is_empty()
    })
    .await;
}

//! Imports of rosters, in pages: check, start, progress, result, and everything that can go wrong.

use chrono::TimeDelta;
use tokio::io::AsyncWriteExt as _;
use yilin_domain::account::{Actor, Role};
use yilin_domain::audit::{AuditAction, AuditFilter};
use yilin_domain::port::ImportRepository as _;
use yilin_domain::roster::{ImportCounts, ImportJob, ImportJobId, ImportOptions, ImportState, RosterFault};
use yilin_testkit::eventually;
use yilin_testkit::fakes::RosterEnding;

use crate::browser::{Browser, Page};
use crate::world::{PASSWORD, World, actor, run, run_adjusted, run_on_sqlite};

const PATH: &str = "/console/import";

const ROSTER: &str =
    "姓名,电话,角色\n张伟,13800000001,患者\n李娜,13800000002,医师\n王芳,1,患者\n张伟,13800000001,患者\n";

/// A check that this account has started.
pub(crate) async fn checked(world: &World, by: &Actor) -> ImportJobId {
    stored(world, by, 1, ImportState::Done, true).await
}

/// An import in this state.
async fn stored(world: &World, by: &Actor, number: u8, state: ImportState, dry_run: bool) -> ImportJobId {
    let (imports, now) = (&world.ports.imports, world.ports.clock.now());
    let job = ImportJob {
        id: ImportJobId::from_bytes([number; 16]),
        started_by: by.uuid,
        options: ImportOptions { dry_run, atomic: false },
        state: ImportState::Running,
        counts: ImportCounts { total: 10, imported: 4, skipped: 1, failed: 0 },
        started_at: now,
        last_heartbeat_at: now,
        holds_file: false,
        follows: None,
    };
    imports.begin(&job).await.unwrap();
    if state != ImportState::Running {
        imports.finish(job.id, state, job.counts, Vec::new(), now).await.unwrap();
    }
    job.id
}

/// The page of an import once it has ended.
async fn ended(browser: &mut Browser<'_>, path: &str) -> Page {
    for _ in 0..3000 {
        let page = browser.get(path).await.expect(200);
        if page.all("[data-follow]", "id").is_empty() {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{path} does not end");
}

/// Sends a file, and gives the page of its check once that has ended.
async fn check(browser: &mut Browser<'_>, content: &[u8]) -> (String, Page) {
    let sent = browser.upload(PATH, content).await.expect(303);
    let path = sent.header("location").to_owned();
    let page = ended(browser, &path).await;
    (path, page)
}

#[test]
fn a_list_is_checked_and_then_imported_once() {
    run(async |world| import(world).await);
}

#[test]
fn a_list_is_checked_and_then_imported_once_on_sqlite() {
    run_on_sqlite(async |world| import(world).await);
}

async fn import(world: &World) {
    let mut admin = world.admin().await;
    let page = admin.get(PATH).await.expect(200);
    page.shows("最近没有导入过名单").shows("检查名单").shows("1.0 MiB");
    assert_eq!(page.all("form[enctype='multipart/form-data'] input[type=file]", "name"), ["file"]);
    assert_eq!(
        admin.get("/console/people").await.expect(200).all("a[href='/console/import']", "href").len(),
        1
    );
    let template = admin.get("/console/import/template").await.expect(200);
    assert!(
        template.header("content-disposition").contains("yilin-roster.xlsx") && !template.bytes.is_empty()
    );

    let (path, page) = check(&mut admin, ROSTER.as_bytes()).await;
    page.shows("检查结果").shows("可以导入 2").shows("已有账号，将跳过 1").shows("须改正，不导入 1");
    page.shows("导入将建立 2 个账号").shows("不是以1开头的11位手机号").shows("与文件中前面的行重复");
    let rows = page.text();
    assert!(rows.find("4 须改正") < rows.find("5 跳过"), "those to correct come first: {rows}");
    let people = async |admin: &mut Browser<'_>| {
        admin.get("/console/people?tab=physicians").await.expect(200).text().contains("李娜")
    };
    assert!(!people(&mut admin).await, "nothing is stored yet");

    // Pressed twice.
    let started = admin.submit(&page, &path, &[]).await.expect(303);
    let location = started.header("location").to_owned();
    assert!(location.starts_with("/console/import/") && location != path, "{location}");
    admin.submit(&page, &path, &[]).await.expect_redirect(&location);
    let done = ended(&mut admin, &location).await;
    done.shows("导入完成").shows("已导入 2").shows("须改正，不导入 1").shows("admin");
    assert!(people(&mut admin).await);
    admin.submit(&page, &path, &[]).await.expect_redirect(&location);
    let followed = admin.get(&path).await.expect(200);
    followed.shows("这份名单已经开始导入").lacks("导入这 2 人");
    assert!(followed.all("main a", "href").contains(&location));

    let workbook = done.all("a[download]", "href");
    assert_eq!(workbook, [format!("{location}/rows")]);
    let workbook = admin.get(&workbook[0]).await.expect(200);
    assert!(workbook.header("content-disposition").contains("yilin-roster-report.xlsx"));
    admin.get("/console").await.expect(200).shows("最近的导入").shows("已导入 2，跳过 1，须改正 1");
    admin.get(PATH).await.expect(200).shows("导入完成").lacks("检查结果");

    let id = location.rsplit_once('/').unwrap().1.to_owned();
    let filter = AuditFilter { operation: Some("consoleImportStart".to_owned()), ..AuditFilter::default() };
    eventually("the import is recorded with its request", async || {
        let entries = world.ports.audit.batch(&filter, None, 100).await.unwrap().unwrap();
        entries.iter().any(|record| {
            let event = &record.entry.event;
            let is_import =
                event.entity.as_ref().is_some_and(|entity| entity.kind == "import" && entity.id == id);
            event.action == AuditAction::Create
                && event.results == Some(2)
                && is_import
                && event.agent.is_some()
        })
    })
    .await;
}

#[test]
fn titles_above_the_header_are_no_problem_and_other_files_are_told() {
    run_on_sqlite(async |world| {
        let mut admin = world.admin().await;
        let titled = format!("阳光社区居民名单,,\n2024年3月,,\n{ROSTER}");
        let (_, page) = check(&mut admin, titled.as_bytes()).await;
        page.shows("可以导入 2").lacks("列名不认识");
        let more = "姓名,电话,角色,备注,常用药\n张伟,13800000001,患者,常客,\n";
        let (_, page) = check(&mut admin, more.as_bytes()).await;
        page.shows("可以导入 1").shows("列名不认识，列中内容不会导入：备注、常用药");
        for (content, why) in [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), "文件是图片"),
            (b"PK\x03\x04 and nothing that a workbook has", "电子表格已损坏"),
            (b"<html><table><tr><td>a</td></tr></table></html>", "文件其实是网页"),
            (b"just a text", "不是可以识别的电子表格"),
        ] {
            let (path, page) = check(&mut admin, content).await;
            page.shows("没有完成导入").shows(why).shows("选择其他文件");
            assert!(page.all(&format!("form[action='{path}']"), "action").is_empty());
            admin.post(&path, &[]).await.expect(409).shows(why);
        }
        // A list without anybody, and one in which everybody has an account.
        let (_, page) = check(&mut admin, "姓名,电话,角色\n".as_bytes()).await;
        page.shows("名单里没有人员");
        let (path, page) = check(&mut admin, ROSTER.as_bytes()).await;
        let started = admin.submit(&page, &path, &[]).await.expect(303);
        ended(&mut admin, started.header("location")).await.shows("导入完成");
        let (_, page) = check(&mut admin, ROSTER.as_bytes()).await;
        page.shows("没有可以导入的人员").shows("已有账户使用");
        let (_, page) = check(&mut admin, "姓名,电话,角色\n张伟,13800000001,患者\n".as_bytes()).await;
        page.shows("名单里的人员都已有账号");
    });
}

#[test]
fn what_is_no_file_is_refused_beside_the_field() {
    run_adjusted(
        |options| options.max_upload = 200 << 10,
        async |world| {
            let mut admin = world.admin().await;
            let page = admin.upload(PATH, b"").await.expect(422);
            page.shows("请先改正以下内容").shows("请选择一个文件");
            admin.post(PATH, &[("file", "list.csv")]).await.expect(422).shows("请选择一个文件");
            let large = vec![b'a'; 300 << 10];
            admin.upload(PATH, &large).await.expect(413).shows("文件超过 200.0 KiB");
            // The fake reader looks at the content at once.
            admin.upload(PATH, b"no list").await.expect(415).shows("不是可以识别的电子表格");
            assert!(world.ports.imports.recent(9).await.unwrap().is_empty());
        },
    );
}

#[test]
fn a_fault_or_an_interruption_is_told_with_what_to_do() {
    run(async |world| {
        let by = actor(&world.first_admin().await);
        let mut admin = world.admin().await;
        let failed = |fault| ImportState::Failed(Some(fault));
        for (number, state, dry_run, words) in [
            (1, failed(RosterFault::Encrypted), true, "电子表格设有密码，请取消密码后重新上传"),
            (2, failed(RosterFault::TooManyRows), false, "请拆分后分批上传"),
            (3, ImportState::Failed(None), true, "没有建立任何账号"),
            (4, ImportState::Failed(None), false, "已导入的 4 人仍然有效"),
        ] {
            let id = stored(world, &by, number, state, dry_run).await;
            admin.get(&format!("{PATH}/{id}")).await.expect(200).shows("没有完成导入").shows(words);
        }
        // Without heartbeats: the service was restarted.
        let id = stored(world, &by, 5, ImportState::Running, false).await;
        let path = format!("{PATH}/{id}");
        let page = admin.get(&path).await.expect(200);
        page.shows("正在导入").shows("已处理 5 行，共 10 行");
        world.fakes.clock.advance(TimeDelta::seconds(31));
        let page = admin.get(&path).await.expect(200);
        page.shows("中途停止").shows("已导入的 4 人仍然有效").shows("请重新选择同一个文件继续");
        assert!(page.all("[data-follow]", "id").is_empty());
        admin.get("/console").await.expect(200).shows("中途停止");
        let early = ImportJob {
            id: ImportJobId::from_bytes([6; 16]),
            counts: ImportCounts::default(),
            ..world.ports.imports.find(id).await.unwrap().unwrap()
        };
        world.ports.imports.begin(&early).await.unwrap();
        let page = admin.get(&format!("{PATH}/{}", early.id)).await.expect(200);
        page.shows("还没有导入任何人员").lacks("0 人");
        admin.get(&format!("{PATH}/{}", "0".repeat(32))).await.expect(404);
        admin.get(&format!("{PATH}/7")).await.expect(404);
    });
}

#[test]
fn progress_is_followed_with_and_without_scripts() {
    run(async |world| {
        let mut admin = world.admin().await;
        world.fakes.rosters.set_ending(RosterEnding::Stalling);
        let path = admin.upload(PATH, ROSTER.as_bytes()).await.expect(303).header("location").to_owned();
        let page = admin.get(&path).await.expect(200);
        page.shows("正在检查名单").shows("正在读取文件");
        assert!(page.html.contains("<noscript><meta http-equiv=\"refresh\" content=\"3\"></noscript>"));
        let follow = page.all("[data-follow]", "data-follow").remove(0);
        let part = admin.get(&follow).await.expect(200);
        part.shows("正在读取文件").lacks("主菜单");
        assert_eq!(part.all("section", "id"), page.all("[data-follow]", "id"));
        // Others are told that it is in progress.
        admin.get(PATH).await.expect(200).shows("另一份名单正在检查或导入");
        admin.get("/console").await.expect(200).shows("正在检查名单");
        let id = ImportJobId::parse(path.rsplit_once('/').unwrap().1).unwrap();
        let counts = ImportCounts { total: 3, ..ImportCounts::default() };
        world
            .fakes
            .storage
            .finish(id, ImportState::Done, counts, Vec::new(), world.ports.clock.now())
            .await
            .unwrap();
        admin.get(&follow).await.expect(204);
        let page = admin.get(&path).await.expect(200);
        assert!(!page.html.contains("http-equiv"));
        admin.get(PATH).await.expect(200).lacks("另一份名单正在检查或导入");
    });
}

#[test]
fn a_file_is_the_uploaders_own_and_not_held_for_ever() {
    run(async |world| {
        world.account(Role::Admin, "nurse").await;
        let mut admin = world.admin().await;
        let mut other = world.browser();
        other.log_in("nurse", PASSWORD).await.expect(303);
        let (path, page) = check(&mut admin, ROSTER.as_bytes()).await;
        let others = other.get(&path).await.expect(200);
        others.lacks("导入这 2 人").lacks("张伟");
        other.post(&path, &[]).await.expect(404);
        world.fakes.clock.advance(TimeDelta::minutes(31));
        let id = ImportJobId::parse(path.rsplit_once('/').unwrap().1).unwrap();
        eventually("the file is given up", async || {
            !world.ports.imports.find(id).await.unwrap().unwrap().holds_file
        })
        .await;
        let gone = admin.submit(&page, &path, &[]).await.expect(409);
        gone.shows("这个文件已不再保留").shows("选择其他文件").lacks("导入这 2 人");
        assert_eq!(world.ports.imports.recent(9).await.unwrap().len(), 1);
    });
}

#[test]
fn a_browser_that_goes_away_leaves_nothing() {
    run(async |world| {
        let mut admin = world.admin().await;
        let address = world.base.strip_prefix("http://").unwrap();
        let mut line = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nHost: {address}\r\nSec-Fetch-Site: same-origin\r\nCookie: yilin_console={}\r\n\
             Content-Type: multipart/form-data; boundary=X\r\nContent-Length: 90000\r\n\r\n--X\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{ROSTER}",
            admin.cookie("yilin_console").unwrap()
        );
        line.write_all(head.as_bytes()).await.unwrap();
        drop(line);
        let filter =
            AuditFilter { operation: Some("consoleImportCheck".to_owned()), ..AuditFilter::default() };
        eventually("the request has ended", async || {
            !world.ports.audit.batch(&filter, None, 10).await.unwrap().unwrap().is_empty()
        })
        .await;
        assert!(world.ports.imports.recent(9).await.unwrap().is_empty());
        check(&mut admin, ROSTER.as_bytes()).await.1.shows("可以导入 2");
    });
}

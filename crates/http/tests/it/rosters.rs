//! Importing rosters.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use yilin_domain::port::{RosterPiece, WorkbookWriter as _};
use yilin_domain::roster::{WorkbookColumn, WorkbookSheet};
use yilin_domain::usecase::RosterImport;
use yilin_roster::{SpreadsheetReader, XlsxWriter};
use yilin_testkit::contract::outside::rosters;
use yilin_testkit::{eventually, form};

use crate::answer::{Answer, Client};
use crate::on_every_backend;
use crate::world::{Backend, World, run, run_adjusted};

const HEADER: &str = "姓名,性别,电话,家庭住址,年龄,角色,所属医院,初始密码\n";

/// Sends an import request.
async fn import(client: &Client<'_>, query: &str, bytes: &[u8]) -> Answer {
    let request = client.request(Method::POST, &format!("/api/user/uploadUserMessage{query}"));
    let request = request.header("content-type", form::CONTENT_TYPE).body(form::with_file(bytes));
    Answer::read(request.send().await.unwrap(), "an import").await
}

async fn workbook(client: &Client<'_>, path: &str) -> Vec<u8> {
    let response = client.request(Method::GET, path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_eq!(response.headers()["content-type"], kind);
    assert!(response.headers()["content-disposition"].to_str().unwrap().ends_with(".xlsx\""));
    response.bytes().await.unwrap().to_vec()
}

/// This many rows of patients.
fn patients(number: u64) -> String {
    let row = |n: u64| format!("王{n},{},患者\n", 13_800_000_000 + n);
    (0..number).map(row).collect::<Vec<_>>().concat()
}

/// The numbers of patients and physicians.
async fn people(admin: &Client<'_>) -> (Value, Value) {
    let patients = admin.get("/api/user/queryPatientInformation?size=1").await.payload();
    let physicians = admin.get("/api/user/queryDoctorInformation?size=1").await.payload();
    (patients["total"].clone(), physicians["total"].clone())
}

fn counts(report: &Value) -> [u64; 3] {
    ["imported", "skipped", "failed"].map(|name| report[name].as_u64().unwrap())
}

/// The number and slug of each reported row.
fn issues(report: &Value) -> Vec<(u64, &str)> {
    let rows = report["rows"].as_array().unwrap();
    rows.iter().map(|row| (row["row"].as_u64().unwrap(), row["error"].as_str().unwrap())).collect()
}

on_every_backend! {
    async fn valid_rows_are_imported_and_all_others_reported(world: &World) {
        let admin = world.admin().await.client;
        let csv = format!("{HEADER}\
            张伟,男,１３８ 0000-0001,人民路1号,72.0,患者,无,\n\
            李娜,女性,+86 13800000002,,,医生,阳光社区医院,\"mima,123\"\n\
            \n\
            ,,123,,200,,,12345\n\
            王芳,,13800000001,,,患者,,\n\
            赵敏,,1.3800000003E10,,0岁,患者,,\n");
        let report = import(&admin, "", csv.as_bytes()).await.payload();
        assert_eq!(counts(&report), [3, 1, 1], "{report}");
        assert_eq!(issues(&report), [(5, "name.missing"), (6, "phone.repeated")]);
        let msg = report["rows"][0]["msg"].as_str().unwrap();
        for column in ["姓名", "电话", "年龄", "角色", "初始密码"] {
            assert!(msg.contains(column), "{msg} omits {column}");
        }
        assert_eq!(people(&admin).await, (json!(2), json!(1)));

        let patient = world.log_in("13800000001", "123456").await;
        let expected = json!({"username": "张伟", "sex": "男", "age": 72, "home_addr": "人民路1号", "hospital": "", "must_change_password": true});
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(patient.account[field], *value, "{field}");
        }
        let physician = world.log_in("13800000002", "mima,123").await;
        assert_eq!(physician.account["hospital"], "阳光社区医院");
        assert_eq!(physician.account["must_change_password"], true);
        assert_eq!(world.log_in("13800000003", "123456").await.account["age"], 0);

        // Repeating the import changes nothing.
        let again = import(&admin, "", csv.as_bytes()).await.payload();
        assert_eq!(counts(&again), [0, 4, 1]);
        assert_eq!(issues(&again), [(5, "name.missing"), (2, "phone.taken"), (3, "phone.taken"), (6, "phone.repeated"), (7, "phone.taken")]);
        assert_eq!(people(&admin).await, (json!(2), json!(1)));
    }

    async fn a_dry_run_changes_nothing_and_an_atomic_import_is_atomic(world: &World) {
        let admin = world.admin().await.client;
        let good = "姓名,电话,角色\n张伟,13800000001,患者\n李娜,13800000002,患者\n";
        let bad = format!("{good}王芳,1,患者\n");
        for (query, csv, expected, stored) in [
            ("?dryRun=true", bad.as_str(), [2, 0, 1], 0),
            ("?mode=atomic", bad.as_str(), [0, 0, 1], 0),
            ("?mode=atomic", "姓名,电话,角色\n张伟,13800000001,患者\n李娜,13800000001,患者\n", [0, 1, 0], 0),
            ("?mode=atomic&dryRun=true", good, [2, 0, 0], 0),
            ("?mode=atomic", good, [2, 0, 0], 2),
            ("?mode=atomic", "姓名,电话,角色\n赵敏,13800000003,患者\n张伟,13800000001,患者\n", [0, 1, 0], 2),
            ("?dryRun=true", good, [0, 2, 0], 2),
            ("?dryRun=false&mode=", "姓名,电话,角色\n赵敏,13800000003,患者\n", [1, 0, 0], 3),
        ] {
            let report = import(&admin, query, csv.as_bytes()).await.payload();
            assert_eq!(counts(&report), expected, "{query}: {report}");
            assert_eq!(people(&admin).await.0, json!(stored), "{query}");
        }
        // Entries of changes are linked up to a second later.
        eventually("all imports are recorded", async || {
            let path = "/api/audit?operation=uploadUserMessage&page=1&size=100";
            let audited = admin.get(path).await.payload();
            let audited = audited["list"].as_array().unwrap().iter().map(|event| event["query"].as_str().unwrap());
            let audited: Vec<_> = audited.rev().take(4).collect();
            audited == ["dryRun=true", "mode=atomic", "mode=atomic", "dryRun=true&mode=atomic"]
        })
        .await;
    }

    async fn a_large_roster_is_imported_in_chunks_with_progress(world: &World) {
        let admin = world.admin().await.client;
        let rows = patients(1200) + "王芳,13800000000,患者\n";
        let report = import(&admin, "", format!("姓名,电话,角色\n{rows}").as_bytes()).await.payload();
        assert_eq!(counts(&report), [1200, 1, 0]);
        assert_eq!(issues(&report), [(1202, "phone.repeated")]);
        let id = report["job"].as_str().unwrap();
        for path in [format!("/api/user/importJob?id={id}"), "/api/user/importJob".to_owned()] {
            let job = admin.get(&path).await.payload();
            assert_eq!(counts(&job), [1200, 1, 0]);
            assert_eq!((&job["state"], &job["total"], &job["id"]), (&json!("done"), &json!(1201), &json!(id)));
        }
        let events = admin.request(Method::GET, &format!("/api/user/importJob/events?id={id}")).send().await.unwrap();
        assert_eq!(events.headers()["content-type"], "text/event-stream");
        let text = events.text().await.unwrap();
        let event: Value = serde_json::from_str(text.strip_prefix("event: progress\ndata: ").unwrap().trim()).unwrap();
        assert_eq!((&event["state"], &event["imported"]), (&json!("done"), &json!(1200)));
    }

    async fn rows_to_correct_are_returned_as_a_workbook(world: &World) {
        let admin = world.admin().await.client;
        let csv = format!("{HEADER}张伟,男,1380000000,'=1+1,72,患者,,secret99\n李娜,X,13800000002,,,医师,阳光社区医院,\n王芳,,13800000003,,,,,\n");
        let report = import(&admin, "", csv.as_bytes()).await.payload();
        assert_eq!(counts(&report), [0, 0, 3]);
        let path = format!("/api/user/importReport?id={}", report["job"].as_str().unwrap());
        let bytes = workbook(&admin, &path).await;
        let pieces = rosters::pieces(&SpreadsheetReader::new(), &bytes).await.unwrap();
        let shown = format!("{pieces:?}");
        assert!(!shown.contains("secret99"), "passwords are not kept");
        for expected in ["1380000000", "'=1+1", "错误说明", "手机号", "只能填写男或女", "阳光社区医院", "其他"] {
            assert!(shown.contains(expected), "{expected} is missing: {shown}");
        }
        assert_eq!(pieces.iter().filter(|piece| matches!(piece, RosterPiece::Sheet { .. })).count(), 3);
        // Sent again unchanged, it has the same result, and the error column is ignored.
        let again = import(&admin, "", &bytes).await.payload();
        assert_eq!(counts(&again), [0, 0, 3], "{again}");
        assert_eq!(again["unknown_columns"][0], json!({"sheet": "患者", "column": "错误说明"}));
    }

    async fn names_are_normalised_for_storage_and_search(world: &World) {
        let admin = world.admin().await.client;
        let csv = "姓名,电话,角色\n张　三,13800000001,患者\n艾力•买买提,13800000002,患者\nJohn Smith,13800000003,患者\n";
        assert_eq!(counts(&import(&admin, "", csv.as_bytes()).await.payload()), [3, 0, 0]);
        let found = async |cond: &str, val: &str| {
            let query = [("cond", cond), ("val", val), ("page", "1")];
            let path = url::Url::parse_with_params("http://h/api/user/likeAccountByCV", query).unwrap();
            let list = admin.get(&format!("{}?{}", path.path(), path.query().unwrap())).await.payload();
            list["list"].as_array().unwrap().iter().map(|row| row["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        for (cond, val, expected) in [
            ("username", "张三", &["张三"][..]),
            ("", " 张　三 ", &["张三"]),
            ("username", "艾力·买买提", &["艾力·买买提"]),
            ("username", "艾力・买", &["艾力·买买提"]),
            ("username", "力‧买", &["艾力·买买提"]),
            ("username", "John Smith", &["John Smith"]),
            ("username", "JohnSmith", &[]),
            ("phone", " 13800000001\t", &["张三"]),
            ("username", " ", &["John Smith", "艾力·买买提", "张三"]),
        ] {
            assert_eq!(found(cond, val).await, expected, "{cond} {val:?}");
        }
        let patient = world.log_in("13800000001", "123456").await;
        patient.client.post("/api/inquiry/createInquiryRecord", crate::arrange::inquiry_body()).await.expect(200);
        for (name, total) in [("张　三", 1), (" 张三", 1), ("张四", 0), ("　", 1)] {
            let query = url::Url::parse_with_params("http://h/", [("username", name), ("page", "1")]).unwrap();
            let path = format!("/api/inquiry/likeQueryInquiryRecord?{}", query.query().unwrap());
            assert_eq!(admin.get(&path).await.payload()["total"], total, "{name:?}");
        }
    }

    async fn ambiguous_content_of_a_file_is_reported(world: &World) {
        let admin = world.admin().await.client;
        let csv = "阳光社区居民名单,,,,,,\n基本信息,,,联系方式,,,\n,姓名,性別,本人电话,出生日期,年龄,角色\n\
            1,张伟,1,=\"13800000001\",1990-01-05,,患者\n\
            2,李娜,9,13800000002,,3个月,患者\n\
            ,姓名,性別,本人电话,出生日期,年龄,角色\n\
            3,#N/A,x,13800000003,2024-03-02,=A1,患者\n\
            4,王芳,女,13800000004,1950-01-01,20,患者,朝阳小区\n\
            5,赵敏,未知,13800000005,19500101,75,医师\n";
        let report = import(&admin, "", csv.as_bytes()).await.payload();
        assert_eq!(counts(&report), [3, 0, 2], "{report}");
        assert_eq!(issues(&report), [(7, "name.not_a_value"), (8, "row.more_cells_than_columns")]);
        let told = |row: usize| report["rows"][row]["msg"].as_str().unwrap();
        for words in ["姓名是错误值", "性别只能", "年龄是没有计算结果的公式", "出生日期不是有效日期"] {
            assert!(told(0).contains(words), "{}", told(0));
        }
        assert!(told(1).contains("单元格比表头的列多") && told(1).contains("出生日期与年龄不符"), "{}", told(1));
        assert_eq!(report["unknown_columns"], json!([{"sheet": "", "column": "A"}]));
        // On the fakes' current day, 1 March 2024.
        for (phone, sex, age) in [("13800000001", "男", json!(34)), ("13800000002", "", json!(0)), ("13800000005", "", json!(74))] {
            let account = world.log_in(phone, "123456").await.account;
            assert_eq!((&account["sex"], &account["age"]), (&json!(sex), &age), "{phone}");
        }
    }
}

/// A sheet with these cells in its first row.
fn sheet(name: &str, rows: &[&[&str]]) -> WorkbookSheet {
    let cells = |row: &[&str]| row.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let (first, rest) = rows.split_first().unwrap();
    let column = |header: String| WorkbookColumn { header, choices: &[] };
    WorkbookSheet {
        name: name.to_owned(),
        columns: cells(first).into_iter().map(column).collect(),
        rows: rest.iter().map(|row| cells(row)).collect(),
    }
}

#[test]
fn a_header_is_found_below_titles_and_required_on_role_sheets() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await.client;
        let patients = sheet("患者", &[&["名单"], &["姓名", "电话"], &["张伟", "13800000001"]]);
        let physicians = |name| sheet(name, &[&["李医生", "13900000001"], &["赵医生", "13900000002"]]);
        let mut late: Vec<&[&str]> = vec![&["说明"]; 20];
        late.push(&["姓名", "电话"]);
        for (other, error) in [
            (physicians("医师"), Some("roster.sheet_without_header")),
            (physicians("醫生名單"), Some("roster.sheet_without_header")),
            (sheet("Doctors", &late), Some("roster.sheet_without_header")),
            (sheet("Doctors", &late[1..]), None),
            (sheet("医师", &[&[]]), None),
            (physicians("备注"), None),
        ] {
            let name = other.name.clone();
            let bytes = XlsxWriter.write(vec![patients.clone(), other]).await.unwrap();
            let answer = import(&admin, "?dryRun=true", &bytes).await;
            if let Some(error) = error {
                let answer = answer.expect_error(422, error);
                assert!(answer.msg().contains("医师") && answer.msg().contains("表头"), "{}", answer.msg());
                let job = admin.get("/api/user/importJob").await.payload();
                assert_eq!((&job["error"], &job["msg"]), (&json!(error), &answer.json["msg"]));
            } else {
                let report = answer.payload();
                assert_eq!(counts(&report), [1, 0, 0], "{name}: {report}");
                let ignored = if name == "备注" { json!(["备注"]) } else { json!([]) };
                assert_eq!(report["ignored_sheets"], ignored, "{name}");
            }
        }
    });
}

#[test]
fn rows_above_the_header_are_read_too() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await.client;
        // The list was sorted by a column together with its header.
        let csv = "名单,,\n张伟,13800000001,患者\n姓名,电话,角色\n王芳,13800000002,患者\n";
        let report = import(&admin, "", csv.as_bytes()).await.payload();
        assert_eq!(counts(&report), [2, 0, 0], "{report}");
    });
}

#[test]
fn a_fault_names_its_line_in_both_languages() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await.client;
        let english = admin.with("accept-language", "en");
        let quotes = "姓名,电话,角色\n张伟,13800000001,\"患者\n李娜,13800000002,患者\n".as_bytes().to_vec();
        let mut stray = "姓名,电话,角色\n张伟,13800000001,患者\n李娜,13800000002,患者\n".as_bytes().to_vec();
        stray.insert(stray.len() - 4, 0xff);
        for (bytes, slug, line) in [(quotes, "roster.bad_quotes", 2), (stray, "roster.bad_encoding", 3)] {
            let answer = import(&admin, "", &bytes).await.expect_error(422, slug);
            assert!(answer.msg().contains(&format!("第{line}行")), "{}", answer.msg());
            assert_eq!(answer.json["fields"][0]["field"], "file");
            let answer = import(&english, "", &bytes).await;
            assert!(answer.msg().to_lowercase().contains(&format!("line {line}")), "{}", answer.msg());
            assert_eq!(people(&admin).await, (json!(0), json!(0)));
        }
        for (bytes, chinese, words) in [
            (&b"<table><tr><td>a,b</td></tr></table>"[..], "网页", "web page"),
            (b"%PDF-1.7", "PDF", "PDF"),
            (b"", "空", "empty"),
        ] {
            let answer = import(&admin, "", bytes).await.expect_error(415, "roster.not_a_spreadsheet");
            assert!(answer.msg().contains(chinese), "{}", answer.msg());
            assert!(import(&english, "", bytes).await.msg().contains(words));
        }
    });
}

#[test]
fn the_template_is_an_empty_roster() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await.client;
        let bytes = workbook(&admin, "/api/user/importTemplate").await;
        world.anonymous().get("/api/user/importTemplate").await.expect(401);
        world.patients(1).await[0].client.get("/api/user/importTemplate").await.expect(403);
        let report = import(&admin, "", &bytes).await.payload();
        assert_eq!((counts(&report), report["rows"].as_array().unwrap().len()), ([0, 0, 0], 0), "{report}");
        assert_eq!(report["unknown_columns"], json!([]));
    });
}

#[test]
fn invalid_files_are_reported_with_the_reason() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await.client;
        let sheets = vec![WorkbookSheet { name: "患者".to_owned(), columns: Vec::new(), rows: Vec::new() }];
        let empty = XlsxWriter.write(sheets).await.unwrap();
        for (bytes, status, slug) in [
            (&b"\x89PNG\r\n\x1a\n\x00\x00"[..], 415, "roster.not_a_spreadsheet"),
            (b"", 415, "roster.not_a_spreadsheet"),
            (b"one, two\nthree, four\n", 415, "roster.not_a_spreadsheet"),
            (b"PK\x03\x04 and no more", 422, "roster.damaged"),
            (&empty, 422, "roster.no_columns"),
        ] {
            let answer = import(&admin, "", bytes).await.expect_error(status, slug);
            let fields = answer.json.get("fields").map(|fields| fields[0]["field"].clone());
            assert_eq!(fields, (status == 422).then(|| json!("file")));
            let job = admin.get("/api/user/importJob").await.payload();
            assert_eq!((&job["state"], &job["error"]), (&json!("failed"), &json!(slug)));
        }
        import(&admin, "?dryRun=maybe&mode=some", b"").await.expect_fields(&["dryRun", "mode"]);
        admin.get("/api/user/importReport").await.expect_fields(&["id"]);
        for path in ["importJob", "importReport", "importJob/events"] {
            admin.get(&format!("/api/user/{path}?id=xyz")).await.expect_fields(&["id"]);
        }
        let english = admin.with("accept-language", "en");
        let report = import(&english, "", "姓名,电话,角色\n张伟,1,患者\n".as_bytes()).await.payload();
        assert!(report["rows"][0]["msg"].as_str().unwrap().contains("11 digits"), "{report}");
        assert!(import(&english, "", b"x").await.msg().contains("spreadsheet"));
    });
    run_adjusted(
        Backend::Fakes,
        |options| options.max_upload = 1 << 30,
        async |world| {
            let admin = world.admin().await.client;
            let rows = patients(100_001);
            let answer = import(&admin, "", format!("姓名,电话,角色\n{rows}").as_bytes()).await;
            answer.expect_error(422, "roster.too_many_rows");
            let limit = usize::try_from(RosterImport::MAX_BYTES).unwrap();
            import(&admin, "", &vec![b'a'; limit + 1]).await.expect_error(413, "request.too_large");
        },
    );
    run_adjusted(
        Backend::Fakes,
        |options| options.max_upload = 1000,
        async |world| {
            let admin = world.admin().await.client;
            import(&admin, "", &vec![b'a'; 1001]).await.expect_error(413, "request.too_large");
        },
    );
}

#[test]
fn our_own_page_may_import_with_the_cookie() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await;
        let csv = "姓名,电话,角色\n张伟,13800000001,患者\n";
        import(&admin.by_cookie(), "", csv.as_bytes()).await.expect(403);
        assert_eq!(counts(&import(&admin.by_page(), "", csv.as_bytes()).await.payload()), [1, 0, 0]);
    });
}

#[test]
fn one_initial_password_is_hashed_once() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await.client;
        let before = world.fakes.hasher.work_done();
        let rows = patients(700);
        let csv = format!("姓名,电话,角色,密码\n{rows}李娜,13900000001,患者,own-password\n");
        // Waiting log-ins do not block an import.
        world.fakes.hasher.set_overloaded(true);
        assert_eq!(counts(&import(&admin, "", csv.as_bytes()).await.payload()), [701, 0, 0]);
        assert_eq!(world.fakes.hasher.work_done() - before, 2);
    });
}

#[test]
fn a_disconnecting_client_does_not_stop_the_import() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await.client;
        let csv = format!("姓名,电话,角色\n{}", patients(1500));
        // The import cannot end while the client is connected.
        let occupied = world.fakes.hasher.occupy().await;
        let started = eventually("the import is running", async || {
            let job = admin.get("/api/user/importJob").await;
            job.status == 200 && job.payload()["total"] == 1500
        });
        tokio::select! {
            answer = import(&admin, "", csv.as_bytes()) => panic!("the client disconnects before {answer:?}"),
            () = started => {}
        }
        drop(occupied);
        let mut job = Value::Null;
        eventually("it ends", async || {
            job = admin.get("/api/user/importJob").await.payload();
            job["state"] == "done"
        })
        .await;
        assert_eq!(counts(&job), [1500, 0, 0]);
    });
}

#[test]
fn a_job_without_heartbeat_is_interrupted() {
    run(Backend::Fakes, async |world| {
        use yilin_domain::port::{Clock as _, ImportRepository as _};
        use yilin_domain::roster::{ImportCounts, ImportJob, ImportJobId, ImportOptions, ImportState};

        let admin = world.admin().await;
        let (id, now) = (ImportJobId::from_bytes([7; 16]), world.fakes.clock.now());
        let job = ImportJob {
            id,
            started_by: yilin_domain::account::AccountUuid::parse(admin.uuid()).unwrap(),
            options: ImportOptions::default(),
            state: ImportState::Running,
            counts: ImportCounts { total: 1000, imported: 500, skipped: 0, failed: 3 },
            started_at: now,
            last_heartbeat_at: now,
            holds_file: false,
            follows: None,
        };
        world.fakes.storage.begin(&job).await.unwrap();
        let path = format!("/api/user/importJob?id={id}");
        world.fakes.clock.advance(TimeDelta::seconds(30));
        assert_eq!(admin.client.get(&path).await.payload()["state"], "running");
        world.fakes.clock.advance(TimeDelta::seconds(1));
        let job = admin.client.get(&path).await.payload();
        assert_eq!((&job["state"], counts(&job)), (&json!("interrupted"), [500, 0, 3]));
        assert!(job["msg"].as_str().unwrap().contains("重新上传"), "{job}");
    });
}

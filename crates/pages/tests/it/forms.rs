//! Forms: double submits, invalid values, foreign pages, and two people at one visit.

use yilin_domain::account::Role;

use crate::world::{PASSWORD, World, actor, run, run_adjusted, time};
use yilin_domain::reason::Reason;

#[test]
fn a_form_that_is_sent_twice_creates_one_visit() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let mut admin = world.admin().await;
        let found = admin.get("/console/visits/new?patient_name=秀英").await.expect(200);
        let links = found.all("main a[href*=patient]", "href");
        let page = admin.get(&links[0]).await.expect(200);
        page.shows("王秀英");
        let action = "/console/visits/new";
        let typed = [
            ("type", "在家就医"),
            ("appointment_time", "2027-01-15T09:30"),
            ("reserved_phone", ""),
            ("inquiry_detail", "头痛\r\n三天"),
        ];
        let first = admin.submit(&page, action, &typed).await.expect(303);
        let second = admin.submit(&page, action, &typed).await.expect(303);
        assert_eq!(first.header("location"), second.header("location"));
        let visit = admin.get(first.header("location")).await.expect(200);
        visit.shows("就诊申请已提交").shows("王秀英的就诊").shows("2027-01-15 09:30").shows("头痛");
        admin.get("/console/visits").await.expect(200).shows("共 1 条");
        // The same form opened again is another visit.
        let page = admin.get(&links[0]).await.expect(200);
        let third = admin.submit(&page, action, &typed).await.expect(303);
        assert_ne!(first.header("location"), third.header("location"));
        // So is something else in a form that is done, once that was pointed out.
        let told = admin.submit(&page, action, &[&typed[..3], &[("inquiry_detail", "咳嗽")]].concat()).await;
        let told = told.expect(422);
        told.shows("这份表单之前已经提交成功");
        let fourth = admin.submit(&told, action, &[]).await.expect(303);
        assert_ne!(third.header("location"), fourth.header("location"));
        assert!(!patient.disabled);
    });
}

#[test]
fn invalid_values_come_back_in_the_form() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let visit = world.visit(&patient, "2024-03-04 08:30").await;
        let mut admin = world.admin().await;
        let path = format!("/console/visits/{}/reschedule", visit.inquiry.id);
        let page = admin.get(&path).await.expect(200);
        assert_eq!(page.value("appointment_time"), "2024-03-04T08:30");
        let typed = [("appointment_time", "2024-02-30T10:00"), ("reason", "<b>家中有事</b>")];
        let again = admin.submit(&page, &path, &typed).await.expect(422);
        again.shows("新的就诊时间：没有这一天或这一时刻");
        assert_eq!(again.value("reason"), "<b>家中有事</b>");
        assert_eq!(again.value("appointment_time"), "2024-02-30T10:00");
        assert_eq!(again.all(".summary a", "href"), ["#appointment_time"]);
        assert_eq!(again.all("[aria-invalid]", "id"), ["appointment_time"]);
        // What was mended can be sent from the same page.
        let done = admin.submit(&again, &path, &[("appointment_time", "2024-03-05T10:00")]).await.expect(303);
        let visit = admin.get(done.header("location")).await.expect(200);
        visit.shows("就诊已改期").shows("改期到 2024-03-05 10:00").shows("<b>家中有事</b>");
        let empty = admin.get(&path).await.expect(200);
        let empty =
            admin.submit(&empty, &path, &[("appointment_time", ""), ("reason", " ")]).await.expect(422);
        empty.shows("新的就诊时间：不能为空").shows("原因：不能为空");
    });
}

#[test]
fn a_visit_is_reassigned_to_another_physician() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let physician = world.account(Role::Physician, "李建国").await;
        let other = world.account(Role::Physician, "张伟").await;
        let id = world.visit(&patient, "2024-03-04 08:30").await.inquiry.id;
        let mut admin = world.admin().await;
        let (present, other) = (physician.uuid.to_string(), other.uuid.to_string());
        // Another one is wanted.
        let by = actor(&world.first_admin().await);
        world.use_cases.inquiries.appoint(&by, id, physician.uuid).await.unwrap();
        let page = admin.get(&format!("/console/visits/{id}/appoint")).await.expect(200);
        assert_eq!(page.all("[name=physician]", "value"), [other.as_str()]);
        world.use_cases.inquiries.answer(&actor(&physician), id, true, None).await.unwrap();
        let path = format!("/console/visits/{id}/reassign");
        let page = admin.get(&path).await.expect(200);
        assert_eq!(page.all("[name=physician]", "value"), [other.as_str()]);
        let why = ("reason", "李医师请假");
        // A search keeps what was entered.
        let search =
            |text| [("physician_name", text), why, ("physician", other.as_str()), ("form_again", "yes")];
        let found = admin.submit(&page, &path, &search("张")).await.expect(200);
        assert_eq!(found.all("[name=physician][checked]", "value"), [other.as_str()]);
        found.shows(why.1).lacks("请先改正").lacks("没有找到");
        let found = admin.submit(&found, &path, &search("欧阳")).await.expect(200);
        assert!(found.all("[name=physician]", "value").is_empty());
        found.shows(why.1).shows("没有找到可以选择的医师");
        admin.submit(&page, &path, &[why]).await.expect(422).shows("医师：不能为空");
        let same = admin.submit(&page, &path, &[("physician", &present), why]).await.expect(422);
        same.shows("医师：这位医师已经接诊").lacks("刚刚有变化");
        admin.submit(&same, &path, &[("physician", &other), why]).await.expect(303);
        // The people at a visit are a step away.
        let visit = admin.get(&format!("/console/visits/{id}")).await.expect(200);
        let people = visit.all("a.person", "href");
        assert_eq!(people, [format!("/console/people/{}", patient.uuid), format!("/console/people/{other}")]);
    });
}

#[test]
fn a_time_in_the_past_is_asked_about_once() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let visit = world.visit(&patient, "2024-03-04 08:30").await;
        let mut admin = world.admin().await;
        let (past, earlier) =
            (("appointment_time", "2024-03-01T11:59"), ("appointment_time", "2024-02-29T08:00"));
        let reschedule = format!("/console/visits/{}/reschedule", visit.inquiry.id);
        let forms = [
            (
                format!("/console/visits/new?patient={}", patient.uuid),
                "/console/visits/new",
                vec![("type", "在家就医"), ("inquiry_detail", "补记：昨天上门量了血压")],
            ),
            (reschedule.clone(), reschedule.as_str(), vec![("reason", "补记实际的时间")]),
        ];
        for (page, action, values) in forms {
            let page = admin.get(&page).await.expect(200);
            let asked = admin.submit(&page, action, &[&values[..], &[past]].concat()).await.expect(422);
            asked.shows("就诊时间：这个时间已经过去");
            assert_eq!(asked.all(".summary a", "href"), ["#appointment_time"]);
            // Another time is another question.
            let asked = admin.submit(&asked, action, &[&values[..], &[earlier]].concat()).await.expect(422);
            asked.shows("这个时间已经过去");
            let done = admin.submit(&asked, action, &[]).await.expect(303);
            let visit = admin.get(done.header("location")).await.expect(200);
            assert_eq!(visit.all(".facts time", "datetime")[0], "2024-02-29T08:00");
        }
    });
}

#[test]
fn a_step_that_is_sent_twice_leads_twice_to_where_it_is_done() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let physician = world.account(Role::Physician, "李建国").await;
        let other = world.account(Role::Physician, "张伟").await;
        let visit = world.visit(&patient, "2024-03-04 08:30").await;
        let id = visit.inquiry.id;
        let mut admin = world.admin().await;
        let of = |step: &str| format!("/console/visits/{id}/{step}");
        let why = ("reason", "情况有变");
        let (chosen, other) = (physician.uuid.to_string(), other.uuid.to_string());
        for (step, values, done) in [
            ("appoint", vec![("physician", chosen.as_str())], "appointed"),
            ("reschedule", vec![("appointment_time", "2024-03-06T09:00"), why], "rescheduled"),
            ("appoint", vec![("physician", other.as_str())], "appointed"),
            ("cancel", vec![why], "cancelled"),
        ] {
            let page = admin.get(&of(step)).await.expect(200);
            for _ in 0..2 {
                let led = admin.submit(&page, &of(step), &values).await;
                led.expect_redirect(&format!("/console/visits/{id}?done={done}"));
            }
        }
        let history = world.use_cases.inquiries.history(&actor(&patient), id).await.unwrap();
        assert_eq!(history.lines.len(), 5, "each step is taken once");
    });
}

/// The app's pages may call the interface, not the console.
#[test]
fn the_pages_of_configured_origins_are_foreign_to_the_console() {
    run_adjusted(
        |options| options.web_origins = vec!["http://app.example".to_owned()],
        async |world| {
            let patient = world.account(Role::Patient, "王秀英").await;
            let visit = world.visit(&patient, "2024-03-04 08:30").await;
            let mut admin = world.admin().await;
            let path = format!("/console/visits/{}/cancel", visit.inquiry.id);
            let page = admin.get(&path).await.expect(200);
            let mut foreign = admin.with("origin", "http://app.example");
            foreign.submit(&page, &path, &[("reason", "情况有变")]).await.expect(403);
            // Nor may they read its pages, however the path is spelled.
            for (path, may_read) in [
                ("/api/user/verifyToken", true),
                ("/console/log-in", false),
                ("/%63onsole/log-in", false),
                ("/console%2flog-in", false),
            ] {
                let request = world.http.get(format!("{}{path}", world.base));
                let answer = request.header("origin", "http://app.example").send().await.unwrap();
                let is_allowed = answer.headers().contains_key("access-control-allow-origin");
                assert_eq!(is_allowed, may_read, "{path}");
            }
        },
    );
}

#[test]
fn a_form_of_a_foreign_page_is_refused() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let visit = world.visit(&patient, "2024-03-04 08:30").await;
        let mut admin = world.admin().await;
        let path = format!("/console/visits/{}/cancel", visit.inquiry.id);
        let page = admin.get(&path).await.expect(200);
        let own = world.base.clone();
        for (name, value, status) in [
            ("sec-fetch-site", "cross-site", 403),
            ("sec-fetch-site", "same-site", 403),
            ("sec-fetch-site", "none", 403),
            ("origin", "https://evil.example", 403),
            ("origin", "null", 403),
            ("origin", own.as_str(), 303),
        ] {
            let mut foreign = admin.with(name, value);
            let answer = foreign.submit(&page, &path, &[("reason", "情况有变")]).await.expect(status);
            if status == 403 {
                answer.shows("不能这样操作");
            }
            let mut stranger = world.browser().with(name, value);
            let typed = [("username", "admin"), ("password", PASSWORD)];
            stranger.post("/console/log-in", &typed).await.expect(status);
            admin.get("/console").await.expect(200);
        }
        admin.with("sec-fetch-site", "cross-site").post("/console/log-out", &[]).await.expect(403);
        let language = [("language", "en")];
        admin.with("sec-fetch-site", "cross-site").post("/console/language", &language).await.expect(403);
        // A link in a message opens the page.
        admin.with("sec-fetch-site", "cross-site").get("/console/visits").await.expect(200);
        // What changes something is no GET.
        for route in crate::access::routes() {
            assert!(!route.changes_state() || route.method != actix_web::http::Method::GET, "{}", route.path);
        }
    });
}

#[test]
fn two_people_at_one_visit_see_what_the_other_did() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let physician = world.account(Role::Physician, "李建国").await;
        world.account(Role::Admin, "nurse").await;
        let id = world.visit(&patient, "2024-03-04 08:30").await.inquiry.id;
        let mut one = world.admin().await;
        let mut other = world.browser();
        other.log_in("nurse", PASSWORD).await.expect(303);
        let (appoint, move_it) =
            (format!("/console/visits/{id}/appoint"), format!("/console/visits/{id}/reschedule"));
        let ones = one.get(&appoint).await.expect(200);
        let others = other.get(&move_it).await.expect(200);
        let chosen = physician.uuid.to_string();
        one.submit(&ones, &appoint, &[("physician", &chosen)]).await.expect(303);
        let typed = [("appointment_time", "2024-03-05T09:00"), ("reason", "患者来电要求")];
        let told = other.submit(&others, &move_it, &typed).await.expect(409);
        told.shows("这次就诊刚刚有变化")
            .shows("指派李建国")
            .shows("admin")
            .shows("患者来电要求")
            .shows("待接诊");
        told.lacks("提交申请");
        // Nothing was done, and it can be done now.
        let details = world.use_cases.inquiries.find(&actor(&patient), id).await.unwrap();
        assert_eq!(details.inquiry.appointment_time, time("2024-03-04 08:30"));
        let again = other.get(&move_it).await.expect(200);
        other.submit(&again, &move_it, &typed).await.expect(303);
        // A step that the state no longer allows says so, before and after sending.
        let cancel = format!("/console/visits/{id}/cancel");
        let late = one.get(&cancel).await.expect(200);
        cancel_directly(world, &patient, id).await;
        one.submit(&late, &cancel, &[("reason", "情况有变")]).await.expect(409).shows("不能进行这一步");
        let closed = one.get(&cancel).await.expect(409);
        closed.shows("现在不能进行这一步").shows("已取消").lacks("您的操作").lacks("刚刚有变化");
    });
}

async fn cancel_directly(
    world: &World,
    patient: &yilin_domain::account::Account,
    id: yilin_domain::id::InquiryId,
) {
    let reason = Reason::parse("已自行就医").unwrap();
    world.use_cases.inquiries.cancel(&actor(patient), id, &reason).await.unwrap();
}

#[test]
fn a_form_that_is_too_large_is_refused_with_a_page() {
    run(async |world| {
        let mut admin = world.admin().await;
        let long = "长".repeat(40_000);
        admin
            .post("/console/visits/new", &[("inquiry_detail", &long)])
            .await
            .expect(413)
            .shows("提交的内容过大");
    });
}

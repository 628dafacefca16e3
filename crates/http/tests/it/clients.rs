//! The two existing clients, request by request, with their peculiarities.

use reqwest::Method;
use serde_json::{Value, json};

use crate::arrange::Case;
use crate::on_every_backend;
use crate::world::World;

/// A multipart form in the form the app's upload sends it.
fn form(bytes: &[u8]) -> (String, Vec<u8>) {
    let mut body = b"--b0undary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"visit.mp4\"\r\n\
        Content-Type: application/octet-stream\r\n\r\n"
        .to_vec();
    body.extend(bytes);
    body.extend(b"\r\n--b0undary--\r\n");
    ("multipart/form-data; boundary=b0undary".to_owned(), body)
}

on_every_backend! {
    /// The console: raw tokens, `data[0]`, empty filters, a date picker, a search box.
    async fn the_console_completes_its_workflow(world: &World) {
        let case = Case::new(world).await;
        let id = case.submitted().await;

        // An expired token is sent with the log-in.
        let answer = world.anonymous().token("a.dead.token")
            .post("/api/user/adminLogin", json!({"username": "admin", "password": "admin"})).await;
        let token = answer.payload()["token"].as_str().unwrap().to_owned();
        let console = world.anonymous().token(&token);
        console.get("/api/user/verifyToken").await.payload();
        let me = console.get("/api/user/queryUserMessage").await.payload();
        assert_eq!((&me["role"], &me["chain_account"], &me["age"]), (&json!("系统管理员"), &json!(""), &Value::Null));

        let list = console.get("/api/inquiry/queryAllInquiryRecord?isInquiry=&page=&size=").await.payload();
        assert_eq!((&list["total"], &list["totalPages"], &list["currentPage"]), (&json!(1), &json!(1), &json!(1)));
        assert_eq!(list["list"][0]["id"], id);
        let physicians = console.get("/api/user/queryDoctorInformation").await.payload();
        let uuid = physicians["list"][0]["uuid"].as_str().unwrap();
        console.post(&format!("/api/inquiry/appointedPhysician?id={id}&userUUID={uuid}"), None).await.payload();
        let name = case.patient.account["username"].as_str().unwrap();
        let found = console.get(&format!("/api/inquiry/likeQueryInquiryRecord?username={name}&isPatient=true")).await.payload();
        assert_eq!(found["list"][0]["id"], id);
        console.get("/api/user/likeAccountByCV?cond=phone&val=&role=患者").await.payload();
        // The record of an inquiry without one: empty, so that the client clears the previous one.
        let none = console.get(&format!("/api/medical/queryMedialRecordInformation?inquiryId={id}")).await.expect(200);
        assert_eq!(none.json["data"], json!([]));

        case.physician.client.put(&format!("/api/inquiry/physicianReception?id={id}&isReception=true"), None).await.payload();
        case.physician.client.post("/api/medical/medicalRegistration", crate::arrange::registration_body(id, true)).await.payload();
        console.put(&format!("/api/inquiry/approveInquiryRecord?id={id}"), None).await.payload();
        let orders = console.get("/api/drug/queryAllDrug").await.payload();
        let order = &orders["list"][0];
        assert!(order["id"].is_null() && order["drug_id"].is_i64());
        console.get("/api/sum/getInquirySumTypeDay?day=7").await.payload();
        console.get("/api/sum/getDrugSumTypeDay").await.payload();
        console.get("/api/user/logOut").await.expect(200);
        console.get("/api/user/queryUserMessage").await.expect_error(401, "session.required");
    }

    /// The app: omitted headers replaced by the cookie, whole objects sent back, times from a date picker,
    /// extra fields, orders passed in page URLs, a log-out with an expired token.
    async fn the_app_completes_its_workflow(world: &World) {
        let case = Case::new(world).await;
        let credentials = json!({"phone": case.patient.phone(), "password": "123456"});
        let answer = world.anonymous().post("/api/user/login", credentials).await.expect(200);
        let cookie = answer.session_cookie().expect("a log-in sets the cookie");
        let me = answer.payload();
        let patient = world.anonymous().token(me["token"].as_str().unwrap());
        // Headers that a browser adds for one of our own pages.
        let browser = world.anonymous().with("cookie", &*cookie).with("sec-fetch-site", "same-origin");

        let mut echoed = me.clone();
        echoed["nickname"] = json!("梨花");
        echoed["home_addr"] = json!("changed by another client");
        let saved = patient.put("/api/user/updatePatientInformation", echoed).await.payload();
        assert_eq!((&saved["nickname"], &saved["home_addr"]), (&json!("梨花"), &me["home_addr"]));

        let inquiry = patient.post("/api/inquiry/createInquiryRecord", json!({
            "type": "居家就医", "inquiry_detail": "头痛 & 发热 %41 1+1 50%", "appointment_time": "2024-10-12T08:30:00.000Z",
            "username": "extra", "isShow": false, "list": [1, 2],
        })).await.payload();
        assert_eq!((&inquiry["type"], &inquiry["appointment_time"]), (&json!("在家就医"), &json!("2024-10-12 16:30")));
        let id = inquiry["id"].as_i64().unwrap();
        browser.get(&format!("/api/inquiry/queryInquiryRecordById?id={id}")).await.payload();

        let (admin, uuid) = (&case.admin.client, case.physician.uuid());
        admin.post(&format!("/api/inquiry/appointedPhysician?id={id}&userUUID={uuid}"), None).await.payload();
        let credentials = json!({"phone": case.physician.phone(), "password": "123456"});
        let answer = world.anonymous().post("/api/user/login", credentials).await.expect(200);
        let visiting = world.anonymous().with("cookie", answer.session_cookie().unwrap()).with("sec-fetch-site", "same-origin");
        let doctor = answer.payload();
        let physician = world.anonymous().token(doctor["token"].as_str().unwrap());
        // The app saves a physician's profile with the patients' route.
        let mut echoed = doctor.clone();
        echoed["sex"] = json!("男");
        let saved = physician.put("/api/user/updatePatientInformation", echoed).await.payload();
        assert_eq!((&saved["sex"], &saved["hospital"]), (&json!("男"), &doctor["hospital"]));
        physician.get("/api/inquiry/queryPhysicianInquiryRecord?isInquiry=4").await.payload();
        physician.put(&format!("/api/inquiry/physicianReception?id={id}&isReception=true"), None).await.payload();

        let (kind, body) = form(b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41 a recording");
        let uploaded = visiting.request(Method::POST, "/api/upload").header("content-type", kind).body(body).send().await.unwrap();
        assert_eq!(uploaded.status(), 200);
        let uploaded: Value = serde_json::from_str(&uploaded.text().await.unwrap()).unwrap();
        let url = uploaded["data"][0].as_str().unwrap();
        assert!(!url.contains(['?', '&', '=', '%', '+', '#']), "{url}");
        let record = physician.post("/api/medical/medicalRegistration", json!({
            "bind_inquiry_id": id, "inquiry_video": url, "medical_img": url, "is_need_by_drug": true,
        })).await.payload();
        assert_eq!(record["diagnostic_description"], "");
        let seen = browser.get(&format!("/api/medical/queryMedialRecordInformation?inquiryId={id}")).await.payload();
        let video = seen["inquiry_video"].as_str().unwrap().strip_prefix(&world.base).unwrap();
        let played = world.anonymous().request(Method::GET, video).header("range", "bytes=4-7").send().await.unwrap();
        assert_eq!((played.status().as_u16(), played.headers()["content-type"].to_str().unwrap()), (206, "video/mp4"));
        assert_eq!(played.bytes().await.unwrap(), "ftyp");

        let orders = physician.get("/api/drug/queryPhysiciansAgentHistoryRecord?raw=2").await.payload();
        let order = &orders["list"][0];
        assert_eq!(order["inquiry_detail"], "头痛 ＆ 发热 ％41 1＋1 50%", "it can be used in a page URL");
        let drug = order["drug_id"].as_i64().unwrap();
        physician.post(&format!("/api/drug/physiciansOrderAgentDrug?id={drug}"), None).await.payload();
        physician.post(&format!("/api/drug/physiciansOrderDelivery?id={drug}&certificate={url}"), None).await.payload();
        admin.post(&format!("/api/drug/hospitalAgentDrugConfirmReceipt?id={drug}"), None).await.payload();
        let received = patient.get("/api/drug/queryPatientAgentDrugHistory?raw=5").await.payload();
        assert_eq!((&received["total"], &received["list"][0]["is_receive"]), (&json!(1), &json!(1)));
        let exact = patient.get(&format!("/api/drug/queryDrugByID?id={drug}")).await.payload();
        assert_eq!(exact["inquiry_detail"], "头痛 & 发热 %41 1+1 50%");

        // The session expires; the app gets a 401, logs out with the expired token, and needs a 200.
        world.fakes.clock.advance(chrono::TimeDelta::days(8));
        patient.get("/api/inquiry/queryPatientInquiryRecord?isInquiry=0").await.expect(401);
        patient.post("/api/logout", None).await.expect(200);
    }
}

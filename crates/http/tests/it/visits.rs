//! Responses for cancelled, rescheduled, reassigned, returned and amended visits, and compatibility with clients
//! that know none of these.

use serde_json::{Value, json};

use crate::answer::Client;
use crate::arrange::{CID, Case, Person, inquiry_body};
use crate::on_every_backend;
use crate::world::World;

fn why(reason: &str) -> Value {
    json!({"reason": reason})
}

impl Case<'_> {
    async fn shown(&self, client: &Client<'_>, id: i64) -> Value {
        client.get(&format!("/api/inquiry/queryInquiryRecordById?id={id}")).await.payload()
    }

    async fn history(&self, client: &Client<'_>, id: i64) -> Vec<Value> {
        let history = client.get(&format!("/api/inquiry/inquiryHistory?id={id}")).await.payload();
        history["list"].as_array().unwrap().clone()
    }

    async fn cancelled(&self) -> i64 {
        let id = self.accepted().await;
        let path = format!("/api/inquiry/cancelInquiryRecord?id={id}");
        self.admin.client.put(&path, why("家人已送医")).await.expect(200);
        id
    }

    /// A returned inquiry, and its record.
    async fn returned(&self) -> (i64, i64) {
        let (id, record) = self.registered().await;
        let path = format!("/api/inquiry/returnInquiryRecord?id={id}");
        self.admin.client.put(&path, why("缺少血压记录")).await.expect(200);
        (id, record)
    }

    /// A visit at this time assigned to the physician, as in the response.
    async fn visit(&self, time: &str) -> Value {
        let mut body = inquiry_body();
        body["appointment_time"] = json!(time);
        let id =
            self.patient.client.post("/api/inquiry/createInquiryRecord", body).await.payload()["id"].clone();
        let uuid = self.physician.uuid();
        let path = format!("/api/inquiry/appointedPhysician?id={id}&userUUID={uuid}");
        self.admin.client.post(&path, None).await.payload()
    }
}

fn ids(list: &Value) -> Vec<i64> {
    list["list"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

fn by(person: &Person<'_>) -> Value {
    json!({"uuid": person.uuid(), "username": person.account["username"], "role": person.account["role"]})
}

on_every_backend! {
    async fn a_cancelled_visit_keeps_its_physician(world: &World) {
        let case = Case::new(world).await;
        let id = case.accepted().await;
        let path = format!("/api/inquiry/cancelInquiryRecord?id={id}");
        let refused = case.patient.client.put(&path, why("不需要了")).await;
        assert!(refused.msg().contains("联系医院"), "what to do: {refused:?}");
        refused.expect_error(409, "inquiry.in_physicians_hands");
        let english = case.patient.client.with("accept-language", "en").put(&path, why("no")).await;
        assert!(english.msg().contains("ask the hospital"), "{english:?}");
        case.physician.client.put(&path, why("no")).await.expect(403);

        let cancelled = case.admin.client.put(&path, why("  家人已送医 ")).await.payload();
        assert_eq!((&cancelled["status"], &cancelled["cancel_reason"]), (&json!("cancelled"), &json!("家人已送医")));
        let flags = [&cancelled["is_reception"], &cancelled["is_inquiry"], &cancelled["is_audit"]];
        assert_eq!(flags, [&json!(true), &json!(false), &json!(false)]);
        assert_eq!((&cancelled["due_at"], &cancelled["overdue"]), (&json!(""), &json!(false)));
        assert_eq!((&cancelled["return_reason"], &cancelled["warnings"]), (&json!(""), &json!([])));
        for person in [&case.admin, &case.patient, &case.physician] {
            assert_eq!(case.shown(&person.client, id).await, cancelled);
        }
        case.admin.client.put(&path, why("again")).await.expect_error(409, "inquiry.already_cancelled");

        let submitted = case.submitted().await;
        let path = format!("/api/inquiry/cancelInquiryRecord?id={submitted}");
        let cancelled = case.patient.client.put(&path, why("不需要了")).await.payload();
        assert_eq!((&cancelled["is_reception"], &cancelled["physician"]["uuid"]), (&json!(false), &json!("")));
    }

    async fn a_reason_is_required_and_bounded(world: &World) {
        let case = Case::new(world).await;
        let (id, record) = case.registered().await;
        let uuid = case.physician.uuid();
        let admin = &case.admin.client;
        let (long, just) = ("因".repeat(501), "因".repeat(500));
        for reason in [json!(null), json!(""), json!(" \n"), json!(long), json!(5)] {
            let body = json!({"reason": reason});
            let at = json!({"reason": reason, "appointment_time": "2024-03-09 10:00"});
            admin.put(&format!("/api/inquiry/cancelInquiryRecord?id={id}"), body.clone()).await.expect_fields(&["reason"]);
            admin.put(&format!("/api/inquiry/rescheduleInquiryRecord?id={id}"), at).await.expect_fields(&["reason"]);
            let path = format!("/api/inquiry/reassignInquiryRecord?id={id}&userUUID={uuid}");
            admin.put(&path, body.clone()).await.expect_fields(&["reason"]);
            admin.put(&format!("/api/inquiry/returnInquiryRecord?id={id}"), body).await.expect_fields(&["reason"]);
            let addendum = json!({"reason": reason, "text": "补充"});
            let path = format!("/api/medical/addAddendum?medicalId={record}");
            case.physician.client.post(&path, addendum).await.expect_fields(&["reason"]);
        }
        admin.put("/api/inquiry/cancelInquiryRecord", None).await.expect_fields(&["id", "reason"]);
        admin.put(&format!("/api/inquiry/rescheduleInquiryRecord?id={id}"), None).await
            .expect_fields(&["appointment_time", "reason"]);
        let returned = admin.put(&format!("/api/inquiry/returnInquiryRecord?id={id}"), why(&just)).await.payload();
        assert_eq!(returned["return_reason"], just);
        for text in [json!(null), json!(" "), json!("字".repeat(4001))] {
            let body = json!({"reason": "遗漏", "text": text});
            let path = format!("/api/medical/addAddendum?medicalId={record}");
            case.physician.client.post(&path, body).await.expect_fields(&["text"]);
        }
    }

    async fn declining_takes_an_optional_reason(world: &World) {
        let case = Case::new(world).await;
        for (query, body, told) in [
            ("", None, ""),
            ("&reason=", Some(json!({"reason": ""})), ""),
            ("&reason=当天门诊", None, "当天门诊"),
            ("", Some(json!({"reason": "当天门诊"})), "当天门诊"),
            ("", Some(json!({"id": 1, "isReception": false, "other": [1]})), ""),
        ] {
            let id = case.assigned().await;
            let path = format!("/api/inquiry/physicianReception?id={id}&isReception=false{query}");
            let declined = case.physician.client.put(&path, body).await.payload();
            assert_eq!(declined["status"], "submitted");
            let history = case.history(&case.admin.client, id).await;
            let last = history.last().unwrap();
            assert_eq!((&last["from"], &last["to"], &last["reason"]), (&json!("assigned"), &json!("submitted"), &json!(told)));
        }
        let id = case.assigned().await;
        let path = format!("/api/inquiry/physicianReception?id={id}&isReception=false");
        case.physician.client.put(&path, why(&"因".repeat(501))).await.expect_fields(&["reason"]);
    }

    async fn the_history_lists_everything_in_order(world: &World) {
        let case = Case::new(world).await;
        let another = world.physicians(1).await.remove(0);
        let id = case.accepted().await;
        let moved = json!({"appointment_time": "2024-03-09T06:00:00.000Z", "reason": "上午有急诊"});
        let path = format!("/api/inquiry/rescheduleInquiryRecord?id={id}");
        let moved = case.physician.client.put(&path, moved).await.payload();
        assert_eq!((&moved["status"], &moved["appointment_time"]), (&json!("accepted"), &json!("2024-03-09 14:00")));
        let path = format!("/api/inquiry/reassignInquiryRecord?id={id}&userUUID={}", another.uuid());
        let reassigned = case.admin.client.put(&path, why("医师休假")).await.payload();
        assert_eq!((&reassigned["status"], &reassigned["is_reception"]), (&json!("assigned"), &json!(false)));
        assert_eq!(reassigned["physician"]["uuid"], another.uuid());

        let history = case.history(&case.patient.client, id).await;
        let told: Vec<Value> = history
            .iter()
            .map(|entry| json!([entry["by"], entry["from"], entry["to"], entry["reason"], entry["physician"]["uuid"], entry["appointment_time"]]))
            .collect();
        let (patient, admin, physician) = (by(&case.patient), by(&case.admin), by(&case.physician));
        let (own, other, first, second) = (case.physician.uuid(), another.uuid(), "2024-03-02 20:30", "2024-03-09 14:00");
        assert_eq!(told, [
            json!([patient, null, "submitted", "", "", first]),
            json!([admin, "submitted", "assigned", "", own, first]),
            json!([physician, "assigned", "accepted", "", own, first]),
            json!([physician, "accepted", "accepted", "上午有急诊", own, second]),
            json!([admin, "accepted", "assigned", "医师休假", other, second]),
        ]);
        assert_eq!(history[4]["physician"], reassigned["physician"]);
        case.physician.client.get(&format!("/api/inquiry/inquiryHistory?id={id}")).await.expect(404);
        another.client.get(&format!("/api/inquiry/inquiryHistory?id={id}")).await.expect(200);

        let order = case.ordered().await;
        case.physician.client.post(&format!("/api/drug/physiciansOrderAgentDrug?id={order}"), None).await.expect(200);
        for person in [&case.admin, &case.patient, &case.physician] {
            let history = person.client.get(&format!("/api/drug/drugHistory?id={order}")).await.payload();
            let list = history["list"].as_array().unwrap();
            assert_eq!(list.len(), 2);
            assert_eq!((&list[0]["from"], &list[0]["to"]), (&json!(null), &json!("pending")));
            assert_eq!((&list[1]["to"], &list[1]["by"]), (&json!("purchased"), &physician));
            assert_eq!((&list[1]["appointment_time"], &list[1]["reason"]), (&json!(first), &json!("")));
        }
        another.client.get(&format!("/api/drug/drugHistory?id={order}")).await.expect(404);
    }

    async fn a_returned_record_is_amended_and_approved(world: &World) {
        let case = Case::new(world).await;
        let (id, record) = case.returned().await;
        let shown = case.shown(&case.physician.client, id).await;
        let flags = [&shown["is_reception"], &shown["is_inquiry"], &shown["is_audit"]];
        assert_eq!(flags, [&json!(true), &json!(true), &json!(false)]);
        assert_eq!((&shown["status"], &shown["return_reason"]), (&json!("returned"), &json!("缺少血压记录")));
        assert_eq!(shown["due_at"], "");
        let approve = format!("/api/inquiry/approveInquiryRecord?id={id}");
        case.admin.client.put(&approve, None).await.expect_error(409, "inquiry.not_amended");
        let path = format!("/api/drug/queryDrugByMedicalId?medical_id={record}");
        let order = case.physician.client.get(&path).await.payload();
        assert_eq!((&order["is_inquiry"], &order["is_reception"]), (&json!(1), &json!(1)));
        let path = format!("/api/drug/physiciansOrderAgentDrug?id={}", order["drug_id"]);
        case.physician.client.post(&path, None).await.expect(200);

        let medical = |id: i64| format!("/api/medical/queryMedicalByID?medicalId={id}");
        let before = case.patient.client.get(&medical(record)).await.payload();
        assert_eq!(before["addenda"], json!([]));
        let body = json!({"text": "补充：血压 150/90", "reason": "遗漏", "medical_img": CID, "extra": 1});
        let add = format!("/api/medical/addAddendum?medicalId={record}");
        case.admin.client.post(&add, body.clone()).await.expect(403);
        let amended = case.physician.client.post(&add, body).await.payload();
        assert_eq!(amended["id"], record);
        let addendum = &amended["addenda"][0];
        assert_eq!((&addendum["by"], &addendum["text"]), (&by(&case.physician), &json!("补充：血压 150/90")));
        assert_eq!((&addendum["reason"], &addendum["medical_img"]), (&json!("遗漏"), &json!(CID)));
        assert_eq!(addendum["inquiry_video"], "");
        let mut unchanged = amended.clone();
        unchanged["addenda"] = json!([]);
        assert_eq!(unchanged, before, "the record itself never changes");

        let shown = case.shown(&case.admin.client, id).await;
        assert_eq!((&shown["status"], &shown["return_reason"]), (&json!("registered"), &json!("")));
        let approved = case.admin.client.put(&approve, None).await.payload();
        assert_eq!(approved["status"], "approved");
        let late = json!({"text": "复查正常", "reason": "随访"});
        case.physician.client.post(&add, late).await.expect(200);
        let path = format!("/api/medical/queryMedialRecordInformation?inquiryId={id}");
        let found = case.patient.client.get(&path).await.payload();
        assert_eq!(found["addenda"].as_array().unwrap().len(), 2);
        assert_eq!(case.shown(&case.admin.client, id).await["status"], "approved");
        let history = case.history(&case.patient.client, id).await;
        let steps: Vec<_> = history.iter().map(|entry| entry["to"].as_str().unwrap()).collect();
        assert_eq!(steps[3..], ["registered", "returned", "registered", "approved", "approved"]);
        case.physician.client.post("/api/medical/addAddendum?medicalId=999999", json!({"text": "a", "reason": "b"})).await.expect(404);
    }

    /// An addendum's file is shown as a link if the physician uploaded it, otherwise as given.
    async fn addendum_files_are_shown_like_record_files(world: &World) {
        let case = Case::new(world).await;
        let (_, record) = case.registered().await;
        let path = world.file_of(&case.physician).await;
        let cid = path.split('/').rev().nth(1).unwrap();
        let add = format!("/api/medical/addAddendum?medicalId={record}");
        let foreign = format!("http://192.168.1.11:8080/ipfs/{CID}");
        let body = json!({"text": "补充", "reason": "遗漏", "medical_img": cid, "inquiry_video": foreign});
        case.physician.client.post(&add, body).await.expect(200);
        let path = format!("/api/medical/queryMedicalByID?medicalId={record}");
        let found = case.patient.client.get(&path).await.payload();
        let link = found["addenda"][0]["medical_img"].as_str().unwrap();
        assert!(link.starts_with(&format!("{}/ipfs/{cid}/", world.base)), "{link}");
        assert_eq!(found["addenda"][0]["inquiry_video"], foreign);
        let bad = json!({"text": "补充", "reason": "遗漏", "medical_img": "photo.jpg"});
        case.physician.client.post(&add, bad).await.expect_fields(&["medical_img"]);
    }

    async fn old_filters_exclude_states_unknown_to_old_clients(world: &World) {
        let case = Case::new(world).await;
        let mut submitted = case.submitted().await;
        let accepted = case.accepted().await;
        let cancelled = case.cancelled().await;
        let (registered, _) = case.registered().await;
        let (returned, _) = case.returned().await;
        let (approved, _) = case.registered().await;
        case.admin.client.put(&format!("/api/inquiry/approveInquiryRecord?id={approved}"), None).await.expect(200);
        let check = async |client: &Client<'_>, route: &str, filter: u8, expected: &[i64]| {
            for paging in ["", "&size=100"] {
                let path = format!("/api/inquiry/{route}?isInquiry={filter}{paging}");
                let list = client.get(&path).await.payload();
                assert_eq!((ids(&list), &list["total"]), (expected.to_vec(), &json!(expected.len())), "{path}");
            }
        };
        let all = [approved, returned, registered, cancelled, accepted, submitted];
        for (filter, expected) in [
            (0, &all[..]),
            (1, &[approved, returned, registered]),
            (2, &[accepted]),
            (3, &[submitted]),
            (4, &[]),
            (5, &[registered]),
            (6, &[cancelled]),
            (7, &[returned]),
            (8, &[]),
        ] {
            check(&case.admin.client, "queryAllInquiryRecord", filter, expected).await;
        }
        for (filter, expected) in [
            (0, &all[..5]),
            (1, &[approved, returned, registered]),
            (2, &[accepted]),
            (4, &[]),
            (5, &[returned]),
            (6, &[cancelled]),
        ] {
            check(&case.physician.client, "queryPhysicianInquiryRecord", filter, expected).await;
        }
        for (filter, expected) in [
            (0, &all[..]),
            (1, &[approved]),
            (2, &[returned, registered, accepted, submitted]),
            (3, &[cancelled]),
        ] {
            check(&case.patient.client, "queryPatientInquiryRecord", filter, expected).await;
        }
        case.admin.client.get("/api/inquiry/queryAllInquiryRecord?isInquiry=99").await.expect_fields(&["isInquiry"]);
        case.physician.client.get("/api/inquiry/queryPhysicianInquiryRecord?isInquiry=3").await.expect_fields(&["isInquiry"]);
        case.patient.client.get("/api/inquiry/queryPatientInquiryRecord?isInquiry=99").await.expect_fields(&["isInquiry"]);

        // Two days later only the steps of the hospital and the physician are overdue.
        world.fakes.clock.advance(chrono::TimeDelta::hours(49));
        check(&case.admin.client, "queryAllInquiryRecord", 8, &[submitted]).await;
        world.fakes.clock.advance(chrono::TimeDelta::hours(49));
        check(&case.admin.client, "queryAllInquiryRecord", 8, &[registered, accepted, submitted]).await;
        submitted = case.submitted().await;
        check(&case.admin.client, "queryAllInquiryRecord", 3, &[submitted, all[5]]).await;
    }

    async fn deadlines_are_shown_and_follow_the_visit(world: &World) {
        let case = Case::new(world).await;
        let id = case.submitted().await;
        let shown = case.shown(&case.patient.client, id).await;
        assert_eq!((&shown["create_time"], &shown["due_at"]), (&json!("2024-03-01 12:00:00"), &json!("2024-03-02 12:00:00")));
        assert_eq!(shown["overdue"], false);
        world.fakes.clock.advance(chrono::TimeDelta::hours(24));
        assert_eq!(case.shown(&case.patient.client, id).await["overdue"], false, "not yet");
        world.fakes.clock.advance(chrono::TimeDelta::seconds(1));
        assert_eq!(case.shown(&case.patient.client, id).await["overdue"], true);
        let list = case.patient.client.get("/api/inquiry/queryPatientInquiryRecord").await.payload();
        assert_eq!(list["list"][0]["overdue"], true);
        let id = case.accepted().await;
        let shown = case.shown(&case.patient.client, id).await;
        assert_eq!((&shown["due_at"], &shown["overdue"]), (&json!("2024-03-04 20:30:00"), &json!(false)));
        let body = json!({"appointment_time": "2024-03-20 08:00", "reason": "改期"});
        let moved = case.admin.client.put(&format!("/api/inquiry/rescheduleInquiryRecord?id={id}"), body).await.payload();
        assert_eq!(moved["due_at"], "2024-03-22 08:00:00");
    }

    async fn clashes_are_only_warnings(world: &World) {
        let case = Case::new(world).await;
        let first = case.visit("2024-03-09 10:00").await;
        assert_eq!(first["warnings"], json!([]));
        let second = case.visit("2024-03-09 10:59").await;
        let warning = json!({"code": "physician.busy", "id": first["id"], "appointment_time": "2024-03-09 10:00"});
        assert_eq!(second["warnings"], json!([warning]));
        assert_eq!(case.visit("2024-03-09 09:00").await["warnings"], json!([]), "an hour before");
        let path = format!("/api/inquiry/appointedPhysician?id={}&userUUID={}", second["id"], case.physician.uuid());
        let again = case.admin.client.post(&path, None).await.payload();
        assert_eq!(again["warnings"], json!([warning]), "the same physician again");
        let id = second["id"].as_i64().unwrap();
        assert_eq!(case.shown(&case.admin.client, id).await["warnings"], json!([]), "only where it is decided");

        let reschedule = format!("/api/inquiry/rescheduleInquiryRecord?id={id}");
        let body = |time: &str| json!({"appointment_time": time, "reason": "改期"});
        let moved = case.admin.client.put(&reschedule, body("2024-03-09 11:00")).await.payload();
        assert_eq!(moved["warnings"], json!([]));
        let moved = case.patient.client.put(&reschedule, body("2024-03-09 09:30")).await.payload();
        assert_eq!(moved["warnings"].as_array().unwrap().len(), 2);

        let another = world.physicians(1).await.remove(0);
        let accepted = case.accepted().await;
        let path = format!("/api/inquiry/reassignInquiryRecord?id={accepted}&userUUID={}", another.uuid());
        assert_eq!(case.admin.client.put(&path, why("休假")).await.payload()["warnings"], json!([]));
        let path = format!("/api/inquiry/rescheduleInquiryRecord?id={}", case.submitted().await);
        let unassigned = case.patient.client.put(&path, body("2024-03-09 10:00")).await.payload();
        assert_eq!(unassigned["warnings"], json!([]));
    }

    async fn a_schedule_shows_the_requested_days(world: &World) {
        let case = Case::new(world).await;
        let late = case.visit("2024-03-09 23:59").await;
        let early = case.visit("2024-03-08 00:00").await;
        case.visit("2024-03-10 00:00").await;
        let cancelled = case.visit("2024-03-09 10:00").await;
        let path = format!("/api/inquiry/cancelInquiryRecord?id={}", cancelled["id"]);
        case.admin.client.put(&path, why("不需要了")).await.expect(200);
        let schedule = |days: &str| format!("/api/inquiry/physicianSchedule?userUUID={}&{days}", case.physician.uuid());
        for client in [&case.admin.client, &case.physician.client] {
            let shown = client.get(&schedule("from=2024-03-08&to=2024-03-09")).await.payload();
            let expected: Vec<Value> = [&early, &late]
                .map(|visit| json!({
                    "id": visit["id"],
                    "appointment_time": visit["appointment_time"],
                    "status": "assigned",
                    "type": visit["type"],
                    "patient": visit["patient"],
                }))
                .into();
            assert_eq!(shown, json!({"list": expected}));
        }
        let admin = &case.admin.client;
        admin.get(&schedule("from=2024-03-01&to=2024-05-01")).await.expect(200);
        admin.get(&schedule("from=2024-03-01&to=2024-05-02")).await.expect_fields(&["to"]);
        admin.get(&schedule("from=2024-03-02&to=2024-03-01")).await.expect_fields(&["to"]);
        admin.get(&schedule("from=2024-02-30&to=x")).await.expect_fields(&["from", "to"]);
        admin.get("/api/inquiry/physicianSchedule").await.expect_fields(&["userUUID", "from", "to"]);
        for uuid in ["00000000", case.patient.uuid()] {
            let path = format!("/api/inquiry/physicianSchedule?userUUID={uuid}&from=2024-03-01&to=2024-03-02");
            admin.get(&path).await.expect_fields(&["userUUID"]);
            case.physician.client.get(&path).await.expect(404);
        }
    }

    async fn a_repeated_request_creates_no_second_visit(world: &World) {
        let case = Case::new(world).await;
        let create = "/api/inquiry/createInquiryRecord";
        let body = inquiry_body();
        let first = case.patient.client.post(create, body.clone()).await.payload();
        world.fakes.clock.advance(chrono::TimeDelta::seconds(11));
        let again = case.patient.client.post(create, body.clone()).await.payload();
        assert_eq!(again, first);
        let mut spelled_out = body.clone();
        spelled_out["reserved_phone"] = json!(case.patient.phone());
        spelled_out["extra"] = json!("ignored");
        assert_eq!(case.patient.client.post(create, spelled_out).await.payload(), first);
        let on_behalf = format!("{create}?uuid={}", case.patient.uuid());
        assert_ne!(case.admin.client.post(&on_behalf, body.clone()).await.payload()["id"], first["id"]);
        let path = format!("/api/inquiry/cancelInquiryRecord?id={}", first["id"]);
        case.patient.client.put(&path, why("填错了")).await.expect(200);
        let anew = case.patient.client.post(create, body.clone()).await.payload();
        assert_ne!(anew["id"], first["id"], "the first one is cancelled");
        world.fakes.clock.advance(chrono::TimeDelta::minutes(10));
        assert_ne!(case.patient.client.post(create, body).await.payload()["id"], anew["id"]);
    }

    async fn reassigning_to_an_unknown_physician_is_rejected(world: &World) {
        let case = Case::new(world).await;
        let id = case.accepted().await;
        for uuid in ["00000000", case.patient.uuid(), "nobody"] {
            let path = format!("/api/inquiry/reassignInquiryRecord?id={id}&userUUID={uuid}");
            case.admin.client.put(&path, why("休假")).await.expect_fields(&["userUUID"]);
        }
        let path = format!("/api/inquiry/reassignInquiryRecord?id={id}&userUUID={}", case.physician.uuid());
        case.admin.client.put(&path, why("休假")).await.expect_error(409, "inquiry.same_physician");
    }
}

//! Pages, complete lists, filters and searches.

use reqwest::Method;
use serde_json::{Value, json};

use crate::arrange::{Case, inquiry_body};
use crate::on_every_backend;
use crate::world::{Backend, World, run};

fn ids(list: &Value) -> Vec<i64> {
    list["list"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

on_every_backend! {
    async fn pages_split_the_list_and_have_the_total(world: &World) {
        let case = Case::new(world).await;
        let mut all = Vec::new();
        for _ in 0..13 {
            all.insert(0, case.submitted().await);
        }
        for (client, route) in [
            (&case.admin.client, "queryAllInquiryRecord"),
            (&case.patient.client, "queryPatientInquiryRecord"),
            (&case.admin.client, "likeQueryInquiryRecord"),
        ] {
            let get = async |query: &str| client.get(&format!("/api/inquiry/{route}?{query}")).await.payload();
            for (query, pages, page, rows) in [
                ("", 1, 1, &all[..]),
                ("page=&size=", 1, 1, &all[..]),
                ("page=1", 2, 1, &all[..10]),
                ("page=2", 2, 2, &all[10..]),
                ("size=5", 3, 1, &all[..5]),
                ("page=3&size=5", 3, 3, &all[10..]),
                ("page=4&size=5", 3, 4, &[]),
                ("page=9223372036854775807&size=1000", 1, 9_223_372_036_854_775_807_i64, &[]),
            ] {
                let list = get(query).await;
                assert_eq!(ids(&list), rows, "{route} {query}");
                let told = (&list["total"], &list["totalPages"], &list["currentPage"]);
                assert_eq!(told, (&json!(13), &json!(pages), &json!(page)), "{route} {query}");
            }
        }
    }

    async fn each_filter_shows_its_statuses(world: &World) {
        let case = Case::new(world).await;
        let (submitted, assigned, accepted) = (case.submitted().await, case.assigned().await, case.accepted().await);
        let (registered, _) = case.registered().await;
        let (approved, _) = case.registered().await;
        case.admin.client.put(&format!("/api/inquiry/approveInquiryRecord?id={approved}"), None).await.expect(200);
        let check = async |client: &crate::answer::Client<'_>, route: &str, filter: u8, expected: &[i64]| {
            for paging in ["", "&size=100"] {
                let path = format!("/api/inquiry/{route}?isInquiry={filter}{paging}");
                let list = client.get(&path).await.payload();
                assert_eq!((ids(&list), &list["total"]), (expected.to_vec(), &json!(expected.len())), "{path}");
            }
        };
        let all = [approved, registered, accepted, assigned, submitted];
        for (filter, expected) in [
            (0, &all[..]), (1, &[approved, registered]), (2, &[accepted]), (3, &[submitted]), (4, &[assigned]), (5, &[registered]),
        ] {
            check(&case.admin.client, "queryAllInquiryRecord", filter, expected).await;
        }
        for (filter, expected) in [(0, &all[..4]), (1, &[approved, registered]), (2, &[accepted]), (4, &[assigned])] {
            check(&case.physician.client, "queryPhysicianInquiryRecord", filter, expected).await;
        }
        for (filter, expected) in [(0, &all[..]), (1, &[approved]), (2, &all[1..])] {
            check(&case.patient.client, "queryPatientInquiryRecord", filter, expected).await;
        }
    }

    async fn a_long_complete_list_is_complete_and_in_order(world: &World) {
        world.patients(1).await;
        let admin = world.admin().await.client;
        admin.get("/api/mock/generatePatientAccount?number=1300").await.expect(200);
        let list = admin.get("/api/user/queryPatientInformation").await.payload();
        let ids = ids(&list);
        assert_eq!((ids.len(), &list["total"], &list["totalPages"]), (1301, &json!(1301), &json!(1)));
        assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "newest first, without duplicates");
        assert_eq!(admin.get("/api/user/queryPatientInformation?size=1").await.payload()["total"], 1301);
    }

    async fn searches_match_literally(world: &World) {
        let case = Case::new(world).await;
        let odd = json!({"uuid": case.patient.uuid(), "nickname": "50%_折扣"});
        case.patient.client.put("/api/user/updatePatientInformation", odd).await.expect(200);
        world.patients(2).await;
        let found = async |query: &str| {
            let list = case.admin.client.get(&format!("/api/user/likeAccountByCV?{query}")).await.payload();
            list["total"].as_i64().unwrap()
        };
        assert_eq!(found("cond=nickname&val=%25_").await, 1);
        assert_eq!(found("cond=nickname&val=0_").await, 0, "_ is not a wildcard");
        assert_eq!(found("cond=nickname&val=%25%25").await, 0, "% is not a wildcard");
        assert_eq!(found("cond=nickname&val=折扣&size=5").await, 1);
        assert_eq!(found("").await, 3);
        assert_eq!(found("role=医师").await, 1);
        assert_eq!(found(&format!("cond=phone&val={}", &case.patient.phone()[3..])).await, 1);
        assert_eq!(found(&format!("cond=uuid&val={}", case.patient.uuid())).await, 1);
        case.submitted().await;
        let by_name = async |query: &str| {
            case.admin.client.get(&format!("/api/inquiry/likeQueryInquiryRecord?{query}")).await.payload()["total"].clone()
        };
        assert_eq!(by_name("username=%25").await, 0);
        assert_eq!(by_name("username=nobody&isPatient=false").await, 0);
    }

    async fn statistics_show_every_day(world: &World) {
        let case = Case::new(world).await;
        for (time, kind) in [("2024-02-23 00:00", "在家就医"), ("2024-02-22 23:59", "在家就医"), ("2024-03-01 23:59", "社区就医"), ("2024-03-09 08:00", "在家就医")] {
            let mut body = inquiry_body();
            body["appointment_time"] = json!(time);
            body["type"] = json!(kind);
            case.patient.client.post("/api/inquiry/createInquiryRecord", body).await.expect(200);
        }
        let visits = case.admin.client.get("/api/sum/getInquirySumTypeDay").await.payload();
        assert_eq!(visits["dayList"], json!([
            "2024-02-23", "2024-02-24", "2024-02-25", "2024-02-26", "2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-09",
        ]));
        assert_eq!(visits["homeList"], json!([1, 0, 0, 0, 0, 0, 0, 0, 1]));
        assert_eq!(visits["community"], json!([0, 0, 0, 0, 0, 0, 0, 1, 0]));
        case.ordered().await;
        // The order was created before midnight at the hospital; now it is after.
        world.fakes.clock.advance(chrono::TimeDelta::hours(13));
        case.ordered().await;
        let orders = case.admin.client.get("/api/sum/getDrugSumTypeDay?day=2").await.payload();
        assert_eq!(orders, json!({"dayList": ["2024-02-29", "2024-03-01", "2024-03-02"], "count": [0, 1, 1]}));
    }

    async fn only_the_admin_sees_details_of_physicians(world: &World) {
        let case = Case::new(world).await;
        let list = case.patient.client.get("/api/user/queryDoctorInformation").await.payload();
        let mut members: Vec<&str> = list["list"][0].as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["hospital", "id", "nickname", "phone", "role", "sex", "username", "uuid"]);
        let (phone, masked) = (case.physician.phone(), list["list"][0]["phone"].as_str().unwrap());
        assert_eq!(masked, format!("{}****{}", &phone[..3], &phone[7..]));
        let list = case.admin.client.get("/api/user/queryDoctorInformation?page=1").await.payload();
        assert_eq!(list["list"][0]["phone"], phone);
    }
}

#[test]
fn a_list_that_fails_midway_has_no_valid_ending() {
    run(Backend::Fakes, async |world| {
        let admin = world.admin().await.client;
        admin.get("/api/mock/generatePatientAccount?number=4000").await.expect(200);
        // Reading the whole list takes eight calls.
        world.fakes.storage.go_down_after(4);
        let mut answer =
            admin.request(Method::GET, "/api/user/queryPatientInformation").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        // The rows read so far arrive; then the connection ends without its last chunk.
        answer.chunk().await.unwrap().unwrap();
        let error = loop {
            match answer.chunk().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the list ended as if it were complete"),
                Err(error) => break error,
            }
        };
        assert!(error.is_body() || error.is_decode() || error.is_request(), "{error:?}");
    });
}

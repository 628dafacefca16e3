//! Single accounts: creating them, and the ages that are shown of people.

use chrono::{Days, TimeDelta};
use serde_json::{Value, json};
use yilin_domain::port::Clock as _;
use yilin_testkit::contract::ZONE;

use crate::arrange::{Case, inquiry_body};
use crate::on_every_backend;
use crate::world::World;

const CREATE: &str = "/api/user/createAccount";

/// A body with these members and no others.
fn account(role: &str, username: &str, phone: &str, more: &Value) -> Value {
    let mut body = json!({"role": role, "username": username, "phone": phone});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

on_every_backend! {
    async fn an_account_is_created_for_each_role(world: &World) {
        let admin = world.admin().await;
        let patient = account("患者", " 王　秀英 ", "13800000001", &json!({"sex": "女", "home_addr": "人民路1号", "hospital": "no"}));
        let patient = admin.client.post(CREATE, patient).await.payload();
        assert_eq!(patient["username"], "王秀英");
        assert_eq!(patient["home_addr"], "人民路1号");
        assert_eq!((&patient["hospital"], &patient["age"]), (&json!(""), &Value::Null), "a patient works nowhere");
        assert_eq!((&patient["must_change_password"], &patient["disabled"]), (&json!(true), &json!(false)));
        let own = world.log_in("13800000001", "123456").await;
        assert_eq!(own.account["must_change_password"], true);
        assert!(own.account.get("disabled").is_none(), "only admins see it: {}", own.account);

        let physician = json!({"sex": "", "hospital": "社区医院", "home_addr": "no", "password": "for the first day"});
        let physician = admin.client.post(CREATE, account("医师", "李志强", "13900000001", &physician)).await.payload();
        assert_eq!((&physician["hospital"], &physician["home_addr"]), (&json!("社区医院"), &json!("")));
        let own = world.log_in("13900000001", "for the first day").await;
        assert_eq!(own.account["must_change_password"], true, "somebody else knows it");

        let second = json!({"role": "系统管理员", "username": "second", "password": "for the first day"});
        let second = admin.client.post(CREATE, second).await.payload();
        assert_eq!((&second["role"], &second["phone"]), (&json!("系统管理员"), &json!("")));
        let credentials = json!({"username": "second", "password": "for the first day"});
        let own = world.anonymous().post("/api/user/adminLogin", credentials).await.payload();
        assert_eq!((&own["uuid"], &own["must_change_password"], &own["disabled"]), (&second["uuid"], &json!(true), &json!(false)));
    }

    async fn what_is_taken_is_a_409(world: &World) {
        let admin = world.admin().await;
        let taken = world.patients(1).await.remove(0).phone().to_owned();
        for role in ["患者", "医师"] {
            let answer = admin.client.post(CREATE, account(role, "王秀英", &taken, &json!({}))).await;
            answer.expect_error(409, "account.phone_taken");
        }
        let same = json!({"role": "系统管理员", "username": "admin", "password": "for the first day"});
        admin.client.post(CREATE, same.clone()).await.expect_error(409, "account.admin_name_taken");
        // Names of others are free.
        admin.client.post(CREATE, account("患者", "admin", "13800000009", &json!({}))).await.expect(200);
    }

    async fn every_bad_member_is_named_at_once(world: &World) {
        let admin = world.admin().await;
        for (body, fields) in [
            (json!({}), vec!["role", "username"]),
            (json!({"role": "患者"}), vec!["username", "phone"]),
            (json!({"role": "医师", "username": " ", "phone": "1234"}), vec!["username", "phone"]),
            (json!({"role": "系统管理员", "username": "root"}), vec!["username", "password"]),
            (json!({"role": "系统管理员", "username": "seventeen letters", "password": "123456"}), vec!["username", "password"]),
            (json!({"role": "院长", "username": "王秀英", "phone": "x", "sex": "?", "age": 151, "birth_date": "2099-01-01",
                "home_addr": "长".repeat(256), "hospital": "长".repeat(256), "password": "short"}),
                vec!["role", "phone", "sex", "age", "birth_date", "home_addr", "hospital", "password"]),
            (account("患者", "王秀英", "13800000001", &json!({"age": "72"})), vec!["age"]),
            (account("患者", "王秀英", "13800000001", &json!({"age": 1.5})), vec!["age"]),
            (account("患者", "王秀英", "13800000001", &json!({"birth_date": "8 March"})), vec!["birth_date"]),
            (account("患者", "王秀英", "13800000001", &json!({"birth_date": "1990-02-30"})), vec!["birth_date"]),
            (account("患者", "王秀英", "13800000001", &json!({"birth_date": "1799-12-31"})), vec!["birth_date"]),
            (account("患者", "长".repeat(51).as_str(), "13800000001", &json!({"password": "123456"})), vec!["username", "password"]),
        ] {
            admin.client.post(CREATE, body).await.expect_fields(&fields);
        }
    }

    async fn ages_grow_by_themselves(world: &World) {
        let case = Case::new(world).await;
        let tomorrow = ZONE.day(world.fakes.clock.now()) + Days::new(1);
        let create = async |phone: &str, more: Value| {
            let created = case.admin.client.post(CREATE, account("患者", "王秀英", phone, &more)).await.payload();
            created["age"].clone()
        };
        let given = json!({"age": 72});
        assert_eq!(create("13800000001", given).await, 72);
        let birth_date = (tomorrow - chrono::Months::new(12 * 30)).format("%Y/%-m/%-d").to_string();
        assert_eq!(create("13800000002", json!({"birth_date": birth_date, "age": 99})).await, 29, "30 tomorrow");
        let patient = world.log_in("13800000002", "123456").await;
        let path = format!("/api/inquiry/createInquiryRecord?uuid={}", patient.uuid());
        let inquiry = case.admin.client.post(&path, inquiry_body()).await.payload();
        assert_eq!(inquiry["patient"]["age"], 29);
        world.fakes.clock.advance(TimeDelta::days(1));
        let path = format!("/api/inquiry/queryInquiryRecordById?id={}", inquiry["id"]);
        assert_eq!(case.admin.client.get(&path).await.payload()["patient"]["age"], 30);
        let list = case.admin.client.get("/api/user/queryPatientInformation").await.payload();
        let age = |phone: &str, list: &Value| {
            let row = list["list"].as_array().unwrap().iter().find(|row| row["phone"] == phone).unwrap();
            row["age"].clone()
        };
        assert_eq!((age("13800000001", &list), age("13800000002", &list)), (json!(72), json!(30)));
        world.fakes.clock.advance(TimeDelta::days(366));
        let admin = world.admin().await;
        let list = admin.client.get("/api/user/queryPatientInformation").await.payload();
        assert_eq!((age("13800000001", &list), age("13800000002", &list)), (json!(73), json!(31)));
    }
}

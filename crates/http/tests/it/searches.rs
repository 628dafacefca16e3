//! Searches for accounts by each field, and for inquiries by each party's name.

use serde_json::{Value, json};
use yilin_domain::account::{
    Age, HomeAddress, Hospital, KnownAge, NewAccount, PersonName, PhoneNumber, Role, Sex,
};
use yilin_domain::port::Clock as _;
use yilin_testkit::fakes::FakeHasher;

use crate::arrange::{Person, inquiry_body};
use crate::on_every_backend;
use crate::world::World;

/// An account with a name chosen by the test, which no route supports.
async fn person<'w>(world: &'w World, role: Role, name: &str, phone: &str) -> Person<'w> {
    let account = NewAccount {
        username: PersonName::parse(name).unwrap(),
        role,
        sex: Some(Sex::Female),
        age: Some(KnownAge::Given { age: Age::new(40).unwrap(), on: world.fakes.clock.now().date_naive() }),
        phone: Some(PhoneNumber::parse(phone).unwrap()),
        hospital: Hospital::parse(if role == Role::Physician { "社区_医院" } else { "" }).unwrap(),
        home_address: HomeAddress::parse(if role == Role::Patient { "3栋50%" } else { "" }).unwrap(),
        password: FakeHasher::hash_of("123456"),
        must_change_password: false,
        created_at: world.fakes.clock.now(),
    };
    world.ports.accounts.insert(vec![account], None).await.unwrap().remove(0).unwrap();
    world.log_in(phone, "123456").await
}

fn names(list: &Value) -> Vec<&str> {
    list["list"].as_array().unwrap().iter().map(|row| row["username"].as_str().unwrap()).collect()
}

on_every_backend! {
    async fn accounts_are_found_by_literal_matches_of_each_field(world: &World) {
        let first = person(world, Role::Patient, "王_五", "13800000001").await;
        let second = person(world, Role::Patient, "王五%", "13800000002").await;
        person(world, Role::Physician, "王医生", "13900000003").await;
        let nickname = json!({"uuid": first.uuid(), "nickname": "A\\b%"});
        first.client.put("/api/user/updatePatientInformation", nickname).await.expect(200);
        let admin = world.admin().await.client;
        let uuid = second.uuid();
        for (cond, val, role, expected) in [
            ("username", "王", "", &["王五%", "王_五"][..]),
            ("", "王", "", &["王五%", "王_五"]),
            ("username", "_", "", &["王_五"]),
            ("username", "%", "患者", &["王五%"]),
            ("username", "五王", "", &[]),
            ("username", "王", "医师", &["王医生"]),
            ("username", "", "医师", &["王医生"]),
            ("username", "adm", "系统管理员", &["admin"]),
            ("phone", "000001", "", &["王_五"]),
            ("phone", "13_", "", &[]),
            ("uuid", uuid, "", &["王五%"]),
            ("home_addr", "0%", "", &["王五%", "王_五"]),
            ("home_addr", "栋_", "", &[]),
            ("hospital", "区_医", "医师", &["王医生"]),
            ("hospital", "%", "医师", &[]),
            ("nickname", "\\b", "", &["王_五"]),
            ("nickname", "b%", "", &["王_五"]),
            ("nickname", "'", "", &[]),
        ] {
            for paging in [&[][..], &[("page", "1"), ("size", "9")]] {
                let query: Vec<_> = [("cond", cond), ("val", val), ("role", role)].into_iter().chain(paging.iter().copied()).collect();
                let path = url::Url::parse_with_params("http://h/api/user/likeAccountByCV", &query).unwrap();
                let list = admin.get(&format!("{}?{}", path.path(), path.query().unwrap())).await.payload();
                assert_eq!((names(&list), &list["total"]), (expected.to_vec(), &json!(expected.len())), "{cond} {val} {role}");
            }
        }
    }

    async fn inquiries_are_found_by_either_partys_name(world: &World) {
        let patient = person(world, Role::Patient, "王_五", "13800000001").await;
        let other = person(world, Role::Patient, "李四", "13800000002").await;
        let physician = person(world, Role::Physician, "王%医生", "13900000003").await;
        let admin = world.admin().await.client;
        let submit = async |person: &Person<'_>| {
            let inquiry = person.client.post("/api/inquiry/createInquiryRecord", inquiry_body()).await.payload();
            inquiry["id"].as_i64().unwrap()
        };
        let (of_patient, of_other) = (submit(&patient).await, submit(&other).await);
        let appoint = format!("/api/inquiry/appointedPhysician?id={of_other}&userUUID={}", physician.uuid());
        admin.post(&appoint, None).await.expect(200);
        for (query, expected) in [
            ("", &[of_other, of_patient][..]),
            ("username=", &[of_other, of_patient]),
            ("username=&isPatient=false", &[of_other, of_patient]),
            ("username=王", &[of_patient]),
            ("username=王&isPatient=", &[of_patient]),
            ("username=_&isPatient=true", &[of_patient]),
            ("username=%25", &[]),
            ("username=王&isPatient=false", &[of_other]),
            ("username=%25&isPatient=false", &[of_other]),
            ("username=_&isPatient=false", &[]),
            ("username=李四", &[of_other]),
        ] {
            for paging in ["", "&page=1"] {
                let list = admin.get(&format!("/api/inquiry/likeQueryInquiryRecord?{query}{paging}")).await.payload();
                let ids: Vec<_> = list["list"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect();
                assert_eq!((&*ids, &list["total"]), (expected, &json!(expected.len())), "{query}{paging}");
            }
        }
    }
}

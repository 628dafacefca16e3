//! Disabled accounts.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::arrange::{Case, Person, inquiry_body};
use crate::on_every_backend;
use crate::world::{Backend, World, run};

/// Disables or enables an account.
pub(crate) async fn set(admin: &Person<'_>, verb: &str, uuid: &str) -> Answer {
    admin.client.put(&format!("/api/user/{verb}Account?uuid={uuid}"), json!({"reason": "已离职"})).await
}

/// Another admin, logged in.
pub(crate) async fn second_admin<'w>(world: &'w World, name: &str) -> Person<'w> {
    let admin = world.admin().await;
    let body = json!({"role": "系统管理员", "username": name, "password": "for the first day"});
    admin.client.post("/api/user/createAccount", body).await.expect(200);
    world.log_in_admin(name, "for the first day").await
}

on_every_backend! {
    async fn a_disabled_account_cannot_be_used(world: &World) {
        let case = Case::new(world).await;
        let patient = &case.patient;
        let disabled = set(&case.admin, "disable", patient.uuid()).await.payload();
        assert_eq!(disabled["disabled"], true);
        patient.client.get("/api/user/queryUserMessage").await.expect_error(401, "session.required");
        patient.by_page().get("/api/inquiry/queryInquiryRecordById?id=1").await.expect(401);
        let log_in = async |password: &str| {
            let body = json!({"phone": patient.phone(), "password": password});
            world.anonymous().post("/api/user/login", body).await
        };
        let before = world.fakes.hasher.work_done();
        log_in("wrong").await.expect_error(422, "session.wrong_credentials");
        let wrong = world.fakes.hasher.work_done() - before;
        let answer = log_in("123456").await.expect_error(422, "session.account_disabled");
        assert_eq!(world.fakes.hasher.work_done() - before, 2 * wrong, "it costs the same");
        assert!(answer.set_cookie().is_none() && answer.json.get("fields").is_none());

        // Nothing new is asked for on its behalf, and its records stay.
        let path = format!("/api/inquiry/createInquiryRecord?uuid={}", patient.uuid());
        case.admin.client.post(&path, inquiry_body()).await.expect_fields(&["uuid"]);
        let list = case.admin.client.get("/api/user/queryPatientInformation").await.payload();
        assert_eq!(list["list"][0]["disabled"], true);

        // Both are fine again, and nothing happens.
        set(&case.admin, "disable", patient.uuid()).await.expect(200);
        for _ in 0..2 {
            assert_eq!(set(&case.admin, "enable", patient.uuid()).await.payload()["disabled"], false);
        }
        patient.client.get("/api/user/queryUserMessage").await.expect(401);
        log_in("123456").await.expect(200);
    }

    async fn a_disabled_physician_is_unknown(world: &World) {
        let case = Case::new(world).await;
        let id = case.submitted().await;
        set(&case.admin, "disable", case.physician.uuid()).await.expect(200);
        let path = format!("/api/inquiry/appointedPhysician?id={id}&userUUID={}", case.physician.uuid());
        let answer = case.admin.client.post(&path, None).await.expect_fields(&["userUUID"]);
        assert_eq!(answer.json["fields"][0]["error"], "unknown_physician");
        set(&case.admin, "enable", case.physician.uuid()).await.expect(200);
        case.admin.client.post(&path, None).await.expect(200);
    }

    async fn the_last_admin_stays(world: &World) {
        let admin = world.admin().await;
        set(&admin, "disable", admin.uuid()).await.expect_error(409, "account.last_admin");
        let second = second_admin(world, "second").await;
        set(&second, "disable", admin.uuid()).await.expect(200);
        admin.client.get("/api/user/queryUserMessage").await.expect(401);
        set(&second, "disable", second.uuid()).await.expect_error(409, "account.last_admin");
        set(&second, "enable", admin.uuid()).await.expect(200);
        // An admin may go, and is gone at once.
        set(&second, "disable", second.uuid()).await.expect(200);
        second.client.get("/api/user/queryUserMessage").await.expect(401);
        world.admin().await;
    }

    async fn a_reason_is_needed(world: &World) {
        let case = Case::new(world).await;
        for (query, body, fields) in [
            ("", json!({}), vec!["uuid", "reason"]),
            ("uuid=xyz", json!({"reason": " "}), vec!["uuid", "reason"]),
            ("uuid={patient}", json!({"reason": "因".repeat(501)}), vec!["reason"]),
        ] {
            for verb in ["disable", "enable"] {
                let query = query.replace("{patient}", case.patient.uuid());
                let path = format!("/api/user/{verb}Account?{query}");
                case.admin.client.put(&path, body.clone()).await.expect_fields(&fields);
            }
        }
        set(&case.admin, "disable", "00000007").await.expect_error(404, "record.not_found");
    }
}

/// On two instances at once, over one database.
async fn of_two_admins_who_disable_each_other_one_stays(world: &World) {
    let other = world.another_instance().await;
    for round in 0..6 {
        let here = second_admin(world, &format!("here {round}")).await;
        let there = second_admin(world, &format!("there {round}")).await;
        let first = world.admin().await;
        // The two are alone: whoever disables the other first is the last.
        set(&here, "disable", first.uuid()).await.expect(200);
        let there_client = Person { client: other.anonymous().token(there.token()), ..there.clone() };
        let (first_answer, second_answer) =
            tokio::join!(set(&here, "disable", there.uuid()), set(&there_client, "disable", here.uuid()));
        let statuses = [first_answer.status.as_u16(), second_answer.status.as_u16()];
        let won = statuses.iter().filter(|status| **status == 200).count();
        assert_eq!(won, 1, "round {round}: {first_answer:?} {second_answer:?}");
        let (stays, name) = if statuses[0] == 200 { (&here, "here") } else { (&there, "there") };
        world.log_in_admin(&format!("{name} {round}"), "for the first day").await;
        set(stays, "enable", first.uuid()).await.expect(200);
        let admins = world.admin().await;
        set(&admins, "disable", stays.uuid()).await.expect(200);
    }
    other.stop().await;
}

#[test]
fn of_two_admins_on_two_instances_one_stays_sqlite() {
    run(Backend::Sqlite, async |world| of_two_admins_who_disable_each_other_one_stays(world).await);
}

#[test]
fn of_two_admins_on_two_instances_one_stays_mariadb() {
    run(Backend::MariaDb, async |world| of_two_admins_who_disable_each_other_one_stays(world).await);
}

/// What every other caller may see of somebody else's account does not say it.
#[test]
fn others_do_not_see_who_is_disabled() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let other = world.physicians(1).await.remove(0);
        set(&case.admin, "disable", other.uuid()).await.expect(200);
        for person in [&case.patient, &case.physician] {
            let list = person.client.get("/api/user/queryDoctorInformation").await.payload();
            let rows: &Vec<Value> = list["list"].as_array().unwrap();
            assert!(rows.iter().all(|row| row.get("disabled").is_none()), "{list}");
            let own = person.client.get("/api/user/queryUserMessage").await.payload();
            assert!(own.get("disabled").is_none(), "{own}");
        }
    });
}

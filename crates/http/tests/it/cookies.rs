//! The session cookie: where it is accepted, for how long, and when it is renewed.

use chrono::TimeDelta;
use reqwest::Method;

use crate::arrange::{Case, Person};
use crate::world::{Backend, World, run, run_adjusted};

/// The statuses of requests with the cookie alone, from one of our own pages, on each route that accepts it:
/// the inquiry, its record, the file, and an upload without a file.
async fn counts(case: &Case<'_>, inquiry: i64, file: &str) -> [u16; 4] {
    let page = case.patient.by_page();
    let file = page.request(Method::GET, file).send().await.unwrap();
    [
        page.get(&format!("/api/inquiry/queryInquiryRecordById?id={inquiry}")).await.status.as_u16(),
        page.get(&format!("/api/medical/queryMedialRecordInformation?inquiryId={inquiry}"))
            .await
            .status
            .as_u16(),
        file.status().as_u16(),
        page.post("/api/upload", None).await.status.as_u16(),
    ]
}

#[test]
fn it_is_accepted_for_twelve_hours_for_reading_and_the_whole_session_for_uploads() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let inquiry = case.submitted().await;
        let link = world.file_of(&case.patient).await;
        let file = link.rsplit_once('/').unwrap().0;
        let clock = &world.fakes.clock;
        assert_eq!(counts(&case, inquiry, file).await, [200, 200, 200, 422]);
        clock.advance(TimeDelta::hours(12) - TimeDelta::seconds(1));
        assert_eq!(counts(&case, inquiry, file).await, [200, 200, 200, 422]);
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(counts(&case, inquiry, file).await, [401, 401, 403, 422]);
        clock.advance(TimeDelta::days(6));
        assert_eq!(counts(&case, inquiry, file).await, [401, 401, 403, 422]);
        clock.advance(TimeDelta::hours(12));
        assert_eq!(counts(&case, inquiry, file).await, [401, 401, 403, 401]);
    });
}

#[test]
fn a_renewed_cookie_is_accepted_for_another_twelve_hours_within_the_session() {
    run(Backend::Fakes, async |world| {
        let mut case = Case::new(world).await;
        let inquiry = case.submitted().await;
        let link = world.file_of(&case.patient).await;
        let file = link.rsplit_once('/').unwrap().0;
        world.fakes.clock.advance(TimeDelta::days(6));
        let answer = case.patient.client.get("/api/user/verifyToken").await.expect(200);
        assert!(answer.set_cookie().unwrap().contains("Max-Age=86400"), "up to the session's end");
        case.patient.cookie = answer.session_cookie().unwrap();
        assert_eq!(counts(&case, inquiry, file).await, [200, 200, 200, 422]);
        world.fakes.clock.advance(TimeDelta::days(1));
        assert_eq!(counts(&case, inquiry, file).await, [401, 401, 403, 401]);
    });
}

#[test]
fn it_is_inaccessible_to_scripts_and_other_sites() {
    run(Backend::Fakes, async |world| {
        let attributes = log_in_cookie(world).await;
        for expected in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=604800"] {
            assert!(attributes.iter().any(|attribute| attribute == expected), "{attributes:?}");
        }
        assert!(!attributes.iter().any(|attribute| attribute == "Secure"), "the public URL is http");
    });
    let https = |options: &mut yilin_web::HttpOptions| {
        options.public_url = "https://yilin.example/".parse().unwrap();
    };
    run_adjusted(Backend::Fakes, https, async |world| {
        assert!(log_in_cookie(world).await.iter().any(|attribute| attribute == "Secure"));
    });
}

async fn log_in_cookie(world: &World) -> Vec<String> {
    let credentials = serde_json::json!({"username": "admin", "password": "admin"});
    let answer = world.anonymous().post("/api/user/adminLogin", credentials).await.expect(200);
    answer.set_cookie().unwrap().split("; ").map(str::to_owned).collect()
}

/// Whether a request with the header and this cookie gets a new one.
async fn is_set_again(person: &Person<'_>, cookie: &str) -> bool {
    let client = person.client.with("cookie", cookie);
    client.get("/api/user/verifyToken").await.expect(200).set_cookie().is_some()
}

#[test]
fn it_is_renewed_when_missing_old_or_of_another_session() {
    run(Backend::Fakes, async |world| {
        let people = world.patients(2).await;
        let patient = &people[0];
        let other_session = world.log_in(patient.phone(), "123456").await;
        assert!(patient.client.get("/api/user/verifyToken").await.set_cookie().is_some(), "missing");
        assert!(is_set_again(patient, "yilin_session=nonsense").await);
        assert!(is_set_again(patient, "another=cookie").await);
        assert!(is_set_again(patient, &other_session.cookie).await);
        assert!(is_set_again(patient, &people[1].cookie).await);
        assert!(!is_set_again(patient, &patient.cookie).await);
        world.fakes.clock.advance(TimeDelta::hours(3));
        assert!(!is_set_again(patient, &patient.cookie).await);
        world.fakes.clock.advance(TimeDelta::seconds(1));
        assert!(is_set_again(patient, &patient.cookie).await);
    });
}

#[test]
fn all_responses_renew_it_but_only_for_the_header() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let inquiry = case.submitted().await;
        let path = format!("/api/inquiry/queryInquiryRecordById?id={inquiry}");
        let patient = &case.patient;
        for (path, status) in [
            (&*path, 200),
            ("/api/inquiry/queryInquiryRecordById?id=x", 422),
            ("/api/inquiry/queryInquiryRecordById?id=999999", 404),
            ("/api/drug/queryAllDrug", 403),
            ("/api/inquiry/queryPatientInquiryRecord", 200),
        ] {
            let answer = patient.client.get(path).await.expect(status);
            assert!(answer.set_cookie().is_some(), "{path}");
        }
        world.fakes.clock.advance(TimeDelta::hours(4));
        assert!(patient.by_page().get(&path).await.expect(200).set_cookie().is_none());
    });
}

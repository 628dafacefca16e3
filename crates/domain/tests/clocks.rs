//! Instances with wrong clocks, over one store.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use std::sync::Arc;

use chrono::TimeDelta;
use yilin_domain::account::PersonName;
use yilin_domain::port::Ports;
use yilin_domain::session::Session;
use yilin_domain::usecase::{LogIn, Realm, UseCases};
use yilin_testkit::fakes::{FakeClock, Fakes};
use yilin_testkit::policy;

/// An instance with its own clock.
fn instance(fakes: &Fakes) -> (UseCases, Arc<FakeClock>) {
    let clock = Arc::new(FakeClock::new());
    let ports = Ports { clock: clock.clone(), ..fakes.ports() };
    (UseCases::new(ports, policy(b"a key for tests", "http://127.0.0.1")), clock)
}

async fn log_in(instance: &UseCases) -> Session {
    let log_in = LogIn {
        realm: Realm::Console,
        identifier: "admin".to_owned(),
        password: "admin".to_owned(),
        client_address: "192.0.2.1".to_owned(),
        from_outside: false,
        origin: None,
    };
    instance.sessions.log_in(log_in).await.unwrap().session
}

#[tokio::test]
async fn a_clock_temporarily_days_ahead_revives_no_session() {
    let fakes = Fakes::new();
    let ((here, clock), (there, _)) = (instance(&fakes), instance(&fakes));
    here.setup.ensure_admin(&PersonName::parse("admin").unwrap(), "admin").await.unwrap();
    let (before, meanwhile, after) = (log_in(&here).await, log_in(&here).await, log_in(&here).await);
    here.sessions.refresh().await.unwrap();
    there.sessions.log_out(&before, None).await.unwrap();
    here.sessions.refresh().await.unwrap();

    clock.advance(TimeDelta::days(9));
    here.sessions.refresh().await.unwrap();
    there.sessions.log_out(&meanwhile, None).await.unwrap();
    clock.advance(TimeDelta::seconds(8));
    here.sessions.refresh().await.unwrap();
    assert!(here.sessions.is_ended(before.id), "while it is ahead");

    clock.advance(-TimeDelta::days(9));
    here.sessions.refresh().await.unwrap();
    there.sessions.log_out(&after, None).await.unwrap();
    here.sessions.refresh().await.unwrap();
    for (session, when) in [(&before, "before"), (&meanwhile, "meanwhile"), (&after, "after")] {
        assert!(here.sessions.is_ended(session.id), "ended {when}");
    }
    let (restarted, _) = instance(&fakes);
    restarted.sessions.refresh().await.unwrap();
    assert!(restarted.sessions.is_ended(before.id));
}

#[tokio::test]
async fn a_rejected_log_in_waits_at_most_the_window() {
    use yilin_domain::error::{Error, LoginRefused};
    let fakes = Fakes::new();
    let (here, clock) = instance(&fakes);
    here.setup.ensure_admin(&PersonName::parse("admin").unwrap(), "admin").await.unwrap();
    let guess = LogIn {
        realm: Realm::Console,
        identifier: "admin".to_owned(),
        password: "guess".to_owned(),
        client_address: "192.0.2.1".to_owned(),
        from_outside: false,
        origin: None,
    };
    clock.advance(TimeDelta::seconds(30));
    for _ in 0..5 {
        here.sessions.log_in(guess.clone()).await.unwrap_err();
    }
    clock.advance(-TimeDelta::seconds(30));
    let refused = here.sessions.log_in(guess.clone()).await.unwrap_err();
    let Error::LoginRefused(LoginRefused::TooManyAttempts { retry_after }) = refused else {
        unreachable!("{refused:?}")
    };
    assert_eq!(retry_after.as_secs(), 600);
    // Counted 20 hours in the future: the clock was wrong, and it is a guess like the first.
    clock.advance(TimeDelta::hours(20));
    for _ in 0..5 {
        here.sessions.log_in(guess.clone()).await.unwrap_err();
    }
    clock.advance(-TimeDelta::hours(19));
    let wrong = here.sessions.log_in(guess).await.unwrap_err();
    assert!(matches!(wrong, Error::LoginRefused(LoginRefused::WrongCredentials)), "{wrong:?}");
}

//! Contract of [`SessionRepository`](yilin_domain::port::SessionRepository).

use chrono::TimeDelta;
use yilin_domain::account::{Account, AccountUuid, Role};
use yilin_domain::session::{EndedSession, Session, SessionId, SessionSelection};
use yilin_domain::transition::Stale;

use super::Subject;
use super::arrange::at;
use super::race::race;

/// A session of this account, valid for a week from the start of the case.
pub(super) fn session(account: &Account, number: u8) -> Session {
    session_of(account.uuid, number)
}

fn session_of(account: AccountUuid, number: u8) -> Session {
    let mut bytes = [0xff; 16];
    bytes[15] = number;
    Session {
        id: SessionId::from_bytes(bytes),
        account,
        started_at: at(0),
        expires_at: at(0) + TimeDelta::days(7),
        client_address: "2001:db8:85a3:8d3:1319:8a2e:370:7348".to_owned(),
    }
}

/// All ended sessions, in order.
pub(super) async fn ended_ids(subject: &Subject) -> Vec<SessionId> {
    let ended = subject.sessions.ended_since(at(-1_000_000), at(0)).await.unwrap();
    sorted(ended).into_iter().map(|ended| ended.id).collect()
}

fn sorted(mut ended: Vec<EndedSession>) -> Vec<EndedSession> {
    ended.sort_by_key(|ended| ended.id.to_string());
    ended
}

impl Subject {
    async fn started(&self, account: &Account, number: u8) -> Session {
        let session = session(account, number);
        let version = self.password_version(account).await;
        let started = self.sessions.start(&session, version, None).await.unwrap();
        assert_eq!(started, Ok(()), "the password is still the same");
        session
    }
}

/// A session that was only started is not among the ended ones.
pub async fn a_running_session_has_not_ended(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    subject.started(&account, 1).await;
    assert_eq!(ended_ids(subject).await, []);
}

/// Sessions of an account coexist; each ends separately.
pub async fn sessions_end_one_by_one(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let (first, second) = (subject.started(&account, 1).await, subject.started(&account, 2).await);
    subject.sessions.end(&first, at(10), None).await.unwrap();
    let ended = subject.sessions.ended_since(at(0), at(20)).await.unwrap();
    assert_eq!(ended, [EndedSession { id: first.id, expires_at: first.expires_at }]);
    subject.sessions.end(&second, at(20), None).await.unwrap();
    assert_eq!(ended_ids(subject).await, [first.id, second.id]);
}

/// Ending a session twice, even concurrently, is not an error.
pub async fn a_session_may_end_twice(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let running = subject.started(&account, 1).await;
    let unknown = session(&account, 2);
    race(8, |racer| {
        let (sessions, ending) = (subject.sessions.clone(), [&running, &unknown][racer % 2].clone());
        async move { sessions.end(&ending, at(10), None).await.unwrap() }
    })
    .await;
    assert_eq!(ended_ids(subject).await, [running.id, unknown.id]);
}

/// The token alone is sufficient: a session that was never stored is stored as ended, even if its account is
/// not stored either.
pub async fn a_session_that_was_never_stored_can_end(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let unknown = session(&account, 1);
    let strangers = session_of(AccountUuid::from_bytes([0, 0, 0, 7]), 2);
    for session in [&unknown, &strangers] {
        subject.sessions.end(session, at(10), None).await.unwrap();
    }
    let ended = sorted(subject.sessions.ended_since(at(10), at(10)).await.unwrap());
    let expected =
        [&unknown, &strangers].map(|session| EndedSession { id: session.id, expires_at: session.expires_at });
    assert_eq!(ended, expected);
}

/// Only sessions ended at or after the given time are listed.
pub async fn ended_sessions_are_listed_from_a_time_on(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    for (number, ended_at) in [(1, 10), (2, 20), (3, 30)] {
        let running = subject.started(&account, number).await;
        subject.sessions.end(&running, at(ended_at), None).await.unwrap();
    }
    for (since, expected) in [(0, 3), (10, 3), (11, 2), (20, 2), (30, 1), (31, 0)] {
        let ended = subject.sessions.ended_since(at(since), at(40)).await.unwrap();
        assert_eq!(ended.len(), expected, "since {since}");
    }
}

/// Sessions that have expired are not listed.
pub async fn expired_sessions_are_not_listed(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let running = subject.started(&account, 1).await;
    subject.sessions.end(&running, at(10), None).await.unwrap();
    let second = TimeDelta::seconds(1);
    let before = subject.sessions.ended_since(at(0), running.expires_at - second).await.unwrap();
    assert_eq!(before.len(), 1);
    let after = subject.sessions.ended_since(at(0), running.expires_at + second).await.unwrap();
    assert_eq!(after, []);
}

/// A session does not start if the password was changed while it was being checked, or was never the
/// account's.
pub async fn a_session_starts_only_with_the_present_password(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let checked = subject.password_version(&account).await;
    subject.change_password(&account, None).await;
    let refused = session(&account, 1);
    assert_eq!(subject.sessions.start(&refused, checked, None).await.unwrap(), Err(Stale));
    let present = subject.password_version(&account).await;
    assert_eq!(subject.sessions.start(&refused, present + 1, None).await.unwrap(), Err(Stale));
    assert_eq!(subject.sessions.start(&refused, present, None).await.unwrap(), Ok(()));
}

/// With a concurrent password change, no session of the old password remains active.
pub async fn no_session_of_an_old_password_survives(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let version = subject.password_version(&account).await;
    let started = race(12, |racer| {
        let (subject, account) = (subject.clone(), account.clone());
        async move {
            if racer == 5 {
                subject.change_password(&account, None).await;
                return None;
            }
            let session = session(&account, u8::try_from(racer).unwrap());
            subject.sessions.start(&session, version, None).await.unwrap().ok().map(|()| session.id)
        }
    })
    .await;
    let ended = ended_ids(subject).await;
    for session in started.into_iter().flatten() {
        assert!(ended.contains(&session), "{session} started before the change and was ended by it");
    }
}

/// Active sessions can be listed, newest first, and ended: all of them, an account's, or one.
pub async fn running_sessions_are_listed_and_ended_as_selected(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let other = subject.insert_person(Role::Physician, "李志强").await;
    let mut sessions = Vec::new();
    for (account, number) in [(&account, 1), (&account, 2), (&account, 3), (&other, 4)] {
        let later = TimeDelta::seconds(i64::from(number));
        let session = session(account, number);
        let session = Session { started_at: session.started_at + later, ..session };
        let version = subject.password_version(account).await;
        assert_eq!(subject.sessions.start(&session, version, None).await.unwrap(), Ok(()));
        sessions.push(session);
    }
    subject.sessions.end(&sessions[2], at(10), None).await.unwrap();
    let running = async |selection, now| subject.sessions.running(selection, now, 10).await.unwrap();
    let of_account = SessionSelection::Of(account.uuid);
    let [first, second, _, fourth] = &sessions[..] else { panic!("four sessions") };
    assert_eq!(running(SessionSelection::All, at(20)).await, [fourth.clone(), second.clone(), first.clone()]);
    assert_eq!(running(of_account, at(20)).await, [second.clone(), first.clone()]);
    assert_eq!(running(SessionSelection::One(first.id), at(20)).await, std::slice::from_ref(first));
    assert_eq!(running(SessionSelection::All, first.expires_at).await, []);
    assert_eq!(
        subject.sessions.running(SessionSelection::All, at(20), 1).await.unwrap(),
        std::slice::from_ref(fourth)
    );

    assert_eq!(subject.sessions.end_running(SessionSelection::One(first.id), at(30), None).await.unwrap(), 1);
    assert_eq!(subject.sessions.end_running(SessionSelection::One(first.id), at(31), None).await.unwrap(), 0);
    assert_eq!(subject.sessions.end_running(of_account, at(40), None).await.unwrap(), 1);
    assert_eq!(running(SessionSelection::All, at(50)).await, std::slice::from_ref(fourth));
    assert_eq!(subject.sessions.end_running(SessionSelection::All, at(60), None).await.unwrap(), 1);
    let ended: Vec<_> = subject.sessions.ended_since(at(30), at(70)).await.unwrap();
    assert_eq!(ended.len(), 3, "the one that had ended before is not ended again");
}

/// Sessions that expired before a time are deleted, ended or not; the others are kept.
pub async fn expired_sessions_are_forgotten(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let version = subject.password_version(&account).await;
    let mut long = session(&account, 3);
    long.expires_at = at(0) + TimeDelta::days(8);
    let (ended, running) = (subject.started(&account, 1).await, subject.started(&account, 2).await);
    assert_eq!(subject.sessions.start(&long, version, None).await.unwrap(), Ok(()));
    for session in [&ended, &long] {
        subject.sessions.end(session, at(10), None).await.unwrap();
    }
    let forget = async |before| subject.sessions.forget_expired(before).await.unwrap();
    assert_eq!(forget(running.expires_at - TimeDelta::seconds(1)).await, 0);
    assert_eq!(forget(running.expires_at + TimeDelta::seconds(1)).await, 2);
    assert_eq!(forget(running.expires_at + TimeDelta::seconds(1)).await, 0);
    assert_eq!(ended_ids(subject).await, [long.id]);
}

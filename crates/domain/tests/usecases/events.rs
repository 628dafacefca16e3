//! Subscriptions to events: who gets which, that none is missed or repeated, and when a listener is closed.

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use yilin_domain::account::Role;
use yilin_domain::error::Error;
use yilin_domain::event::{EVENTS_KEPT, EventId, EventType};
use yilin_domain::usecase::{EventLimits, Events, FeedItem, LAST_EVENT_ID, Subscription};
use yilin_domain::validation::FieldProblem;
use yilin_testkit::{Hospital, Person};

use crate::support::{Case, assert_refused, names};

/// The items available without waiting.
fn items(subscription: &mut Subscription) -> Vec<FeedItem> {
    let mut items = Vec::new();
    while let Some(Ok(Some(more))) = subscription.next().now_or_never() {
        items.extend(more);
    }
    items
}

fn ids(subscription: &mut Subscription) -> Vec<i64> {
    let items = items(subscription);
    items
        .into_iter()
        .map(|item| match item {
            FeedItem::Event(event) => event.id.0,
            FeedItem::Reset(after) => -after.0,
        })
        .collect()
}

fn types(subscription: &mut Subscription) -> Vec<EventType> {
    let items = items(subscription);
    items
        .into_iter()
        .map(|item| match item {
            FeedItem::Event(event) => event.content.event_type,
            FeedItem::Reset(after) => unreachable!("nothing is missing after {after}"),
        })
        .collect()
}

/// Whether the listener has been closed.
fn is_closed(subscription: &mut Subscription) -> bool {
    items(subscription);
    matches!(subscription.next().now_or_never(), Some(Ok(None)))
}

async fn listen(events: &Events, person: &Person, last: Option<i64>) -> Subscription {
    let mut subscription = events.subscribe(&person.actor, &person.session, last.map(EventId)).await.unwrap();
    // Catches up, so that it gets what happens from now on.
    if last.is_none() {
        assert_eq!(items(&mut subscription), []);
    }
    subscription
}

/// The person asks for this many visits.
async fn submit_by(case: &Case, person: &Person, number: usize) {
    for _ in 0..number {
        case.submit_another(person).await;
    }
}

async fn submit(case: &Case, number: usize) {
    submit_by(case, &case.patient, number).await;
}

#[tokio::test]
async fn each_party_gets_the_events_of_its_own_records_and_the_admin_all() {
    use EventType::{InquiryAccepted, InquiryAssigned, InquiryDeclined, InquirySubmitted};
    let case = Case::new().await;
    let (events, inquiries) = (&case.hospital.use_cases.events, &case.hospital.use_cases.inquiries);
    let mut of_patient = listen(events, &case.patient, None).await;
    let mut of_other_patient = listen(events, &case.other_patient, None).await;
    let mut of_physician = listen(events, &case.physician, None).await;
    let mut of_other_physician = listen(events, &case.other_physician, None).await;
    let mut of_admin = listen(events, &case.admin, None).await;

    let id = case.submitted().await;
    inquiries.appoint(&case.admin.actor, id, case.other_physician.actor.uuid).await.unwrap();
    inquiries.answer(&case.other_physician.actor, id, false, None).await.unwrap();
    inquiries.appoint(&case.admin.actor, id, case.physician.actor.uuid).await.unwrap();
    inquiries.answer(&case.physician.actor, id, true, None).await.unwrap();
    assert_eq!(items(&mut of_admin), [], "nothing before it is numbered");
    events.advance().await.unwrap();

    let all = [InquirySubmitted, InquiryAssigned, InquiryDeclined, InquiryAssigned, InquiryAccepted];
    assert_eq!(types(&mut of_admin), all);
    assert_eq!(types(&mut of_patient), all);
    assert_eq!(types(&mut of_other_patient), []);
    assert_eq!(types(&mut of_other_physician), [InquiryAssigned, InquiryDeclined]);
    assert_eq!(types(&mut of_physician), [InquiryAssigned, InquiryAccepted]);
    assert_eq!(events.state().listeners, 5);
    drop((of_admin, of_patient));
    assert_eq!(events.state().listeners, 3);
}

#[tokio::test]
async fn who_has_read_records_misses_no_later_change_of_them() {
    let case = Case::new().await;
    let events = &case.hospital.use_cases.events;
    assert_eq!(events.newest().await.unwrap(), EventId::START);
    submit(&case, 2).await;
    events.advance().await.unwrap();
    let seen = events.newest().await.unwrap();
    assert_eq!(seen, EventId(2));
    // Not numbered yet: the reader of the records may have seen its change or not, and hears of it.
    submit(&case, 1).await;
    assert_eq!(events.newest().await.unwrap(), seen);
    events.advance().await.unwrap();
    submit(&case, 1).await;
    let mut subscription = listen(events, &case.admin, Some(seen.0)).await;
    events.advance().await.unwrap();
    assert_eq!(ids(&mut subscription), [3, 4]);
}

#[tokio::test]
async fn a_listener_continues_after_the_event_it_has_seen_last() {
    let case = Case::new().await;
    let events = &case.hospital.use_cases.events;
    submit(&case, 700).await;
    events.advance().await.unwrap();
    for last in [0, 1, 350, 699, 700] {
        let mut subscription = listen(events, &case.patient, Some(last)).await;
        assert_eq!(ids(&mut subscription), (last + 1..=700).collect::<Vec<_>>(), "after {last}");
        assert!(!is_closed(&mut subscription));
    }
    // Others' events are passed over.
    let mut of_other = listen(events, &case.other_patient, Some(0)).await;
    assert_eq!(ids(&mut of_other), [0; 0]);
    submit_by(&case, &case.other_patient, 1).await;
    events.advance().await.unwrap();
    assert_eq!(ids(&mut of_other), [701]);
}

#[tokio::test]
async fn a_subscription_begins_after_what_was_committed_before_it() {
    let case = Case::new().await;
    let events = &case.hospital.use_cases.events;
    submit(&case, 3).await;
    let mut subscription = listen(events, &case.patient, None).await;
    submit(&case, 1).await;
    events.advance().await.unwrap();
    assert_eq!(ids(&mut subscription), [4]);
}

/// Events are stored and published between the steps of catching up.
#[tokio::test]
async fn catching_up_meets_what_happens_without_gap_or_repetition() {
    let case = Case::new().await;
    let events = &case.hospital.use_cases.events;
    let mut beside = listen(events, &case.admin, None).await;
    submit(&case, 100).await;
    events.advance().await.unwrap();
    let mut subscription = listen(events, &case.patient, Some(40)).await;
    let mut seen = Vec::new();
    for _ in 0..40 {
        if let Some(Ok(Some(more))) = subscription.next().now_or_never() {
            seen.extend(more);
        }
        submit(&case, 3).await;
        events.advance().await.unwrap();
    }
    seen.extend(items(&mut subscription));
    let seen: Vec<_> = seen
        .into_iter()
        .map(|item| match item {
            FeedItem::Event(event) => event.id.0,
            FeedItem::Reset(after) => unreachable!("nothing is missing after {after}"),
        })
        .collect();
    assert_eq!(seen, (41..=220).collect::<Vec<_>>());
    assert_eq!(ids(&mut beside), (1..=220).collect::<Vec<_>>());
}

#[tokio::test]
async fn every_instance_hands_on_every_event_once() {
    let case = Case::new().await;
    let here = case.hospital.use_cases.events.clone();
    let there = case.hospital.another_instance();
    let mut listeners =
        [listen(&here, &case.admin, None).await, listen(&there.use_cases.events, &case.admin, None).await];
    for round in 0..20 {
        submit(&case, 5).await;
        let (first, second) =
            if round % 2 == 0 { (&here, &there.use_cases.events) } else { (&there.use_cases.events, &here) };
        first.advance().await.unwrap();
        second.advance().await.unwrap();
    }
    for subscription in &mut listeners {
        assert_eq!(ids(subscription), (1..=100).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_listener_that_does_not_read_is_dropped_and_the_others_hear_all() {
    let limits = EventLimits { queue: 10, ..EventLimits::default() };
    let case = Case::of(Hospital::with(|_, policy| policy.event_limits = limits)).await;
    let events = &case.hospital.use_cases.events;
    let mut slow = listen(events, &case.admin, None).await;
    let mut other = listen(events, &case.patient, None).await;
    let mut seen = Vec::new();
    for _ in 0..10 {
        submit(&case, 5).await;
        events.advance().await.unwrap();
        seen.extend(ids(&mut other));
    }
    assert_eq!(seen, (1..=50).collect::<Vec<_>>());
    let state = events.state();
    assert_eq!((state.listeners, state.dropped), (1, 1));
    assert!(is_closed(&mut slow));
    drop(slow);
    let mut again = listen(events, &case.admin, Some(7)).await;
    assert_eq!(ids(&mut again), (8..=50).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_end_of_the_session_closes_its_listeners() {
    let case = Case::new().await;
    let (events, sessions) = (&case.hospital.use_cases.events, &case.hospital.use_cases.sessions);
    let again = case.hospital.log_in(&case.patient.account).await;
    let mut leaving = listen(events, &case.patient, None).await;
    let mut staying = listen(events, &again, None).await;
    sessions.log_out(&case.patient.session, None).await.unwrap();
    events.close_ended();
    assert!(is_closed(&mut leaving));
    assert!(!is_closed(&mut staying));

    // One that ends elsewhere, as soon as this instance knows.
    case.hospital.another_instance().use_cases.sessions.log_out(&again.session, None).await.unwrap();
    sessions.refresh().await.unwrap();
    events.close_ended();
    assert!(is_closed(&mut staying));

    let mut expiring = listen(events, &case.physician, None).await;
    case.hospital.fakes.clock.advance(case.physician.session.expires_at - case.physician.session.started_at);
    events.close_ended();
    assert!(is_closed(&mut expiring));
    assert_eq!(events.state().listeners, 0);
}

/// One that has not caught up yet, too.
#[tokio::test]
async fn a_session_that_ends_is_not_caught_up_for() {
    let case = Case::new().await;
    let events = &case.hospital.use_cases.events;
    submit(&case, 3).await;
    events.advance().await.unwrap();
    let mut subscription = listen(events, &case.patient, Some(0)).await;
    case.hospital.use_cases.sessions.log_out(&case.patient.session, None).await.unwrap();
    assert_eq!(items(&mut subscription), []);
    assert!(is_closed(&mut subscription));
}

#[tokio::test]
async fn there_are_only_so_many_listeners() {
    let limits = EventLimits { per_account: 2, total: 4, ..EventLimits::default() };
    let case = Case::of(Hospital::with(|_, policy| policy.event_limits = limits)).await;
    let events = &case.hospital.use_cases.events;
    let mut own = Vec::new();
    for _ in 0..3 {
        own.push(listen(events, &case.patient, None).await);
    }
    assert!(is_closed(&mut own[0]), "one more closes the account's oldest");
    assert!(!is_closed(&mut own[1]) && !is_closed(&mut own[2]));
    let _other = listen(events, &case.physician, None).await;
    // The closed one still has its connection.
    let refused = events.subscribe(&case.admin.actor, &case.admin.session, None).await;
    assert_refused!(refused.map(drop), Error::TooManyListeners);
    drop(own.remove(0));
    let mut admin = listen(events, &case.admin, None).await;
    events.stop();
    assert!(is_closed(&mut admin));
    let refused = events.subscribe(&case.admin.actor, &case.admin.session, None).await;
    assert_refused!(refused.map(drop), Error::TooManyListeners);
}

#[tokio::test]
async fn an_id_that_no_event_has_is_refused() {
    let case = Case::new().await;
    let events = &case.hospital.use_cases.events;
    submit(&case, 2).await;
    events.advance().await.unwrap();
    listen(events, &case.patient, Some(2)).await;
    let unknown = events.subscribe(&case.patient.actor, &case.patient.session, Some(EventId(3))).await;
    assert_refused!(
        unknown.map(drop),
        Error::Invalid(invalid) if names(&invalid, LAST_EVENT_ID, &FieldProblem::UnknownEvent)
    );
    assert_eq!(events.state().listeners, 0, "it took no place");
}

#[tokio::test]
async fn a_listener_that_was_away_too_long_gets_a_reset_and_continues() {
    let case = Case::new().await;
    let (events, clock) = (&case.hospital.use_cases.events, &case.hospital.fakes.clock);
    submit(&case, 4).await;
    events.advance().await.unwrap();
    clock.advance(EVENTS_KEPT + TimeDelta::seconds(1));
    let patient = case.hospital.log_in(&case.patient.account).await;
    submit_by(&case, &patient, 1).await;
    events.advance().await.unwrap();
    let before = case.hospital.ports.clock.now() - EVENTS_KEPT;
    assert_eq!(case.hospital.ports.events.forget(before, 100).await.unwrap(), 4);

    let mut away = listen(events, &patient, Some(2)).await;
    assert_eq!(ids(&mut away), [-5], "reset, and on after the newest");
    let mut in_time = listen(events, &patient, Some(4)).await;
    assert_eq!(ids(&mut in_time), [5]);
    submit_by(&case, &patient, 1).await;
    events.advance().await.unwrap();
    assert_eq!(ids(&mut away), [6]);
}

#[tokio::test]
async fn a_database_that_is_away_delays_events_and_loses_none() {
    let case = Case::new().await;
    let (events, storage) = (&case.hospital.use_cases.events, &case.hospital.fakes.storage);
    let mut subscription = listen(events, &case.admin, None).await;
    submit(&case, 3).await;
    for calls in 0..4 {
        storage.go_down_after(calls);
        assert!(events.advance().await.is_err() || calls > 1);
    }
    storage.recover();
    events.advance().await.unwrap();
    assert_eq!(ids(&mut subscription), [1, 2, 3]);
    storage.go_down();
    let refused = events.subscribe(&case.admin.actor, &case.admin.session, None).await;
    assert_refused!(refused.map(drop), Error::Port(_));
    assert_eq!(events.state().listeners, 1);
}

#[tokio::test]
async fn every_role_may_listen() {
    let case = Case::new().await;
    let events = &case.hospital.use_cases.events;
    let session = &case.patient.session;
    let open = case.open_to(async |actor| events.subscribe(&actor, session, None).await.map(drop)).await;
    assert_eq!(open, [Role::Patient, Role::Physician, Role::Admin]);
}

#[tokio::test]
async fn a_missed_deadline_is_announced_once_by_any_instance() {
    use EventType::{InquiryOverdue, InquirySubmitted};

    let case = Case::new().await;
    let events = &case.hospital.use_cases.events;
    let there = case.hospital.another_instance();
    let mut of_patient = listen(events, &case.patient, None).await;
    let mut of_other = listen(events, &case.other_patient, None).await;
    submit(&case, 2).await;
    events.announce_overdue().await.unwrap();
    case.hospital.fakes.clock.advance(TimeDelta::hours(25));
    for _ in 0..2 {
        events.announce_overdue().await.unwrap();
        there.use_cases.events.announce_overdue().await.unwrap();
    }
    events.advance().await.unwrap();
    let expected = [InquirySubmitted, InquirySubmitted, InquiryOverdue, InquiryOverdue];
    assert_eq!(types(&mut of_patient), expected);
    assert_eq!(types(&mut of_other), []);
}

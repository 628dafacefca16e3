//! Sending events to the receiver of webhooks: in order for each record, again while it is away, and each
//! once.

use chrono::TimeDelta;
use yilin_domain::event::{Event, EventId, SubjectKind};
use yilin_domain::port::Clock as _;
use yilin_testkit::Hospital;
use yilin_testkit::fakes::Receiving;

use crate::support::Case;

/// A case whose receiver gets what happens from now on.
async fn receiving() -> Case {
    let case = Case::new().await;
    send(&case.hospital).await;
    case
}

/// Numbers what has happened and sends what is due.
async fn send(hospital: &Hospital) {
    hospital.use_cases.events.advance().await.unwrap();
    hospital.use_cases.webhooks.send_due().await.unwrap();
}

fn of_record(events: &[Event], id: i64) -> Vec<&'static str> {
    let of_record = events.iter().filter(|event| {
        (event.content.subject.kind(), event.content.subject.id()) == (SubjectKind::Inquiry, id)
    });
    of_record.map(|event| event.content.subject.status_name()).collect()
}

#[tokio::test]
async fn events_arrive_once_and_in_the_order_of_each_record() {
    let case = receiving().await;
    let (first, second) = (case.accepted().await, case.assigned_another().await);
    send(&case.hospital).await;
    send(&case.hospital).await;
    let delivered = case.hospital.fakes.webhook_receiver.received();
    assert_eq!(delivered.len(), 5);
    assert_eq!(of_record(&delivered, first.0), ["submitted", "assigned", "accepted"]);
    assert_eq!(of_record(&delivered, second.0), ["submitted", "assigned"]);
    let backlog = case.hospital.use_cases.webhooks.backlog().await.unwrap().unwrap();
    assert_eq!((backlog.waiting, backlog.given_up), (0, 0));
}

#[tokio::test]
async fn a_receiver_that_is_down_for_an_hour_loses_nothing() {
    let case = receiving().await;
    let (receiver, clock) = (&case.hospital.fakes.webhook_receiver, &case.hospital.fakes.clock);
    receiver.set(Receiving::Down);
    let first = case.accepted().await;
    for _ in 0..60 {
        case.submit_another(&case.patient).await;
        send(&case.hospital).await;
        clock.advance(TimeDelta::minutes(1));
    }
    let attempts = receiver.attempts().len();
    assert!(attempts < 61 * 12, "pauses grow: {attempts} attempts");
    assert_eq!(receiver.received(), []);

    receiver.set(Receiving::Well);
    // The first that gets through hastens the others.
    for _ in 0..10 {
        clock.advance(TimeDelta::seconds(10));
        send(&case.hospital).await;
    }
    let delivered = receiver.received();
    assert_eq!(delivered.len(), 63, "within two minutes");
    assert_eq!(of_record(&delivered, first.0), ["submitted", "assigned", "accepted"]);
}

#[tokio::test]
async fn a_record_that_is_refused_holds_up_no_other() {
    let case = receiving().await;
    let (receiver, clock) = (&case.hospital.fakes.webhook_receiver, &case.hospital.fakes.clock);
    let refused = case.assigned().await;
    receiver.set_for((SubjectKind::Inquiry, refused.0), Receiving::Refusing);
    let others = [case.assigned_another().await, case.assigned_another().await];
    send(&case.hospital).await;
    let delivered = receiver.received();
    for other in others {
        assert_eq!(of_record(&delivered, other.0), ["submitted", "assigned"]);
    }
    assert_eq!(delivered.len(), 4);
    assert_eq!(of_record(&receiver.attempts(), refused.0), ["submitted"], "the next one waits");

    receiver.set_for((SubjectKind::Inquiry, refused.0), Receiving::Well);
    clock.advance(TimeDelta::seconds(3));
    send(&case.hospital).await;
    assert_eq!(receiver.received().len(), 4, "not before its pause is over");
    clock.advance(TimeDelta::seconds(10));
    send(&case.hospital).await;
    assert_eq!(of_record(&receiver.received(), refused.0), ["submitted", "assigned"]);
}

#[tokio::test]
async fn after_three_days_an_event_is_given_up_and_can_be_sent_again() {
    let case = receiving().await;
    let (receiver, clock) = (&case.hospital.fakes.webhook_receiver, &case.hospital.fakes.clock);
    receiver.set(Receiving::Refusing);
    let id = case.assigned().await;
    for _ in 0..80 {
        send(&case.hospital).await;
        clock.advance(TimeDelta::hours(1));
    }
    let webhooks = &case.hospital.ports.webhooks;
    let kept = webhooks.given_up(EventId::START, 10).await.unwrap();
    assert_eq!(kept.len(), 2, "also the one that waited for the first");
    assert!(kept[0].failures > 40 && kept[1].failures >= 1, "{kept:?}");
    assert_eq!(kept[0].reason.as_str(), "status 500");
    let backlog = case.hospital.use_cases.webhooks.backlog().await.unwrap().unwrap();
    assert_eq!((backlog.waiting, backlog.given_up), (0, 2));

    receiver.set(Receiving::Well);
    send(&case.hospital).await;
    assert_eq!(receiver.received(), []);
    webhooks.retry(None, clock.now(), None).await.unwrap();
    send(&case.hospital).await;
    assert_eq!(of_record(&receiver.received(), id.0), ["submitted", "assigned"]);
    assert_eq!(webhooks.backlog().await.unwrap().given_up, 0);
}

#[tokio::test]
async fn an_instance_that_dies_while_sending_leaves_its_events_to_another() {
    let case = receiving().await;
    let (receiver, clock) = (&case.hospital.fakes.webhook_receiver, &case.hospital.fakes.clock);
    let there = case.hospital.another_instance();
    let id = case.submitted().await;
    case.hospital.use_cases.events.advance().await.unwrap();
    let (webhooks, now) = (&case.hospital.ports.webhooks, clock.now());
    webhooks.queue(10, now).await.unwrap();
    assert_eq!(webhooks.claim(now, now + TimeDelta::seconds(60), 10).await.unwrap().len(), 1);
    // Nothing more is heard of who has claimed it.
    send(&there).await;
    assert_eq!(receiver.received(), []);
    clock.advance(TimeDelta::seconds(60));
    send(&there).await;
    send(&case.hospital).await;
    assert_eq!(of_record(&receiver.received(), id.0), ["submitted"]);
}

#[tokio::test]
async fn without_a_receiver_nothing_is_queued() {
    let case = Case::of(Hospital::with(|ports, _| ports.webhook_receiver = None)).await;
    let webhooks = &case.hospital.use_cases.webhooks;
    case.submitted().await;
    case.hospital.use_cases.events.advance().await.unwrap();
    webhooks.send_due().await.unwrap();
    assert!(!webhooks.has_receiver());
    assert_eq!(webhooks.backlog().await.unwrap(), None);
    assert_eq!(case.hospital.fakes.webhook_receiver.attempts(), []);
}

#[tokio::test]
async fn an_instance_that_stops_sends_nothing_more() {
    let case = receiving().await;
    case.submitted().await;
    case.hospital.use_cases.webhooks.stop(std::time::Duration::from_secs(1)).await;
    send(&case.hospital).await;
    assert_eq!(case.hospital.fakes.webhook_receiver.attempts(), []);
    send(&case.hospital.another_instance()).await;
    assert_eq!(case.hospital.fakes.webhook_receiver.received().len(), 1);
}

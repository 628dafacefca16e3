//! What is to be sent to the receiver of webhooks: each event once, those of a record in order, over claims
//! that are lost.

use std::collections::HashSet;

use yilin_domain::event::EventId;
use yilin_domain::inquiry::InquiryStatus;
use yilin_domain::webhook::{Delivery, DeliveryFailure, FailureText, WebhookBacklog};

use super::Subject;
use super::arrange::at;
use super::race::race;

impl Subject {
    /// Queues all events, from those on that are stored after the first call.
    async fn queue_webhooks(&self, seconds: i64) {
        while self.events.number(100).await.unwrap() > 0 {}
        while self.webhooks.queue(3, at(seconds)).await.unwrap() > 0 {}
    }

    async fn claim_webhooks(&self, seconds: i64, limit: u16) -> Vec<Delivery> {
        self.webhooks.claim(at(seconds), at(seconds + 60), limit).await.unwrap()
    }
}

fn failure(is_down: bool) -> DeliveryFailure {
    DeliveryFailure { is_down, reason: FailureText::clipped("连接被拒绝 refused") }
}

fn names(deliveries: &[Delivery]) -> Vec<&'static str> {
    deliveries.iter().map(|delivery| delivery.event.content.subject.status_name()).collect()
}

/// What happened before there was a receiver is not sent; what happens afterwards is, in order and once.
pub async fn sending_begins_with_what_happens_next(subject: &Subject) {
    let cast = subject.cast().await;
    subject.submit(&cast).await;
    subject.queue_webhooks(0).await;
    assert_eq!(subject.claim_webhooks(0, 10).await, []);
    let mut expected = Vec::new();
    for _ in 0..5 {
        expected.push(subject.submit(&cast).await.id.0);
    }
    subject.queue_webhooks(10).await;
    subject.queue_webhooks(10).await;
    let backlog = WebhookBacklog { waiting: 5, since: Some(at(10)), given_up: 0 };
    assert_eq!(subject.webhooks.backlog().await.unwrap(), backlog);
    assert_eq!(subject.claim_webhooks(9, 10).await, [], "nothing is due before it was queued");
    let claimed = subject.claim_webhooks(10, 10).await;
    let ids: Vec<_> = claimed.iter().map(|delivery| delivery.event.content.subject.id()).collect();
    assert_eq!(ids, expected);
    let events = subject.events.read(EventId(1), yilin_domain::event::Audience::Everyone, 10).await.unwrap();
    assert_eq!(claimed.iter().map(|delivery| delivery.event).collect::<Vec<_>>(), events.events);
    assert!(claimed.iter().all(|delivery| (delivery.failures, delivery.queued_at) == (0, at(10))));
    assert_eq!(subject.claim_webhooks(10, 10).await, [], "all are claimed");
    for delivery in &claimed {
        subject.webhooks.delivered(delivery).await.unwrap();
    }
    assert_eq!(subject.webhooks.backlog().await.unwrap(), WebhookBacklog::default());
    assert_eq!(subject.claim_webhooks(999, 10).await, []);
}

/// The next one only when it has been delivered.
pub async fn of_each_record_the_earliest_is_claimed(subject: &Subject) {
    let cast = subject.cast().await;
    subject.queue_webhooks(0).await;
    subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    subject.inquiry_at(&cast, InquiryStatus::Assigned).await;
    subject.queue_webhooks(0).await;
    let first = subject.claim_webhooks(0, 10).await;
    assert_eq!(names(&first), ["submitted", "submitted"]);
    assert_eq!(subject.claim_webhooks(30, 10).await, []);
    subject.webhooks.delivered(&first[0]).await.unwrap();
    let second = subject.claim_webhooks(30, 10).await;
    assert_eq!(names(&second), ["assigned"]);
    subject.webhooks.postpone(&second[0], at(500), &failure(false)).await.unwrap();
    subject.webhooks.delivered(&first[1]).await.unwrap();
    let of_other = subject.claim_webhooks(400, 10).await;
    assert_eq!(names(&of_other), ["assigned"], "a record whose event failed holds up no other");
    assert_ne!(of_other[0].event.content.subject, second[0].event.content.subject);
    subject.webhooks.delivered(&of_other[0]).await.unwrap();
    let again = subject.claim_webhooks(500, 10).await;
    assert_eq!(again[0].event, second[0].event);
    subject.webhooks.give_up(&again[0], &failure(false)).await.unwrap();
    assert_eq!(
        names(&subject.claim_webhooks(500, 10).await),
        ["accepted"],
        "what is given up holds up nothing"
    );
}

/// The outcome was not recorded in time, and the delivery has been claimed again.
pub async fn a_claim_that_was_lost_changes_nothing(subject: &Subject) {
    let cast = subject.cast().await;
    subject.queue_webhooks(0).await;
    subject.submit(&cast).await;
    subject.queue_webhooks(0).await;
    let lost = subject.claim_webhooks(0, 10).await.remove(0);
    assert_eq!(subject.claim_webhooks(59, 10).await, []);
    let held = subject.claim_webhooks(60, 10).await.remove(0);
    assert_eq!(held.event, lost.event);
    assert!(held.claim > lost.claim);
    subject.webhooks.delivered(&lost).await.unwrap();
    subject.webhooks.postpone(&lost, at(61), &failure(true)).await.unwrap();
    subject.webhooks.give_up(&lost, &failure(true)).await.unwrap();
    assert_eq!(subject.claim_webhooks(100, 10).await, [], "it is still claimed");
    let backlog = WebhookBacklog { waiting: 1, since: Some(at(0)), given_up: 0 };
    assert_eq!(subject.webhooks.backlog().await.unwrap(), backlog);
    subject.webhooks.delivered(&held).await.unwrap();
    subject.webhooks.delivered(&held).await.unwrap();
    assert_eq!(subject.webhooks.backlog().await.unwrap().waiting, 0);
}

/// With the number of failures so far.
pub async fn what_failed_is_due_again_later(subject: &Subject) {
    let cast = subject.cast().await;
    subject.queue_webhooks(0).await;
    subject.submit(&cast).await;
    subject.queue_webhooks(0).await;
    for failures in 0..3_i64 {
        let claimed = subject.claim_webhooks(failures * 100, 10).await;
        assert_eq!(i64::from(claimed[0].failures), failures);
        assert_eq!(claimed[0].queued_at, at(0));
        let due = failures * 100 + 100;
        subject.webhooks.postpone(&claimed[0], at(due), &failure(false)).await.unwrap();
        assert_eq!(subject.claim_webhooks(due - 1, 10).await, []);
    }
}

/// But not what the receiver has refused.
pub async fn what_failed_because_the_receiver_was_down_can_be_hastened(subject: &Subject) {
    let cast = subject.cast().await;
    subject.queue_webhooks(0).await;
    for _ in 0..4 {
        subject.submit(&cast).await;
    }
    subject.queue_webhooks(0).await;
    let claimed = subject.claim_webhooks(0, 3).await;
    subject.webhooks.postpone(&claimed[0], at(900), &failure(true)).await.unwrap();
    subject.webhooks.postpone(&claimed[1], at(900), &failure(false)).await.unwrap();
    subject.webhooks.postpone(&claimed[2], at(901), &failure(true)).await.unwrap();
    subject.claim_webhooks(1, 10).await;
    assert_eq!(subject.webhooks.hasten(at(10), 1).await.unwrap(), 1);
    assert_eq!(subject.webhooks.hasten(at(10), 9).await.unwrap(), 1);
    assert_eq!(subject.webhooks.hasten(at(10), 9).await.unwrap(), 0);
    let due: Vec<_> = subject.claim_webhooks(10, 10).await.iter().map(|delivery| delivery.event.id).collect();
    assert_eq!(due, [claimed[0].event.id, claimed[2].event.id]);
}

/// As if it had never been tried.
pub async fn what_was_given_up_is_kept_and_can_be_queued_again(subject: &Subject) {
    let cast = subject.cast().await;
    subject.queue_webhooks(0).await;
    for _ in 0..3 {
        subject.submit(&cast).await;
    }
    subject.queue_webhooks(0).await;
    for delivery in subject.claim_webhooks(0, 10).await {
        subject.webhooks.give_up(&delivery, &failure(false)).await.unwrap();
    }
    let backlog = WebhookBacklog { waiting: 0, since: None, given_up: 3 };
    assert_eq!(subject.webhooks.backlog().await.unwrap(), backlog);
    assert_eq!(subject.claim_webhooks(9999, 10).await, []);
    let kept = subject.webhooks.given_up(EventId::START, 2).await.unwrap();
    assert_eq!(kept.iter().map(|kept| kept.event.id.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((kept[0].failures, kept[0].queued_at), (1, at(0)));
    assert_eq!(kept[0].reason, failure(false).reason);
    let rest = subject.webhooks.given_up(kept[1].event.id, 2).await.unwrap();
    assert_eq!(rest.len(), 1);

    assert_eq!(subject.webhooks.retry(Some(EventId(2)), at(50), None).await.unwrap(), 1);
    assert_eq!(subject.webhooks.retry(Some(EventId(2)), at(50), None).await.unwrap(), 0);
    assert_eq!(subject.webhooks.retry(Some(EventId(99)), at(50), None).await.unwrap(), 0);
    let again = subject.claim_webhooks(50, 10).await;
    assert_eq!(again.iter().map(|delivery| delivery.event.id.0).collect::<Vec<_>>(), [2]);
    assert_eq!((again[0].failures, again[0].queued_at), (0, at(50)));
    assert_eq!(subject.webhooks.retry(None, at(60), None).await.unwrap(), 2);
    assert_eq!(subject.claim_webhooks(60, 10).await.len(), 2);
    assert_eq!(subject.webhooks.given_up(EventId::START, 9).await.unwrap(), []);
}

/// Also while events are still being queued.
pub async fn of_racing_senders_each_event_is_claimed_by_one(subject: &Subject) {
    let cast = subject.cast().await;
    subject.queue_webhooks(0).await;
    for _ in 0..30 {
        subject.submit(&cast).await;
    }
    subject.events.number(100).await.unwrap();
    let claimed = race(6, |_| {
        let subject = subject.clone();
        async move {
            let mut claimed = Vec::new();
            for _ in 0..12 {
                subject.webhooks.queue(4, at(0)).await.unwrap();
                claimed.extend(subject.claim_webhooks(0, 3).await);
            }
            claimed
        }
    })
    .await;
    let mut claimed: Vec<_> = claimed.into_iter().flatten().map(|delivery| delivery.event.id).collect();
    subject.queue_webhooks(0).await;
    claimed.extend(subject.claim_webhooks(0, 99).await.iter().map(|delivery| delivery.event.id));
    assert_eq!(claimed.iter().collect::<HashSet<_>>().len(), 30, "all are claimed");
    assert_eq!(claimed.len(), 30, "each once");
}

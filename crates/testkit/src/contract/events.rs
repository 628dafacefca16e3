//! Events: each move is announced once, and readers miss nothing.

use chrono::TimeDelta;
use yilin_domain::account::{Account, AccountUuid};
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::event::{Audience, Event, EventBatch, EventId, EventType, Parties, Subject as About};
use yilin_domain::inquiry::{Inquiry, InquiryStatus, Rescheduler};
use yilin_domain::medical_record::{AddendumNotes, AddendumText};

use super::arrange::{Cast, appoint, at, by, draft, held_file, reason, registration};
use super::race::race;
use super::{DEADLINES, Subject};

impl Subject {
    /// Numbers everything that waits.
    async fn number_events(&self) {
        while self.events.number(100).await.unwrap() > 0 {}
    }

    async fn read_events(&self, after: i64, audience: Audience, limit: u16) -> EventBatch {
        self.events.read(EventId(after), audience, limit).await.unwrap()
    }

    /// All events of an audience, read in small steps.
    async fn all_events(&self, audience: Audience) -> Vec<Event> {
        self.number_events().await;
        let (mut events, mut after) = (Vec::new(), EventId::START);
        while after < self.events.newest().await.unwrap() {
            let batch = self.events.read(after, audience, 3).await.unwrap();
            assert!(batch.events.iter().all(|event| after < event.id && event.id <= batch.reached));
            assert!(batch.reached > after, "reading goes on");
            assert!(!batch.incomplete);
            after = batch.reached;
            events.extend(batch.events);
        }
        events
    }

    async fn types_for(&self, audience: Audience) -> Vec<EventType> {
        self.all_events(audience).await.iter().map(|event| event.content.event_type).collect()
    }
}

fn parties(patient: &Account, physician: Option<&Account>, former: Option<&Account>) -> Parties {
    let uuid = |account: Option<&Account>| account.map(|account| account.uuid);
    Parties { patient: patient.uuid, physician: uuid(physician), former_physician: uuid(former) }
}

/// With its type, its time, the record and whom it concerns.
pub async fn every_move_is_announced_once(subject: &Subject) {
    let cast = subject.cast().await;
    let Cast { admin, patient, physician, other_physician } = &cast;
    let inquiry = subject.submit(&cast).await;
    let inquiry = subject.saved(appoint(&inquiry, other_physician, by(admin, 10))).await;
    let inquiry = subject.saved(inquiry.decline(by(other_physician, 20), &DEADLINES)).await;
    let inquiry = subject.saved(appoint(&inquiry, other_physician, by(admin, 30))).await;
    let inquiry = subject.saved(appoint(&inquiry, physician, by(admin, 40))).await;
    let inquiry = subject.saved(inquiry.accept(by(physician, 50), &DEADLINES)).await;
    let end = inquiry.clone().register(super::arrange::notes(true), by(physician, 60), &DEADLINES).unwrap();
    let order = subject.register(&end).await.drug_order.unwrap();
    let registered = subject.inquiry(inquiry.id).await;
    subject.saved(registered.approve(by(admin, 70), &DEADLINES)).await;
    let pending = subject.order(order).await;
    let order = subject.saved_order(pending.purchase(by(physician, 80))).await;
    let order = subject.saved_order(order.dispatch(held_file(), by(physician, 90))).await;
    let order = subject.saved_order(order.confirm_receipt(by(admin, 100))).await;

    let about = |status| About::Inquiry(inquiry.id, status);
    let drugs = |status| About::DrugOrder(order.id, status);
    let of_first = parties(patient, Some(other_physician), None);
    let of_both = parties(patient, Some(physician), None);
    let taken = parties(patient, Some(physician), Some(other_physician));
    let expected = [
        (EventType::InquirySubmitted, 0, about(InquiryStatus::Submitted), parties(patient, None, None)),
        (EventType::InquiryAssigned, 10, about(InquiryStatus::Assigned), of_first),
        (
            EventType::InquiryDeclined,
            20,
            about(InquiryStatus::Submitted),
            parties(patient, None, Some(other_physician)),
        ),
        (EventType::InquiryAssigned, 30, about(InquiryStatus::Assigned), of_first),
        (EventType::InquiryAssigned, 40, about(InquiryStatus::Assigned), taken),
        (EventType::InquiryAccepted, 50, about(InquiryStatus::Accepted), of_both),
        (EventType::InquiryRegistered, 60, about(InquiryStatus::Registered), of_both),
        (EventType::DrugOrderCreated, 60, drugs(DrugOrderStatus::Pending), of_both),
        (EventType::InquiryApproved, 70, about(InquiryStatus::Approved), of_both),
        (EventType::DrugOrderPurchased, 80, drugs(DrugOrderStatus::Purchased), of_both),
        (EventType::DrugOrderDispatched, 90, drugs(DrugOrderStatus::Dispatched), of_both),
        (EventType::DrugOrderReceived, 100, drugs(DrugOrderStatus::Received), of_both),
    ];
    let events = subject.all_events(Audience::Everyone).await;
    let seen = events.iter().map(|Event { content, .. }| {
        (content.event_type, (content.at - at(0)).num_seconds(), content.subject, content.parties)
    });
    assert_eq!(seen.collect::<Vec<_>>(), expected);
}

/// A stale move, and a registration that is refused as a whole.
pub async fn what_was_not_saved_is_not_announced(subject: &Subject) {
    use EventType::{
        DrugOrderCreated, InquiryAccepted, InquiryAssigned, InquiryRegistered, InquirySubmitted,
    };

    let cast = subject.cast().await;
    let submitted = subject.submit(&cast).await;
    let late = appoint(&submitted, &cast.other_physician, by(&cast.admin, 20)).unwrap();
    subject.saved(appoint(&submitted, &cast.physician, by(&cast.admin, 10))).await;
    assert!(subject.inquiries.save(&late).await.unwrap().is_err());
    let accepted = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    let registration = registration(&accepted, &cast, true);
    subject.register(&registration).await;
    assert!(subject.medical_records.register(&registration).await.unwrap().is_err());
    let expected = [
        InquirySubmitted,
        InquiryAssigned,
        InquirySubmitted,
        InquiryAssigned,
        InquiryAccepted,
        InquiryRegistered,
        DrugOrderCreated,
    ];
    assert_eq!(subject.types_for(Audience::Everyone).await, expected);
}

/// And what is numbered has the numbers from 1 on.
pub async fn nothing_is_read_before_it_is_numbered(subject: &Subject) {
    assert_eq!(subject.events.newest().await.unwrap(), EventId::START);
    assert_eq!(subject.events.number(10).await.unwrap(), 0);
    let cast = subject.cast().await;
    for _ in 0..3 {
        subject.submit(&cast).await;
    }
    assert_eq!(subject.events.newest().await.unwrap(), EventId::START);
    let nothing = EventBatch { events: Vec::new(), reached: EventId::START, incomplete: false };
    assert_eq!(subject.read_events(0, Audience::Everyone, 10).await, nothing);
    assert_eq!(subject.events.number(2).await.unwrap(), 2);
    assert_eq!(subject.events.newest().await.unwrap(), EventId(2));
    assert_eq!(subject.events.number(2).await.unwrap(), 1);
    let batch = subject.read_events(0, Audience::Everyone, 10).await;
    assert_eq!(batch.events.iter().map(|event| event.id.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((batch.reached, batch.incomplete), (EventId(3), false));
}

/// From any position, with any limit.
pub async fn a_reader_that_goes_on_misses_nothing(subject: &Subject) {
    let cast = subject.cast().await;
    for _ in 0..7 {
        subject.submit(&cast).await;
    }
    subject.number_events().await;
    for after in 0..=7 {
        for limit in [1, 3, 100] {
            let batch = subject.read_events(after, Audience::Everyone, limit).await;
            let last = (after + i64::from(limit)).min(7);
            let ids: Vec<_> = batch.events.iter().map(|event| event.id.0).collect();
            assert_eq!(ids, (after + 1..=last).collect::<Vec<_>>(), "{limit} after {after}");
            assert_eq!((batch.reached, batch.incomplete), (EventId(last), false));
        }
    }
    // Where a position is ahead of everything, there is nothing after it, and it stays where it is.
    assert_eq!(subject.read_events(9, Audience::Everyone, 5).await.reached, EventId(9));
}

/// Patients and physicians those of their own records; who loses a record reads that, and nothing after it.
pub async fn each_audience_reads_its_own(subject: &Subject) {
    use EventType::{InquiryAccepted, InquiryAssigned, InquiryDeclined, InquirySubmitted};
    let cast = subject.cast().await;
    let other_patient = subject.insert_person(yilin_domain::account::Role::Patient, "刘芳").await;
    let inquiry = subject.submit(&cast).await;
    let inquiry = subject.saved(appoint(&inquiry, &cast.other_physician, by(&cast.admin, 10))).await;
    let inquiry = subject.saved(inquiry.decline(by(&cast.other_physician, 20), &DEADLINES)).await;
    let inquiry = subject.saved(appoint(&inquiry, &cast.physician, by(&cast.admin, 30))).await;
    subject.saved(inquiry.accept(by(&cast.physician, 40), &DEADLINES)).await;
    subject.create(draft(&other_patient), by(&other_patient, 50)).await;
    let of = |account: &Account| Audience::Party(account.uuid);
    let all = [
        InquirySubmitted,
        InquiryAssigned,
        InquiryDeclined,
        InquiryAssigned,
        InquiryAccepted,
        InquirySubmitted,
    ];
    assert_eq!(subject.types_for(Audience::Everyone).await, all);
    assert_eq!(subject.types_for(of(&cast.patient)).await, all[..5]);
    assert_eq!(subject.types_for(of(&cast.other_physician)).await, [InquiryAssigned, InquiryDeclined]);
    assert_eq!(subject.types_for(of(&cast.physician)).await, [InquiryAssigned, InquiryAccepted]);
    assert_eq!(subject.types_for(of(&other_patient)).await, [InquirySubmitted]);
    assert_eq!(subject.types_for(of(&cast.admin)).await, []);
    let batch = subject.read_events(0, of(&other_patient), 10).await;
    assert_eq!((batch.events.len(), batch.reached), (1, EventId(6)), "all were looked at");
}

/// Where few of many events are for the reader.
pub async fn a_long_wait_is_read_in_parts(subject: &Subject) {
    let cast = subject.cast().await;
    for _ in 0..60 {
        subject.submit(&cast).await;
    }
    let nobody = Audience::Party(AccountUuid::parse("ffffffff").unwrap());
    assert_eq!(subject.all_events(nobody).await, []);
    let of_patient = subject.all_events(Audience::Party(cast.patient.uuid)).await;
    assert_eq!(of_patient.len(), 60);
}

/// Several instances at once.
pub async fn racing_numberings_leave_no_gap(subject: &Subject) {
    let cast = subject.cast().await;
    let (draft, asks) = (draft(&cast.patient), by(&cast.patient, 0));
    race(12, |racer| {
        let (subject, draft, asks) = (subject.clone(), draft.clone(), asks.clone());
        async move {
            for _ in 0..10 {
                if racer % 2 == 0 {
                    subject.create(draft.clone(), asks.clone()).await;
                } else {
                    subject.events.number(7).await.unwrap();
                }
            }
        }
    })
    .await;
    let events = subject.all_events(Audience::Everyone).await;
    assert_eq!(events.iter().map(|event| event.id.0).collect::<Vec<_>>(), (1..=60).collect::<Vec<_>>());
    let mut inquiries: Vec<_> = events.iter().map(|event| event.content.subject.id()).collect();
    inquiries.sort_unstable();
    inquiries.dedup();
    assert_eq!(inquiries.len(), 60, "each inquiry is announced once");
}

/// Also while they are numbered.
pub async fn moves_of_one_record_are_announced_in_order(subject: &Subject) {
    let cast = subject.cast().await;
    race(6, |racer| {
        let (subject, cast) = (subject.clone(), cast.clone());
        async move {
            if racer == 0 {
                for _ in 0..40 {
                    subject.events.number(3).await.unwrap();
                }
            } else {
                subject.order_at(&cast, DrugOrderStatus::Received).await;
            }
        }
    })
    .await;
    let events = subject.all_events(Audience::Everyone).await;
    assert_eq!(events.len(), 5 * 8);
    let subjects = events.iter().map(|event| (event.content.subject.kind(), event.content.subject.id()));
    for (kind, id) in subjects {
        let of_one = events.iter().map(|event| event.content.subject);
        let of_one: Vec<_> = of_one.filter(|other| (other.kind(), other.id()) == (kind, id)).collect();
        let names: Vec<_> = of_one.iter().map(|subject| subject.status_name()).collect();
        let expected: &[_] = match kind {
            yilin_domain::event::SubjectKind::Inquiry => &["submitted", "assigned", "accepted", "registered"],
            _ => &["pending", "purchased", "dispatched", "received"],
        };
        assert_eq!(names, expected);
    }
}

/// Oldest first; and who reads after an earlier position learns it.
pub async fn old_events_are_forgotten(subject: &Subject) {
    let cast = subject.cast().await;
    for seconds in 0..5 {
        let asks = by(&cast.patient, seconds);
        subject.create(draft(&cast.patient), asks).await;
    }
    subject.number_events().await;
    assert_eq!(subject.events.forget(at(0), 10).await.unwrap(), 0);
    assert_eq!(subject.events.forget(at(3), 2).await.unwrap(), 2);
    let batch = subject.read_events(0, Audience::Everyone, 10).await;
    assert_eq!((batch.events.len(), batch.incomplete, batch.reached), (3, true, EventId(5)));
    assert!(!subject.read_events(2, Audience::Everyone, 10).await.incomplete);
    assert_eq!(subject.events.forget(at(99), 10).await.unwrap(), 3);
    let batch = subject.read_events(4, Audience::Everyone, 10).await;
    assert_eq!((batch.events.len(), batch.incomplete, batch.reached), (0, true, EventId(5)));
    assert!(!subject.read_events(5, Audience::Everyone, 10).await.incomplete);
    subject.submit(&cast).await;
    subject.number_events().await;
    assert_eq!(subject.events.newest().await.unwrap(), EventId(6), "no number is given twice");
    assert!(!subject.read_events(5, Audience::Everyone, 10).await.incomplete);
}

/// Of a cancellation, a new time, a reassignment, a return and an addendum.
pub async fn corrections_are_announced(subject: &Subject) {
    let cast = subject.cast().await;
    let Cast { admin, patient, physician, other_physician } = &cast;
    let why = || reason("临时有事");
    let moved = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    let time = super::arrange::appointment("2024-03-09T08:30:00");
    let moved = moved.reschedule(time, Rescheduler::Hospital, why(), by(admin, 50), &DEADLINES);
    let moved = subject.saved(moved).await;
    let moved = subject.saved(moved.reassign(other_physician.uuid, why(), by(admin, 60), &DEADLINES)).await;
    subject.saved(moved.cancel(why(), by(admin, 70), &DEADLINES)).await;

    let inquiry = subject.inquiry_at(&cast, InquiryStatus::Registered).await;
    let record = subject.medical_records.of_inquiry(inquiry.id).await.unwrap().unwrap().record.unwrap().id;
    let returned = inquiry.return_for_correction(why(), by(admin, 80), &DEADLINES);
    let returned = subject.saved(returned).await;
    let notes =
        AddendumNotes {
            text: AddendumText::parse("补充").unwrap(), medical_img: None, inquiry_video: None
        };
    let amendment = returned.amend(record, notes, why(), by(physician, 90), &DEADLINES).unwrap();
    subject.medical_records.amend(&amendment).await.unwrap().unwrap();

    let events = subject.all_events(Audience::Everyone).await;
    let seen = events.iter().filter(|event| event.content.at >= at(50)).map(|Event { content, .. }| {
        let of_record = matches!(content.subject, About::MedicalRecord(..));
        (content.event_type, content.subject.status_name(), of_record, content.parties)
    });
    let taken = parties(patient, Some(other_physician), Some(physician));
    let expected = [
        (EventType::InquiryRescheduled, "accepted", false, parties(patient, Some(physician), None)),
        (EventType::InquiryAssigned, "assigned", false, taken),
        (EventType::InquiryCancelled, "cancelled", false, parties(patient, Some(other_physician), None)),
        (EventType::InquiryReturned, "returned", false, parties(patient, Some(physician), None)),
        (EventType::MedicalRecordAmended, "registered", true, parties(patient, Some(physician), None)),
    ];
    assert_eq!(seen.collect::<Vec<_>>(), expected);
}

/// Each status by the type of its name, and each type by something that happens.
pub async fn every_type_announces_something(subject: &Subject) {
    let cast = subject.cast().await;
    let Cast { admin, patient, physician, .. } = &cast;
    let why = || reason("临时有事");
    let mut reached = Vec::new();
    for status in InquiryStatus::ALL {
        let inquiry = subject.inquiry_at(&cast, status).await;
        reached.push((About::Inquiry(inquiry.id, status), format!("inquiry.{}", status.as_str())));
    }
    for status in DrugOrderStatus::ALL {
        let order = subject.order_at(&cast, status).await;
        let name = if status == DrugOrderStatus::Pending { "created" } else { status.as_str() };
        reached.push((About::DrugOrder(order.id, status), format!("drug_order.{name}")));
    }
    // What leads back to a status, keeps it, or is no transition.
    let assigned = subject.inquiry_at(&cast, InquiryStatus::Assigned).await;
    let declined = subject.saved(assigned.decline(by(physician, 20), &DEADLINES)).await;
    let time = super::arrange::appointment("2024-03-09T08:30:00");
    let moved = declined.reschedule(time, Rescheduler::Patient, why(), by(patient, 30), &DEADLINES);
    let moved = subject.saved(moved).await;
    let returned = subject.inquiry_at(&cast, InquiryStatus::Returned).await;
    let found = subject.medical_records.of_inquiry(returned.id).await.unwrap().unwrap();
    let notes =
        AddendumNotes {
            text: AddendumText::parse("补充").unwrap(), medical_img: None, inquiry_video: None
        };
    let record = found.record.unwrap().id;
    let amendment = returned.amend(record, notes, why(), by(physician, 50), &DEADLINES).unwrap();
    subject.medical_records.amend(&amendment).await.unwrap().unwrap();
    let late = moved.due_at.unwrap() + TimeDelta::seconds(1);
    subject.saved(moved.cancel(why(), by(admin, 60), &DEADLINES)).await;
    assert_ne!(subject.events.announce_overdue(late, 100).await.unwrap(), 0);

    let events = subject.all_events(Audience::Everyone).await;
    for (about, name) in reached {
        let announced = events.iter().find(|event| event.content.subject == about).unwrap();
        assert_eq!(announced.content.event_type.as_str(), name, "{about:?}");
    }
    let is_missing =
        |event_type: &EventType| events.iter().all(|event| event.content.event_type != *event_type);
    let missing: Vec<_> = EventType::ALL.into_iter().filter(is_missing).collect();
    assert_eq!(missing, [], "announced by nothing that is tried here");
}

/// Once for each deadline, also by several instances at once.
pub async fn a_missed_deadline_is_announced_once(subject: &Subject) {
    let cast = subject.cast().await;
    let Cast { admin, patient, physician, .. } = &cast;
    let first = subject.create(draft(patient), by(patient, 0)).await.inquiry;
    let second = subject.create(draft(patient), by(patient, 60)).await.inquiry;
    let due = |inquiry: &Inquiry| inquiry.due_at.unwrap();
    let announce = async |now| subject.events.announce_overdue(now, 10).await.unwrap();
    assert_eq!(announce(due(&first)).await, 0, "it has not passed yet");
    let now = due(&first) + TimeDelta::seconds(1);
    assert_eq!(announce(now).await, 1);
    assert_eq!(announce(now).await, 0);
    assert_eq!(announce(due(&second) + TimeDelta::seconds(1)).await, 1);

    // Of the next status, again.
    let assigned = subject.saved(appoint(&first, physician, by(admin, 100))).await;
    assert_eq!(announce(due(&assigned)).await, 0);
    let now = due(&assigned) + TimeDelta::seconds(1);
    let announced = race(4, |_| {
        let subject = subject.clone();
        async move { subject.events.announce_overdue(now, 10).await.unwrap() }
    });
    assert_eq!(announced.await.into_iter().sum::<u64>(), 1);
    // A step that leaves the deadline as it is does not announce it again.
    let time = super::arrange::appointment("2024-03-09T08:30:00");
    let why = reason("临时有事");
    subject.saved(assigned.reschedule(time, Rescheduler::Hospital, why, by(admin, 200), &DEADLINES)).await;
    assert_eq!(announce(now).await, 0);

    let events = subject.all_events(Audience::Everyone).await;
    let overdue = events.iter().filter(|event| event.content.event_type == EventType::InquiryOverdue);
    let seen: Vec<_> = overdue.map(|event| (event.content.subject, event.content.parties)).collect();
    let of = |inquiry: &Inquiry, status, physician| {
        (About::Inquiry(inquiry.id, status), parties(patient, physician, None))
    };
    let expected = [
        of(&first, InquiryStatus::Submitted, None),
        of(&second, InquiryStatus::Submitted, None),
        of(&first, InquiryStatus::Assigned, Some(physician)),
    ];
    assert_eq!(seen, expected);
}

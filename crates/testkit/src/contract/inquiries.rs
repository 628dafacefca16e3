//! Contract of [`InquiryRepository`](yilin_domain::port::InquiryRepository): transitions and history.

use yilin_domain::id::{InquiryId, Version};
use yilin_domain::inquiry::{
    Inquiry, InquiryDetails, InquiryDraft, InquiryHistoryEntry, InquiryState, InquiryStatus, PatientSummary,
    PhysicianSummary, VisitType,
};
use yilin_domain::transition::{HistoryEntry, Stale};

use super::Subject;
use super::arrange::{DEADLINES, appoint, appointment, at, by, draft, submission};
use super::race::race;

/// A submitted inquiry is stored and returned with its patient.
pub async fn a_submitted_inquiry_is_stored(subject: &Subject) {
    let cast = subject.cast().await;
    let given = draft(&cast.patient);
    let created = subject.create(given.clone(), by(&cast.patient, 5)).await;
    let expected = InquiryDetails {
        inquiry: Inquiry::submitted(created.inquiry.id, submission(given, at(5)), at(5)),
        patient: PatientSummary::from(&cast.patient),
        physician: None,
    };
    assert_eq!(created, expected);
    assert_eq!(subject.inquiries.find(created.inquiry.id).await.unwrap(), Some(expected));
}

/// Every type of visit is stored, with and without a reserved phone number.
pub async fn every_kind_of_visit_is_kept(subject: &Subject) {
    let cast = subject.cast().await;
    let plain = draft(&cast.patient);
    let drafts = [
        InquiryDraft { visit_type: VisitType::Community, ..plain.clone() },
        InquiryDraft { reserved_phone: None, ..plain.clone() },
        InquiryDraft { appointment_time: appointment("2000-01-01T00:00:00"), ..plain.clone() },
        InquiryDraft { appointment_time: appointment("2100-12-31T23:59:00"), ..plain },
    ];
    for draft in drafts {
        let created = subject.create(draft.clone(), by(&cast.admin, 0)).await.inquiry;
        assert_eq!(subject.inquiry(created.id).await, created);
        assert_eq!(created, Inquiry::submitted(created.id, submission(draft, at(0)), at(0)));
    }
}

/// An unknown inquiry is not found.
pub async fn an_unknown_inquiry_is_not_found(subject: &Subject) {
    let cast = subject.cast().await;
    let known = subject.submit(&cast).await;
    for id in [InquiryId(known.id.0 + 1000), InquiryId(0), InquiryId(-1), InquiryId(i64::MAX)] {
        assert_eq!(subject.inquiries.find(id).await.unwrap(), None);
        assert_eq!(subject.inquiries.history(id).await.unwrap(), []);
    }
    let elsewhere = Inquiry { id: InquiryId(known.id.0 + 1000), ..known };
    let transition = appoint(&elsewhere, &cast.physician, by(&cast.admin, 10)).unwrap();
    assert_eq!(subject.inquiries.save(&transition).await.unwrap(), Err(Stale));
}

/// Each transition is stored as decided.
pub async fn every_move_is_stored(subject: &Subject) {
    let cast = subject.cast().await;
    for status in InquiryStatus::ALL {
        let moved = subject.inquiry_at(&cast, status).await;
        assert_eq!(moved.status(), status);
        assert_eq!(subject.inquiry(moved.id).await, moved);
    }
    let assigned = subject.inquiry_at(&cast, InquiryStatus::Assigned).await;
    let declined = subject.saved(assigned.decline(by(&cast.physician, 20), &DEADLINES)).await;
    assert_eq!(declined.state, InquiryState::Submitted);
    assert_eq!(subject.inquiry(declined.id).await, declined);
}

/// The details have the current physician.
pub async fn details_name_the_present_physician(subject: &Subject) {
    let cast = subject.cast().await;
    let summary = |physician: &yilin_domain::account::Account| PhysicianSummary {
        uuid: physician.uuid,
        username: physician.username.clone(),
        sex: physician.sex,
        hospital: physician.hospital.clone(),
    };
    let present = async |id| subject.inquiries.find(id).await.unwrap().unwrap().physician;
    let assigned = subject.inquiry_at(&cast, InquiryStatus::Assigned).await;
    assert_eq!(present(assigned.id).await, Some(summary(&cast.physician)));
    let reassigned = subject.saved(appoint(&assigned, &cast.other_physician, by(&cast.admin, 20))).await;
    assert_eq!(present(assigned.id).await, Some(summary(&cast.other_physician)));
    subject.saved(reassigned.decline(by(&cast.other_physician, 30), &DEADLINES)).await;
    assert_eq!(present(assigned.id).await, None);
}

/// The history has one entry per version: who, when, from, to, and the physician after the transition.
pub async fn the_history_has_an_entry_per_version(subject: &Subject) {
    use InquiryStatus::{Accepted, Approved, Assigned, Registered, Submitted};
    let cast = subject.cast().await;
    let (admin, first, second) = (&cast.admin, &cast.other_physician, &cast.physician);
    let inquiry = subject.submit(&cast).await;
    let id = inquiry.id;
    let inquiry = subject.saved(appoint(&inquiry, first, by(admin, 10))).await;
    let inquiry = subject.saved(inquiry.decline(by(first, 20), &DEADLINES)).await;
    let inquiry = subject.saved(appoint(&inquiry, first, by(admin, 30))).await;
    let inquiry = subject.saved(appoint(&inquiry, second, by(admin, 40))).await;
    let inquiry = subject.saved(inquiry.accept(by(second, 50), &DEADLINES)).await;
    subject.register(&super::arrange::registration(&inquiry, &cast, false)).await;
    subject.saved(subject.inquiry(id).await.approve(by(admin, 70), &DEADLINES)).await;
    let expected = [
        (&cast.patient, 0, None, Submitted, None),
        (admin, 10, Some(Submitted), Assigned, Some(first)),
        (first, 20, Some(Assigned), Submitted, None),
        (admin, 30, Some(Submitted), Assigned, Some(first)),
        (admin, 40, Some(Assigned), Assigned, Some(second)),
        (second, 50, Some(Assigned), Accepted, Some(second)),
        (second, 30, Some(Accepted), Registered, Some(second)),
        (admin, 70, Some(Registered), Approved, Some(second)),
    ];
    let expected: Vec<InquiryHistoryEntry> = (1..)
        .zip(expected)
        .map(|(version, (account, seconds, from, to, physician))| HistoryEntry {
            version: Version(version),
            by: account.uuid,
            at: at(seconds),
            reason: None,
            from,
            to,
            physician: physician.map(|physician| physician.uuid),
            after: inquiry.appointment_time,
        })
        .collect();
    assert_eq!(subject.inquiries.history(id).await.unwrap(), expected);
}

/// A transition based on an old version is not stored, and leaves no trace.
pub async fn a_stale_move_leaves_no_trace(subject: &Subject) {
    let cast = subject.cast().await;
    let inquiry = subject.submit(&cast).await;
    let late = appoint(&inquiry, &cast.other_physician, by(&cast.admin, 20)).unwrap();
    let assigned = subject.saved(appoint(&inquiry, &cast.physician, by(&cast.admin, 10))).await;
    for _ in 0..2 {
        assert_eq!(subject.inquiries.save(&late).await.unwrap(), Err(Stale));
        assert_eq!(subject.inquiry(inquiry.id).await, assigned);
        assert_eq!(subject.inquiries.history(inquiry.id).await.unwrap().len(), 2);
    }
}

/// A repeated transition is saved once.
pub async fn a_repeated_move_is_stale(subject: &Subject) {
    let cast = subject.cast().await;
    let inquiry = subject.submit(&cast).await;
    let transition = appoint(&inquiry, &cast.physician, by(&cast.admin, 10)).unwrap();
    assert_eq!(subject.inquiries.save(&transition).await.unwrap(), Ok(()));
    assert_eq!(subject.inquiries.save(&transition).await.unwrap(), Err(Stale));
    assert_eq!(subject.inquiries.history(inquiry.id).await.unwrap().len(), 2);
}

/// Of several concurrent transitions of one version, exactly one is saved, and it is the stored one.
pub async fn one_of_racing_transitions_is_saved(subject: &Subject) {
    let cast = subject.cast().await;
    for _ in 0..5 {
        let inquiry = subject.submit(&cast).await;
        let results = race(12, |racer| {
            let physician = if racer % 2 == 0 { &cast.physician } else { &cast.other_physician };
            let seconds = i64::try_from(racer).unwrap();
            let transition = appoint(&inquiry, physician, by(&cast.admin, seconds)).unwrap();
            let inquiries = subject.inquiries.clone();
            async move { (inquiries.save(&transition).await.unwrap(), transition) }
        })
        .await;
        let winners: Vec<_> = results.iter().filter(|(saved, _)| saved.is_ok()).collect();
        assert_eq!(winners.len(), 1, "{results:?}");
        let won = &winners[0].1;
        assert_eq!(subject.inquiry(inquiry.id).await, won.record);
        let history = subject.inquiries.history(inquiry.id).await.unwrap();
        assert_eq!(history.len(), 2);
        assert_eq!((history[1].by, history[1].at), (won.provenance.by, won.provenance.at));
        assert_eq!(history[1].physician, won.record.physician());
    }
}

/// Concurrently submitted inquiries are all stored, each with its history.
pub async fn racing_submissions_are_all_stored(subject: &Subject) {
    let cast = subject.cast().await;
    let (draft, provenance) = (draft(&cast.patient), by(&cast.patient, 0));
    let created = race(20, |_| {
        let (subject, draft, provenance) = (subject.clone(), draft.clone(), provenance.clone());
        async move { subject.create(draft, provenance).await.inquiry }
    })
    .await;
    for inquiry in created {
        assert_eq!(subject.inquiry(inquiry.id).await, inquiry);
        assert_eq!(subject.inquiries.history(inquiry.id).await.unwrap().len(), 1);
    }
}

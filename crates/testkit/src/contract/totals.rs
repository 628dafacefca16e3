//! Totals are correct after every kind of write, even where they are stored rather than counted.

use yilin_domain::drug_order::{DrugOrderFilter, DrugOrderParty, DrugOrderStatus};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::inquiry::{Inquiry, InquiryFilter, InquiryParty, InquiryStatus};
use yilin_domain::transition::Stale;

use super::Subject;
use super::arrange::{Cast, DEADLINES, appoint, by, draft, held_file, page, registration};
use super::race::race;

impl Subject {
    async fn inquiry_total(&self, filter: &InquiryFilter) -> u64 {
        self.inquiries.page(filter, page(1, 1)).await.unwrap().total
    }

    /// Checks the number of inquiries by status, in total and for the patient and the physicians.
    async fn assert_inquiry_totals(&self, cast: &Cast, inquiries: &[&Inquiry]) {
        let [first, second] = [cast.physician.uuid, cast.other_physician.uuid];
        for status in InquiryStatus::ALL {
            let of = |party| InquiryFilter::in_statuses(party, StatusSet::of(&[status]));
            let count = |wanted: &dyn Fn(&Inquiry) -> bool| {
                inquiries.iter().filter(|inquiry| inquiry.status() == status && wanted(inquiry)).count()
                    as u64
            };
            let all = count(&|_| true);
            assert_eq!(self.inquiry_total(&of(InquiryParty::Anyone)).await, all, "{status:?}");
            assert_eq!(self.inquiry_total(&of(InquiryParty::Patient(cast.patient.uuid))).await, all);
            for physician in [first, second] {
                let total = self.inquiry_total(&of(InquiryParty::Physician(physician))).await;
                assert_eq!(total, count(&|inquiry| inquiry.physician() == Some(physician)), "{status:?}");
            }
        }
        let everything = InquiryFilter::all_of(InquiryParty::Anyone);
        assert_eq!(self.inquiry_total(&everything).await, inquiries.len() as u64);
    }

    async fn assert_order_totals(&self, cast: &Cast, statuses: &[DrugOrderStatus]) {
        let parties = [
            DrugOrderParty::Anyone,
            DrugOrderParty::Patient(cast.patient.uuid),
            DrugOrderParty::Physician(cast.physician.uuid),
        ];
        for party in parties {
            for status in DrugOrderStatus::ALL {
                let filter = DrugOrderFilter { party, statuses: StatusSet::of(&[status]) };
                let total = self.drug_orders.page(&filter, page(1, 1)).await.unwrap().total;
                let expected = statuses.iter().filter(|other| **other == status).count() as u64;
                assert_eq!(total, expected, "{filter:?}");
            }
        }
    }
}

/// After submissions and after every transition.
pub async fn inquiry_totals_follow_every_move(subject: &Subject) {
    let cast = subject.cast().await;
    let bystander = subject.submit(&cast).await;
    subject.assert_inquiry_totals(&cast, &[&bystander]).await;
    let mut inquiry = subject.submit(&cast).await;
    let id = inquiry.id;
    subject.assert_inquiry_totals(&cast, &[&bystander, &inquiry]).await;
    for step in 0..7 {
        let present = inquiry;
        inquiry = match step {
            0 | 2 => subject.saved(appoint(&present, &cast.other_physician, by(&cast.admin, 10))).await,
            1 => subject.saved(present.decline(by(&cast.other_physician, 20), &DEADLINES)).await,
            3 => subject.saved(appoint(&present, &cast.physician, by(&cast.admin, 30))).await,
            4 => subject.saved(present.accept(by(&cast.physician, 40), &DEADLINES)).await,
            5 => {
                subject.register(&registration(&present, &cast, true)).await;
                subject.inquiry(id).await
            }
            _ => subject.saved(present.approve(by(&cast.admin, 60), &DEADLINES)).await,
        };
        subject.assert_inquiry_totals(&cast, &[&bystander, &inquiry]).await;
    }
}

/// After transitions that were not saved.
pub async fn totals_ignore_what_was_not_saved(subject: &Subject) {
    let cast = subject.cast().await;
    let submitted = subject.submit(&cast).await;
    let late = appoint(&submitted, &cast.other_physician, by(&cast.admin, 20)).unwrap();
    let assigned = subject.saved(appoint(&submitted, &cast.physician, by(&cast.admin, 10))).await;
    let _stale = subject.inquiries.save(&late).await.unwrap();
    subject.assert_inquiry_totals(&cast, &[&assigned]).await;

    let accepted = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    let registration = registration(&accepted, &cast, true);
    subject.register(&registration).await;
    assert_eq!(subject.medical_records.register(&registration).await.unwrap(), Err(Stale));
    let registered = subject.inquiry(accepted.id).await;
    subject.assert_inquiry_totals(&cast, &[&assigned, &registered]).await;
    subject.assert_order_totals(&cast, &[DrugOrderStatus::Pending]).await;
}

/// After the creation of orders and after every transition.
pub async fn drug_order_totals_follow_every_move(subject: &Subject) {
    use DrugOrderStatus::{Dispatched, Pending, Purchased, Received};
    let cast = subject.cast().await;
    subject.assert_order_totals(&cast, &[]).await;
    subject.pending_order(&cast).await;
    subject.assert_order_totals(&cast, &[Pending]).await;
    let order = subject.pending_order(&cast).await;
    subject.assert_order_totals(&cast, &[Pending, Pending]).await;
    let order = subject.saved_order(order.purchase(by(&cast.physician, 50))).await;
    subject.assert_order_totals(&cast, &[Pending, Purchased]).await;
    let order = subject.saved_order(order.dispatch(held_file(), by(&cast.physician, 60))).await;
    subject.assert_order_totals(&cast, &[Pending, Dispatched]).await;
    subject.saved_order(order.confirm_receipt(by(&cast.admin, 70))).await;
    subject.assert_order_totals(&cast, &[Pending, Received]).await;
}

/// After many concurrent writes.
pub async fn totals_are_right_after_a_crowd(subject: &Subject) {
    let cast = subject.cast().await;
    let (draft, physician) = (draft(&cast.patient), cast.physician.clone());
    let (asks, appoints) = (by(&cast.patient, 0), by(&cast.admin, 10));
    race(24, |racer| {
        let (subject, draft, physician) = (subject.clone(), draft.clone(), physician.clone());
        let (asks, appoints) = (asks.clone(), appoints.clone());
        async move {
            let inquiry = subject.create(draft, asks).await.inquiry;
            if racer % 3 == 0 {
                subject.saved(appoint(&inquiry, &physician, appoints)).await;
            }
        }
    })
    .await;
    let of = |status| {
        let statuses = StatusSet::of(&[status]);
        InquiryFilter::in_statuses(InquiryParty::Anyone, statuses)
    };
    assert_eq!(subject.inquiry_total(&of(InquiryStatus::Submitted)).await, 16);
    assert_eq!(subject.inquiry_total(&of(InquiryStatus::Assigned)).await, 8);
    let of_patient = InquiryFilter::all_of(InquiryParty::Patient(cast.patient.uuid));
    assert_eq!(subject.inquiry_total(&of_patient).await, 24);
}

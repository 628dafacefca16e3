//! Contract of [`DrugOrderRepository`](yilin_domain::port::DrugOrderRepository): lists.

use std::cmp::Reverse;

use yilin_domain::account::Role;
use yilin_domain::drug_order::{DrugOrderDetails, DrugOrderFilter, DrugOrderParty, DrugOrderStatus};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::id::DrugOrderId;
use yilin_domain::list::Total;

use super::Subject;
use super::arrange::{Cast, EVERYTHING, page};
use super::walk::{walk, walk_slices};

/// The sets used by lists, and others of every size.
fn sets() -> Vec<StatusSet<DrugOrderStatus>> {
    let mut sets = vec![
        StatusSet::all(),
        StatusSet::of(&[]),
        StatusSet::matching(DrugOrderStatus::is_purchased),
        StatusSet::matching(DrugOrderStatus::is_received),
    ];
    for status in DrugOrderStatus::ALL {
        sets.push(StatusSet::of(&[status]));
        sets.push(StatusSet::matching(|other| other != status));
    }
    sets
}

impl Subject {
    pub(super) async fn orders_of(&self, filter: &DrugOrderFilter) -> Vec<DrugOrderDetails> {
        let listed = self.drug_orders.page(filter, EVERYTHING).await.unwrap();
        assert_eq!(listed.total, u64::try_from(listed.items.len()).unwrap(), "everything is on one page");
        assert!(listed.items.is_sorted_by_key(|details| Reverse(details.order.id)), "newest first");
        listed.items
    }

    /// Stores orders in every status for two patients and two physicians, oldest first.
    async fn varied_orders(&self, cast: &Cast) -> Vec<DrugOrderDetails> {
        let patient = self.insert_person(Role::Patient, "刘芳").await;
        let physician = cast.other_physician.clone();
        let other =
            Cast { patient, physician, admin: cast.admin.clone(), other_physician: cast.physician.clone() };
        let mut stored = Vec::new();
        for status in DrugOrderStatus::ALL {
            for cast in [cast, &other, cast] {
                let id = self.order_at(cast, status).await.id;
                stored.push(self.drug_orders.find(id).await.unwrap().expect("the order is stored"));
            }
        }
        stored
    }
}

/// With nothing stored, lists are empty.
pub async fn lists_may_be_empty(subject: &Subject) {
    let everything = DrugOrderFilter::all_of(DrugOrderParty::Anyone);
    let listed = subject.drug_orders.page(&everything, page(1, 10)).await.unwrap();
    assert_eq!((listed.total, listed.items), (0, Vec::new()));
    assert!(subject.drug_orders.batch(&everything, None, 10).await.unwrap().is_empty());
}

/// Each party's list, with each set of statuses, contains exactly the matching orders, page by page and batch
/// by batch.
pub async fn each_party_and_set_shows_what_belongs_there(subject: &Subject) {
    let cast = subject.cast().await;
    let stored = subject.varied_orders(&cast).await;
    let parties = [
        DrugOrderParty::Anyone,
        DrugOrderParty::Patient(cast.patient.uuid),
        DrugOrderParty::Physician(cast.physician.uuid),
        DrugOrderParty::Patient(cast.physician.uuid),
        DrugOrderParty::Physician(cast.patient.uuid),
    ];
    for party in parties {
        let belongs = |details: &&DrugOrderDetails| match party {
            DrugOrderParty::Anyone => true,
            DrugOrderParty::Patient(uuid) => details.order.patient == uuid,
            DrugOrderParty::Physician(uuid) => details.order.physician == uuid,
        };
        for statuses in sets() {
            let filter = DrugOrderFilter { party, statuses };
            let in_set = |details: &&DrugOrderDetails| filter.statuses.contains(details.order.status());
            let expected: Vec<_> = stored.iter().rev().filter(belongs).filter(in_set).cloned().collect();
            assert_eq!(subject.orders_of(&filter).await, expected, "{filter:?}");
            assert_eq!(walked(subject, &filter).await, expected, "{filter:?}");
        }
    }
}

async fn walked(subject: &Subject, filter: &DrugOrderFilter) -> Vec<DrugOrderDetails> {
    let read = async |before| subject.drug_orders.batch(filter, before, 3).await.unwrap();
    walk(3, |details| details.order.id, read).await
}

/// Pages follow each other without gap or overlap; past the end they are empty, however far.
pub async fn pages_follow_each_other(subject: &Subject) {
    let cast = subject.cast().await;
    let mut newest_first = subject.varied_orders(&cast).await;
    newest_first.reverse();
    let everything = DrugOrderFilter::all_of(DrugOrderParty::Anyone);
    for size in [1, 5, 12, 1000] {
        let mut seen = Vec::new();
        for number in 1..=(12_u64.div_ceil(size.into())) {
            let listed = subject.drug_orders.page(&everything, page(number, size)).await.unwrap();
            assert_eq!(listed.total, 12);
            assert!(!listed.items.is_empty() && listed.items.len() <= size.into());
            seen.extend(listed.items);
        }
        assert_eq!(seen, newest_first, "pages of {size}");
    }
    for number in [3, 1_000_000_000_000, u64::MAX] {
        let past = subject.drug_orders.page(&everything, page(number, 10)).await.unwrap();
        assert_eq!((past.total, past.items.len()), (12, 0), "page {number}");
    }
}

/// Any id is a valid cursor, even if no order of the list has it.
pub async fn a_cursor_may_stand_anywhere(subject: &Subject) {
    let cast = subject.cast().await;
    let (first, second) = (subject.pending_order(&cast).await, subject.pending_order(&cast).await);
    let everything = DrugOrderFilter::all_of(DrugOrderParty::Anyone);
    let before = async |id| {
        let batch = subject.drug_orders.batch(&everything, Some(DrugOrderId(id)), 10).await.unwrap();
        batch.into_iter().map(|details| details.order.id).collect::<Vec<_>>()
    };
    assert_eq!(before(i64::MAX).await, [second.id, first.id]);
    assert_eq!(before(second.id.0).await, [first.id]);
    assert_eq!(before(first.id.0).await, []);
}

/// Each party's list, with each set of statuses, is the same slice by slice, in both directions.
pub async fn slices_show_the_same_as_pages(subject: &Subject) {
    let cast = subject.cast().await;
    subject.varied_orders(&cast).await;
    for party in [
        DrugOrderParty::Anyone,
        DrugOrderParty::Patient(cast.patient.uuid),
        DrugOrderParty::Physician(cast.physician.uuid),
        DrugOrderParty::Physician(cast.patient.uuid),
    ] {
        for statuses in sets() {
            let filter = DrugOrderFilter { party, statuses };
            let expected = subject.orders_of(&filter).await;
            let read = async |window| subject.drug_orders.slice(&filter, window, 2).await.unwrap();
            assert_eq!(walk_slices(2, |details| details.order.id, read).await, expected, "{filter:?}");
            let total = subject.drug_orders.total(&filter).await.unwrap();
            assert_eq!(total, Total::Exactly(u64::try_from(expected.len()).unwrap()), "{filter:?}");
        }
    }
}

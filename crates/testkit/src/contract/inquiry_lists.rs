//! Contract of [`InquiryRepository`](yilin_domain::port::InquiryRepository): lists and searches.

use std::cmp::Reverse;

use yilin_domain::account::Role;
use yilin_domain::enumeration::StatusSet;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{InquiryDetails, InquiryFilter, InquiryParty, InquiryStatus};

use super::Subject;
use super::arrange::{Cast, DEADLINES, EVERYTHING, appoint, by, draft, page};
use super::walk::walk;

/// The sets used by lists, and others of every size.
fn sets() -> Vec<StatusSet<InquiryStatus>> {
    let mut sets = vec![
        StatusSet::all(),
        StatusSet::of(&[]),
        StatusSet::matching(InquiryStatus::may_be_approved),
        StatusSet::matching(InquiryStatus::has_ended),
        StatusSet::matching(InquiryStatus::is_approved),
    ];
    for status in InquiryStatus::ALL {
        sets.push(StatusSet::of(&[status]));
        sets.push(StatusSet::matching(|other| other != status));
    }
    sets
}

impl Subject {
    pub(super) async fn inquiries_of(&self, filter: &InquiryFilter) -> Vec<InquiryDetails> {
        let listed = self.inquiries.page(filter, EVERYTHING).await.unwrap();
        assert_eq!(listed.total, u64::try_from(listed.items.len()).unwrap(), "everything is on one page");
        assert!(listed.items.is_sorted_by_key(|details| Reverse(details.inquiry.id)), "newest first");
        listed.items
    }

    async fn stored_details(&self, id: InquiryId) -> InquiryDetails {
        self.inquiries.find(id).await.unwrap().expect("the inquiry is stored")
    }

    /// Stores inquiries in every status for two patients and two physicians, oldest first.
    async fn varied_inquiries(&self, cast: &Cast) -> Vec<InquiryDetails> {
        let patient = self.insert_person(Role::Patient, "刘芳").await;
        let physician = cast.other_physician.clone();
        let other =
            Cast { patient, physician, admin: cast.admin.clone(), other_physician: cast.physician.clone() };
        let mut stored = Vec::new();
        for status in InquiryStatus::ALL {
            for cast in [cast, &other, cast] {
                let id = self.inquiry_at(cast, status).await.id;
                stored.push(self.stored_details(id).await);
            }
        }
        stored
    }
}

/// With nothing stored, lists are empty.
pub async fn lists_may_be_empty(subject: &Subject) {
    let everything = InquiryFilter::all_of(InquiryParty::Anyone);
    let listed = subject.inquiries.page(&everything, page(1, 10)).await.unwrap();
    assert_eq!((listed.total, listed.items), (0, Vec::new()));
    assert!(subject.inquiries.batch(&everything, None, 10).await.unwrap().is_empty());
}

/// Each party's list, with each set of statuses, contains exactly the matching inquiries, page by page and
/// batch by batch.
pub async fn each_party_and_set_shows_what_belongs_there(subject: &Subject) {
    let cast = subject.cast().await;
    let stored = subject.varied_inquiries(&cast).await;
    let parties = [
        InquiryParty::Anyone,
        InquiryParty::Patient(cast.patient.uuid),
        InquiryParty::Physician(cast.physician.uuid),
        InquiryParty::Patient(cast.physician.uuid),
        InquiryParty::Physician(cast.patient.uuid),
        InquiryParty::PatientNamed("秀".to_owned()),
        InquiryParty::PhysicianNamed("文博".to_owned()),
    ];
    for party in parties {
        let belongs = |details: &&InquiryDetails| match &party {
            InquiryParty::Anyone => true,
            InquiryParty::Patient(uuid) => details.inquiry.patient == *uuid,
            InquiryParty::Physician(uuid) => details.inquiry.physician() == Some(*uuid),
            InquiryParty::PatientNamed(_) => details.patient.uuid == cast.patient.uuid,
            InquiryParty::PhysicianNamed(_) => details.inquiry.physician() == Some(cast.other_physician.uuid),
        };
        for statuses in sets() {
            let filter = InquiryFilter::in_statuses(party.clone(), statuses);
            let in_set = |details: &&InquiryDetails| filter.statuses.contains(details.inquiry.status());
            let expected: Vec<_> = stored.iter().rev().filter(belongs).filter(in_set).cloned().collect();
            assert_eq!(subject.inquiries_of(&filter).await, expected, "{filter:?}");
            assert_eq!(walked(subject, &filter).await, expected, "{filter:?}");
        }
    }
}

async fn walked(subject: &Subject, filter: &InquiryFilter) -> Vec<InquiryDetails> {
    let read = async |before| subject.inquiries.batch(filter, before, 4).await.unwrap();
    walk(4, |details| details.inquiry.id, read).await
}

/// Pages follow each other without gap or overlap; past the end they are empty, however far.
pub async fn pages_follow_each_other(subject: &Subject) {
    let cast = subject.cast().await;
    let mut newest_first = subject.varied_inquiries(&cast).await;
    newest_first.reverse();
    let everything = InquiryFilter::all_of(InquiryParty::Anyone);
    let all = u16::try_from(newest_first.len()).unwrap();
    let stored = u64::from(all);
    for size in [1, 4, all, 1000] {
        let mut seen = Vec::new();
        for number in 1..=stored.div_ceil(size.into()) {
            let listed = subject.inquiries.page(&everything, page(number, size)).await.unwrap();
            assert_eq!(listed.total, stored);
            assert!(!listed.items.is_empty() && listed.items.len() <= size.into());
            seen.extend(listed.items);
        }
        assert_eq!(seen, newest_first, "pages of {size}");
    }
    for number in [stored.div_ceil(10) + 1, 1_000_000_000_000, u64::MAX] {
        let past = subject.inquiries.page(&everything, page(number, 10)).await.unwrap();
        assert_eq!((past.total, past.items.len()), (stored, 0), "page {number}");
    }
}

/// Any id is a valid cursor, even if no inquiry of the list has it.
pub async fn a_cursor_may_stand_anywhere(subject: &Subject) {
    let cast = subject.cast().await;
    let (first, second) = (subject.submit(&cast).await, subject.submit(&cast).await);
    let everything = InquiryFilter::all_of(InquiryParty::Anyone);
    let before = async |id| {
        let batch = subject.inquiries.batch(&everything, Some(InquiryId(id)), 10).await.unwrap();
        batch.into_iter().map(|details| details.inquiry.id).collect::<Vec<_>>()
    };
    assert_eq!(before(i64::MAX).await, [second.id, first.id]);
    assert_eq!(before(second.id.0 + 1).await, [second.id, first.id]);
    assert_eq!(before(second.id.0).await, [first.id]);
    assert_eq!(before(first.id.0).await, []);
    assert_eq!(before(-5).await, []);
}

/// A former physician's list no longer contains an inquiry; the current one's does.
pub async fn a_reassigned_inquiry_changes_lists(subject: &Subject) {
    let cast = subject.cast().await;
    let inquiry = subject.inquiry_at(&cast, InquiryStatus::Assigned).await;
    let count = async |party| subject.inquiries_of(&InquiryFilter::all_of(party)).await.len();
    let by_physician = async || {
        let (former, present) = (cast.physician.uuid, cast.other_physician.uuid);
        (count(InquiryParty::Physician(former)).await, count(InquiryParty::Physician(present)).await)
    };
    let by_name = async || {
        let named = |name: &str| InquiryParty::PhysicianNamed(name.to_owned());
        (count(named("李志强")).await, count(named("张文博")).await)
    };
    assert_eq!((by_physician().await, by_name().await), ((1, 0), (1, 0)));
    let inquiry = subject.saved(appoint(&inquiry, &cast.other_physician, by(&cast.admin, 20))).await;
    assert_eq!((by_physician().await, by_name().await), ((0, 1), (0, 1)));
    subject.saved(inquiry.decline(by(&cast.other_physician, 30), &DEADLINES)).await;
    assert_eq!((by_physician().await, by_name().await), ((0, 0), (0, 0)));
}

/// Names are matched literally: without wildcards, and case-sensitive.
pub async fn names_are_matched_to_the_letter(subject: &Subject) {
    let cast = subject.cast().await;
    let names = ["100%", "1000", "a_b", "axb", "a\\b", "Li Lei", "li lei", "王小明", "😀"];
    for name in names {
        let patient = subject.insert_person(Role::Patient, name).await;
        let physician = subject.insert_person(Role::Physician, name).await;
        let inquiry = subject.create(draft(&patient), by(&patient, 0)).await.inquiry;
        subject.saved(appoint(&inquiry, &physician, by(&cast.admin, 10))).await;
    }
    let searches = [
        ("%", "100%"),
        ("_", "a_b"),
        ("\\", "a\\b"),
        ("Li", "Li Lei"),
        ("li", "li lei"),
        ("小", "王小明"),
        ("😀", "😀"),
    ];
    for (text, name) in searches {
        for party in
            [InquiryParty::PatientNamed(text.to_owned()), InquiryParty::PhysicianNamed(text.to_owned())]
        {
            let found = subject.inquiries_of(&InquiryFilter::all_of(party.clone())).await;
            let names: Vec<_> = found.iter().map(|details| details.patient.username.as_str()).collect();
            assert_eq!(names, [name], "{party:?}");
        }
    }
}

/// A name shared by several people finds the inquiries of all of them.
pub async fn a_name_may_belong_to_several(subject: &Subject) {
    let cast = subject.cast().await;
    let namesake = subject.insert_person(Role::Patient, "王秀英").await;
    subject.submit(&cast).await;
    subject.create(draft(&namesake), by(&namesake, 0)).await;
    subject.submit(&cast).await;
    let filter = InquiryFilter::all_of(InquiryParty::PatientNamed("王秀英".to_owned()));
    let found = subject.inquiries_of(&filter).await;
    let patients: Vec<_> = found.iter().map(|details| details.patient.uuid).collect();
    assert_eq!(patients, [cast.patient.uuid, namesake.uuid, cast.patient.uuid]);
}

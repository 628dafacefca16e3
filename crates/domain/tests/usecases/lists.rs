//! Lists of inquiries and drug orders: roles, restriction to one's own records, and complete lists.

use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use yilin_domain::account::{AccountField, AccountFilter, Role};
use yilin_domain::drug_order::{DrugOrderFilter, DrugOrderParty, DrugOrderStatus};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::error::Error;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{InquiryFilter, InquiryParty, InquiryStatus};
use yilin_domain::usecase::{DrugOrderSelection, InquirySelection};
use yilin_testkit::sample;

use crate::support::{Case, EVERYTHING, assert_refused, batch_sizes, collect};

/// One inquiry of each patient, each with a different physician.
async fn two_inquiries(case: &Case) -> [InquiryId; 2] {
    let inquiries = &case.hospital.use_cases.inquiries;
    let one = case.assigned().await;
    let other = inquiries.submit(&case.other_patient.actor, sample::inquiry_request()).await.unwrap();
    let other = other.inquiry.id;
    inquiries.appoint(&case.admin.actor, other, case.other_physician.actor.uuid).await.unwrap();
    [one, other]
}

#[tokio::test]
async fn inquiries_are_listed_by_the_admin_and_by_their_parties() {
    let case = Case::new().await;
    let [one, other] = two_inquiries(&case).await;
    let every = || InquiryFilter::all_of(InquiryParty::Anyone).statuses;
    let only = |status| StatusSet::of(&[status]);
    let inquiries = &case.hospital.use_cases.inquiries;
    for (selection, open_to, shown) in [
        (InquirySelection::All(every()), Role::Admin, vec![other, one]),
        (InquirySelection::All(only(InquiryStatus::Submitted)), Role::Admin, vec![]),
        (InquirySelection::OfPhysician(every()), Role::Physician, vec![one]),
        (InquirySelection::OfPhysician(only(InquiryStatus::Accepted)), Role::Physician, vec![]),
        (InquirySelection::OfPatient(every()), Role::Patient, vec![one]),
        (InquirySelection::OfPatient(only(InquiryStatus::Approved)), Role::Patient, vec![]),
        (InquirySelection::ByPatientName("建国".to_owned()), Role::Admin, vec![other]),
        (InquirySelection::ByPatientName("志强".to_owned()), Role::Admin, vec![]),
        (InquirySelection::ByPatientName(String::new()), Role::Admin, vec![other, one]),
        (InquirySelection::ByPhysicianName("志强".to_owned()), Role::Admin, vec![one]),
        (InquirySelection::ByPhysicianName("建国".to_owned()), Role::Admin, vec![]),
        (InquirySelection::ByPhysicianName(String::new()), Role::Admin, vec![other, one]),
    ] {
        let page = async |actor| inquiries.page(&actor, selection.clone(), EVERYTHING).await;
        let all = async |actor| inquiries.all(&actor, selection.clone());
        assert_eq!(case.open_to(page).await, [open_to], "{selection:?}");
        assert_eq!(case.open_to(all).await, [open_to], "{selection:?}");
        let page = page(case.actor(open_to)).await.unwrap().items;
        let ids: Vec<_> = page.iter().map(|details| details.inquiry.id).collect();
        assert_eq!(ids, shown, "{selection:?}");
        assert_eq!(collect(all(case.actor(open_to)).await.unwrap()).await, page, "{selection:?}");
    }
}

#[tokio::test]
async fn an_empty_name_matches_an_inquiry_without_a_physician_too() {
    let case = Case::new().await;
    let id = case.submitted().await;
    let selection = InquirySelection::ByPhysicianName(String::new());
    let page =
        case.hospital.use_cases.inquiries.page(&case.admin.actor, selection, EVERYTHING).await.unwrap();
    assert_eq!(page.items.iter().map(|details| details.inquiry.id).collect::<Vec<_>>(), [id]);
}

#[tokio::test]
async fn drug_orders_are_listed_by_the_admin_and_by_their_parties() {
    let case = Case::new().await;
    let order = case.ordered().await;
    let every = || DrugOrderFilter::all_of(DrugOrderParty::Anyone).statuses;
    let only = |status| StatusSet::of(&[status]);
    let none = DrugOrderStatus::Received;
    let drug_orders = &case.hospital.use_cases.drug_orders;
    for (selection, open_to, shown) in [
        (DrugOrderSelection::All(every()), Role::Admin, vec![order]),
        (DrugOrderSelection::All(only(none)), Role::Admin, vec![]),
        (DrugOrderSelection::OfPhysician(every()), Role::Physician, vec![order]),
        (DrugOrderSelection::OfPhysician(only(none)), Role::Physician, vec![]),
        (DrugOrderSelection::OfPatient(every()), Role::Patient, vec![order]),
        (DrugOrderSelection::OfPatient(only(none)), Role::Patient, vec![]),
    ] {
        let page = async |actor| drug_orders.page(&actor, selection.clone(), EVERYTHING).await;
        let all = async |actor| drug_orders.all(&actor, selection.clone());
        assert_eq!(case.open_to(page).await, [open_to], "{selection:?}");
        assert_eq!(case.open_to(all).await, [open_to], "{selection:?}");
        let page = page(case.actor(open_to)).await.unwrap().items;
        let ids: Vec<_> = page.iter().map(|details| details.order.id).collect();
        assert_eq!(ids, shown, "{selection:?}");
        assert_eq!(collect(all(case.actor(open_to)).await.unwrap()).await, page, "{selection:?}");
    }
    for (actor, selection) in [
        (&case.other_patient.actor, DrugOrderSelection::OfPatient(every())),
        (&case.other_physician.actor, DrugOrderSelection::OfPhysician(every())),
    ] {
        let page = drug_orders.page(actor, selection, EVERYTHING).await.unwrap();
        assert!(page.items.is_empty(), "another person's order");
    }
}

#[tokio::test]
async fn a_complete_list_is_batched_with_each_record_once() {
    let case = Case::new().await;
    let (use_cases, admin) = (&case.hospital.use_cases, &case.admin.actor);
    let all = || {
        let filter = AccountFilter { role: Role::Patient, containing: None };
        use_cases.accounts.all(admin, filter).unwrap()
    };
    // Two inquiries exist already.
    for (more, sizes) in [(0, vec![2]), (166, vec![8, 32, 128]), (1, vec![8, 32, 128, 1])] {
        use_cases.test_data.generate_accounts(admin, Role::Patient, more).await.unwrap();
        assert_eq!(batch_sizes(all()).await.unwrap(), sizes);
    }
    let ids: Vec<_> = collect(all()).await.into_iter().map(|account| account.id).collect();
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "newest first");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 169);

    let containing = Some((AccountField::Username, "没有".to_owned()));
    let none = use_cases.accounts.all(admin, AccountFilter { role: Role::Patient, containing }).unwrap();
    assert!(batch_sizes(none).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_complete_list_ends_with_the_error() {
    let case = Case::new().await;
    let (use_cases, admin) = (&case.hospital.use_cases, &case.admin.actor);
    use_cases.test_data.generate_accounts(admin, Role::Patient, 100).await.unwrap();
    let filter = AccountFilter { role: Role::Patient, containing: None };
    let mut batches = use_cases.accounts.all(admin, filter).unwrap();
    assert_eq!(batches.next().await.unwrap().unwrap().len(), 8);
    case.hospital.fakes.storage.go_down();
    // It was read while the first one was used.
    assert_eq!(batches.next().await.unwrap().unwrap().len(), 32);
    assert_refused!(batches.next().await.unwrap(), Error::Port(_));
    assert!(batches.next().await.is_none());
}

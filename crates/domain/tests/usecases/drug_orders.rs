//! Drug orders: roles, steps, certificates and visibility.

use yilin_domain::account::Role;
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::error::{Error, IllegalStep};
use yilin_domain::file::{FileMention, FileReference};
use yilin_domain::id::{DrugOrderId, MedicalRecordId, Version};
use yilin_domain::usecase::ConsultationReport;
use yilin_testkit::sample;

use crate::support::{Case, ROLES, arriving, assert_refused};

const UNKNOWN: DrugOrderId = DrugOrderId(999_999);

#[tokio::test]
async fn physicians_purchase_and_dispatch_and_the_admin_confirms() {
    let case = Case::new().await;
    let drug_orders = &case.hospital.use_cases.drug_orders;
    let purchase = async |actor| drug_orders.purchase(&actor, UNKNOWN).await;
    let dispatch = async |actor| drug_orders.dispatch(&actor, UNKNOWN, &sample::file()).await;
    let confirm = async |actor| drug_orders.confirm_receipt(&actor, UNKNOWN).await;
    let find = async |actor| drug_orders.find(&actor, UNKNOWN).await;
    let of_record = async |actor| drug_orders.of_medical_record(&actor, MedicalRecordId(999_999)).await;
    assert_eq!(case.open_to(purchase).await, [Role::Physician]);
    assert_eq!(case.open_to(dispatch).await, [Role::Physician]);
    assert_eq!(case.open_to(confirm).await, [Role::Admin]);
    assert_eq!(case.open_to(find).await, ROLES);
    assert_eq!(case.open_to(of_record).await, ROLES);
    assert_refused!(purchase(case.physician.actor.clone()).await, Error::NotFound);
    assert_refused!(dispatch(case.physician.actor.clone()).await, Error::NotFound);
    assert_refused!(confirm(case.admin.actor.clone()).await, Error::NotFound);
    assert_refused!(of_record(case.admin.actor.clone()).await, Error::NotFound);
}

#[tokio::test]
async fn an_order_goes_from_pending_to_received_and_each_step_is_stored() {
    let case = Case::new().await;
    let id = case.ordered().await;
    let (drug_orders, physician) = (&case.hospital.use_cases.drug_orders, &case.physician.actor);
    let as_stored = async || drug_orders.find(&case.admin.actor, id).await.unwrap();

    let purchased = drug_orders.purchase(physician, id).await.unwrap();
    assert_eq!(purchased.order.status(), DrugOrderStatus::Purchased);
    assert_eq!(as_stored().await, purchased);

    let dispatched = drug_orders.dispatch(physician, id, &sample::file()).await.unwrap();
    let certificate = FileReference::AsGiven(sample::file().text);
    assert_eq!(dispatched.order.certificate(), Some(&certificate));
    assert_eq!(as_stored().await, dispatched);

    let received = drug_orders.confirm_receipt(&case.admin.actor, id).await.unwrap();
    assert_eq!(received.order.status(), DrugOrderStatus::Received);
    assert_eq!(received.order.certificate(), Some(&certificate));
    assert_eq!(as_stored().await, received);

    let history = case.drug_order_history(id).await;
    let by: Vec<_> = history.iter().map(|entry| entry.by).collect();
    assert_eq!(by, [physician.uuid, physician.uuid, physician.uuid, case.admin.actor.uuid]);
}

#[tokio::test]
async fn only_the_orders_physician_takes_its_steps() {
    let case = Case::new().await;
    let id = case.ordered().await;
    let (drug_orders, other) = (&case.hospital.use_cases.drug_orders, &case.other_physician.actor);
    assert_refused!(drug_orders.purchase(other, id).await, Error::NotFound);
    drug_orders.purchase(&case.physician.actor, id).await.unwrap();
    assert_refused!(drug_orders.dispatch(other, id, &sample::file()).await, Error::NotFound);
    assert_eq!(case.drug_order_history(id).await.len(), 2);
}

#[tokio::test]
async fn a_step_out_of_order_is_rejected_and_changes_nothing() {
    let case = Case::new().await;
    let id = case.ordered().await;
    let (drug_orders, physician) = (&case.hospital.use_cases.drug_orders, &case.physician.actor);
    let dispatch = async || drug_orders.dispatch(physician, id, &sample::file()).await;
    let confirm = async || drug_orders.confirm_receipt(&case.admin.actor, id).await;
    assert_refused!(dispatch().await, Error::IllegalStep(IllegalStep::DrugOrderNotPurchased));
    assert_refused!(confirm().await, Error::IllegalStep(IllegalStep::DrugOrderNotPurchased));
    drug_orders.purchase(physician, id).await.unwrap();
    assert_refused!(confirm().await, Error::IllegalStep(IllegalStep::DrugOrderNotDispatched));
    assert_eq!(case.drug_order_history(id).await.len(), 2);
}

#[tokio::test]
async fn a_certificate_grants_access_to_a_file_only_if_the_physician_had_it() {
    let case = Case::new().await;
    let files = &case.hospital.use_cases.files;
    for (uploader, entitled) in [(&case.physician, true), (&case.patient, false)] {
        let id = case.purchased().await;
        let bytes = arriving(uploader.account.username.as_str().as_bytes());
        let link =
            FileMention::parse(&files.upload(&uploader.actor, bytes, 1 << 20).await.unwrap().url).unwrap();
        let named = FileMention::parse(link.cid.as_str()).unwrap();
        let drug_orders = &case.hospital.use_cases.drug_orders;
        let dispatched = drug_orders.dispatch(&case.physician.actor, id, &named).await.unwrap();
        let held = FileReference::Held(link.cid);
        assert_eq!(dispatched.order.certificate() == Some(&held), entitled);
    }
}

#[tokio::test]
async fn the_admin_and_the_parties_see_an_order() {
    let case = Case::new().await;
    let id = case.ordered().await;
    let drug_orders = &case.hospital.use_cases.drug_orders;
    let details = drug_orders.find(&case.admin.actor, id).await.unwrap();
    let record = details.order.medical_record;
    for person in [&case.admin, &case.patient, &case.physician] {
        assert_eq!(drug_orders.find(&person.actor, id).await.unwrap(), details);
        assert_eq!(drug_orders.of_medical_record(&person.actor, record).await.unwrap(), details);
    }
    for stranger in [&case.other_patient, &case.other_physician] {
        assert_refused!(drug_orders.find(&stranger.actor, id).await, Error::NotFound);
        assert_refused!(drug_orders.of_medical_record(&stranger.actor, record).await, Error::NotFound);
    }
}

#[tokio::test]
async fn a_record_without_drugs_has_no_order() {
    let case = Case::new().await;
    let report =
        ConsultationReport { needs_drugs: false, ..sample::consultation_report(case.accepted().await) };
    let record = case.register(report).await;
    let drug_orders = &case.hospital.use_cases.drug_orders;
    let result = drug_orders.of_medical_record(&case.physician.actor, record.id).await;
    assert_refused!(result, Error::NotFound);
}

#[tokio::test]
async fn a_step_on_an_order_that_changed_since_it_was_seen_is_refused() {
    let case = Case::new().await;
    let id = case.purchased().await;
    let drug_orders = &case.hospital.use_cases.drug_orders;
    let dispatched = drug_orders.dispatch(&case.physician.actor, id, &sample::file()).await.unwrap();
    let seen = dispatched.order.version;
    for other in [Version::FIRST, seen.next()] {
        let confirmed = drug_orders.seen_at(Some(other)).confirm_receipt(&case.admin.actor, id).await;
        assert_refused!(confirmed, Error::Changed);
    }
    let confirmed = drug_orders.seen_at(Some(seen)).confirm_receipt(&case.admin.actor, id).await.unwrap();
    assert_eq!(confirmed.order.version, seen.next());
    // Without a version that was seen, the state decides.
    let again = drug_orders.seen_at(None).confirm_receipt(&case.admin.actor, id).await;
    assert_refused!(again, Error::IllegalStep(IllegalStep::DrugOrderAlreadyReceived));
}

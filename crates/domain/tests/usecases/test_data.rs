//! Generated accounts and flows.

use std::collections::HashSet;
use std::sync::Arc;

use yilin_domain::account::{AccountFilter, Role};
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::error::Error;
use yilin_domain::list::PageRequest;
use yilin_domain::port::PortError;
use yilin_domain::usecase::Realm;
use yilin_testkit::fakes::FakeRandom;
use yilin_testkit::{Hospital, sample};

use crate::support::{Case, assert_refused};

#[tokio::test]
async fn only_the_admin_generates_data() {
    let case = Case::new().await;
    let test_data = &case.hospital.use_cases.test_data;
    let generate = async |actor| test_data.generate_accounts(&actor, Role::Patient, 1).await;
    let run = async |actor| test_data.run_flows(&actor, 1, 1).await;
    assert_eq!(case.open_to(generate).await, [Role::Admin]);
    assert_eq!(case.open_to(run).await, [Role::Admin]);
    assert_eq!(case.everyone(Role::Patient).await.len(), 2 + 1 + 1);
}

#[tokio::test]
async fn the_requested_number_of_accounts_is_created_and_the_first_hundred_shown() {
    let case = Case::new().await;
    let test_data = &case.hospital.use_cases.test_data;
    // Two of each role exist already; the last case builds on the one before.
    for (role, number, before, shown) in [
        (Role::Patient, 0, 2, 0),
        (Role::Patient, 100, 2, 100),
        (Role::Physician, 3, 2, 3),
        (Role::Patient, 1101, 102, 100),
    ] {
        let hashed = case.hospital.fakes.hasher.work_done();
        let made = test_data.generate_accounts(&case.admin.actor, role, number).await.unwrap();
        assert_eq!((made.created, made.first.len()), (u64::from(number), shown));
        assert_eq!(case.hospital.fakes.hasher.work_done() - hashed, 1, "they share a password");
        let page = PageRequest { number: 1, size: 1 };
        let filter = AccountFilter { role, containing: None };
        let total = case.hospital.ports.accounts.page(&filter, page).await.unwrap().total;
        assert_eq!(total, before + u64::from(number));
        assert!(made.first.iter().all(|account| account.role == role && account.must_change_password));
        if let Some(account) = made.first.last() {
            let phone = account.phone.as_ref().unwrap().as_str();
            let log_in = sample::log_in(Realm::App, phone, &made.password);
            assert!(case.hospital.use_cases.sessions.log_in(log_in).await.is_ok());
        }
    }
}

#[tokio::test]
async fn accounts_with_a_taken_phone_number_are_generated_again() {
    let hospital = Hospital::with(|ports, _| ports.random = Arc::new(FakeRandom::stuck_at_first(7, 60)));
    let case = Case::of(hospital).await;
    let made = case
        .hospital
        .use_cases
        .test_data
        .generate_accounts(&case.admin.actor, Role::Patient, 50)
        .await
        .unwrap();
    let phones: HashSet<_> = made.first.iter().map(|account| account.phone.clone()).collect();
    assert_eq!((made.created, made.first.len(), phones.len()), (50, 50, 50));
    assert_eq!(case.everyone(Role::Patient).await.len(), 2 + 50);
}

#[tokio::test]
async fn every_flow_goes_from_request_to_received_drugs() {
    let case = Case::new().await;
    let test_data = &case.hospital.use_cases.test_data;
    for (number, concurrency) in [(0, 4), (1, 8), (40, 8), (3, 0)] {
        let before = case.all_drug_orders().await.len();
        let report = test_data.run_flows(&case.admin.actor, number, concurrency).await.unwrap();
        assert_eq!((report.completed, report.failed), (u64::from(number), 0), "{:?}", report.first_error);
        let orders = case.all_drug_orders().await;
        assert_eq!(orders.len() - before, usize::try_from(number).unwrap());
        assert!(orders.iter().all(|details| details.order.status() == DrugOrderStatus::Received));
    }
}

#[tokio::test]
async fn failed_flows_are_counted_and_the_first_error_is_kept() {
    let case = Case::new().await;
    let storage = case.hospital.fakes.storage.clone();
    // Everything before the first step of a flow succeeds.
    let fails = async move { storage.go_down() };
    case.hospital.fakes.storage.interrupt_saves([Box::pin(fails) as _]);
    let report = case.hospital.use_cases.test_data.run_flows(&case.admin.actor, 5, 2).await.unwrap();
    assert_eq!((report.completed, report.failed), (0, 5));
    assert!(matches!(report.first_error, Some(Error::Port(PortError::Unavailable { .. }))));
}

#[tokio::test]
async fn no_accounts_are_generated_while_the_hasher_is_overloaded() {
    let case = Case::new().await;
    case.hospital.fakes.hasher.set_overloaded(true);
    let test_data = &case.hospital.use_cases.test_data;
    let result = test_data.generate_accounts(&case.admin.actor, Role::Patient, 5).await;
    assert_refused!(result, Error::Port(PortError::Overloaded { .. }));
    assert_eq!(case.everyone(Role::Patient).await.len(), 2);
}

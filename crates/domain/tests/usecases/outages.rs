//! No use case hides a database outage: each returns the port's error, and nothing is half done.

use futures_util::{FutureExt as _, StreamExt as _};
use yilin_domain::account::{AccountFilter, PersonName, Role};
use yilin_domain::audit::AuditFilter;
use yilin_domain::drug_order::{DrugOrderFilter, DrugOrderParty};
use yilin_domain::error::Error;
use yilin_domain::id::MedicalRecordId;
use yilin_domain::inquiry::{InquiryFilter, InquiryParty, InquiryStatus};
use yilin_domain::list::Batches;
use yilin_domain::port::{Part, PortError};
use yilin_domain::roster::ImportJobId;
use yilin_domain::usecase::{DrugOrderSelection, InquirySelection, Realm, UpdateRoute};
use yilin_testkit::{Hospital, sample};

use crate::chat::{Talk, begin};
use crate::support::{Case, EVERYTHING};

/// Calls by name, with their results.
macro_rules! outcomes {
    ($($call:expr),* $(,)?) => {
        [$((stringify!($call), $call.map(|result| result.map(drop)).await)),*]
    };
}

/// The first batch of a complete list.
async fn first<T>(list: Batches<T>) -> Result<Vec<T>, Error> {
    list.into_future().await.0.unwrap()
}

#[tokio::test]
async fn every_use_case_reports_a_database_outage() {
    let case = Case::new().await;
    let (inquiry, order) = (case.assigned().await, case.purchased().await);
    let u = &case.hospital.use_cases;
    let (patient, physician, admin) = (&case.patient.actor, &case.physician.actor, &case.admin.actor);
    let accounts = AccountFilter { role: Role::Patient, containing: None };
    let inquiries = InquirySelection::All(InquiryFilter::all_of(InquiryParty::Anyone).statuses);
    let drug_orders = DrugOrderSelection::All(DrugOrderFilter::all_of(DrugOrderParty::Anyone).statuses);
    let log_in = sample::log_in(Realm::Console, "院长", Hospital::PASSWORD);
    let name = PersonName::parse("admin").unwrap();
    let (record, import) = (MedicalRecordId(1), ImportJobId::from_bytes([0; 16]));
    let cid = &sample::file().cid;
    let report = || sample::consultation_report(inquiry);
    case.hospital.fakes.storage.go_down();
    let outcomes = outcomes![
        u.accounts.own(patient),
        u.accounts.page(admin, &accounts, EVERYTHING),
        first(u.accounts.all(admin, accounts.clone()).unwrap()),
        u.accounts.update(patient, UpdateRoute::Patient, sample::account_update(patient.uuid)),
        u.audit.page(admin, &AuditFilter::default(), EVERYTHING),
        first(u.audit.all(admin, AuditFilter::default()).unwrap()),
        u.audit.own_page(patient, EVERYTHING),
        first(u.audit.own_all(patient)),
        u.sessions.log_in(log_in),
        u.sessions.log_out(&case.patient.session, None),
        u.sessions.refresh(),
        u.inquiries.submit(patient, sample::inquiry_request()),
        u.inquiries.appoint(admin, inquiry, physician.uuid),
        u.inquiries.answer(physician, inquiry, true, None),
        u.inquiries.approve(admin, inquiry),
        u.inquiries.find(patient, inquiry),
        u.inquiries.page(admin, inquiries.clone(), EVERYTHING),
        first(u.inquiries.all(admin, inquiries).unwrap()),
        u.consultations.register(physician, report()),
        u.consultations.of_inquiry(patient, inquiry),
        u.consultations.find(patient, record),
        u.drug_orders.purchase(physician, order),
        u.drug_orders.dispatch(physician, order, &sample::file()),
        u.drug_orders.confirm_receipt(admin, order),
        u.drug_orders.find(patient, order),
        u.drug_orders.of_medical_record(patient, record),
        u.drug_orders.page(admin, drug_orders.clone(), EVERYTHING),
        first(u.drug_orders.all(admin, drug_orders).unwrap()),
        u.statistics.visits(admin, 7),
        u.statistics.drug_orders(admin, 7),
        u.files.by_account(Some(patient), cid),
        u.roster_import.find(admin, None),
        u.roster_import.report_workbook(admin, import, "", &|_| String::new()),
        u.roster_import.forget(),
        u.chat.page(patient, EVERYTHING),
        first(u.chat.all(patient)),
        u.chat.clear(patient),
        begin(&u.chat, patient, Talk::new("头痛"), None),
        u.summaries.medical(patient),
        u.setup.ensure_admin(&name, "admin"),
        u.setup.admins_with_refused_password("a password"),
        u.test_data.generate_accounts(admin, Role::Patient, 1),
        u.test_data.run_flows(admin, 1, 1),
    ];
    for (call, outcome) in outcomes {
        let is_down =
            |error: &PortError| matches!(error, PortError::Unavailable { part: Part::Database, .. });
        assert!(matches!(&outcome, Err(Error::Port(error)) if is_down(error)), "{call}: {outcome:?}");
    }
    case.hospital.fakes.storage.recover();
    assert_eq!(case.inquiry(inquiry).await.status(), InquiryStatus::Assigned);
    assert_eq!(case.drug_order_history(order).await.len(), 2);
    assert_eq!(case.everyone(Role::Patient).await.len(), 2);
}

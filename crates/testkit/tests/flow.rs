//! The fakes carry whole flows through the real use cases.

use yilin_domain::account::{Actor, PersonName, Role};
use yilin_domain::drug_order::{DrugOrderFilter, DrugOrderParty};
use yilin_domain::list::PageRequest;
use yilin_domain::session::SessionId;
use yilin_domain::usecase::UseCases;
use yilin_testkit::fakes::Fakes;
use yilin_testkit::policy;

#[tokio::test]
async fn many_flows_at_once_all_complete() {
    let fakes = Fakes::new();
    let use_cases = UseCases::new(fakes.ports(), policy(b"secret", "http://127.0.0.1:8088"));
    let name = PersonName::parse("admin").unwrap();
    assert!(use_cases.setup.ensure_admin(&name, "admin").await.unwrap());
    let admin = fakes.ports().accounts.admins().await.unwrap().remove(0).account;
    let actor = Actor { uuid: admin.uuid, role: Role::Admin, session: SessionId::from_bytes([1; 16]) };

    let report = use_cases.test_data.run_flows(&actor, 40, 8).await.unwrap();
    assert_eq!((report.completed, report.failed), (40, 0), "{:?}", report.first_error);

    let received = DrugOrderFilter::all_of(DrugOrderParty::Anyone);
    let page = PageRequest { number: 1, size: 1 };
    assert_eq!(fakes.ports().drug_orders.page(&received, page).await.unwrap().total, 40);
}

//! What is asked again and again is prepared once: another round trip and another parse each time would
//! be noticed by everybody, and by no other test.

mod support;

use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use support::{NOW, inquiry, people};
use yilin_domain::account::Role;
use yilin_domain::audit::{AuditAction, AuditEvent, ChainId, ChainOpening, Tail};
use yilin_domain::inquiry::{Appointment, InquiryFilter, InquiryParty};
use yilin_domain::list::PageRequest;
use yilin_domain::transition::Provenance;
use yilin_storage::StorageOptions;
use yilin_testkit::mariadb::Server;

fn event() -> AuditEvent {
    AuditEvent {
        recorded: NOW,
        agent: None,
        session: None,
        source: String::new(),
        request: String::new(),
        operation: String::new(),
        action: AuditAction::Update,
        entity: None,
        patient: None,
        outcome: 200,
        query: String::new(),
        results: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_prepares_no_statement_twice() {
    let server = Server::start().await;
    let url = server.database().await;
    let options = StorageOptions { connections: 1, ..StorageOptions::new(&*url) };
    let storage = support::storage(&options, support::random()).await;
    let patient = people(&storage, Role::Patient, 1, "139").await.remove(0);
    let physicians = people(&storage, Role::Physician, 2, "138").await;
    let id = inquiry(&storage, &patient).await.inquiry.id;
    let (inquiries, audit) = (storage.inquiries(), storage.audit());
    let opening = ChainOpening { id: ChainId::from_bytes([1; 16]), instance: String::new(), opened_at: NOW };
    audit.open_chain(&opening).await.unwrap();
    let mut tail = Tail::new(&opening);
    let mut conn = Conn::from_url(&url).await.unwrap();
    let mut prepared = Vec::new();
    for round in 0..10 {
        let details = inquiries.find(id).await.unwrap().unwrap();
        let physician = physicians[round % 2].uuid;
        let provenance = Provenance { by: physician, at: NOW };
        let appointed = details.inquiry.appoint(physician, provenance).unwrap();
        let Appointment::Changed(transition) = appointed else { panic!("it changes") };
        assert_eq!(inquiries.save(&transition).await.unwrap(), Ok(()));
        audit.append(opening.id, &[tail.link(event())]).await.unwrap();
        let own = InquiryFilter::all_of(InquiryParty::Patient(patient.uuid));
        inquiries.page(&own, PageRequest { number: 1, size: 10 }).await.unwrap();
        let status = "SHOW GLOBAL STATUS LIKE 'Com_stmt_prepare'";
        let (_, number): (String, u64) = conn.query_first(status).await.unwrap().unwrap();
        prepared.push(number);
    }
    assert_eq!(prepared[1], prepared[9], "{prepared:?}");
}

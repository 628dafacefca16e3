//! Repeated statements are prepared once, and bulk inserts use few statements: more round trips and parses
//! would slow everything down without failing another test.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use crate::support;
use crate::support::{NOW, inquiry, people};
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use yilin_domain::account::{Account, Role};
use yilin_domain::audit::{AuditAction, AuditAgent, AuditEvent, ChainId, ChainOpening, Tail};
use yilin_domain::inquiry::{Appointment, InquiryFilter, InquiryParty};
use yilin_domain::list::PageRequest;
use yilin_domain::port::Appended;
use yilin_domain::transition::Provenance;
use yilin_storage::StorageOptions;
use yilin_testkit::contract::DEADLINES;
use yilin_testkit::mariadb::Server;

fn event(patient: &Account) -> AuditEvent {
    AuditEvent {
        recorded: NOW,
        agent: Some(AuditAgent { uuid: patient.uuid, role: Role::Patient }),
        session: None,
        source: String::new(),
        request: String::new(),
        operation: String::new(),
        action: AuditAction::Update,
        entity: None,
        patient: Some(patient.uuid),
        outcome: 200,
        query: String::new(),
        results: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_to_mariadb_prepares_no_statement_twice() {
    let server = Server::start().await;
    let url = server.database().await;
    let options = StorageOptions { connections: 1, ..support::options(&*url) };
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
        let provenance = Provenance::new(physician, NOW);
        let appointed = details.inquiry.appoint(physician, provenance, &DEADLINES).unwrap();
        let Appointment::Changed(transition) = appointed else { panic!("it changes") };
        assert_eq!(inquiries.save(&transition).await.unwrap(), Ok(()));
        let appended = audit.append(opening.id, &[tail.link(event(&patient))], &[]).await.unwrap();
        assert_eq!(appended, Appended::Stored);
        let own = InquiryFilter::all_of(InquiryParty::Patient(patient.uuid));
        inquiries.page(&own, PageRequest { number: 1, size: 10 }).await.unwrap();
        prepared.push(counted(&mut conn, "Com_stmt_prepare").await);
    }
    assert_eq!(prepared[1], prepared[9], "{prepared:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_inserts_into_mariadb_use_few_statements() {
    let server = Server::start().await;
    let url = server.database().await;
    let storage = support::storage(&support::options(&*url), support::random()).await;
    let mut conn = Conn::from_url(&url).await.unwrap();
    let before = counted(&mut conn, "Questions").await;
    people(&storage, Role::Patient, 5000, "139").await;
    let statements = counted(&mut conn, "Questions").await - before;
    assert!(statements < 100, "{statements}");
}

/// A status counter of the server.
async fn counted(conn: &mut Conn, what: &str) -> u64 {
    let status = format!("SHOW GLOBAL STATUS LIKE '{what}'");
    let (_, number): (String, u64) = conn.query_first(status).await.unwrap().unwrap();
    number
}

//! The audit log: access and verification.

use chrono::TimeDelta;
use yilin_domain::account::{AccountUuid, Role};
use yilin_domain::audit::{
    AuditAction, AuditAgent, AuditEntry, AuditEvent, AuditFilter, ChainFault, ChainHead, ChainId,
    ChainOpening, FaultKind, FaultName, Tail, VerificationRun,
};
use yilin_domain::error::Error;
use yilin_domain::port::{Appended, Clock as _, PortError, VerificationRunning};
use yilin_domain::usecase::{Verification, verify_audit_log};
use yilin_testkit::{Hospital, Person};

use crate::support::{Case, EVERYTHING, assert_refused, collect, nobody};

/// A chain written entry by entry.
struct Chain {
    opening: ChainOpening,
    tail: Tail,
}

impl Chain {
    fn new(number: u8) -> Self {
        let opening = ChainOpening {
            id: ChainId::from_bytes([number; 16]),
            instance: format!("ward-{number}"),
            opened_at: yilin_testkit::fakes::FakeClock::START,
        };
        Self { tail: Tail::new(&opening), opening }
    }

    /// A chain with this many entries, opened in the hospital's log.
    async fn open(hospital: &Hospital, number: u8, entries: usize) -> Self {
        let mut chain = Self::new(number);
        hospital.ports.audit.open_chain(&chain.opening).await.unwrap();
        for _ in 0..entries {
            let entry = chain.tail.link(event(hospital, None, None));
            chain.append(hospital, entry).await;
        }
        chain
    }

    async fn append(&self, hospital: &Hospital, entry: AuditEntry) {
        let appended = hospital.ports.audit.append(self.opening.id, &[entry], &[]).await.unwrap();
        assert_eq!(appended, Appended::Stored);
    }

    /// Appends an agent's access to a patient's data.
    async fn log(&mut self, hospital: &Hospital, agent: Option<&Person>, patient: Option<AccountUuid>) {
        let entry = self.tail.link(event(hospital, agent, patient));
        self.append(hospital, entry).await;
    }
}

fn event(hospital: &Hospital, agent: Option<&Person>, patient: Option<AccountUuid>) -> AuditEvent {
    AuditEvent {
        recorded: hospital.fakes.clock.now(),
        agent: agent.map(|person| AuditAgent { uuid: person.actor.uuid, role: person.actor.role }),
        session: None,
        source: "127.0.0.1".to_owned(),
        request: "r".to_owned(),
        operation: "queryInquiryRecordById".to_owned(),
        action: AuditAction::Read,
        entity: None,
        patient,
        outcome: 200,
        query: String::new(),
        results: None,
    }
}

async fn verify(hospital: &Hospital, kept: &[ChainHead]) -> Verification {
    verify_audit_log(&*hospital.ports.audit, kept).await.unwrap()
}

/// The chain ids, positions and kinds of the faults found.
fn faults(verification: &Verification) -> Vec<(ChainId, u64, FaultKind)> {
    let fault = |fault: &ChainFault| (fault.chain, fault.sequence, fault.kind.clone());
    verification.faults.iter().map(fault).collect()
}

fn id(number: u8) -> ChainId {
    ChainId::from_bytes([number; 16])
}

#[tokio::test]
async fn only_the_admin_reads_the_whole_log() {
    let case = Case::new().await;
    let mut chain = Chain::open(&case.hospital, 1, 0).await;
    chain.log(&case.hospital, Some(&case.physician), Some(case.patient.actor.uuid)).await;
    chain.log(&case.hospital, Some(&case.admin), None).await;
    let audit = &case.hospital.use_cases.audit;
    for (agent, found) in [(None, 2), (Some(case.physician.actor.uuid), 1), (Some(nobody()), 0)] {
        let filter = AuditFilter { agent, ..AuditFilter::default() };
        let page = async |actor| audit.page(&actor, &filter, EVERYTHING).await;
        let all = async |actor| audit.all(&actor, filter.clone());
        assert_eq!(case.open_to(page).await, [Role::Admin]);
        assert_eq!(case.open_to(all).await, [Role::Admin]);
        let page = page(case.admin.actor.clone()).await.unwrap();
        assert_eq!((page.total, page.items.len()), (found, usize::try_from(found).unwrap()));
        assert_eq!(collect(all(case.admin.actor.clone()).await.unwrap()).await, page.items);
    }
}

#[tokio::test]
async fn the_admin_reads_on_from_an_entry_and_sees_who_is_who() {
    let case = Case::new().await;
    let mut chain = Chain::open(&case.hospital, 1, 0).await;
    chain.log(&case.hospital, Some(&case.physician), Some(case.patient.actor.uuid)).await;
    chain.log(&case.hospital, Some(&case.admin), Some(nobody())).await;
    chain.log(&case.hospital, None, None).await;
    let (audit, filter) = (&case.hospital.use_cases.audit, AuditFilter::default());
    let after = async |actor| audit.after(&actor, &filter, None, 2).await;
    assert_eq!(case.open_to(after).await, [Role::Admin]);
    let admin = &case.admin.actor;
    let first = audit.after(admin, &filter, None, 2).await.unwrap();
    let last = first.last().map(|entry| entry.record.id);
    let rest = audit.after(admin, &filter, last, 2).await.unwrap();
    let name = |person: &Person| Some(person.account.username.as_str().to_owned());
    let names: Vec<_> =
        first.into_iter().chain(rest).map(|entry| (entry.agent_name, entry.patient_name)).collect();
    let expected = [(None, None), (name(&case.admin), None), (name(&case.physician), name(&case.patient))];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn everyone_sees_who_accessed_their_own_data() {
    let case = Case::new().await;
    let patient = Some(case.patient.actor.uuid);
    let mut chain = Chain::open(&case.hospital, 1, 0).await;
    chain.log(&case.hospital, Some(&case.physician), patient).await;
    chain.log(&case.hospital, None, patient).await;
    let mut gone = case.other_physician.clone();
    gone.actor.uuid = nobody();
    chain.log(&case.hospital, Some(&gone), patient).await;
    chain.log(&case.hospital, Some(&case.physician), Some(case.other_patient.actor.uuid)).await;
    chain.log(&case.hospital, Some(&case.patient), None).await;

    let audit = &case.hospital.use_cases.audit;
    let page = audit.own_page(&case.patient.actor, EVERYTHING).await.unwrap();
    let names: Vec<_> = page.items.iter().map(|access| access.agent_name.as_deref()).collect();
    assert_eq!((page.total, names), (3, vec![None, None, Some("李志强")]), "newest first");
    assert!(page.items.iter().all(|access| access.record.entry.event.patient == patient));
    let all = collect(audit.own_all(&case.patient.actor)).await;
    let records = |accesses: Vec<yilin_domain::usecase::OwnAccess>| {
        accesses.into_iter().map(|access| (access.record, access.agent_name)).collect::<Vec<_>>()
    };
    assert_eq!(records(all), records(page.items));
    assert_eq!(audit.own_page(&case.physician.actor, EVERYTHING).await.unwrap().total, 0);
}

#[tokio::test]
async fn intact_chains_of_any_length_are_valid() {
    let hospital = Hospital::new();
    let empty = verify(&hospital, &[]).await;
    assert_eq!((empty.entries, empty.heads.len(), empty.faults.len()), (0, 0, 0));
    let mut kept = Vec::new();
    for (number, entries) in [(1, 0), (2, 1), (3, 500), (4, 1001)] {
        Chain::open(&hospital, number, entries).await;
        kept = verify(&hospital, &kept).await.heads;
    }
    let verification = verify(&hospital, &kept).await;
    assert_eq!(verification.entries, 1502);
    let ends: Vec<_> = verification.heads.iter().map(|head| (head.chain, head.sequence)).collect();
    assert_eq!(ends, [(id(2), 0), (id(3), 499), (id(4), 1000)], "a chain without entries has no end");
    assert!(verification.faults.is_empty());
}

#[tokio::test]
async fn a_fault_is_reported_with_its_position_and_other_chains_are_still_verified() {
    let hospital = Hospital::new();
    Chain::open(&hospital, 1, 3).await;
    let mut changed = Chain::open(&hospital, 2, 2).await;
    let mut entry = changed.tail.link(event(&hospital, None, None));
    entry.event.outcome = 500;
    changed.append(&hospital, entry).await;
    let mut missing = Chain::open(&hospital, 3, 1).await;
    let _removed = missing.tail.link(event(&hospital, None, None));
    let after = missing.tail.link(event(&hospital, None, None));
    let refused = hospital.ports.audit.append(id(3), &[after], &[]).await.unwrap();
    assert_eq!(refused, Appended::ChainGone, "no entry is appended after one that is missing");
    Chain::open(&hospital, 4, 2).await;

    let verification = verify(&hospital, &[]).await;
    assert_eq!(faults(&verification), [(id(2), 2, FaultKind::Changed)]);
    let whole: Vec<_> = verification.heads.iter().map(|head| head.chain).collect();
    assert_eq!((whole, verification.entries), (vec![id(1), id(3), id(4)], 6));
}

#[tokio::test]
async fn a_corrupt_chain_is_reported_and_others_are_still_verified() {
    let hospital = Hospital::new();
    for number in [1, 2] {
        Chain::open(&hospital, number, 3).await;
    }
    hospital.fakes.storage.corrupt_audit_chain(id(1));
    let verification = verify(&hospital, &[]).await;
    let found = faults(&verification);
    assert!(
        matches!(found.as_slice(), [(chain, 0, FaultKind::Unreadable { .. })] if *chain == id(1)),
        "{found:?}"
    );
    assert_eq!((verification.entries, verification.heads.len()), (3, 1));
}

#[tokio::test]
async fn recorded_heads_reveal_what_the_log_alone_does_not() {
    let hospital = Hospital::new();
    let elsewhere = Hospital::new();
    for (log, entries) in [(&hospital, 2), (&elsewhere, 4)] {
        Chain::open(log, 1, entries).await;
    }
    Chain::open(&elsewhere, 2, 1).await;
    let kept = verify(&elsewhere, &[]).await.heads;
    let verification = verify(&hospital, &kept).await;
    assert_eq!(faults(&verification), [(id(2), 0, FaultKind::NoSuchChain), (id(1), 2, FaultKind::CutOff)]);
    assert!(verification.heads.is_empty());
}

#[tokio::test]
async fn a_missing_opening_is_reported_once() {
    let hospital = Hospital::new();
    let chain = Chain::open(&hospital, 1, 1).await;
    hospital.fakes.storage.lose_audit_opening(id(1));
    let head = ChainHead { chain: id(1), sequence: 0, hash: chain.opening.hash() };
    for kept in [vec![], vec![head]] {
        assert_eq!(faults(&verify(&hospital, &kept).await), [(id(1), 0, FaultKind::NoOpening)]);
    }
}

#[tokio::test]
async fn an_unreadable_log_is_an_error_and_not_valid() {
    let hospital = Hospital::new();
    Chain::open(&hospital, 1, 1).await;
    hospital.fakes.storage.go_down();
    assert_refused!(verify_audit_log(&*hospital.ports.audit, &[]).await, PortError::Unavailable { .. });
    let case = Case::of(Hospital::new()).await;
    case.hospital.fakes.storage.go_down();
    let result = case.hospital.use_cases.audit.own_page(&case.patient.actor, EVERYTHING).await;
    assert_refused!(result, Error::Port(PortError::Unavailable { .. }));
}

#[tokio::test]
async fn only_the_admin_verifies_the_log() {
    let case = Case::new().await;
    let audit = &case.hospital.use_cases.audit;
    assert_eq!(case.open_to(async |actor| audit.verification(&actor).await).await, [Role::Admin]);
    assert_eq!(case.open_to(async |actor| audit.begin_verification(&actor).await).await, [Role::Admin]);
}

#[tokio::test]
async fn a_verification_leaves_its_result() {
    let case = Case::new().await;
    let (audit, admin) = (&case.hospital.use_cases.audit, &case.admin.actor);
    let state = async || audit.verification(admin).await.unwrap();
    assert_eq!((state().await.running, state().await.last), (None, None));
    Chain::open(&case.hospital, 1, 3).await;
    let mut second = Chain::open(&case.hospital, 2, 600).await;
    let run = audit.begin_verification(admin).await.unwrap().unwrap();
    assert_eq!(state().await.running, Some(run));
    let elsewhere = case.hospital.another_instance();
    let refused = elsewhere.use_cases.audit.begin_verification(admin).await.unwrap();
    assert_eq!(refused, Err(VerificationRunning));
    let result = audit.run_verification(run).await.unwrap();
    assert_eq!((result.chains, result.entries, result.faults, result.unlinked), (2, 603, 0, 0));
    assert_eq!((result.started_by, result.heads.len()), (Some(admin.uuid), 2));
    assert!(result.is_intact());
    assert_eq!((state().await.running, state().await.last), (None, Some(result.clone())));

    // The next one compares the log with the heads of the last one.
    second.log(&case.hospital, None, None).await;
    let run = audit.begin_verification(admin).await.unwrap().unwrap();
    let longer = audit.run_verification(run).await.unwrap();
    assert_eq!((longer.entries, longer.faults), (604, 0));
    case.hospital.fakes.storage.corrupt_audit_chain(id(2));
    let run = audit.begin_verification(admin).await.unwrap().unwrap();
    let damaged = audit.run_verification(run).await.unwrap();
    let faults: Vec<_> = damaged.first_faults.iter().map(|fault| (fault.chain, fault.name)).collect();
    assert_eq!((damaged.chains, damaged.faults, faults), (1, 1, vec![(id(2), FaultName::Unreadable)]));
    assert!(!damaged.is_intact());
    assert_eq!(state().await.last, Some(damaged));
}

#[tokio::test]
async fn a_verification_that_fails_leaves_none() {
    let case = Case::new().await;
    let (audit, admin) = (&case.hospital.use_cases.audit, &case.admin.actor);
    Chain::open(&case.hospital, 1, 3).await;
    let run = audit.begin_verification(admin).await.unwrap().unwrap();
    case.hospital.fakes.storage.go_down_after(3);
    assert_refused!(audit.run_verification(run).await, Error::Port(PortError::Unavailable { .. }));
    case.hospital.fakes.storage.recover();
    // It could not even be ended.
    let state = audit.verification(admin).await.unwrap();
    assert_eq!((state.running.map(|run| run.id), state.last), (Some(run.id), None));
    case.hospital.fakes.clock.advance(VerificationRun::PATIENCE + TimeDelta::seconds(1));
    assert_eq!(audit.verification(admin).await.unwrap().running, None, "it was not heard of again");
    let run = audit.begin_verification(admin).await.unwrap().unwrap();
    assert!(audit.run_verification(run).await.unwrap().is_intact());
}

/// A verification is heard of while it works.
#[tokio::test]
async fn a_verification_shows_its_progress() {
    let case = Case::new().await;
    let (audit, admin) = (&case.hospital.use_cases.audit, &case.admin.actor);
    let run = audit.begin_verification(admin).await.unwrap().unwrap();
    // What it reads does not come.
    case.hospital.fakes.storage.fall_silent();
    let mut work = Box::pin(audit.run_verification(run));
    assert!(futures_util::poll!(work.as_mut()).is_pending());
    case.hospital.fakes.storage.recover();
    case.hospital.fakes.clock.advance(TimeDelta::seconds(20));
    assert!(futures_util::poll!(work.as_mut()).is_pending());
    let shown = audit.verification(admin).await.unwrap().running.unwrap();
    assert_eq!(shown.last_heartbeat_at - run.last_heartbeat_at, TimeDelta::seconds(20));
}

//! Contract of [`VerificationRepository`](yilin_domain::port::VerificationRepository).

use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{
    AuditHash, ChainHead, ChainId, FaultName, FaultSummary, VerificationProgress, VerificationResult,
    VerificationRun,
};
use yilin_domain::port::VerificationRunning;

use super::Subject;
use super::arrange::at;
use super::race::race;

const ADMIN: AccountUuid = AccountUuid::from_bytes([7; 4]);

impl Subject {
    async fn begin_verification(&self, seconds: i64) -> Result<VerificationRun, VerificationRunning> {
        self.verifications.begin(ADMIN, at(seconds), None).await.unwrap()
    }
}

fn result(seconds: i64) -> VerificationResult {
    let chain = |number: u8| ChainId::from_bytes([number; 16]);
    let fault = |name| FaultSummary { chain: chain(9), sequence: 12, name };
    let head =
        |number| ChainHead { chain: chain(number), sequence: number.into(), hash: AuditHash([number; 32]) };
    VerificationResult {
        ended_at: at(seconds),
        started_by: Some(ADMIN),
        chains: 2,
        entries: 5_000_000_000,
        faults: 200,
        first_faults: FaultName::ALL.map(fault).to_vec(),
        removed: 3,
        unlinked: 4,
        heads: vec![head(2), head(1)],
    }
}

/// One verification runs at a time. One that has not been heard of for a while counts no more.
pub async fn one_verification_runs_at_a_time(subject: &Subject) {
    assert_eq!(subject.verifications.running().await.unwrap(), None);
    let first = subject.begin_verification(0).await.unwrap();
    assert_eq!((first.started_by, first.started_at, first.last_heartbeat_at), (ADMIN, at(0), at(0)));
    assert_eq!(subject.verifications.running().await.unwrap(), Some(first));
    assert_eq!(subject.begin_verification(30).await, Err(VerificationRunning));
    let second = subject.begin_verification(31).await.unwrap();
    assert!(second.id > first.id);
    // What the first one still records counts no more.
    let progress = VerificationProgress { chains_to_verify: 9, chains: 1, entries: 5 };
    subject.verifications.advance(first.id, progress, at(40)).await.unwrap();
    subject.verifications.abandon(first.id).await.unwrap();
    assert_eq!(subject.verifications.running().await.unwrap(), Some(second));
    subject.verifications.abandon(second.id).await.unwrap();
    assert_eq!(subject.verifications.running().await.unwrap(), None);
    assert!(subject.begin_verification(41).await.unwrap().id > second.id);
}

/// Progress is a heartbeat.
pub async fn progress_keeps_a_verification_running(subject: &Subject) {
    let run = subject.begin_verification(0).await.unwrap();
    let progress = VerificationProgress { chains_to_verify: 9, chains: 1, entries: 5_000_000_000 };
    subject.verifications.advance(run.id, progress, at(25)).await.unwrap();
    let advanced = VerificationRun { last_heartbeat_at: at(25), progress, ..run };
    assert_eq!(subject.verifications.running().await.unwrap(), Some(advanced));
    assert_eq!(subject.begin_verification(50).await, Err(VerificationRunning));
    subject.verifications.abandon(run.id).await.unwrap();
    subject.verifications.advance(run.id, progress, at(51)).await.unwrap();
    assert_eq!(subject.verifications.running().await.unwrap(), None, "it has ended");
}

/// The last result is returned as it was stored, however many there have been.
pub async fn the_last_result_is_kept(subject: &Subject) {
    assert_eq!(subject.verifications.last().await.unwrap(), None);
    let run = subject.begin_verification(0).await.unwrap();
    subject.verifications.finish(Some(run.id), &result(5)).await.unwrap();
    assert_eq!(subject.verifications.running().await.unwrap(), None);
    assert_eq!(subject.verifications.last().await.unwrap(), Some(result(5)));
    // A command's is no run.
    let run = subject.begin_verification(6).await.unwrap();
    let by_command = VerificationResult {
        started_by: None,
        faults: 0,
        first_faults: Vec::new(),
        heads: Vec::new(),
        ..result(7)
    };
    subject.verifications.finish(None, &by_command).await.unwrap();
    assert_eq!(subject.verifications.last().await.unwrap(), Some(by_command));
    assert_eq!(subject.verifications.running().await.unwrap(), Some(run));
    for seconds in 8..40 {
        subject.verifications.finish(None, &result(seconds)).await.unwrap();
    }
    assert_eq!(subject.verifications.last().await.unwrap(), Some(result(39)));
}

/// Of several verifications that are started at once, one starts.
pub async fn of_racing_verifications_one_starts(subject: &Subject) {
    for round in [0, 100] {
        let begun = race(8, |_| {
            let verifications = subject.verifications.clone();
            async move { verifications.begin(ADMIN, at(round), None).await.unwrap().is_ok() }
        })
        .await;
        assert_eq!(begun.into_iter().filter(|begun| *begun).count(), 1);
    }
}

/// The database has a name and a version.
pub async fn the_database_says_what_it_is(subject: &Subject) {
    let state = subject.database.inspect().await.unwrap();
    assert!(!state.product.is_empty() && !state.version.is_empty(), "{state:?}");
}

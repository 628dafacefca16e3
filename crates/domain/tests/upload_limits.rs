//! Daily upload limits per account, and the disk reserve.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests panic on failure")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::{StreamExt as _, stream};
use yilin_domain::account::{AccountUuid, Actor, Role};
use yilin_domain::audit::EntryDraft;
use yilin_domain::error::{Error, UploadRefused};
use yilin_domain::file::{ContentId, Upload};
use yilin_domain::port::{
    AddFileError, ByteStream, Clock as _, Part, PortError, Ports, Quota, UploadRepository,
};
use yilin_domain::session::SessionId;
use yilin_domain::usecase::{Policy, UploadError, UploadLimits, UseCases};
use yilin_testkit::fakes::Fakes;
use yilin_testkit::policy;

/// Maximum file size.
const LARGEST: u64 = 64 << 20;
/// Daily upload limit of a patient: more than is charged at a time.
const PER_DAY: u64 = 20 << 20;

fn use_cases(fakes: &Fakes, reserve: u64) -> UseCases {
    let limits = UploadLimits { per_day_of_patients: PER_DAY, per_day_of_others: 2 * PER_DAY, reserve };
    let policy = Policy { upload_limits: limits, ..policy(b"a key for tests", "http://127.0.0.1") };
    UseCases::new(fakes.ports(), policy)
}

fn actor(uuid: &str, role: Role) -> Actor {
    Actor::new(AccountUuid::parse(uuid).unwrap(), role, SessionId::from_bytes([1; 16]))
}

/// A file of this size in pieces of 1 MiB, with content derived from the seed.
fn file(seed: u8, size: u64) -> ByteStream {
    let piece = Bytes::from(vec![seed; 1 << 20]);
    let (whole, rest) = (size >> 20, usize::try_from(size % (1 << 20)).unwrap());
    let pieces = (0..whole).map(|_| piece.clone()).collect::<Vec<_>>();
    stream::iter(pieces.into_iter().chain([piece.slice(..rest)]).map(Ok)).boxed()
}

async fn upload(use_cases: &UseCases, actor: &Actor, content: ByteStream) -> Result<(), UploadError> {
    use_cases.files.upload(actor, content, LARGEST).await.map(drop)
}

fn wait_of(refused: Result<(), UploadError>) -> Duration {
    match refused {
        Err(UploadError::Refused(Error::UploadRefused(UploadRefused::TooMuchToday { retry_after }))) => {
            retry_after
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_daily_upload_limit_is_reset_on_the_next_day() {
    let fakes = Fakes::new();
    let use_cases = use_cases(&fakes, 0);
    let (patient, other) = (actor("0a1b2c3d", Role::Patient), actor("0a1b2c3e", Role::Patient));
    upload(&use_cases, &patient, file(1, PER_DAY - 10)).await.unwrap();
    upload(&use_cases, &patient, file(2, 10)).await.unwrap();
    // It is noon in Shanghai.
    for size in [1, PER_DAY] {
        let wait = wait_of(upload(&use_cases, &patient, file(3, size)).await);
        assert_eq!(wait, Duration::from_secs(12 * 60 * 60), "{size}");
    }
    assert_eq!(fakes.files.len(), 2, "rejected uploads leave nothing behind");
    upload(&use_cases, &other, file(4, PER_DAY)).await.unwrap();
    fakes.clock.advance(TimeDelta::hours(12));
    upload(&use_cases, &patient, file(5, PER_DAY)).await.unwrap();
}

#[tokio::test]
async fn physicians_and_admins_may_upload_more_than_patients() {
    let fakes = Fakes::new();
    let use_cases = use_cases(&fakes, 0);
    for (uuid, role) in [("0a1b2c3d", Role::Physician), ("0a1b2c3e", Role::Admin)] {
        let actor = actor(uuid, role);
        upload(&use_cases, &actor, file(1, PER_DAY)).await.unwrap();
        upload(&use_cases, &actor, file(2, PER_DAY)).await.unwrap();
        wait_of(upload(&use_cases, &actor, file(3, 1)).await);
    }
}

#[tokio::test]
async fn rejected_uploads_are_not_counted() {
    let fakes = Fakes::new();
    let use_cases = use_cases(&fakes, 0);
    let patient = actor("0a1b2c3d", Role::Patient);
    for _ in 0..3 {
        let lost = Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
        let broken = file(1, PER_DAY - 1).chain(stream::iter([lost])).boxed();
        let refused = upload(&use_cases, &patient, broken).await;
        assert!(matches!(refused, Err(UploadError::Add(AddFileError::Interrupted(_)))), "{refused:?}");
        wait_of(upload(&use_cases, &patient, file(2, PER_DAY + 1)).await);
    }
    upload(&use_cases, &patient, file(1, PER_DAY)).await.unwrap();
}

#[tokio::test]
async fn concurrent_uploads_share_the_limit() {
    let fakes = Fakes::new();
    let use_cases = use_cases(&fakes, 0);
    let patient = actor("0a1b2c3d", Role::Patient);
    let uploads = (0..10).map(|seed| upload(&use_cases, &patient, file(seed, PER_DAY / 4)));
    let kept = futures_util::future::join_all(uploads).await.into_iter().flatten().count();
    assert_eq!(kept, 4);
}

#[tokio::test]
async fn the_disk_keeps_its_reserve() {
    const RESERVE: u64 = 1 << 30;
    let fakes = Fakes::new();
    fakes.files.set_capacity(RESERVE + 30);
    let use_cases = use_cases(&fakes, RESERVE);
    let admin = actor("0a1b2c3d", Role::Admin);
    upload(&use_cases, &admin, file(1, 30)).await.unwrap();
    upload(&use_cases, &admin, file(2, 1)).await.unwrap();
    let refused = upload(&use_cases, &admin, file(3, 1)).await;
    let full = Error::UploadRefused(UploadRefused::StorageFull).to_string();
    assert!(matches!(&refused, Err(UploadError::Refused(error)) if error.to_string() == full), "{refused:?}");
    assert_eq!(fakes.files.len(), 2);
    fakes.files.set_capacity(2 * RESERVE);
    upload(&use_cases, &admin, file(3, 1)).await.unwrap();
}

/// Uploads of `size` bytes that wait for `meanwhile` and then send another MiB each.
async fn begun(
    use_cases: &UseCases,
    actor: &Actor,
    number: u8,
    size: u64,
    meanwhile: impl Future<Output = ()>,
) -> Vec<Result<(), UploadError>> {
    begun_with(use_cases, actor, number, [size, 1 << 20], meanwhile).await
}

/// Uploads of the first size that wait for `meanwhile` and then send as much as the second one.
async fn begun_with(
    use_cases: &UseCases,
    actor: &Actor,
    number: u8,
    [size, rest]: [u64; 2],
    meanwhile: impl Future<Output = ()>,
) -> Vec<Result<(), UploadError>> {
    let all_wait = Arc::new(tokio::sync::Barrier::new(usize::from(number) + 1));
    let uploads = (0..number).map(|seed| {
        let (first, second) = (all_wait.clone(), all_wait.clone());
        let rest = stream::once(async move {
            first.wait().await;
            second.wait().await;
            Ok(Bytes::from(vec![seed; usize::try_from(rest).unwrap()]))
        });
        let content = file(seed, size).chain(rest).boxed();
        let (use_cases, actor) = (use_cases.clone(), actor.clone());
        tokio::spawn(async move { upload(&use_cases, &actor, content).await })
    });
    let uploads: Vec<_> = uploads.collect();
    all_wait.wait().await;
    meanwhile.await;
    all_wait.wait().await;
    let ended = futures_util::future::join_all(uploads).await;
    ended.into_iter().map(Result::unwrap).collect()
}

/// Each of them is too small to be charged before its end by itself.
#[tokio::test]
async fn uploads_in_progress_are_charged_together() {
    let fakes = Fakes::new();
    let admin = actor("0a1b2c3d", Role::Admin);
    let use_cases = use_cases(&fakes, 0);
    let rest = begun(&use_cases, &admin, 12, 3 << 20, async {
        let day = policy(b"a key for tests", "http://127.0.0.1").zone.day(fakes.clock.now());
        let quotas = fakes.ports().quotas;
        let rest = quotas.take(admin.uuid, Quota::UploadedBytes, day, 2 * PER_DAY, 2 * PER_DAY).await;
        assert!(rest.unwrap() <= 2 * PER_DAY - 20 * (1 << 20));
    });
    let ended = rest.await;
    assert!(ended.iter().any(Result::is_err), "{ended:?}");
}

/// As when the client resets its connection.
#[tokio::test]
async fn a_dropped_upload_is_not_charged() {
    let fakes = Fakes::new();
    let patient = actor("0a1b2c3d", Role::Patient);
    let use_cases = use_cases(&fakes, 0);
    for _ in 0..3 {
        let sent = Arc::new(tokio::sync::Notify::new());
        let told = sent.clone();
        let waits = stream::once(async move {
            told.notify_one();
            std::future::pending().await
        });
        let content = file(1, PER_DAY - 10).chain(waits).boxed();
        tokio::select! {
            ended = upload(&use_cases, &patient, content) => panic!("{ended:?}"),
            () = sent.notified() => {}
        }
    }
    upload(&use_cases, &patient, file(1, PER_DAY)).await.unwrap();
}

#[tokio::test]
async fn uploads_in_progress_end_when_the_disk_is_full() {
    const RESERVE: u64 = 1 << 30;
    let fakes = Fakes::new();
    fakes.files.set_capacity(2 * RESERVE);
    let use_cases = use_cases(&fakes, RESERVE);
    let admin = actor("0a1b2c3d", Role::Admin);
    let ended = begun(&use_cases, &admin, 12, 10, async { fakes.files.set_capacity(RESERVE - 1) }).await;
    let is_full = |ended: &&Result<(), UploadError>| {
        matches!(ended, Err(UploadError::Refused(Error::UploadRefused(UploadRefused::StorageFull))))
    };
    assert_eq!(ended.iter().filter(is_full).count(), 12, "{ended:?}");
    fakes.files.set_capacity(2 * RESERVE);
    upload(&use_cases, &admin, file(3, 1)).await.unwrap();
}

/// The disk is checked for all of them together; once there is no room, each looks before it goes on.
#[tokio::test]
async fn small_pieces_end_too_when_the_disk_is_full() {
    const RESERVE: u64 = 1 << 30;
    let fakes = Fakes::new();
    fakes.files.set_capacity(2 * RESERVE);
    let use_cases = use_cases(&fakes, RESERVE);
    let admin = actor("0a1b2c3d", Role::Admin);
    let full = async { fakes.files.set_capacity(RESERVE - 1) };
    // The eleventh of these pieces completes a MiB.
    let ended = begun_with(&use_cases, &admin, 24, [10, 100_000], full).await;
    let refused = ended.iter().filter(|ended| ended.is_err()).count();
    assert!(refused >= 24 - 11, "{refused}: {ended:?}");
}

/// Records nothing.
struct Unrecorded;

#[async_trait]
impl UploadRepository for Unrecorded {
    async fn record(&self, _: &Upload, _: Option<EntryDraft>) -> Result<(), PortError> {
        Err(PortError::Unavailable { part: Part::Database, source: "it is away".into() })
    }

    async fn has_uploaded(&self, _: AccountUuid, _: &ContentId) -> Result<bool, PortError> {
        Ok(false)
    }
}

/// It was stored, but nobody can use it.
#[tokio::test]
async fn an_upload_that_is_not_recorded_is_not_charged() {
    let fakes = Fakes::new();
    let limits = UploadLimits { per_day_of_patients: PER_DAY, per_day_of_others: PER_DAY, reserve: 0 };
    let policy = Policy { upload_limits: limits, ..policy(b"a key for tests", "http://127.0.0.1") };
    let use_cases = UseCases::new(Ports { uploads: Arc::new(Unrecorded), ..fakes.ports() }, policy);
    let patient = actor("0a1b2c3d", Role::Patient);
    for seed in 0..3 {
        let failed = upload(&use_cases, &patient, file(seed, PER_DAY)).await;
        assert!(matches!(failed, Err(UploadError::Refused(Error::Port(_)))), "{failed:?}");
    }
}

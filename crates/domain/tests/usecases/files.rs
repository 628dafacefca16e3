//! Files: uploads, access and links.

use chrono::TimeDelta;
use futures_util::TryStreamExt as _;
use yilin_domain::error::Error;
use yilin_domain::file::{
    ContentId, FileMention, FileReference, FileToken, LinkGrant, LinkedKind, LinkedRecord, NodeStatus,
    PinBacklog, Pinning, StoredFile,
};
use yilin_domain::port::{AddFileError, Part, PortError};
use yilin_domain::usecase::{Files, UploadError};
use yilin_testkit::{Person, sample};

use crate::support::{Case, arriving, assert_refused, breaking_off};

const BYTES: &[u8] = b"a picture of a paper record";
/// The size of [`BYTES`].
const LIMIT: u64 = BYTES.len() as u64;

/// Uploads [`BYTES`]; returns the CID and the link's token.
async fn upload(files: &Files, person: &Person) -> (ContentId, FileToken) {
    let link = files.upload(&person.actor, arriving(BYTES), LIMIT).await.unwrap();
    let mention = FileMention::parse(&link.url).unwrap();
    (mention.cid, mention.token.unwrap())
}

async fn content(files: &Files, file: &StoredFile) -> Vec<u8> {
    let pieces = files.read(file, 0..file.size).await.unwrap();
    pieces.try_collect::<Vec<_>>().await.unwrap().concat()
}

#[tokio::test]
async fn every_role_can_upload_and_gets_a_working_link() {
    let case = Case::new().await;
    let files = &case.hospital.use_cases.files;
    for person in [&case.patient, &case.physician, &case.admin] {
        let (cid, token) = upload(files, person).await;
        let file = files.by_token(&cid, &token).await.unwrap();
        assert_eq!((&file.cid, file.size), (&cid, LIMIT));
        assert_eq!(content(files, &file).await, BYTES);
    }
}

#[tokio::test]
async fn a_link_grants_access_to_its_own_file_for_an_hour() {
    let case = Case::new().await;
    let files = &case.hospital.use_cases.files;
    let (cid, token) = upload(files, &case.patient).await;
    let other = sample::file().cid;
    assert_refused!(files.by_token(&other, &token).await, Error::Forbidden, "another file");
    let forged = FileToken::parse("65e1b1c0.AAAA").unwrap();
    assert_refused!(files.by_token(&cid, &forged).await, Error::Forbidden);

    case.hospital.fakes.clock.advance(TimeDelta::minutes(59));
    files.by_token(&cid, &token).await.unwrap();
    case.hospital.fakes.clock.advance(TimeDelta::minutes(1));
    assert_refused!(files.by_token(&cid, &token).await, Error::Forbidden);
}

#[tokio::test]
async fn without_a_link_only_uploaders_and_the_admin_have_access() {
    let case = Case::new().await;
    let files = &case.hospital.use_cases.files;
    let (cid, _) = upload(files, &case.patient).await;
    for person in [&case.patient, &case.admin] {
        assert_eq!(files.by_account(Some(&person.actor), &cid).await.unwrap().size, LIMIT);
    }
    let unknown = sample::file().cid;
    for cid in [&cid, &unknown] {
        for stranger in [Some(&case.other_patient.actor), Some(&case.physician.actor), None] {
            let result = files.by_account(stranger, cid).await;
            assert_refused!(result, Error::Forbidden, "whether it exists or not");
        }
    }
    assert_refused!(files.by_account(Some(&case.admin.actor), &unknown).await, Error::NotFound);
    upload(files, &case.physician).await;
    assert!(files.by_account(Some(&case.physician.actor), &cid).await.is_ok(), "the same bytes");
}

#[tokio::test]
async fn oversized_and_interrupted_uploads_are_not_stored() {
    let case = Case::new().await;
    let files = &case.hospital.use_cases.files;
    let result = files.upload(&case.patient.actor, arriving(BYTES), LIMIT - 1).await;
    assert_refused!(result, UploadError::Add(AddFileError::TooLarge { limit }) if limit == LIMIT - 1);
    let result = files.upload(&case.patient.actor, breaking_off(BYTES), LIMIT).await;
    assert_refused!(result, UploadError::Add(AddFileError::Interrupted(_)));
    assert!(case.hospital.fakes.files.is_empty());
}

#[tokio::test]
async fn an_upload_whose_owner_cannot_be_stored_fails() {
    let case = Case::new().await;
    let files = &case.hospital.use_cases.files;
    case.hospital.fakes.storage.go_down();
    let result = files.upload(&case.patient.actor, arriving(BYTES), LIMIT).await;
    assert_refused!(result, UploadError::Refused(Error::Port(PortError::Unavailable { .. })));
}

#[tokio::test]
async fn an_unavailable_file_store_is_reported() {
    let case = Case::new().await;
    let files = &case.hospital.use_cases.files;
    let (cid, token) = upload(files, &case.patient).await;
    let file = StoredFile { cid: cid.clone(), size: LIMIT };
    case.hospital.fakes.files.set_down(true);
    let down = |error: &PortError| matches!(error, PortError::Unavailable { part: Part::FileStore, .. });
    let result = files.upload(&case.patient.actor, arriving(BYTES), LIMIT).await;
    assert_refused!(result, UploadError::Refused(Error::Port(error)) if down(&error));
    assert_refused!(files.by_token(&cid, &token).await, Error::Port(error) if down(&error));
    let result = files.by_account(Some(&case.patient.actor), &cid).await;
    assert_refused!(result, Error::Port(error) if down(&error));
    assert_refused!(files.read(&file, 0..1).await, Error::Port(error) if down(&error));
    assert_refused!(files.pinning().await, Error::Port(error) if down(&error));
}

#[tokio::test]
async fn a_range_is_read_and_a_missing_file_is_not_found() {
    let case = Case::new().await;
    let files = &case.hospital.use_cases.files;
    let (cid, _) = upload(files, &case.patient).await;
    let file = StoredFile { cid, size: LIMIT };
    let part = files.read(&file, 2..9).await.unwrap().try_collect::<Vec<_>>().await.unwrap().concat();
    assert_eq!(part, &BYTES[2..9]);
    let gone = StoredFile { cid: sample::file().cid, size: 3 };
    assert_refused!(files.read(&gone, 0..3).await, Error::NotFound);
}

#[tokio::test]
async fn stored_files_are_shown_as_fresh_links_and_other_references_as_given() {
    let case = Case::new().await;
    let files = &case.hospital.use_cases.files;
    let (cid, _) = upload(files, &case.patient).await;
    case.hospital.fakes.clock.advance(TimeDelta::days(30));
    let (reader, patient) = (&case.physician.actor, case.patient.actor.uuid);
    let record = LinkedRecord { kind: LinkedKind::MedicalRecord, id: 7, patient };
    let shown = files.show(reader, record, &FileReference::Held(cid.clone()));
    let token = FileMention::parse(&shown).unwrap().token.unwrap();
    assert!(files.by_token(&cid, &token).await.is_ok());
    let grant = LinkGrant { recipient: reader.uuid, role: reader.role, record: Some(record) };
    assert_eq!(files.grant(&cid, &token).unwrap(), grant);
    let given = format!("http://192.168.1.11:8080/ipfs/{cid}");
    assert_eq!(files.show(reader, record, &FileReference::AsGiven(given.clone())), given);
}

#[tokio::test]
async fn pinning_is_reported_by_the_file_store() {
    let case = Case::new().await;
    let files = &case.hospital.use_cases.files;
    assert_eq!(files.pinning().await.unwrap(), None);
    let pinning =
        Pinning { node: NodeStatus::Ready, backlog: PinBacklog { files: 2, bytes: 9, since: None } };
    case.hospital.fakes.files.set_pinning(Some(pinning));
    assert_eq!(files.pinning().await.unwrap(), Some(pinning));
}

//! Contract of [`UploadRepository`](yilin_domain::port::UploadRepository).

use yilin_domain::account::{AccountUuid, Role};
use yilin_domain::file::{ContentId, Upload};

use super::Subject;
use super::arrange::{CID, at};
use super::race::race;

fn upload(by: AccountUuid, cid: &str, size: u64) -> Upload {
    Upload { cid: ContentId::parse(cid).expect("a CID"), size, by, at: at(0) }
}

/// An upload counts only for its account and its content.
pub async fn an_upload_counts_for_its_account_and_content(subject: &Subject) {
    let physician = subject.insert_person(Role::Physician, "李志强").await.uuid;
    let other = subject.insert_person(Role::Physician, "张文博").await.uuid;
    let uploaded = upload(physician, CID, 5 << 30);
    assert!(!subject.uploads.has_uploaded(physician, &uploaded.cid).await.unwrap(), "not yet");
    subject.uploads.record(&uploaded, None).await.unwrap();
    assert!(subject.uploads.has_uploaded(physician, &uploaded.cid).await.unwrap());
    assert!(!subject.uploads.has_uploaded(other, &uploaded.cid).await.unwrap(), "another account");
    let empty_file = upload(physician, "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH", 0).cid;
    assert!(!subject.uploads.has_uploaded(physician, &empty_file).await.unwrap(), "something else");
}

/// CIDs that differ only in case identify different contents.
pub async fn the_case_of_a_cid_matters(subject: &Subject) {
    let physician = subject.insert_person(Role::Physician, "李志强").await.uuid;
    subject.uploads.record(&upload(physician, CID, 1), None).await.unwrap();
    let other_case = CID.replace("yTUC", "ytuc");
    assert_ne!(other_case, CID);
    let other_cid = ContentId::parse(&other_case).expect("a CID too");
    assert!(!subject.uploads.has_uploaded(physician, &other_cid).await.unwrap());
}

/// The same account may upload the same content again, even concurrently.
pub async fn the_same_upload_may_come_again(subject: &Subject) {
    let physician = subject.insert_person(Role::Physician, "李志强").await.uuid;
    let uploaded = upload(physician, CID, 1);
    race(8, |_| {
        let (uploads, uploaded) = (subject.uploads.clone(), uploaded.clone());
        async move { uploads.record(&uploaded, None).await.unwrap() }
    })
    .await;
    let later = Upload { at: at(60), ..uploaded.clone() };
    subject.uploads.record(&later, None).await.unwrap();
    assert!(subject.uploads.has_uploaded(physician, &uploaded.cid).await.unwrap());
}

/// Two accounts may upload the same content.
pub async fn several_accounts_may_upload_the_same_content(subject: &Subject) {
    let physician = subject.insert_person(Role::Physician, "李志强").await.uuid;
    let patient = subject.insert_person(Role::Patient, "王秀英").await.uuid;
    for account in [physician, patient] {
        subject.uploads.record(&upload(account, CID, 1), None).await.unwrap();
    }
    for account in [physician, patient] {
        assert!(subject.uploads.has_uploaded(account, &upload(account, CID, 1).cid).await.unwrap());
    }
}

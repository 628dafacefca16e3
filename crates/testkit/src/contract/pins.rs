//! Contract of [`PinRepository`](yilin_domain::port::PinRepository).

use yilin_domain::file::{ContentId, Pin, PinBacklog, PinStatus, StoredFile};

use super::Subject;
use super::arrange::{CID, at};
use super::race::race;

const OTHER_CID: &str = "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH";

fn file(cid: &str, size: u64) -> StoredFile {
    StoredFile { cid: ContentId::parse(cid).expect("a CID"), size }
}

async fn status(subject: &Subject, file: &StoredFile) -> Option<PinStatus> {
    let pin = subject.pins.pin(&file.cid).await.unwrap()?;
    assert_eq!(&pin, &Pin { file: file.clone(), status: pin.status }, "the file is as it was stored");
    Some(pin.status)
}

/// A file is queued until it is pinned.
pub async fn a_file_waits_until_it_is_pinned(subject: &Subject) {
    let file = file(CID, 5 << 30);
    assert_eq!(subject.pins.queue(&file, at(0)).await.unwrap(), PinStatus::Queued);
    assert_eq!(status(subject, &file).await, Some(PinStatus::Queued));
    assert_eq!(subject.pins.queue(&file, at(60)).await.unwrap(), PinStatus::Queued, "it waits already");
    subject.pins.pinned(&file, at(120)).await.unwrap();
    assert_eq!(status(subject, &file).await, Some(PinStatus::Pinned));
}

/// A file that was never queued has no pin; CIDs are case-sensitive.
pub async fn an_unknown_file_has_no_pin(subject: &Subject) {
    subject.pins.queue(&file(CID, 1), at(0)).await.unwrap();
    assert_eq!(status(subject, &file(OTHER_CID, 1)).await, None);
    assert_eq!(status(subject, &file(&CID.replace("yTUC", "ytuc"), 1)).await, None);
}

/// Uploading the same content again does not queue a pinned file.
pub async fn a_pinned_file_never_waits_again(subject: &Subject) {
    let file = file(CID, 1);
    subject.pins.queue(&file, at(0)).await.unwrap();
    subject.pins.pinned(&file, at(1)).await.unwrap();
    assert_eq!(subject.pins.queue(&file, at(2)).await.unwrap(), PinStatus::Pinned);
    subject.pins.pinned(&file, at(3)).await.unwrap();
    assert_eq!(status(subject, &file).await, Some(PinStatus::Pinned));
}

/// A file that was never queued here may be pinned.
pub async fn a_file_may_be_pinned_without_waiting(subject: &Subject) {
    let file = file(CID, 0);
    subject.pins.pinned(&file, at(0)).await.unwrap();
    assert_eq!(status(subject, &file).await, Some(PinStatus::Pinned));
    assert_eq!(subject.pins.backlog().await.unwrap(), PinBacklog::default());
}

/// The backlog contains the queued files, with the time of the oldest.
pub async fn the_backlog_counts_what_waits(subject: &Subject) {
    assert_eq!(subject.pins.backlog().await.unwrap(), PinBacklog::default());
    let (first, second) = (file(CID, 3 << 30), file(OTHER_CID, 5));
    subject.pins.queue(&second, at(60)).await.unwrap();
    subject.pins.queue(&first, at(30)).await.unwrap();
    subject.pins.queue(&first, at(10)).await.unwrap();
    let both = PinBacklog { files: 2, bytes: (3 << 30) + 5, since: Some(at(30)) };
    assert_eq!(subject.pins.backlog().await.unwrap(), both);
    subject.pins.pinned(&first, at(90)).await.unwrap();
    let one = PinBacklog { files: 1, bytes: 5, since: Some(at(60)) };
    assert_eq!(subject.pins.backlog().await.unwrap(), one);
}

/// Concurrent uploads and pins of the same file always leave it pinned.
pub async fn of_racing_pins_and_queues_the_pin_stays(subject: &Subject) {
    let file = file(CID, 1);
    race(8, |n| {
        let (pins, file) = (subject.pins.clone(), file.clone());
        async move {
            if n % 2 == 0 {
                pins.queue(&file, at(0)).await.unwrap();
            } else {
                pins.pinned(&file, at(0)).await.unwrap();
            }
        }
    })
    .await;
    assert_eq!(status(subject, &file).await, Some(PinStatus::Pinned));
}

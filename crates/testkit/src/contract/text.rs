//! Text of any content is returned unchanged.

use yilin_domain::account::{
    AccountChanges, HomeAddress, Hospital, Nickname, PasswordHash, PersonName, Role,
};
use yilin_domain::file::FileReference;
use yilin_domain::inquiry::{InquiryDetail, InquiryDraft, InquiryStatus};
use yilin_domain::medical_record::{ConsultationNotes, DiagnosticDescription};

use super::Subject;
use super::arrange::{DEADLINES, by, draft, notes, person};

/// Text that is difficult for quoting, encodings, collations or column types.
const AWKWARD: &[&str] = &[
    "头痛 👨‍👩‍👧‍👦 e\u{301} é ß İ",
    "'; DROP TABLE inquiry; --",
    "\"quoted\" `ticked` \\escaped\\ \\' %_",
    "line\nbreak\r\n\ttab",
    " spaces around ",
    "NUL \0 inside",
    "\u{10ffff}\u{feff}\u{202e}",
    "{\"json\": null} <b>&amp;</b> ${x} ?1 :name @p",
];

/// The longest text in bytes for a limit in characters: four bytes each.
fn widest(chars: usize) -> String {
    "𠮷".repeat(chars)
}

/// The details of an inquiry.
pub async fn inquiry_details_come_back_exactly(subject: &Subject) {
    let cast = subject.cast().await;
    let widest = widest(InquiryDetail::MAX_CHARS);
    for text in AWKWARD.iter().copied().chain([widest.as_str()]) {
        let detail = InquiryDetail::parse(text).unwrap();
        let draft = InquiryDraft { detail: detail.clone(), ..draft(&cast.patient) };
        let created = subject.create(draft, by(&cast.patient, 0)).await.inquiry;
        assert_eq!(subject.inquiry(created.id).await.detail, detail);
    }
}

/// The physician's findings, and file references; an empty text is valid.
pub async fn notes_come_back_exactly(subject: &Subject) {
    let cast = subject.cast().await;
    let widest = widest(DiagnosticDescription::MAX_CHARS);
    for text in AWKWARD.iter().copied().chain([widest.as_str(), ""]) {
        let notes = ConsultationNotes {
            diagnostic_description: DiagnosticDescription::parse(text).unwrap(),
            inquiry_video: FileReference::AsGiven(text.chars().take(1000).collect()),
            ..notes(false)
        };
        let inquiry = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
        let registration = inquiry.register(notes.clone(), by(&cast.physician, 30), &DEADLINES).unwrap();
        let record = subject.register(&registration).await.record;
        assert_eq!(record.notes, notes);
        let found = subject.medical_records.find(record.id).await.unwrap().expect("it is stored");
        assert_eq!(found.record, Some(record));
    }
}

/// Names, nicknames, hospitals and addresses.
pub async fn names_and_addresses_come_back_exactly(subject: &Subject) {
    let widest = [widest(50), widest(255)];
    let awkward = AWKWARD.iter().map(|text| [*text, *text]);
    for [short, long] in awkward.chain([["", ""], widest.each_ref().map(String::as_str)]) {
        let mut given = person(Role::Patient, short);
        given.hospital = Hospital::parse(long).unwrap();
        given.home_address = HomeAddress::parse(long).unwrap();
        given.password = PasswordHash(short.to_owned());
        let phone = given.phone.clone().expect("a patient has a phone");
        let account = subject.insert(given.clone()).await;
        let nickname = Some(Nickname::parse(short).unwrap());
        let account = subject.update(&account, AccountChanges { nickname, ..<_>::default() }).await;
        assert_eq!(account.username, PersonName::parse(short).unwrap());
        assert_eq!(account.nickname.as_str(), short);
        assert_eq!((&account.hospital, &account.home_address), (&given.hospital, &given.home_address));
        let stored = subject.accounts.credentials_by_phone(&phone).await.unwrap().expect("it is stored");
        assert_eq!((stored.account, stored.password), (account, given.password));
    }
}

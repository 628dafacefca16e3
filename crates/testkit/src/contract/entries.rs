//! Contract of every method that makes a change for a caller: the change's audit entry is inserted into the outbox
//! with it; without a change there is none.

use yilin_domain::account::{Account, AccountChanges, Nickname, Role};
use yilin_domain::audit::{AuditAction, AuditEvent, ChainId, EntryDraft, Origin, Progress};
use yilin_domain::chat::{NewTurn, Speaker};
use yilin_domain::file::{ContentId, Upload};
use yilin_domain::inquiry::InquiryStatus;
use yilin_domain::roster::{ImportCounts, ImportJob, ImportJobId, ImportOptions, ImportState};
use yilin_domain::session::SessionSelection;
use yilin_domain::transition::{Provenance, Stale};

use super::Subject;
use super::arrange::{CID, DEADLINES, appoint, at, by, draft, person, registration};
use super::race::race;
use super::sessions::session;

const WRITER: ChainId = ChainId::from_bytes([9; 16]);

/// A request, and the draft of one of its entries.
fn request() -> (Origin, EntryDraft) {
    let common = AuditEvent {
        recorded: at(0),
        agent: None,
        session: None,
        source: "192.0.2.1".to_owned(),
        request: "r".to_owned(),
        operation: "op".to_owned(),
        action: AuditAction::Update,
        entity: None,
        patient: None,
        outcome: 0,
        query: String::new(),
        results: None,
    };
    let origin = Origin::new(WRITER, common);
    let entry = origin.entry(at(1));
    (origin, entry)
}

/// The same transition, with an entry.
fn leaving(provenance: Provenance) -> (Origin, Provenance) {
    let (origin, entry) = request();
    (origin, provenance.leaving(Some(entry)))
}

impl Subject {
    /// The outbox: kind and id of the changed record, its patient, and the number of records.
    async fn left(&self) -> Vec<(String, Option<String>, Option<u32>)> {
        let events = self.audit.outbox(WRITER, at(0), 1000).await.unwrap();
        let said = events.into_iter().map(|event| event.event).map(|event| {
            assert_eq!((&*event.request, event.outcome, event.recorded), ("r", 200, at(1)));
            let entity = event.entity.map(|entity| format!("{}/{}", entity.kind, entity.id));
            (entity.unwrap_or_default(), event.patient.map(|patient| patient.to_string()), event.results)
        });
        said.collect()
    }

    /// The request has one entry, the last one, with this content.
    async fn assert_left(
        &self,
        origin: &Origin,
        number: usize,
        entity: &str,
        patient: Option<&Account>,
        results: Option<u32>,
    ) {
        let patient = patient.map(|patient| patient.uuid.to_string());
        let left = self.left().await;
        assert_eq!(left.len(), number, "{left:?}");
        assert_eq!(left.last(), Some(&(entity.to_owned(), patient, results)));
        assert_eq!(origin.progress(), Progress::Entered);
    }
}

/// Each transition of an inquiry and of a drug order inserts an entry with its patient, and so does a new record.
pub async fn transitions_insert_their_entries(subject: &Subject) {
    let cast = subject.cast().await;
    let (patient, audited) = (Some(&cast.patient), leaving(by(&cast.patient, 0)));
    let inquiry = subject.create(draft(&cast.patient), audited.1).await.inquiry;
    let entity = format!("inquiry/{}", inquiry.id);
    subject.assert_left(&audited.0, 1, &entity, patient, None).await;

    let (origin, provenance) = leaving(by(&cast.admin, 10));
    let assigned = subject.saved(appoint(&inquiry, &cast.physician, provenance)).await;
    subject.assert_left(&origin, 2, &entity, patient, None).await;

    let accepted = subject.saved(assigned.accept(by(&cast.physician, 20), &DEADLINES)).await;
    let mut registration = registration(&accepted, &cast, true);
    let (origin, provenance) = leaving(registration.inquiry.provenance.clone());
    registration.inquiry.provenance = provenance;
    let registered = subject.register(&registration).await;
    let entity = format!("medical_record/{}", registered.record.id);
    subject.assert_left(&origin, 3, &entity, patient, None).await;

    let order = subject.order(registered.drug_order.unwrap()).await;
    let (origin, provenance) = leaving(by(&cast.physician, 50));
    let entity = format!("drug_order/{}", order.id);
    subject.saved_order(order.purchase(provenance)).await;
    subject.assert_left(&origin, 4, &entity, patient, None).await;
}

/// A stale transition inserts no entry.
pub async fn a_lost_race_inserts_no_entry(subject: &Subject) {
    let cast = subject.cast().await;
    let order = subject.pending_order(&cast).await;
    let inquiry = subject.inquiry_at(&cast, InquiryStatus::Accepted).await;
    let mut late = registration(&inquiry, &cast, true);
    subject.register(&late).await;
    subject.saved_order(order.clone().purchase(by(&cast.physician, 50))).await;
    let (of_record, provenance) = leaving(late.inquiry.provenance.clone());
    late.inquiry.provenance = provenance;
    assert_eq!(subject.medical_records.register(&late).await.unwrap(), Err(Stale));
    assert_eq!(subject.inquiries.save(&late.inquiry).await.unwrap(), Err(Stale));
    let (of_order, provenance) = leaving(by(&cast.physician, 51));
    let late_order = order.purchase(provenance).unwrap();
    assert_eq!(subject.drug_orders.save(&late_order).await.unwrap(), Err(Stale));
    drop((late, late_order));
    assert_eq!((of_record.progress(), of_order.progress()), (Progress::Nothing, Progress::Nothing));
    assert_eq!(subject.left().await, []);
}

/// Of transitions that race for the same version, only the saved one inserts its entry.
pub async fn one_of_racing_transitions_inserts_an_entry(subject: &Subject) {
    let cast = subject.cast().await;
    let inquiry = subject.submit(&cast).await;
    let results = race(8, |_| {
        let (origin, provenance) = leaving(by(&cast.admin, 10));
        let transition = appoint(&inquiry, &cast.physician, provenance).unwrap();
        let inquiries = subject.inquiries.clone();
        async move { (inquiries.save(&transition).await.unwrap().is_ok(), origin) }
    })
    .await;
    let left = |(saved, origin): &(bool, Origin)| (*saved, origin.progress() == Progress::Entered);
    let results: Vec<_> = results.iter().map(left).collect();
    assert_eq!(results.iter().filter(|result| **result == (true, true)).count(), 1, "{results:?}");
    assert_eq!(results.iter().filter(|result| **result == (false, false)).count(), 7, "{results:?}");
    assert_eq!(subject.left().await.len(), 1);
}

/// New and changed accounts have an entry; rejected changes have none.
pub async fn account_changes_insert_their_entries(subject: &Subject) {
    let new = person(Role::Patient, "王秀英");
    let (origin, entry) = request();
    let inserted = subject.accounts.insert(vec![new.clone()], Some(entry)).await.unwrap();
    let account = inserted[0].clone().unwrap();
    let entity = format!("account/{}", account.uuid);
    subject.assert_left(&origin, 1, &entity, Some(&account), None).await;

    let (refused, entry) = request();
    assert!(subject.accounts.insert(vec![new], Some(entry)).await.unwrap()[0].is_err());
    let people = (0..3).map(|n| person(Role::Physician, &format!("李{n}"))).collect();
    let (origin, entry) = request();
    subject.accounts.insert(people, Some(entry)).await.unwrap();
    subject.assert_left(&origin, 2, "", None, Some(3)).await;

    let changes = || AccountChanges { nickname: Some(Nickname::parse("小王").unwrap()), ..<_>::default() };
    let (origin, entry) = request();
    subject.accounts.update(account.uuid, changes(), at(5), Some(entry)).await.unwrap().unwrap();
    subject.assert_left(&origin, 3, &entity, Some(&account), None).await;

    let other = subject.insert_person(Role::Patient, "刘洋").await;
    let taken = AccountChanges { phone: other.phone, ..changes() };
    let (late, entry) = request();
    assert!(subject.accounts.update(account.uuid, taken, at(6), Some(entry)).await.unwrap().is_err());
    assert_eq!((refused.progress(), late.progress()), (Progress::Nothing, Progress::Nothing));
    assert_eq!(subject.left().await.len(), 3);
}

/// A session's start and end are each recorded once.
pub async fn sessions_insert_their_entries(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let (own, version) = (session(&account, 1), subject.password_version(&account).await);
    let (refused, entry) = request();
    assert_eq!(subject.sessions.start(&own, version + 1, Some(entry)).await.unwrap(), Err(Stale));
    let (origin, entry) = request();
    assert_eq!(subject.sessions.start(&own, version, Some(entry)).await.unwrap(), Ok(()));
    let entity = format!("account/{}", account.uuid);
    subject.assert_left(&origin, 1, &entity, Some(&account), None).await;

    let ended = format!("session/{}", yilin_domain::audit::session_digest(own.id));
    let (origin, entry) = request();
    subject.sessions.end(&own, at(5), Some(entry)).await.unwrap();
    subject.assert_left(&origin, 2, &ended, None, None).await;
    let (again, entry) = request();
    subject.sessions.end(&own, at(6), Some(entry)).await.unwrap();
    let (none, entry) = request();
    let all = SessionSelection::All;
    assert_eq!(subject.sessions.end_running(all, at(7), Some(entry)).await.unwrap(), 0);
    assert_eq!(subject.sessions.start(&session(&account, 2), version, None).await.unwrap(), Ok(()));
    let (origin, entry) = request();
    assert_eq!(subject.sessions.end_running(all, at(8), Some(entry)).await.unwrap(), 1);
    subject.assert_left(&origin, 3, "", None, Some(1)).await;
    for nothing in [refused, again, none] {
        assert_eq!(nothing.progress(), Progress::Nothing);
    }
}

/// Uploads, conversations and imports insert entries when they store or delete something.
pub async fn other_changes_insert_their_entries(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let upload = Upload { cid: ContentId::parse(CID).unwrap(), size: 1, by: account.uuid, at: at(0) };
    let (origin, entry) = request();
    subject.uploads.record(&upload, Some(entry)).await.unwrap();
    subject.assert_left(&origin, 1, &format!("file/{CID}"), None, None).await;
    let (again, entry) = request();
    subject.uploads.record(&upload, Some(entry)).await.unwrap();

    let turn = NewTurn {
        speaker: Speaker::User,
        text: "头痛".to_owned(),
        sent: None,
        is_cut_off: false,
        model: "m".to_owned(),
        at: at(0),
    };
    let (origin, entry) = request();
    subject.conversations.append(account.uuid, &[turn], Some(entry)).await.unwrap();
    subject.assert_left(&origin, 2, "", Some(&account), None).await;
    let (origin, entry) = request();
    assert_eq!(subject.conversations.clear(account.uuid, Some(entry)).await.unwrap(), 1);
    subject.assert_left(&origin, 3, "", Some(&account), None).await;
    let (empty, entry) = request();
    assert_eq!(subject.conversations.clear(account.uuid, Some(entry)).await.unwrap(), 0);
    let (silent, entry) = request();
    subject.conversations.append(account.uuid, &[], Some(entry)).await.unwrap();

    let job = ImportJob {
        id: ImportJobId::from_bytes([1; 16]),
        started_by: account.uuid,
        options: ImportOptions { dry_run: false, atomic: true },
        state: ImportState::Running,
        counts: ImportCounts::default(),
        started_at: at(0),
        last_heartbeat_at: at(0),
        holds_file: false,
        follows: None,
    };
    subject.imports.begin(&job).await.unwrap();
    let mut people: Vec<_> = (0..4).map(|n| person(Role::Patient, &format!("王{n}"))).collect();
    let taken = people[0].phone.clone();
    let free = std::mem::replace(&mut people[3].phone, taken);
    let (nobody, entry) = request();
    subject.imports.import(job.id, people.clone(), true, at(1), Some(entry)).await.unwrap();
    people[3].phone = free;
    let (origin, entry) = request();
    subject.imports.import(job.id, people, true, at(2), Some(entry)).await.unwrap();
    subject.assert_left(&origin, 4, &format!("import/{}", job.id), None, Some(4)).await;

    let (origin, entry) = request();
    let run = subject.verifications.begin(account.uuid, at(3), Some(entry)).await.unwrap().unwrap();
    subject.assert_left(&origin, 5, &format!("audit_verification/{}", run.id.0), None, None).await;
    let (running, entry) = request();
    subject.verifications.begin(account.uuid, at(4), Some(entry)).await.unwrap().unwrap_err();
    let (unsent, entry) = request();
    assert_eq!(subject.webhooks.retry(None, at(5), Some(entry)).await.unwrap(), 0);
    for nothing in [again, empty, silent, nobody, running, unsent] {
        assert_eq!(nothing.progress(), Progress::Nothing);
    }
}

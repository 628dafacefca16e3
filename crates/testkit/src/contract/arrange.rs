//! Starting points of cases.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{NaiveDateTime, TimeDelta};
use yilin_domain::account::{
    Account, AccountFilter, Age, HomeAddress, Hospital, KnownAge, NewAccount, PasswordHash, PersonName,
    PhoneNumber, ReservedPhone, Role, Sex,
};
use yilin_domain::drug_order::{DrugOrder, DrugOrderStatus, DrugOrderTransition};
use yilin_domain::error::IllegalStep;
use yilin_domain::file::{ContentId, FileReference};
use yilin_domain::id::{DrugOrderId, InquiryId};
use yilin_domain::inquiry::{
    Appointment, Inquiry, InquiryDetail, InquiryDetails, InquiryDraft, InquiryStatus, InquiryTransition,
    Registration, Submission, Submitted, VisitType,
};
use yilin_domain::list::PageRequest;
use yilin_domain::medical_record::{ConsultationNotes, DiagnosticDescription, Registered};
use yilin_domain::reason::Reason;
use yilin_domain::time::{AppointmentTime, Timestamp};
use yilin_domain::transition::Provenance;

pub(super) use super::DEADLINES;
use super::Subject;
use crate::fakes::FakeClock;

/// A CID that is not used elsewhere.
pub(crate) const CID: &str = "QmUSaebDyekM1GFk7FExm2NqMBFyTUC5crTuBTTSwiPAzG";

/// A time this many seconds after the start of the case.
pub(super) fn at(seconds: i64) -> Timestamp {
    FakeClock::START + TimeDelta::seconds(seconds)
}

/// A change by this account, this many seconds after the start of the case.
pub(super) fn by(account: &Account, seconds: i64) -> Provenance {
    Provenance::new(account.uuid, at(seconds))
}

/// The reason of a step.
pub(crate) fn reason(text: &str) -> Reason {
    Reason::parse(text).expect("a reason")
}

/// A page with this number and size.
pub(super) const fn page(number: u64, size: u16) -> PageRequest {
    PageRequest { number, size }
}

/// The first page, large enough for all records of a case.
pub(super) const EVERYTHING: PageRequest = page(1, 1000);

/// A phone number that no other account has.
pub(super) fn new_phone() -> PhoneNumber {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    PhoneNumber::parse(&format!("139{number:08}")).expect("a phone number")
}

/// All accounts of a role.
pub(super) const fn everyone(role: Role) -> AccountFilter {
    AccountFilter { role, containing: None }
}

/// An account to insert.
pub(crate) fn person(role: Role, name: &str) -> NewAccount {
    NewAccount {
        username: PersonName::parse(name).expect("a name"),
        role,
        sex: Some(if role == Role::Physician { Sex::Male } else { Sex::Female }),
        age: (role == Role::Patient).then(|| KnownAge::Given {
            age: Age::new(72).expect("an age"),
            on: FakeClock::START.date_naive(),
        }),
        phone: (role != Role::Admin).then(new_phone),
        hospital: Hospital::parse(if role == Role::Physician { "阳光社区医院" } else { "" }).expect("short"),
        home_address: HomeAddress::parse(if role == Role::Patient { "人民路1号" } else { "" })
            .expect("short"),
        password: PasswordHash("$2b$12$initial".to_owned()),
        must_change_password: role != Role::Admin,
        created_at: at(0),
    }
}

/// A request for a visit.
pub(super) fn draft(patient: &Account) -> InquiryDraft {
    InquiryDraft {
        patient: patient.into(),
        visit_type: VisitType::Home,
        appointment_time: appointment("2024-03-04T08:30:00"),
        reserved_phone: Some(ReservedPhone::parse("02012345678").expect("eleven digits")),
        detail: detail("头痛三天"),
    }
}

/// The complaint.
pub(super) fn detail(text: &str) -> InquiryDetail {
    InquiryDetail::parse(text).expect("a detail")
}

/// A request made at this time that repeats no other.
pub(super) fn submission(draft: InquiryDraft, at: Timestamp) -> Submission {
    Submission::new(draft, &DEADLINES, at)
}

/// An appointment at this wall-clock time.
pub(crate) fn appointment(local: &str) -> AppointmentTime {
    let local: NaiveDateTime = local.parse().expect("a time");
    AppointmentTime::new(local).expect("a year within bounds")
}

/// A file in our store.
pub(super) fn held_file() -> FileReference {
    FileReference::Held(ContentId::parse(CID).expect("a CID"))
}

/// A physician's notes.
pub(super) fn notes(needs_drugs: bool) -> ConsultationNotes {
    ConsultationNotes {
        diagnostic_description: DiagnosticDescription::parse("偏头痛").expect("short"),
        inquiry_video: held_file(),
        medical_img: FileReference::AsGiven(format!("http://192.168.1.11:8080/ipfs/{CID}")),
        needs_drugs,
    }
}

/// The accounts of a case.
#[derive(Clone)]
pub(super) struct Cast {
    pub(super) admin: Account,
    pub(super) patient: Account,
    pub(super) physician: Account,
    pub(super) other_physician: Account,
}

impl Subject {
    /// Stores an account without conflicting values.
    pub(super) async fn insert(&self, person: NewAccount) -> Account {
        let mut inserted = self.accounts.insert(vec![person], None).await.expect("the repository works");
        assert_eq!(inserted.len(), 1, "one answer per account");
        inserted.remove(0).expect("nothing is taken")
    }

    /// Stores an account with this role and name.
    pub(super) async fn insert_person(&self, role: Role, name: &str) -> Account {
        self.insert(person(role, name)).await
    }

    /// Stores the accounts of a case.
    pub(super) async fn cast(&self) -> Cast {
        Cast {
            admin: self.insert_person(Role::Admin, "院长").await,
            patient: self.insert_person(Role::Patient, "王秀英").await,
            physician: self.insert_person(Role::Physician, "李志强").await,
            other_physician: self.insert_person(Role::Physician, "张文博").await,
        }
    }

    /// Stores an inquiry of the cast's patient.
    pub(super) async fn submit(&self, cast: &Cast) -> Inquiry {
        self.create(draft(&cast.patient), by(&cast.patient, 0)).await.inquiry
    }

    /// Stores an inquiry that repeats no other.
    pub(super) async fn create(&self, draft: InquiryDraft, provenance: Provenance) -> InquiryDetails {
        let submitted = self.inquiries.create(submission(draft, provenance.at), provenance).await;
        match submitted.expect("the repository works") {
            Submitted::New(details) => details,
            Submitted::Repeated(earlier) => panic!("taken for a repetition of {earlier:?}"),
            Submitted::KeyUsed => panic!("it has no key"),
        }
    }

    /// The stored inquiry.
    pub(super) async fn inquiry(&self, id: InquiryId) -> Inquiry {
        self.inquiries.find(id).await.expect("the repository works").expect("it is stored").inquiry
    }

    /// Stores an inquiry and advances it to this status, one transition per ten seconds; drugs are needed.
    pub(super) async fn inquiry_at(&self, cast: &Cast, status: InquiryStatus) -> Inquiry {
        let at = |status| Box::pin(self.inquiry_at(cast, status));
        match status {
            InquiryStatus::Submitted => self.submit(cast).await,
            InquiryStatus::Assigned => {
                let submitted = at(InquiryStatus::Submitted).await;
                self.saved(appoint(&submitted, &cast.physician, by(&cast.admin, 10))).await
            }
            InquiryStatus::Accepted => {
                let assigned = at(InquiryStatus::Assigned).await;
                self.saved(assigned.accept(by(&cast.physician, 20), &DEADLINES)).await
            }
            InquiryStatus::Registered => {
                let accepted = at(InquiryStatus::Accepted).await;
                self.register(&registration(&accepted, cast, true)).await;
                self.inquiry(accepted.id).await
            }
            InquiryStatus::Approved => {
                let registered = at(InquiryStatus::Registered).await;
                self.saved(registered.approve(by(&cast.admin, 40), &DEADLINES)).await
            }
            InquiryStatus::Cancelled => {
                let accepted = at(InquiryStatus::Accepted).await;
                self.saved(accepted.cancel(reason("家人已送医"), by(&cast.admin, 30), &DEADLINES)).await
            }
            InquiryStatus::Returned => {
                let registered = at(InquiryStatus::Registered).await;
                let returned =
                    registered.return_for_correction(reason("缺少血压记录"), by(&cast.admin, 40), &DEADLINES);
                self.saved(returned).await
            }
        }
    }

    /// Saves a legal transition without competition.
    pub(super) async fn saved(&self, step: Result<InquiryTransition, IllegalStep>) -> Inquiry {
        let transition = step.expect("a legal step");
        let saved = self.inquiries.save(&transition).await.expect("the repository works");
        assert_eq!(saved, Ok(()), "the inquiry did not change concurrently");
        transition.record
    }

    /// Registers a consultation without competition.
    pub(super) async fn register(&self, registration: &Registration) -> Registered {
        let registered = self.medical_records.register(registration).await.expect("the repository works");
        registered.expect("the inquiry did not change concurrently")
    }

    /// Stores a complete consultation with a drug order.
    pub(super) async fn pending_order(&self, cast: &Cast) -> DrugOrder {
        let inquiry = self.inquiry_at(cast, InquiryStatus::Accepted).await;
        let registered = self.register(&registration(&inquiry, cast, true)).await;
        self.order(registered.drug_order.expect("drugs are needed")).await
    }

    /// Stores a drug order and advances it to this status, one transition per ten seconds.
    pub(super) async fn order_at(&self, cast: &Cast, status: DrugOrderStatus) -> DrugOrder {
        let at = |status| Box::pin(self.order_at(cast, status));
        match status {
            DrugOrderStatus::Pending => self.pending_order(cast).await,
            DrugOrderStatus::Purchased => {
                let pending = at(DrugOrderStatus::Pending).await;
                self.saved_order(pending.purchase(by(&cast.physician, 50))).await
            }
            DrugOrderStatus::Dispatched => {
                let purchased = at(DrugOrderStatus::Purchased).await;
                self.saved_order(purchased.dispatch(held_file(), by(&cast.physician, 60))).await
            }
            DrugOrderStatus::Received => {
                let dispatched = at(DrugOrderStatus::Dispatched).await;
                self.saved_order(dispatched.confirm_receipt(by(&cast.admin, 70))).await
            }
        }
    }

    /// Saves a legal transition without competition.
    pub(super) async fn saved_order(&self, step: Result<DrugOrderTransition, IllegalStep>) -> DrugOrder {
        let transition = step.expect("a legal step");
        let saved = self.drug_orders.save(&transition).await.expect("the repository works");
        assert_eq!(saved, Ok(()), "the order did not change concurrently");
        transition.record
    }

    /// The stored order.
    pub(super) async fn order(&self, id: DrugOrderId) -> DrugOrder {
        self.drug_orders.find(id).await.expect("the repository works").expect("it is stored").order
    }
}

/// The transition that appoints a physician who is not appointed yet.
pub(super) fn appoint(
    inquiry: &Inquiry,
    physician: &Account,
    provenance: Provenance,
) -> Result<InquiryTransition, IllegalStep> {
    inquiry.clone().appoint(physician.uuid, provenance, &DEADLINES).map(|appointment| match appointment {
        Appointment::Changed(transition) => transition,
        Appointment::Unchanged(_) => panic!("the physician is appointed already"),
    })
}

/// The registration of an accepted inquiry.
pub(super) fn registration(inquiry: &Inquiry, cast: &Cast, needs_drugs: bool) -> Registration {
    let registration = inquiry.clone().register(notes(needs_drugs), by(&cast.physician, 30), &DEADLINES);
    registration.expect("the inquiry is accepted")
}

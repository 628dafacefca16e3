//! The accounts of a case, the steps that lead to its starting point, and assertions.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use yilin_domain::account::{
    Account, AccountFilter, AccountRequest, AccountUuid, Actor, NewPassword, PersonName, PhoneNumber, Role,
};
use yilin_domain::drug_order::{DrugOrderDetails, DrugOrderFilter, DrugOrderHistoryEntry, DrugOrderParty};
use yilin_domain::error::Error;
use yilin_domain::id::{DrugOrderId, InquiryId};
use yilin_domain::inquiry::{Inquiry, InquiryDetail, InquiryFilter, InquiryHistoryEntry, InquiryParty};
use yilin_domain::list::{Batches, PageRequest};
use yilin_domain::medical_record::MedicalRecord;
use yilin_domain::port::{ByteStream, PortError};
use yilin_domain::usecase::{ConsultationReport, InquiryRequest};
use yilin_domain::validation::{FieldProblem, Invalid};
use yilin_testkit::{Hospital, Person, sample};

/// Asserts that a call fails with this error.
macro_rules! assert_refused {
    ($result:expr, $($error:pat_param)|+ $(if $guard:expr)? $(, $($context:tt)+)?) => {
        match $result {
            $(Err($error))|+ $(if $guard)? => {}
            other => panic!(
                "expected {}, got {:?} {}",
                stringify!($($error)|+),
                other.map(drop),
                { String::new() $( + &format!($($context)+))? }
            ),
        }
    };
}
pub(crate) use assert_refused;

/// A page with all records.
pub(crate) const EVERYTHING: PageRequest = PageRequest { number: 1, size: 1000 };

/// Every role.
pub(crate) const ROLES: [Role; 3] = [Role::Patient, Role::Physician, Role::Admin];

/// A hospital with one admin, two patients and two physicians, so that each has an unrelated account.
pub(crate) struct Case {
    pub(crate) hospital: Hospital,
    pub(crate) patient: Person,
    pub(crate) other_patient: Person,
    pub(crate) physician: Person,
    pub(crate) other_physician: Person,
    pub(crate) admin: Person,
}

impl Case {
    pub(crate) async fn new() -> Self {
        Self::of(Hospital::new()).await
    }

    pub(crate) async fn of(hospital: Hospital) -> Self {
        Self {
            patient: hospital.patient("王秀英").await,
            other_patient: hospital.patient("赵建国").await,
            physician: hospital.physician("李志强").await,
            other_physician: hospital.physician("张文博").await,
            admin: hospital.admin("院长").await,
            hospital,
        }
    }

    /// The actor with this role.
    pub(crate) fn actor(&self, role: Role) -> Actor {
        match role {
            Role::Patient => self.patient.actor.clone(),
            Role::Physician => self.physician.actor.clone(),
            Role::Admin => self.admin.actor.clone(),
        }
    }

    /// The roles that may make a call: all that do not get [`Error::Forbidden`].
    pub(crate) async fn open_to<T>(&self, call: impl AsyncFn(Actor) -> Result<T, Error>) -> Vec<Role> {
        let mut open = Vec::new();
        for role in ROLES {
            match call(self.actor(role)).await {
                Err(Error::Forbidden) => {}
                _ => open.push(role),
            }
        }
        open
    }

    /// A submitted inquiry of the patient.
    pub(crate) async fn submitted(&self) -> InquiryId {
        let inquiries = &self.hospital.use_cases.inquiries;
        inquiries.submit(&self.patient.actor, sample::inquiry_request()).await.unwrap().inquiry.id
    }

    /// A submitted inquiry of this person that no other equals.
    pub(crate) async fn submit_another(&self, person: &Person) -> InquiryId {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let detail = format!("头痛 {}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let detail = InquiryDetail::parse(&detail).unwrap();
        let request = InquiryRequest { detail, ..sample::inquiry_request() };
        self.hospital.use_cases.inquiries.submit(&person.actor, request).await.unwrap().inquiry.id
    }

    /// An inquiry assigned to the physician that no other equals.
    pub(crate) async fn assigned_another(&self) -> InquiryId {
        let id = self.submit_another(&self.patient).await;
        let inquiries = &self.hospital.use_cases.inquiries;
        inquiries.appoint(&self.admin.actor, id, self.physician.actor.uuid).await.unwrap();
        id
    }

    /// An inquiry assigned to the physician.
    pub(crate) async fn assigned(&self) -> InquiryId {
        let id = self.submitted().await;
        let inquiries = &self.hospital.use_cases.inquiries;
        inquiries.appoint(&self.admin.actor, id, self.physician.actor.uuid).await.unwrap();
        id
    }

    /// An inquiry accepted by the physician.
    pub(crate) async fn accepted(&self) -> InquiryId {
        let id = self.assigned().await;
        self.hospital.use_cases.inquiries.answer(&self.physician.actor, id, true, None).await.unwrap();
        id
    }

    /// The medical record of a registered inquiry.
    pub(crate) async fn registered(&self) -> MedicalRecord {
        let report = sample::consultation_report(self.accepted().await);
        self.register(report).await
    }

    /// Registers a consultation of the physician.
    pub(crate) async fn register(&self, report: ConsultationReport) -> MedicalRecord {
        let consultations = &self.hospital.use_cases.consultations;
        consultations.register(&self.physician.actor, report).await.unwrap().record
    }

    /// A pending drug order.
    pub(crate) async fn ordered(&self) -> DrugOrderId {
        let record = self.registered().await;
        let drug_orders = &self.hospital.use_cases.drug_orders;
        drug_orders.of_medical_record(&self.physician.actor, record.id).await.unwrap().order.id
    }

    /// A purchased drug order.
    pub(crate) async fn purchased(&self) -> DrugOrderId {
        let id = self.ordered().await;
        self.hospital.use_cases.drug_orders.purchase(&self.physician.actor, id).await.unwrap();
        id
    }

    /// The stored inquiry.
    pub(crate) async fn inquiry(&self, id: InquiryId) -> Inquiry {
        self.hospital.ports.inquiries.find(id).await.unwrap().unwrap().inquiry
    }

    /// The history of an inquiry.
    pub(crate) async fn inquiry_history(&self, id: InquiryId) -> Vec<InquiryHistoryEntry> {
        self.hospital.ports.inquiries.history(id).await.unwrap()
    }

    /// The history of a drug order.
    pub(crate) async fn drug_order_history(&self, id: DrugOrderId) -> Vec<DrugOrderHistoryEntry> {
        self.hospital.ports.drug_orders.history(id).await.unwrap()
    }

    /// The stored account.
    pub(crate) async fn account(&self, uuid: AccountUuid) -> Account {
        self.hospital.ports.accounts.find(uuid).await.unwrap().unwrap()
    }

    /// Every inquiry.
    pub(crate) async fn all_inquiries(&self) -> Vec<Inquiry> {
        let filter = InquiryFilter::all_of(InquiryParty::Anyone);
        let page = self.hospital.ports.inquiries.page(&filter, EVERYTHING).await.unwrap();
        page.items.into_iter().map(|details| details.inquiry).collect()
    }

    /// Every drug order.
    pub(crate) async fn all_drug_orders(&self) -> Vec<DrugOrderDetails> {
        let filter = DrugOrderFilter::all_of(DrugOrderParty::Anyone);
        self.hospital.ports.drug_orders.page(&filter, EVERYTHING).await.unwrap().items
    }

    /// Every account of a role, newest first.
    pub(crate) async fn everyone(&self, role: Role) -> Vec<Account> {
        let filter = AccountFilter { role, containing: None };
        self.hospital.ports.accounts.page(&filter, EVERYTHING).await.unwrap().items
    }
}

/// The sizes of a complete list's batches, or its error.
pub(crate) async fn batch_sizes<T>(batches: Batches<T>) -> Result<Vec<usize>, Error> {
    batches.map_ok(|batch| batch.len()).try_collect().await
}

/// The records of a complete list.
pub(crate) async fn collect<T>(batches: Batches<T>) -> Vec<T> {
    batches.try_concat().await.unwrap()
}

/// Content that arrives completely.
pub(crate) fn arriving(bytes: &[u8]) -> ByteStream {
    stream::iter([Ok(bytes.to_vec().into())]).boxed()
}

/// Content after which the connection breaks.
pub(crate) fn breaking_off(bytes: &[u8]) -> ByteStream {
    let broken = Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
    stream::iter([Ok(bytes.to_vec().into()), broken]).boxed()
}

/// A request for an account, with what its role needs.
pub(crate) fn account_request(role: Role, name: &str) -> AccountRequest {
    AccountRequest {
        role,
        username: PersonName::parse(name).unwrap(),
        phone: (role != Role::Admin).then(|| PhoneNumber::parse("13700000001").unwrap()),
        sex: None,
        age: None,
        birth_date: None,
        home_address: None,
        hospital: None,
        password: (role == Role::Admin).then(|| NewPassword::parse("for the first day").unwrap()),
    }
}

/// A uuid that no account has.
pub(crate) fn nobody() -> AccountUuid {
    AccountUuid::from_bytes([0; 4])
}

/// Whether the error contains only this field with this problem.
pub(crate) fn names(invalid: &Invalid, field: &str, problem: &FieldProblem) -> bool {
    matches!(invalid.0.as_slice(), [error] if error.field == field && error.problem == *problem)
}

/// Whether a component is unavailable.
pub(crate) fn is_unavailable(error: &PortError) -> bool {
    matches!(error, PortError::Unavailable { .. })
}

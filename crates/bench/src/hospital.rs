//! A database full of inquiries and the workloads on its port.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use yilin_domain::account::{
    Account, AccountUuid, HomeAddress, NewAccount, PasswordHash, PersonName, PhoneNumber, Role, Sex,
};
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{
    Appointment, Deadlines, InquiryDetail, InquiryDraft, InquiryFilter, InquiryParty, InquiryStatus,
    PatientSummary, Submission, VisitType,
};
use yilin_domain::list::{BATCH_SIZE, PageRequest};
use yilin_domain::port::InquiryRepository;
use yilin_domain::time::{AppointmentTime, HospitalZone, Timestamp};
use yilin_domain::transition::{Provenance, Stale};
use yilin_storage::Storage;

use crate::Outcome;
use crate::load::{Load, Rate};

/// Time zone of the benchmark.
pub(crate) const ZONE: HospitalZone = HospitalZone(chrono_tz::Asia::Shanghai);

const PATIENTS: usize = 500;

const DEADLINES: Deadlines = Deadlines::usual(ZONE);

/// A database full of inquiries, queried through the storage port.
pub(crate) struct Hospital {
    inquiries: Arc<dyn InquiryRepository>,
    /// The inquiries' ids.
    pub(crate) ids: Arc<Vec<i64>>,
    /// Two physicians.
    pub(crate) physicians: [AccountUuid; 2],
}

impl Hospital {
    /// Fills an empty database with this many inquiries, some of them assigned.
    pub(crate) async fn fill(storage: &Storage, inquiries: u32, clients: usize) -> Outcome<Self> {
        let patients = insert(storage, Role::Patient, PATIENTS).await?;
        let physicians = insert(storage, Role::Physician, 2).await?;
        let [physician, other] = physicians.as_slice() else { return Err("no physicians".into()) };
        let physicians = [physician.uuid, other.uuid];
        let [physician, _] = physicians;
        let repository = storage.inquiries();
        let created: Vec<i64> = stream::iter(0..inquiries)
            .map(|number| {
                let patient = patients.get(usize::try_from(number).unwrap_or_default() % PATIENTS);
                let (repository, patient) = (repository.clone(), patient.map(PatientSummary::from));
                async move {
                    let draft = draft(patient.ok_or("no patient")?, number)?;
                    let submission = Submission::new(draft, &DEADLINES, now());
                    let submitted = repository.create(submission, provenance(physician)).await?;
                    Outcome::Ok(submitted.into_details()?.inquiry.id.0)
                }
            })
            .buffer_unordered(clients)
            .try_collect()
            .await?;
        while storage.maintain(now()).await?.folded > 0 {}
        Ok(Self { inquiries: repository, ids: Arc::new(created), physicians })
    }

    /// One inquiry by its id.
    pub(crate) async fn point_reads(&self, load: &Load) -> Outcome<Rate> {
        let (inquiries, ids) = (self.inquiries.clone(), self.ids.clone());
        load.run(move |client, round| {
            let (inquiries, id) = (inquiries.clone(), pick(&ids, client, round));
            async move {
                inquiries.find(InquiryId(id)).await?.ok_or("no such inquiry")?;
                Ok(1)
            }
        })
        .await
    }

    /// Ten inquiries of all patients with the total, on the first pages.
    pub(crate) async fn pages(&self, load: &Load) -> Outcome<Rate> {
        let inquiries = self.inquiries.clone();
        load.run(move |_, _| {
            let inquiries = inquiries.clone();
            async move {
                let page = PageRequest { number: 1, size: 10 };
                inquiries.page(&InquiryFilter::all_of(InquiryParty::Anyone), page).await?;
                Ok(1)
            }
        })
        .await
    }

    /// Appoints a physician, or lets one decline: read, decide, save. Each client has its own inquiries, so
    /// none loses a race.
    pub(crate) async fn transitions(&self, load: &Load) -> Outcome<Rate> {
        self.transitions_announced(load, true).await
    }

    /// The same, with or without an event for each transition.
    pub(crate) async fn transitions_announced(&self, load: &Load, announced: bool) -> Outcome<Rate> {
        let (inquiries, ids, physician) = (self.inquiries.clone(), self.ids.clone(), self.physicians);
        let [physician, _] = physician;
        let clients = load.clients;
        load.run(move |client, round| {
            let (inquiries, id) = (inquiries.clone(), own(&ids, client, clients, round));
            async move {
                let found = inquiries.find(InquiryId(id)).await?.ok_or("no such inquiry")?.inquiry;
                let mut transition = if found.status() == InquiryStatus::Assigned {
                    found.decline(provenance(physician), &DEADLINES)?
                } else {
                    match found.appoint(physician, provenance(physician), &DEADLINES)? {
                        Appointment::Changed(transition) => transition,
                        Appointment::Unchanged(_) => return Err("the move changes nothing".into()),
                    }
                };
                transition.event = transition.event.filter(|_| announced);
                match inquiries.save(&transition).await? {
                    Ok(()) => Ok(1),
                    Err(Stale) => Err("another client changed the inquiry".into()),
                }
            }
        })
        .await
    }

    /// All inquiries, in batches as they are sent to clients; counted in rows.
    pub(crate) async fn complete_list(&self, load: &Load) -> Outcome<Rate> {
        let inquiries = self.inquiries.clone();
        let one = Load { clients: 1, ..*load };
        one.run(move |_, _| {
            let inquiries = inquiries.clone();
            async move {
                let filter = InquiryFilter::all_of(InquiryParty::Anyone);
                let (mut rows, mut before) = (0, None);
                loop {
                    let batch = inquiries.batch(&filter, before, BATCH_SIZE).await?;
                    rows += u64::try_from(batch.len())?;
                    before = batch.last().map(|details| details.inquiry.id);
                    if batch.len() < usize::from(BATCH_SIZE) {
                        return Ok(rows);
                    }
                }
            }
        })
        .await
    }
}

/// A pseudo-random id that is the same in every run.
pub(crate) fn pick(ids: &[i64], client: usize, round: u64) -> i64 {
    let spread = usize::try_from(round).unwrap_or_default().wrapping_mul(7919) + client * 104_729;
    ids.get(spread % ids.len().max(1)).copied().unwrap_or_default()
}

/// An id that no other client uses.
pub(crate) fn own(ids: &[i64], client: usize, clients: usize, round: u64) -> i64 {
    let rounds = (ids.len() / clients).max(1);
    let index = client + clients * (usize::try_from(round).unwrap_or_default() % rounds);
    ids.get(index).copied().unwrap_or_default()
}

fn now() -> Timestamp {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default()
}

fn provenance(by: AccountUuid) -> Provenance {
    Provenance::new(by, now())
}

fn draft(patient: PatientSummary, number: u32) -> Outcome<InquiryDraft> {
    let day = NaiveDate::from_ymd_opt(2026, 1 + number % 12, 1 + number % 28).ok_or("no such day")?;
    let time = AppointmentTime::new(day.and_hms_opt(9, 30, 0).ok_or("no such time")?);
    let detail = InquiryDetail::parse("高血压十余年，近一周晨起头晕，想请医生上门看看是否要调药。");
    Ok(InquiryDraft {
        patient,
        visit_type: if number.is_multiple_of(2) { VisitType::Home } else { VisitType::Community },
        appointment_time: time.map_err(|problem| format!("{problem:?}"))?,
        reserved_phone: None,
        detail: detail.map_err(|problem| format!("{problem:?}"))?,
    })
}

async fn insert(storage: &Storage, role: Role, number: usize) -> Outcome<Vec<Account>> {
    let prefix = if role == Role::Patient { "138" } else { "139" };
    let person = |index: usize| -> Result<NewAccount, yilin_domain::validation::FieldProblem> {
        Ok(NewAccount {
            username: PersonName::parse(&format!("王桂兰{index}"))?,
            role,
            sex: Some(Sex::Female),
            age: None,
            phone: Some(PhoneNumber::parse(&format!("{prefix}{index:08}"))?),
            hospital: yilin_domain::account::Hospital::default(),
            home_address: HomeAddress::default(),
            password: PasswordHash(String::new()),
            must_change_password: true,
            created_at: now(),
        })
    };
    let people: Result<Vec<_>, _> = (0..number).map(person).collect();
    let inserted = storage.accounts().insert(people.map_err(|problem| format!("{problem:?}"))?, None).await?;
    Ok(inserted.into_iter().flatten().collect())
}

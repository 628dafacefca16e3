//! Plays the demo's scenarios.

use std::sync::Arc;

use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use futures_util::future::ready;
use futures_util::{StreamExt as _, stream};
use yilin_domain::account::{Account, Actor};
use yilin_domain::audit::Origin;
use yilin_domain::error::Error;
use yilin_domain::file::FileMention;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{InquiryDetail, VisitType};
use yilin_domain::medical_record::{AddendumText, DiagnosticDescription};
use yilin_domain::port::Clock as _;
use yilin_domain::reason::Reason;
use yilin_domain::time::{AppointmentTime, HospitalZone, Timestamp};
use yilin_domain::usecase::{AddendumReport, ConsultationReport, InquiryRequest, UseCases};
use yilin_domain::validation::FieldProblem;

use super::stories::{Reached, Story, Twist};
use super::{actor, files};
use crate::adapters::{SetClock, SystemClock};
use crate::error::StartError;

/// Maximum size of a file in bytes; those of the demo are much smaller.
const MAX_FILE: u64 = 1 << 20;

/// Plays scenarios at their dates.
pub(super) struct Teller {
    /// The use cases.
    pub(super) use_cases: UseCases,
    /// The current time of the scenario.
    pub(super) clock: Arc<SetClock>,
    /// The hospital's time zone.
    pub(super) zone: HospitalZone,
    /// The origin of all changes.
    pub(super) origin: Origin,
    /// The admin that assigns physicians and approves.
    pub(super) admin: Actor,
    /// The demo's patients.
    pub(super) patients: Vec<Account>,
    /// The demo's physicians.
    pub(super) physicians: Vec<Account>,
}

impl Teller {
    /// Performs all steps of a scenario.
    pub(super) async fn tell(&self, story: &Story) -> Result<(), StartError> {
        let inquiries = &self.use_cases.inquiries;
        self.set_clock(story.submitted, MORNING);
        let patient = person(&self.patients, story.patient)?;
        let request = self.request(story).map_err(StartError::DemoData)?;
        let inquiry = inquiries.submit(&self.actor(patient), request).await?.inquiry.id;
        let mut physician = None;
        for index in story.physicians {
            self.pass(TimeDelta::minutes(40));
            let appointed = person(&self.physicians, *index)?;
            inquiries.appoint(&self.admin, inquiry, appointed.uuid).await?;
            physician = Some(self.actor(appointed));
        }
        if let Some(Twist::Cancelled(why)) = story.twist {
            self.pass(TimeDelta::hours(3));
            inquiries.cancel(&self.actor(patient), inquiry, &reason(why)?).await?;
            return Ok(());
        }
        let Some(physician) = physician.filter(|_| story.reached != Reached::Assigned) else {
            return Ok(());
        };
        self.pass(TimeDelta::hours(1));
        inquiries.answer(&physician, inquiry, story.reached != Reached::Declined, None).await?;
        if let Some(Twist::Moved(_, why)) = story.twist {
            self.pass(TimeDelta::hours(2));
            let (day, time) = story.visit;
            let time = self.visit_time(day, time).map_err(StartError::DemoData)?;
            inquiries.reschedule(&physician, inquiry, time, &reason(why)?).await?;
        }
        match story.found {
            Some(found) => self.consult(story, inquiry, &physician, found).await,
            None => Ok(()),
        }
    }

    /// The steps from the consultation on.
    async fn consult(
        &self,
        story: &Story,
        inquiry: InquiryId,
        physician: &Actor,
        (found, needs_drugs): (&str, bool),
    ) -> Result<(), StartError> {
        let (drug_orders, reached) = (&self.use_cases.drug_orders, story.reached);
        self.set_clock(story.visit.0, EVENING);
        let number = u32::try_from(inquiry.0).unwrap_or_default();
        let report = ConsultationReport {
            inquiry,
            diagnostic_description: DiagnosticDescription::parse(found).map_err(StartError::DemoData)?,
            inquiry_video: self.upload(physician, files::recording(number)).await?,
            medical_img: self.upload(physician, files::record(number)?).await?,
            needs_drugs,
        };
        let record = self.use_cases.consultations.register(physician, report).await?.record;
        if let Some(Twist::Returned(why, added)) = story.twist {
            self.pass(TimeDelta::minutes(20));
            self.use_cases.inquiries.return_for_correction(&self.admin, inquiry, &reason(why)?).await?;
            self.pass(TimeDelta::minutes(50));
            let addendum = AddendumReport {
                record: record.id,
                text: AddendumText::parse(added).map_err(StartError::DemoData)?,
                reason: reason(why)?,
                medical_img: None,
                inquiry_video: None,
            };
            self.use_cases.consultations.amend(physician, addendum).await?;
        }
        if reached >= Reached::Approved {
            self.pass(TimeDelta::minutes(30));
            self.use_cases.inquiries.approve(&self.admin, inquiry).await?;
        }
        if reached >= Reached::Purchased {
            self.pass(TimeDelta::minutes(45));
            let order = drug_orders.of_medical_record(physician, record.id).await?.order.id;
            drug_orders.purchase(physician, order).await?;
            if reached >= Reached::Dispatched {
                self.pass(TimeDelta::hours(1));
                let certificate = self.upload(physician, files::delivery(number)?).await?;
                drug_orders.dispatch(physician, order, &certificate).await?;
            }
            if reached >= Reached::Received {
                self.pass(TimeDelta::hours(20));
                drug_orders.confirm_receipt(&self.admin, order).await?;
            }
        }
        Ok(())
    }

    /// Uploads a file as this account would.
    async fn upload(&self, by: &Actor, content: Vec<u8>) -> Result<FileMention, StartError> {
        let content = stream::once(ready(Ok(content.into()))).boxed();
        let uploaded = self.use_cases.files.upload(by, content, MAX_FILE).await;
        let uploaded = uploaded.map_err(StartError::DemoFile)?;
        FileMention::parse(&uploaded.url).map_err(StartError::DemoData)
    }

    fn actor(&self, account: &Account) -> Actor {
        actor(account, self.origin.clone())
    }

    fn request(&self, story: &Story) -> Result<InquiryRequest, FieldProblem> {
        let (day, time) = match story.twist {
            Some(Twist::Moved(asked_for, _)) => asked_for,
            Some(Twist::Cancelled(_) | Twist::Returned(..)) | None => story.visit,
        };
        Ok(InquiryRequest {
            patient: None,
            visit_type: VisitType::parse(story.place)?,
            appointment_time: self.visit_time(day, time)?,
            reserved_phone: None,
            detail: InquiryDetail::parse(story.detail)?,
        })
    }

    fn visit_time(&self, day: i64, time: &str) -> Result<AppointmentTime, FieldProblem> {
        let time = NaiveTime::parse_from_str(time, "%H:%M").map_err(|_| FieldProblem::NotATime)?;
        AppointmentTime::new(self.local(day, time))
    }

    fn local(&self, day: i64, time: NaiveTime) -> NaiveDateTime {
        (self.zone.day(SystemClock.now()) + TimeDelta::days(day)).and_time(time)
    }

    fn set_clock(&self, day: i64, time: NaiveTime) {
        let local = self.local(day, time).and_local_timezone(self.zone.0).earliest();
        self.set(local.map_or_else(|| SystemClock.now(), |local| local.to_utc()));
    }

    fn pass(&self, time: TimeDelta) {
        self.set(self.clock.now() + time);
    }

    /// Sets the clock, at most to the present: no event is in the future.
    fn set(&self, time: Timestamp) {
        self.clock.set(time.min(SystemClock.now()));
    }
}

const MORNING: NaiveTime = hour(8);
const EVENING: NaiveTime = hour(18);

const fn hour(hour: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, 0, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

fn reason(text: &str) -> Result<Reason, StartError> {
    Reason::parse(text).map_err(StartError::DemoData)
}

fn person(people: &[Account], index: usize) -> Result<&Account, StartError> {
    people.get(index).ok_or(StartError::UseCase(Error::NotFound))
}

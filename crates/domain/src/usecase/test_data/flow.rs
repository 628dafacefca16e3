//! Complete flows, from request to received drugs.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::super::{ConsultationReport, InquiryRequest, setup::hash_once};
use super::TestData;
use crate::account::{Account, Actor, Role};
use crate::error::Error;
use crate::file::FileMention;
use crate::inquiry::{InquiryDetail, VisitType};
use crate::medical_record::DiagnosticDescription;
use crate::session::SessionId;
use crate::time::AppointmentTime;
use crate::validation::Invalid;

/// The result of a number of flows.
#[derive(Debug)]
pub struct FlowReport {
    /// Number of completed flows.
    pub completed: u64,
    /// Number of failed flows.
    pub failed: u64,
    /// The error of the first failed flow, for the log.
    pub first_error: Option<Error>,
}

impl TestData {
    /// Maximum number of concurrent flows.
    pub const MAX_CONCURRENCY: u16 = 1000;

    /// Generates patients and physicians, and takes `number` inquiries from request to received drugs,
    /// `concurrency` at a time, through the same use cases as real requests.
    pub async fn run_flows(&self, actor: &Actor, number: u32, concurrency: u16) -> Result<FlowReport, Error> {
        actor.require(&[Role::Admin])?;
        let pairs = usize::from(concurrency.max(1)).min(usize::try_from(number).unwrap_or(usize::MAX));
        let patients = self.cast(actor, Role::Patient, pairs).await?;
        let physicians = self.cast(actor, Role::Physician, pairs).await?;
        let outcomes = stream::iter(0..number)
            .map(|flow| {
                let index = usize::try_from(flow).unwrap_or_default() % pairs.max(1);
                let pair = patients.get(index).zip(physicians.get(index));
                async move {
                    match pair {
                        Some((patient, physician)) => self.flow(actor, patient, physician, flow).await,
                        None => Err(Error::NotFound),
                    }
                }
            })
            .buffer_unordered(usize::from(concurrency.max(1)));
        let report = FlowReport { completed: 0, failed: 0, first_error: None };
        Ok(outcomes
            .fold(report, |mut report, outcome| async move {
                match outcome {
                    Ok(()) => report.completed += 1,
                    Err(error) => {
                        report.failed += 1;
                        report.first_error.get_or_insert(error);
                    }
                }
                report
            })
            .await)
    }

    /// This many generated accounts of a role, stored.
    async fn cast(&self, actor: &Actor, role: Role, number: usize) -> Result<Vec<Account>, Error> {
        let hash = hash_once(&*self.context.ports.hasher, &self.context.policy.initial_password).await?;
        stream::unfold(number, |missing| {
            let hash = hash.clone();
            async move {
                if missing == 0 {
                    return None;
                }
                let wanted = u32::try_from(missing).unwrap_or(u32::MAX).min(Self::CHUNK);
                let people = self.insert_people(actor, role, wanted, &hash).await;
                let left = people.as_ref().map_or(0, |people| missing.saturating_sub(people.len()));
                Some((people, left))
            }
        })
        .try_concat()
        .await
    }

    async fn flow(
        &self,
        admin: &Actor,
        patient: &Account,
        physician: &Account,
        number: u32,
    ) -> Result<(), Error> {
        let (patient, physician) = (self.actor(patient, admin), self.actor(physician, admin));
        let inquiry = self.inquiries.submit(&patient, self.request(number)?).await?.inquiry.id;
        self.inquiries.appoint(admin, inquiry, physician.uuid).await?;
        self.inquiries.answer(&physician, inquiry, true, None).await?;
        let file = sample_file()?;
        let report = ConsultationReport {
            inquiry,
            diagnostic_description: DiagnosticDescription::default(),
            inquiry_video: file.clone(),
            medical_img: file.clone(),
            needs_drugs: true,
        };
        let record = self.consultations.register(&physician, report).await?.record;
        self.inquiries.approve(admin, inquiry).await?;
        let order = self.drug_orders.of_medical_record(&physician, record.id).await?.order.id;
        self.drug_orders.purchase(&physician, order).await?;
        self.drug_orders.dispatch(&physician, order, &file).await?;
        self.drug_orders.confirm_receipt(admin, order).await?;
        Ok(())
    }

    /// An account acting within the admin's request.
    fn actor(&self, account: &Account, admin: &Actor) -> Actor {
        let session = SessionId::from_bytes(self.context.ports.random.bytes());
        Actor::new(account.uuid, account.role, session).within(admin.origin.clone())
    }

    /// The request of a flow. All differ: an equal one would count as a repetition.
    fn request(&self, number: u32) -> Result<InquiryRequest, Error> {
        let zone = self.context.policy.zone;
        let now = self.context.now().with_timezone(&zone.0).naive_local();
        let invalid = |field| move |problem| Error::Invalid(Invalid::one(field, problem));
        Ok(InquiryRequest {
            patient: None,
            visit_type: VisitType::Home,
            appointment_time: AppointmentTime::new(now).map_err(invalid("appointment_time"))?,
            reserved_phone: None,
            detail: InquiryDetail::parse(&format!("全流程测试 {}：经常感到头痛", number + 1))
                .map_err(invalid("inquiry_detail"))?,
        })
    }
}

/// The CID of the empty file.
fn sample_file() -> Result<FileMention, Error> {
    FileMention::parse("QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH")
        .map_err(|problem| Invalid::one("inquiry_video", problem).into())
}

//! Inquiries.

use std::sync::Arc;

use super::{Context, decide_and_save};
use crate::account::{AccountUuid, Actor, ReservedPhone, Role, fold_name};
use crate::enumeration::StatusSet;
use crate::error::Error;
use crate::id::InquiryId;
use crate::inquiry::{
    Appointment, InquiryDetail, InquiryDetails, InquiryDraft, InquiryFilter, InquiryParty, InquiryStatus,
    InquiryTransition, PatientSummary, PhysicianSummary, VisitType,
};
use crate::list::{BATCH_SIZE, Batches, Page, PageRequest, batches};
use crate::time::AppointmentTime;
use crate::transition::Stale;
use crate::validation::{FieldProblem, Invalid};

/// A request for a visit.
#[derive(Debug, Clone)]
pub struct InquiryRequest {
    /// The patient, if an admin submits for them; patients submit for themselves.
    pub patient: Option<AccountUuid>,
    /// The visit type.
    pub visit_type: VisitType,
    /// Time of the visit.
    pub appointment_time: AppointmentTime,
    /// The phone number to call about the visit; the patient's own by default.
    pub reserved_phone: Option<ReservedPhone>,
    /// The patient's complaint.
    pub detail: InquiryDetail,
}

/// The inquiries that a caller lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InquirySelection {
    /// All inquiries, for admins.
    All(StatusSet<InquiryStatus>),
    /// A search by the patient's name, for admins; all inquiries if it is empty.
    ByPatientName(String),
    /// A search by the physician's name, for admins; all inquiries if it is empty.
    ByPhysicianName(String),
    /// A physician's own inquiries.
    OfPhysician(StatusSet<InquiryStatus>),
    /// A patient's own inquiries.
    OfPatient(StatusSet<InquiryStatus>),
}

/// Inquiries.
#[derive(Clone)]
pub struct Inquiries {
    context: Arc<Context>,
}

impl Inquiries {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// A patient requests a visit, or an admin on behalf of a patient.
    pub async fn submit(&self, actor: &Actor, request: InquiryRequest) -> Result<InquiryDetails, Error> {
        actor.require(&[Role::Patient, Role::Admin])?;
        let uuid = if actor.is_admin() {
            request.patient.ok_or(Invalid::one("uuid", FieldProblem::Missing))?
        } else {
            actor.uuid
        };
        let account = self.context.ports.accounts.find(uuid).await?;
        let Some(patient) = account.filter(|account| account.role == Role::Patient) else {
            return Err(if actor.is_admin() {
                Invalid::one("uuid", FieldProblem::UnknownPatient).into()
            } else {
                Error::SessionWithoutAccount
            });
        };
        let draft = InquiryDraft {
            patient: PatientSummary::from(&patient),
            visit_type: request.visit_type,
            appointment_time: request.appointment_time,
            reserved_phone: request.reserved_phone.or_else(|| patient.phone.map(ReservedPhone::from)),
            detail: request.detail,
        };
        Ok(self.context.ports.inquiries.create(draft, self.context.provenance(actor)).await?)
    }

    /// The hospital appoints a physician.
    pub async fn appoint(
        &self,
        actor: &Actor,
        id: InquiryId,
        physician: AccountUuid,
    ) -> Result<InquiryDetails, Error> {
        actor.require(&[Role::Admin])?;
        let account = self.context.ports.accounts.find(physician).await?;
        let physician = account
            .filter(|account| account.role == Role::Physician)
            .map(|account| PhysicianSummary::from(&account))
            .ok_or(Invalid::one("userUUID", FieldProblem::UnknownPhysician))?;
        decide_and_save(|| async {
            let details = self.existing(id).await?;
            match details.inquiry.clone().appoint(physician.uuid, self.context.provenance(actor))? {
                Appointment::Unchanged(_) => Ok(Ok(details)),
                Appointment::Changed(transition) => {
                    self.save(details, transition, Some(physician.clone())).await
                }
            }
        })
        .await
    }

    /// The assigned physician accepts or declines.
    pub async fn answer(&self, actor: &Actor, id: InquiryId, accepts: bool) -> Result<InquiryDetails, Error> {
        actor.require(&[Role::Physician])?;
        decide_and_save(|| async {
            let details = self.of_physician(actor, id).await?;
            let (inquiry, provenance) = (details.inquiry.clone(), self.context.provenance(actor));
            if accepts {
                let physician = details.physician.clone();
                self.save(details, inquiry.accept(provenance)?, physician).await
            } else {
                self.save(details, inquiry.decline(provenance)?, None).await
            }
        })
        .await
    }

    /// The hospital approves a registered consultation.
    pub async fn approve(&self, actor: &Actor, id: InquiryId) -> Result<InquiryDetails, Error> {
        actor.require(&[Role::Admin])?;
        decide_and_save(|| async {
            let details = self.existing(id).await?;
            let transition = details.inquiry.clone().approve(self.context.provenance(actor))?;
            let physician = details.physician.clone();
            self.save(details, transition, physician).await
        })
        .await
    }

    /// An inquiry, for admins and its parties.
    pub async fn find(&self, actor: &Actor, id: InquiryId) -> Result<InquiryDetails, Error> {
        let details = self.existing(id).await?;
        if actor.is_admin() || details.has_party(actor.uuid) { Ok(details) } else { Err(Error::NotFound) }
    }

    /// One page of inquiries.
    pub async fn page(
        &self,
        actor: &Actor,
        selection: InquirySelection,
        page: PageRequest,
    ) -> Result<Page<InquiryDetails>, Error> {
        let filter = selection.filter_for(actor)?;
        Ok(self.context.ports.inquiries.page(&filter, page).await?)
    }

    /// The complete list of inquiries.
    pub fn all(&self, actor: &Actor, selection: InquirySelection) -> Result<Batches<InquiryDetails>, Error> {
        let filter = Arc::new(selection.filter_for(actor)?);
        let inquiries = self.context.ports.inquiries.clone();
        Ok(batches(
            |details: &InquiryDetails| details.inquiry.id,
            move |before| {
                let (inquiries, filter) = (inquiries.clone(), filter.clone());
                async move { Ok(inquiries.batch(&filter, before, BATCH_SIZE).await?) }
            },
        ))
    }

    async fn existing(&self, id: InquiryId) -> Result<InquiryDetails, Error> {
        self.context.ports.inquiries.find(id).await?.ok_or(Error::NotFound)
    }

    async fn of_physician(&self, actor: &Actor, id: InquiryId) -> Result<InquiryDetails, Error> {
        let details = self.existing(id).await?;
        if details.inquiry.physician() == Some(actor.uuid) { Ok(details) } else { Err(Error::NotFound) }
    }

    async fn save(
        &self,
        details: InquiryDetails,
        transition: InquiryTransition,
        physician: Option<PhysicianSummary>,
    ) -> Result<Result<InquiryDetails, Stale>, Error> {
        let saved = self.context.ports.inquiries.save(&transition).await?;
        Ok(saved.map(|()| InquiryDetails { inquiry: transition.record, physician, ..details }))
    }
}

impl InquirySelection {
    /// The filter for this caller: own lists are restricted to the caller.
    fn filter_for(self, actor: &Actor) -> Result<InquiryFilter, Error> {
        match self {
            Self::All(statuses) => {
                actor.require(&[Role::Admin])?;
                Ok(InquiryFilter { party: InquiryParty::Anyone, statuses })
            }
            Self::ByPatientName(name) => named(actor, &name, InquiryParty::PatientNamed),
            Self::ByPhysicianName(name) => named(actor, &name, InquiryParty::PhysicianNamed),
            Self::OfPhysician(statuses) => {
                actor.require(&[Role::Physician])?;
                Ok(InquiryFilter { party: InquiryParty::Physician(actor.uuid), statuses })
            }
            Self::OfPatient(statuses) => {
                actor.require(&[Role::Patient])?;
                Ok(InquiryFilter { party: InquiryParty::Patient(actor.uuid), statuses })
            }
        }
    }
}

fn named(actor: &Actor, name: &str, party: fn(String) -> InquiryParty) -> Result<InquiryFilter, Error> {
    actor.require(&[Role::Admin])?;
    let name = fold_name(name);
    let party = if name.is_empty() { InquiryParty::Anyone } else { party(name) };
    Ok(InquiryFilter::all_of(party))
}

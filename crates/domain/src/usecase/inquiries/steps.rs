//! Transitions of an inquiry, and who may make them.

use super::super::decide_and_save;
use super::Inquiries;
use crate::account::{Account, AccountUuid, Actor, Role};
use crate::error::{Error, IllegalStep};
use crate::id::InquiryId;
use crate::inquiry::{
    Appointment, Deadlines, Inquiry, InquiryDetails, InquiryTransition, PhysicianSummary, Rescheduler,
};
use crate::reason::Reason;
use crate::time::AppointmentTime;
use crate::transition::{Provenance, Stale};
use crate::validation::{FieldProblem, Invalid};

impl Inquiries {
    /// The hospital appoints a physician.
    pub async fn appoint(
        &self,
        actor: &Actor,
        id: InquiryId,
        physician: AccountUuid,
    ) -> Result<InquiryDetails, Error> {
        actor.require(&[Role::Admin])?;
        decide_and_save(|| async {
            // Each time: an account that was disabled meanwhile is why nothing was saved.
            let physician = self.physician(physician).await?;
            let details = self.as_seen(self.existing(id).await?)?;
            let (inquiry, provenance) = (details.inquiry.clone(), self.context.provenance(actor));
            match inquiry.appoint(physician.uuid, provenance, &self.context.policy.deadlines)? {
                Appointment::Unchanged(_) => Ok(Ok(details)),
                Appointment::Changed(transition) => self.save(details, transition, Some(physician)).await,
            }
        })
        .await
    }

    /// The assigned physician accepts or declines, and may say why.
    pub async fn answer(
        &self,
        actor: &Actor,
        id: InquiryId,
        accepts: bool,
        reason: Option<Reason>,
    ) -> Result<InquiryDetails, Error> {
        actor.require(&[Role::Physician])?;
        let step = |inquiry: Inquiry, provenance: Provenance, deadlines: &Deadlines| {
            let provenance = match &reason {
                Some(reason) => provenance.because(reason.clone()),
                None => provenance,
            };
            if accepts {
                inquiry.accept(provenance, deadlines)
            } else {
                inquiry.decline(provenance, deadlines)
            }
        };
        self.advance(actor, id, step).await
    }

    /// The hospital approves a recorded consultation.
    pub async fn approve(&self, actor: &Actor, id: InquiryId) -> Result<InquiryDetails, Error> {
        actor.require(&[Role::Admin])?;
        self.advance(actor, id, Inquiry::approve).await
    }

    /// The patient cancels a visit that no physician has accepted, or the hospital one that is not registered
    /// yet.
    pub async fn cancel(
        &self,
        actor: &Actor,
        id: InquiryId,
        reason: &Reason,
    ) -> Result<InquiryDetails, Error> {
        actor.require(&[Role::Patient, Role::Admin])?;
        let cancel = if actor.is_admin() { Inquiry::cancel } else { Inquiry::withdraw };
        self.advance(actor, id, |inquiry, provenance, deadlines| {
            cancel(inquiry, reason.clone(), provenance, deadlines)
        })
        .await
    }

    /// Reschedules a visit: patients until a physician has accepted, the physician afterwards, the hospital until
    /// it is registered.
    pub async fn reschedule(
        &self,
        actor: &Actor,
        id: InquiryId,
        appointment_time: AppointmentTime,
        reason: &Reason,
    ) -> Result<InquiryDetails, Error> {
        let by = match actor.role {
            Role::Patient => Rescheduler::Patient,
            Role::Physician => Rescheduler::Physician,
            Role::Admin => Rescheduler::Hospital,
        };
        self.advance(actor, id, |inquiry, provenance, deadlines| {
            inquiry.reschedule(appointment_time, by, reason.clone(), provenance, deadlines)
        })
        .await
    }

    /// The hospital assigns an accepted visit to another physician.
    pub async fn reassign(
        &self,
        actor: &Actor,
        id: InquiryId,
        physician: AccountUuid,
        reason: &Reason,
    ) -> Result<InquiryDetails, Error> {
        actor.require(&[Role::Admin])?;
        decide_and_save(|| async {
            let physician = self.physician(physician).await?;
            let details = self.as_seen(self.existing(id).await?)?;
            let (inquiry, provenance) = (details.inquiry.clone(), self.context.provenance(actor));
            let deadlines = &self.context.policy.deadlines;
            let transition = inquiry.reassign(physician.uuid, reason.clone(), provenance, deadlines)?;
            self.save(details, transition, Some(physician)).await
        })
        .await
    }

    /// The hospital returns a record for correction.
    pub async fn return_for_correction(
        &self,
        actor: &Actor,
        id: InquiryId,
        reason: &Reason,
    ) -> Result<InquiryDetails, Error> {
        actor.require(&[Role::Admin])?;
        self.advance(actor, id, |inquiry, provenance, deadlines| {
            inquiry.return_for_correction(reason.clone(), provenance, deadlines)
        })
        .await
    }

    /// Makes a transition that assigns no new physician, for the admin or a party of the inquiry.
    async fn advance(
        &self,
        actor: &Actor,
        id: InquiryId,
        step: impl Fn(Inquiry, Provenance, &Deadlines) -> Result<InquiryTransition, IllegalStep>,
    ) -> Result<InquiryDetails, Error> {
        decide_and_save(|| async {
            let details = self.as_seen(self.find(actor, id).await?)?;
            let (inquiry, provenance) = (details.inquiry.clone(), self.context.provenance(actor));
            let transition = step(inquiry, provenance, &self.context.policy.deadlines)?;
            let physician = details.physician.clone().filter(|_| transition.record.physician().is_some());
            self.save(details, transition, physician).await
        })
        .await
    }

    /// The inquiry, if it is as the caller saw it.
    fn as_seen(&self, details: InquiryDetails) -> Result<InquiryDetails, Error> {
        match self.seen {
            Some(seen) if seen != details.inquiry.version => Err(Error::Changed),
            _ => Ok(details),
        }
    }

    /// The physician with this uuid.
    async fn physician(&self, uuid: AccountUuid) -> Result<PhysicianSummary, Error> {
        let account = self.context.ports.accounts.find(uuid).await?;
        let physician = account.filter(Account::is_active_physician);
        let physician = physician.ok_or(Invalid::one("userUUID", FieldProblem::UnknownPhysician))?;
        Ok(PhysicianSummary::from(&physician))
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

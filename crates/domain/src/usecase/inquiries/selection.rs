//! Lists of inquiries.

use std::sync::Arc;

use super::Inquiries;
use crate::account::{Actor, Role, fold_name};
use crate::enumeration::StatusSet;
use crate::error::Error;
use crate::inquiry::{InquiryDetails, InquiryFilter, InquiryParty, InquiryStatus};
use crate::list::{Batches, Page, PageRequest, batches};
use crate::time::Timestamp;

/// Which inquiries a caller requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InquirySelection {
    /// The admin's list of all inquiries.
    All(StatusSet<InquiryStatus>),
    /// The admin's list of overdue inquiries.
    Overdue,
    /// The admin's search by the patient's name; all inquiries if it is empty.
    ByPatientName(String),
    /// The admin's search by the physician's name; all inquiries if it is empty.
    ByPhysicianName(String),
    /// A physician's own.
    OfPhysician(StatusSet<InquiryStatus>),
    /// A patient's own.
    OfPatient(StatusSet<InquiryStatus>),
}

impl Inquiries {
    /// One page of inquiries.
    pub async fn page(
        &self,
        actor: &Actor,
        selection: InquirySelection,
        page: PageRequest,
    ) -> Result<Page<InquiryDetails>, Error> {
        let filter = selection.filter_for(actor, self.context.now())?;
        Ok(self.context.ports.inquiries.page(&filter, page).await?)
    }

    /// All inquiries of a list.
    pub fn all(&self, actor: &Actor, selection: InquirySelection) -> Result<Batches<InquiryDetails>, Error> {
        let filter = Arc::new(selection.filter_for(actor, self.context.now())?);
        let inquiries = self.context.ports.inquiries.clone();
        Ok(batches(
            |details: &InquiryDetails| details.inquiry.id,
            move |before, limit| {
                let (inquiries, filter) = (inquiries.clone(), filter.clone());
                async move { Ok(inquiries.batch(&filter, before, limit).await?) }
            },
        ))
    }
}

impl InquirySelection {
    /// The filter for this caller; own lists are restricted to the caller.
    fn filter_for(self, actor: &Actor, now: Timestamp) -> Result<InquiryFilter, Error> {
        match self {
            Self::All(statuses) => {
                actor.require(&[Role::Admin])?;
                Ok(InquiryFilter::in_statuses(InquiryParty::Anyone, statuses))
            }
            Self::Overdue => {
                actor.require(&[Role::Admin])?;
                Ok(InquiryFilter::overdue(now))
            }
            Self::ByPatientName(name) => named(actor, &name, InquiryParty::PatientNamed),
            Self::ByPhysicianName(name) => named(actor, &name, InquiryParty::PhysicianNamed),
            Self::OfPhysician(statuses) => {
                actor.require(&[Role::Physician])?;
                Ok(InquiryFilter::in_statuses(InquiryParty::Physician(actor.uuid), statuses))
            }
            Self::OfPatient(statuses) => {
                actor.require(&[Role::Patient])?;
                Ok(InquiryFilter::in_statuses(InquiryParty::Patient(actor.uuid), statuses))
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

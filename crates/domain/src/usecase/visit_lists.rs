//! The hospital's list of visits, by any combination of criteria.

use std::sync::Arc;

use super::{Context, ListExport};
use crate::account::{AccountUuid, Actor, Role, fold_name};
use crate::enumeration::StatusSet;
use crate::error::Error;
use crate::id::InquiryId;
use crate::inquiry::{DayRange, InquiryDetails, InquiryStatus, PatientCriterion, VisitFilter};
use crate::list::{Batches, Slice, Total, Window, all_slices, filled};
use crate::port::{ListFormat, ListHead};

/// What the hospital looks for in its list of visits. All criteria apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitSearch {
    /// The statuses.
    pub statuses: StatusSet<InquiryStatus>,
    /// Only visits whose next step is overdue.
    pub overdue: bool,
    /// The days of their appointments.
    pub days: DayRange,
    /// Only those with this current physician.
    pub physician: Option<AccountUuid>,
    /// Only those of this patient.
    pub patient: Option<AccountUuid>,
    /// Only those of patients whose name contains this text; all if it is blank. Ignored if the patient is given.
    pub patient_name: String,
}

impl Default for VisitSearch {
    fn default() -> Self {
        Self {
            statuses: StatusSet::all(),
            overdue: false,
            days: DayRange::default(),
            physician: None,
            patient: None,
            patient_name: String::new(),
        }
    }
}

/// The hospital's lists of visits.
#[derive(Clone)]
pub struct VisitLists {
    context: Arc<Context>,
}

impl VisitLists {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// A part of the list, newest first. Where too few newer visits are left to fill it, the newest ones.
    pub async fn slice(
        &self,
        actor: &Actor,
        search: &VisitSearch,
        window: Window<InquiryId>,
        size: u16,
    ) -> Result<Slice<InquiryDetails, InquiryId>, Error> {
        let filter = self.filter(actor, search)?;
        let visits = &self.context.ports.visit_lists;
        filled(window, size, |window| visits.slice(&filter, window, size)).await
    }

    /// The length of the list.
    pub async fn total(&self, actor: &Actor, search: &VisitSearch) -> Result<Total, Error> {
        let filter = self.filter(actor, search)?;
        Ok(self.context.ports.visit_lists.total(&filter).await?)
    }

    /// The complete list.
    pub fn all(&self, actor: &Actor, search: &VisitSearch) -> Result<Batches<InquiryDetails>, Error> {
        let filter = Arc::new(self.filter(actor, search)?);
        let visits = self.context.ports.visit_lists.clone();
        Ok(all_slices(move |window, limit| {
            let (visits, filter) = (visits.clone(), filter.clone());
            async move { Ok(visits.slice(&filter, window, limit).await?) }
        }))
    }

    /// The complete list, to be written as a file.
    pub fn export(
        &self,
        actor: &Actor,
        search: &VisitSearch,
        format: ListFormat,
        head: ListHead,
    ) -> Result<ListExport<InquiryDetails>, Error> {
        ListExport::begin(&self.context, self.all(actor, search)?, format, head)
    }

    fn filter(&self, actor: &Actor, search: &VisitSearch) -> Result<VisitFilter, Error> {
        actor.require(&[Role::Admin])?;
        let name = fold_name(&search.patient_name);
        let named = (!name.is_empty()).then_some(PatientCriterion::Named(name));
        Ok(VisitFilter {
            statuses: search.statuses.clone(),
            due_before: search.overdue.then(|| self.context.now()),
            days: search.days,
            physician: search.physician,
            patient: search.patient.map(PatientCriterion::Is).or(named),
        })
    }
}

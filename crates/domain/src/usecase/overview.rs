//! What waits for the hospital, today's visits, and the last days in numbers.

use std::sync::Arc;

use chrono::{Days, NaiveDate, TimeDelta};

use super::{Context, DrugOrdersByDay, ServiceStates, ServiceWarning, Statistics, VisitsByDay};
use crate::account::{Actor, Role};
use crate::drug_order::DrugOrderStatus;
use crate::error::Error;
use crate::inquiry::{InquiryDetails, InquiryStatus, VisitFilter};
use crate::list::Total;
use crate::roster::{ImportJob, ImportState};

/// How many records wait for a step, most of them for one of the hospital's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Inquiries to which the hospital has not appointed a physician.
    pub to_appoint: u64,
    /// Inquiries that their physician has neither accepted nor declined.
    pub unanswered: u64,
    /// Inquiries whose next step is overdue.
    pub overdue: Total,
    /// Registered consultations that the hospital has not reviewed.
    pub to_review: u64,
    /// Records returned to their physician for correction.
    pub returned: u64,
    /// Drug orders that are delivered, of which the hospital has not confirmed the receipt.
    pub drugs_to_confirm: u64,
}

/// Imports in progress and of the last [`Overview::IMPORT_DAYS`] days, the most recent first. Dry runs have changed nothing,
/// so they only count while they are in progress.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportActivity {
    /// Those in progress.
    pub running: Vec<ImportJob>,
    /// Those that failed or were interrupted.
    pub failed: Vec<ImportJob>,
    /// Those that are complete.
    pub done: Vec<ImportJob>,
}

/// The visits of today that are not cancelled, in the order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TodaysVisits {
    /// The day at the hospital.
    pub day: NaiveDate,
    /// The first visits of the day.
    pub visits: Vec<InquiryDetails>,
    /// Whether there are more.
    pub has_more: bool,
}

/// The last days in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastDays {
    /// Visits by type, per day of appointment up to today.
    pub visits: VisitsByDay,
    /// The same visits by status, in workflow order.
    pub by_status: Vec<(InquiryStatus, u64)>,
    /// Drug orders, per day of creation.
    pub drug_orders: DrugOrdersByDay,
}

/// What the hospital sees first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverviewReport {
    /// What needs attention in the service.
    pub warnings: Vec<ServiceWarning>,
    /// What waits.
    pub waiting: Waiting,
    /// Imports.
    pub imports: ImportActivity,
    /// Today's visits.
    pub today: TodaysVisits,
    /// The last days in numbers.
    pub last_days: LastDays,
}

/// What the hospital sees first.
#[derive(Clone)]
pub struct Overview {
    context: Arc<Context>,
    statistics: Statistics,
    service: ServiceStates,
}

impl Overview {
    /// How many days the numbers go back.
    pub const DAYS: u16 = 30;
    /// For how many days an import is shown.
    pub const IMPORT_DAYS: i64 = 7;
    /// Maximum number of today's visits shown.
    pub const TODAYS: u16 = 30;
    /// Number of imports looked at.
    const IMPORTS: u16 = 20;

    pub(super) fn new(context: Arc<Context>, service: ServiceStates) -> Self {
        Self { statistics: Statistics::new(context.clone()), context, service }
    }

    /// Everything at once.
    pub async fn report(&self, actor: &Actor) -> Result<OverviewReport, Error> {
        actor.require(&[Role::Admin])?;
        Ok(OverviewReport {
            warnings: self.service.state(actor).await?.warnings,
            waiting: self.waiting(actor).await?,
            imports: self.imports(actor).await?,
            today: self.today(actor).await?,
            last_days: self.last_days(actor).await?,
        })
    }

    /// What waits.
    pub async fn waiting(&self, actor: &Actor) -> Result<Waiting, Error> {
        actor.require(&[Role::Admin])?;
        let ports = &self.context.ports;
        let tallies = ports.statistics.tallies().await?;
        let overdue = VisitFilter { due_before: Some(self.context.now()), ..VisitFilter::all() };
        Ok(Waiting {
            to_appoint: tallies.inquiries_in(InquiryStatus::Submitted),
            unanswered: tallies.inquiries_in(InquiryStatus::Assigned),
            overdue: ports.visit_lists.total(&overdue).await?,
            to_review: tallies.inquiries_in(InquiryStatus::Registered),
            returned: tallies.inquiries_in(InquiryStatus::Returned),
            drugs_to_confirm: tallies.drug_orders_in(DrugOrderStatus::Dispatched),
        })
    }

    /// Imports of all admins; their states are as of now.
    pub async fn imports(&self, actor: &Actor) -> Result<ImportActivity, Error> {
        actor.require(&[Role::Admin])?;
        let now = self.context.now();
        let mut activity = ImportActivity::default();
        for mut job in self.context.ports.imports.recent(Self::IMPORTS).await? {
            job.state = job.state_at(now);
            let is_recent = now - job.started_at <= TimeDelta::days(Self::IMPORT_DAYS);
            let is_shown = is_recent && !job.options.dry_run;
            match job.state {
                ImportState::Running => activity.running.push(job),
                ImportState::Failed(_) | ImportState::Interrupted if is_shown => activity.failed.push(job),
                ImportState::Done if is_shown => activity.done.push(job),
                ImportState::Failed(_) | ImportState::Interrupted | ImportState::Done => {}
            }
        }
        Ok(activity)
    }

    /// Today's visits.
    pub async fn today(&self, actor: &Actor) -> Result<TodaysVisits, Error> {
        actor.require(&[Role::Admin])?;
        let day = self.context.hospital_time().today();
        let mut visits = self.context.ports.visit_lists.on_day(day, Self::TODAYS + 1).await?;
        let has_more = visits.len() > usize::from(Self::TODAYS);
        visits.truncate(Self::TODAYS.into());
        Ok(TodaysVisits { day, visits, has_more })
    }

    /// The last days in numbers, today included.
    pub async fn last_days(&self, actor: &Actor) -> Result<LastDays, Error> {
        actor.require(&[Role::Admin])?;
        let today = self.context.hospital_time().today();
        let days_ago = Self::DAYS - 1;
        let first = today.checked_sub_days(Days::new(days_ago.into())).unwrap_or(today);
        let counted = self.context.ports.statistics.visits_by_status(first, today).await?;
        let number = |status: InquiryStatus| {
            counted.iter().filter(|(of, _)| *of == status).map(|(_, number)| number).sum()
        };
        Ok(LastDays {
            visits: self.statistics.visits(actor, days_ago).await?.until(today),
            by_status: InquiryStatus::ALL.into_iter().map(|status| (status, number(status))).collect(),
            drug_orders: self.statistics.drug_orders(actor, days_ago).await?,
        })
    }
}

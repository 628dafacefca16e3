//! Physicians' schedules, and clashing visits.

use chrono::{Days, NaiveDate, NaiveTime};

use super::Inquiries;
use crate::account::{AccountUuid, Actor, Role};
use crate::error::Error;
use crate::inquiry::{Clash, InquiryDetails, ScheduleSpan, ScheduledVisit};
use crate::validation::{FieldProblem, Invalid};

/// The days of a schedule, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduleDays {
    first: NaiveDate,
    after_last: NaiveDate,
}

impl ScheduleDays {
    /// The maximum number of days.
    pub const MAX: i64 = 62;

    /// From this day to that one.
    pub fn new(first: NaiveDate, last: NaiveDate) -> Result<Self, FieldProblem> {
        let days = (last - first).num_days() + 1;
        let after_last = last.checked_add_days(Days::new(1));
        match after_last {
            Some(after_last) if (1..=Self::MAX).contains(&days) => Ok(Self { first, after_last }),
            _ => Err(FieldProblem::NotWithinDays { max: Self::MAX }),
        }
    }
}

impl Inquiries {
    /// A physician's visits on these days, for the admin and that physician.
    pub async fn schedule(
        &self,
        actor: &Actor,
        physician: AccountUuid,
        days: ScheduleDays,
    ) -> Result<Vec<ScheduledVisit>, Error> {
        actor.require(&[Role::Physician, Role::Admin])?;
        if actor.is_admin() {
            let account = self.context.ports.accounts.find(physician).await?;
            if !account.is_some_and(|account| account.is_active_physician()) {
                return Err(Invalid::one("userUUID", FieldProblem::UnknownPhysician).into());
            }
        } else if physician != actor.uuid {
            return Err(Error::NotFound);
        }
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN);
        let span = ScheduleSpan { physician, from: midnight(days.first), until: midnight(days.after_last) };
        Ok(self.context.ports.inquiries.schedule(&span).await?)
    }

    /// The other visits of the inquiry's physician that are too close to it. To be read after saving: of two
    /// conflicting appointments made concurrently, at least one caller then sees the clash.
    pub async fn clashes(&self, details: &InquiryDetails) -> Result<Vec<Clash>, Error> {
        let inquiry = &details.inquiry;
        let Some(physician) = inquiry.physician() else { return Ok(Vec::new()) };
        let closer_than = self.context.policy.visit_length;
        let span = ScheduleSpan::around(physician, inquiry.appointment_time, closer_than);
        let visits = self.context.ports.inquiries.schedule(&span).await?;
        let others = visits.into_iter().filter(|visit| visit.id != inquiry.id);
        Ok(others.map(|visit| Clash { id: visit.id, appointment_time: visit.appointment_time }).collect())
    }
}

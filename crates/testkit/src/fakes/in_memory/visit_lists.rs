//! The hospital's lists of visits, in memory.

use std::ops::Range;

use async_trait::async_trait;
use chrono::{NaiveDate, NaiveDateTime};
use yilin_domain::account::AccountUuid;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{InquiryDetails, ScheduledVisit, VisitFilter};
use yilin_domain::list::{Slice, Total, Window};
use yilin_domain::port::{PortError, VisitListRepository};

use super::state::State;
use super::{InMemory, list};

#[async_trait]
impl VisitListRepository for InMemory {
    async fn slice(
        &self,
        filter: &VisitFilter,
        window: Window<InquiryId>,
        limit: u16,
    ) -> Result<Slice<InquiryDetails, InquiryId>, PortError> {
        let state = self.begin().await?;
        let id = |details: &InquiryDetails| details.inquiry.id.0;
        let slice = list::slice(state.visits(filter), id, window.map(|id| id.0), limit);
        Ok(slice.map_positions(InquiryId))
    }

    async fn total(&self, filter: &VisitFilter) -> Result<Total, PortError> {
        let number = self.begin().await?.visits(filter).count();
        Ok(if filter.is_of_statuses_only() {
            Total::Exactly(u64::try_from(number).unwrap_or(u64::MAX))
        } else {
            list::total(number)
        })
    }

    async fn on_day(&self, day: NaiveDate, limit: u16) -> Result<Vec<InquiryDetails>, PortError> {
        let state = self.begin().await?;
        let is_on_day = |details: &InquiryDetails| {
            let inquiry = &details.inquiry;
            inquiry.appointment_time.local().date() == day && inquiry.status().takes_place()
        };
        let mut visits: Vec<_> = state.visits(&VisitFilter::all()).filter(is_on_day).collect();
        visits.sort_by_key(|details| (details.inquiry.appointment_time, details.inquiry.id));
        visits.truncate(limit.into());
        Ok(visits)
    }

    async fn schedules(
        &self,
        physicians: &[AccountUuid],
        span: Range<NaiveDateTime>,
    ) -> Result<Vec<(AccountUuid, ScheduledVisit)>, PortError> {
        let state = self.begin().await?;
        let visits = state.inquiries.values().map(|stored| &stored.record).filter_map(|inquiry| {
            let physician = inquiry.physician().filter(|physician| physicians.contains(physician))?;
            let is_within = span.contains(&inquiry.appointment_time.local());
            (is_within && inquiry.status().takes_place()).then(|| (physician, state.scheduled_visit(inquiry)))
        });
        let mut visits: Vec<_> = visits.collect();
        visits.sort_by_key(|(_, visit)| (visit.appointment_time, visit.id));
        Ok(visits)
    }
}

impl State {
    fn visits(&self, filter: &VisitFilter) -> impl Iterator<Item = InquiryDetails> {
        list::newest_first(&self.inquiries, None)
            .map(|stored| self.inquiry_details(&stored.record))
            .filter(|details| filter.admits(details))
    }
}

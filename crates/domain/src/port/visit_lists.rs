//! The port for the hospital's lists of visits.

use std::ops::Range;

use async_trait::async_trait;
use chrono::{NaiveDate, NaiveDateTime};

use super::PortError;
use crate::account::AccountUuid;
use crate::id::InquiryId;
use crate::inquiry::{InquiryDetails, ScheduledVisit, VisitFilter};
use crate::list::{Slice, Total, Window};

/// Lists of visits over all parties. Each call reads a bounded number of records, however many there are.
#[async_trait]
pub trait VisitListRepository: Send + Sync {
    /// At most `limit` visits that meet the filter, newest (largest id) first. Fewer, although there are more, only
    /// if many that do not meet it had to be examined.
    async fn slice(
        &self,
        filter: &VisitFilter,
        window: Window<InquiryId>,
        limit: u16,
    ) -> Result<Slice<InquiryDetails, InquiryId>, PortError>;

    /// The number of visits that meet the filter. Exact if the statuses are the only criterion, or if there are at
    /// most [`Total::COUNTED`] and not many others had to be examined.
    async fn total(&self, filter: &VisitFilter) -> Result<Total, PortError>;

    /// At most `limit` visits whose appointment is on this day and that are not cancelled, ordered by time and id.
    async fn on_day(&self, day: NaiveDate, limit: u16) -> Result<Vec<InquiryDetails>, PortError>;

    /// The visits of each of these physicians (at most 100) in this time span, in hospital time, that are not
    /// cancelled, ordered by time and id.
    async fn schedules(
        &self,
        physicians: &[AccountUuid],
        span: Range<NaiveDateTime>,
    ) -> Result<Vec<(AccountUuid, ScheduledVisit)>, PortError>;
}

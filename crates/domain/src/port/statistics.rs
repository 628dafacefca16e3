//! The port for daily statistics.

use async_trait::async_trait;
use chrono::NaiveDate;

use super::PortError;
use crate::inquiry::VisitType;

/// Number of visits of a type on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitCount {
    /// The day at the hospital.
    pub day: NaiveDate,
    /// Where the visits take place.
    pub visit_type: VisitType,
    /// Number of visits.
    pub count: u64,
}

/// Counts per day at the hospital.
#[async_trait]
pub trait StatisticsRepository: Send + Sync {
    /// Inquiries by day of appointment from this day on, in order. Days without any are omitted.
    async fn visits_per_day(&self, from: NaiveDate) -> Result<Vec<VisitCount>, PortError>;

    /// Drug orders by day of creation from this day on, in order. Days without any are omitted.
    async fn drug_orders_per_day(&self, from: NaiveDate) -> Result<Vec<(NaiveDate, u64)>, PortError>;
}

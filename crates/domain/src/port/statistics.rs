//! The port that counts per day.

use async_trait::async_trait;
use chrono::NaiveDate;

use super::PortError;
use crate::inquiry::VisitType;

/// How many visits of a type are appointed for a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitCount {
    /// The day at the hospital.
    pub day: NaiveDate,
    /// Where the visits take place.
    pub visit_type: VisitType,
    /// How many.
    pub count: u64,
}

/// Counts what happened per day at the hospital.
#[async_trait]
pub trait StatisticsRepository: Send + Sync {
    /// Inquiries by day of appointment, from this day on, in order of days. Days without any are
    /// left out.
    async fn visits_per_day(&self, from: NaiveDate) -> Result<Vec<VisitCount>, PortError>;

    /// Drug orders by the day they were made on, from this day on, in order of days. Days without
    /// any are left out.
    async fn drug_orders_per_day(&self, from: NaiveDate) -> Result<Vec<(NaiveDate, u64)>, PortError>;
}

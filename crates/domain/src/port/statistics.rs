//! The port for daily statistics.

use async_trait::async_trait;
use chrono::NaiveDate;

use super::PortError;
use crate::drug_order::DrugOrderStatus;
use crate::inquiry::{InquiryStatus, VisitType};

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

/// The number of records in each status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tallies {
    /// Of inquiries. Statuses without any may be missing.
    pub inquiries: Vec<(InquiryStatus, u64)>,
    /// Of drug orders. Statuses without any may be missing.
    pub drug_orders: Vec<(DrugOrderStatus, u64)>,
}

impl Tallies {
    /// The number of inquiries in this status.
    pub fn inquiries_in(&self, status: InquiryStatus) -> u64 {
        self.inquiries.iter().filter(|(of, _)| *of == status).map(|(_, number)| number).sum()
    }

    /// The number of drug orders in this status.
    pub fn drug_orders_in(&self, status: DrugOrderStatus) -> u64 {
        self.drug_orders.iter().filter(|(of, _)| *of == status).map(|(_, number)| number).sum()
    }
}

/// Counts per day at the hospital.
#[async_trait]
pub trait StatisticsRepository: Send + Sync {
    /// Inquiries by day of appointment from this day on, in order. Days without any are omitted.
    async fn visits_per_day(&self, from: NaiveDate) -> Result<Vec<VisitCount>, PortError>;

    /// Inquiries with an appointment from the first to the last of these days, by status, in no particular order.
    /// Statuses without any are omitted.
    async fn visits_by_status(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Vec<(InquiryStatus, u64)>, PortError>;

    /// The numbers of records, without counting them.
    async fn tallies(&self) -> Result<Tallies, PortError>;

    /// Drug orders by day of creation from this day on, in order. Days without any are omitted.
    async fn drug_orders_per_day(&self, from: NaiveDate) -> Result<Vec<(NaiveDate, u64)>, PortError>;
}

//! Statistics, in memory.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use async_trait::async_trait;
use chrono::NaiveDate;
use yilin_domain::inquiry::{Inquiry, InquiryStatus};
use yilin_domain::port::{PortError, StatisticsRepository, Tallies, VisitCount};

use super::InMemory;

#[async_trait]
impl StatisticsRepository for InMemory {
    async fn visits_per_day(&self, from: NaiveDate) -> Result<Vec<VisitCount>, PortError> {
        let state = self.begin().await?;
        let mut counts: BTreeMap<(NaiveDate, &str), VisitCount> = BTreeMap::new();
        for inquiry in state.inquiries.values().map(|stored| &stored.record) {
            let (day, visit_type) = (inquiry.appointment_time.local().date(), inquiry.visit_type);
            let fresh = VisitCount { day, visit_type, count: 0 };
            counts.entry((day, visit_type.as_str())).or_insert(fresh).count += 1;
        }
        Ok(counts.into_values().filter(|count| count.day >= from).collect())
    }

    async fn visits_by_status(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Vec<(InquiryStatus, u64)>, PortError> {
        let state = self.begin().await?;
        let within = |inquiry: &&Inquiry| (first..=last).contains(&inquiry.appointment_time.local().date());
        let inquiries = state.inquiries.values().map(|stored| &stored.record).filter(within);
        Ok(counted(inquiries.map(Inquiry::status)))
    }

    async fn tallies(&self) -> Result<Tallies, PortError> {
        let state = self.begin().await?;
        Ok(Tallies {
            inquiries: counted(state.inquiries.values().map(|stored| stored.record.status())),
            drug_orders: counted(state.drug_orders.values().map(|stored| stored.record.status())),
        })
    }

    async fn drug_orders_per_day(&self, from: NaiveDate) -> Result<Vec<(NaiveDate, u64)>, PortError> {
        let state = self.begin().await?;
        let mut counts = BTreeMap::new();
        for order in state.drug_orders.values().map(|stored| &stored.record) {
            *counts.entry(self.zone.day(order.created_at)).or_insert(0) += 1;
        }
        Ok(counts.into_iter().filter(|(day, _)| *day >= from).collect())
    }
}

/// How often each value occurs.
fn counted<V: Eq + Hash>(values: impl Iterator<Item = V>) -> Vec<(V, u64)> {
    let mut counts = HashMap::new();
    for value in values {
        *counts.entry(value).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

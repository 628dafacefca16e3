//! Daily numbers of visits and drug orders.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Days, NaiveDate};

use super::Context;
use crate::account::{Actor, Role};
use crate::error::Error;
use crate::inquiry::VisitType;

/// Visits per day of appointment; the lists are parallel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VisitsByDay {
    /// The days at the hospital.
    pub days: Vec<NaiveDate>,
    /// Home visits on each day.
    pub home: Vec<u64>,
    /// Community visits on each day.
    pub community: Vec<u64>,
}

impl VisitsByDay {
    /// Without the days after this one.
    #[must_use]
    pub(super) fn until(mut self, last: NaiveDate) -> Self {
        let days = self.days.iter().take_while(|day| **day <= last).count();
        self.days.truncate(days);
        self.home.truncate(days);
        self.community.truncate(days);
        self
    }
}

/// Drug orders per day of creation; the lists are parallel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DrugOrdersByDay {
    /// The days at the hospital.
    pub days: Vec<NaiveDate>,
    /// Drug orders on each day.
    pub counts: Vec<u64>,
}

/// Statistics for the hospital.
#[derive(Clone)]
pub struct Statistics {
    context: Arc<Context>,
}

impl Statistics {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// Visits per day of appointment: every day from `days_ago` days ago to today, then the later days with
    /// visits.
    pub async fn visits(&self, actor: &Actor, days_ago: u16) -> Result<VisitsByDay, Error> {
        actor.require(&[Role::Admin])?;
        let (first, today) = self.range(days_ago);
        let counted = self.context.ports.statistics.visits_per_day(first).await?;
        let mut by_day: BTreeMap<NaiveDate, (u64, u64)> = every_day(first, today);
        for count in counted {
            let (home, community) = by_day.entry(count.day).or_default();
            match count.visit_type {
                VisitType::Home => *home += count.count,
                VisitType::Community => *community += count.count,
            }
        }
        let mut visits = VisitsByDay::default();
        for (day, (home, community)) in by_day {
            visits.days.push(day);
            visits.home.push(home);
            visits.community.push(community);
        }
        Ok(visits)
    }

    /// Drug orders per day of creation: every day from `days_ago` days ago to today.
    pub async fn drug_orders(&self, actor: &Actor, days_ago: u16) -> Result<DrugOrdersByDay, Error> {
        actor.require(&[Role::Admin])?;
        let (first, today) = self.range(days_ago);
        let counted = self.context.ports.statistics.drug_orders_per_day(first).await?;
        let mut by_day: BTreeMap<NaiveDate, u64> = every_day(first, today);
        // An order created just after midnight, during this call, belongs to a day outside the range.
        for (day, count) in counted.into_iter().filter(|(day, _)| *day <= today) {
            *by_day.entry(day).or_default() += count;
        }
        let (days, counts) = by_day.into_iter().unzip();
        Ok(DrugOrdersByDay { days, counts })
    }

    fn range(&self, days_ago: u16) -> (NaiveDate, NaiveDate) {
        let today = self.context.policy.zone.day(self.context.now());
        (today.checked_sub_days(Days::new(days_ago.into())).unwrap_or(today), today)
    }
}

fn every_day<T: Default>(first: NaiveDate, last: NaiveDate) -> BTreeMap<NaiveDate, T> {
    first.iter_days().take_while(|day| *day <= last).map(|day| (day, T::default())).collect()
}

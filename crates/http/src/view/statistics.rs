//! Statistics.

use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::usecase::{DrugOrdersByDay, VisitsByDay};
use yilin_web::audit::{Discloses, Disclosure};

/// Visits per day of appointment; the lists are parallel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VisitsByDay)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitsByDayView {
    /// `YYYY-MM-DD`.
    day_list: Vec<String>,
    /// Home visits.
    home_list: Vec<u64>,
    /// Community visits.
    community: Vec<u64>,
}

impl From<VisitsByDay> for VisitsByDayView {
    fn from(visits: VisitsByDay) -> Self {
        let day_list = visits.days.iter().map(ToString::to_string).collect();
        Self { day_list, home_list: visits.home, community: visits.community }
    }
}

/// Drug orders per day of creation; the lists are parallel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DrugOrdersByDay)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DrugOrdersByDayView {
    /// `YYYY-MM-DD`.
    day_list: Vec<String>,
    /// Drug orders.
    count: Vec<u64>,
}

impl From<DrugOrdersByDay> for DrugOrdersByDayView {
    fn from(orders: DrugOrdersByDay) -> Self {
        let day_list = orders.days.iter().map(ToString::to_string).collect();
        Self { day_list, count: orders.counts }
    }
}

/// Only numbers.
impl Discloses for VisitsByDayView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}

/// Only numbers.
impl Discloses for DrugOrdersByDayView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}

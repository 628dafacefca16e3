//! Statistics for the hospital.

use actix_web::web;
use yilin_web::Service;
use yilin_web::auth::{AdminOnly, Caller};
use yilin_web::input::{Number, Query, request};
use yilin_web::route::{Route, get, tagged};

use crate::reply::{Answer, One, success};
use crate::view::{DrugOrdersByDayView, VisitsByDayView};

pub(crate) fn routes() -> Vec<Route> {
    tagged(
        "statistics",
        [
            get("/api/sum/getInquirySumTypeDay", "getInquirySumTypeDay", visits)
                .summary("Visits per day of appointment")
                .details("Every day from `day` days ago to today, then the later days with visits.")
                .not_audited(),
            get("/api/sum/getDrugSumTypeDay", "getDrugSumTypeDay", drug_orders)
                .summary("Drug orders per day of their creation")
                .details("Every day from `day` days ago to today.")
                .not_audited(),
        ],
    )
}

request! {
    /// A range of days.
    pub(crate) struct Days {
        /// Number of days back; 7 by default.
        day: Option<Number<1, 366>>,
    }
}

impl Days {
    const DEFAULT: u16 = 7;

    fn back(&self) -> u16 {
        self.day.as_ref().map_or(Self::DEFAULT, |day| u16::try_from(day.0).unwrap_or(Self::DEFAULT))
    }
}

async fn visits(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Query(days): Query<Days>,
) -> Answer<One<VisitsByDayView>> {
    let visits = service.use_cases.statistics.visits(&caller.actor, days.back()).await?;
    Ok(success(VisitsByDayView::from(visits)))
}

async fn drug_orders(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Query(days): Query<Days>,
) -> Answer<One<DrugOrdersByDayView>> {
    let orders = service.use_cases.statistics.drug_orders(&caller.actor, days.back()).await?;
    Ok(success(DrugOrdersByDayView::from(orders)))
}

//! Statistics for the hospital.

use actix_web::web;

use super::Answer;
use crate::auth::{AdminOnly, Caller};
use crate::envelope::{Envelope, success};
use crate::error::ApiError;
use crate::input::Query;
use crate::service::Service;
use crate::view::{DrugOrdersByDayView, VisitsByDayView};

/// Visits per day of appointment
///
/// Every day from `day` days ago to today, then the later days that have any.
#[utoipa::path(get, path = "/api/sum/getInquirySumTypeDay", tag = "statistics",
    operation_id = "getInquirySumTypeDay",
    params(("day" = Option<i64>, Query, description = "How many days back; 7 by default", minimum = 1, maximum = 366)),
    responses((status = 200, description = "Visits per day", body = Envelope<VisitsByDayView>)))]
pub(crate) async fn visits(service: web::Data<Service>, caller: Caller<AdminOnly>, query: Query) -> Answer {
    let visits = service.use_cases.statistics.visits(&caller.actor, days(query)?).await?;
    Ok(success(VisitsByDayView::from(visits)))
}

/// Drug orders per day of their making
///
/// Every day from `day` days ago to today.
#[utoipa::path(get, path = "/api/sum/getDrugSumTypeDay", tag = "statistics", operation_id = "getDrugSumTypeDay",
    params(("day" = Option<i64>, Query, description = "How many days back; 7 by default", minimum = 1, maximum = 366)),
    responses((status = 200, description = "Drug orders per day", body = Envelope<DrugOrdersByDayView>)))]
pub(crate) async fn drug_orders(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    query: Query,
) -> Answer {
    let orders = service.use_cases.statistics.drug_orders(&caller.actor, days(query)?).await?;
    Ok(success(DrugOrdersByDayView::from(orders)))
}

fn days(mut query: Query) -> Result<u16, ApiError> {
    let days = query.number("day", 1, 366).unwrap_or(7);
    Ok(query.finish(u16::try_from(days).ok())?)
}

//! Made-up accounts and flows, for trying the service out.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use yilin_domain::account::{Actor, Role};
use yilin_domain::usecase::TestData;

use super::Answer;
use crate::auth::{AdminOnly, Caller};
use crate::client;
use crate::envelope::{Envelope, success};
use crate::error::ApiError;
use crate::input::Query;
use crate::service::Service;
use crate::view::{FlowReportView, GeneratedAccountsView};

/// Extracting it hides a route where mock data is off, and from everybody who comes through a proxy.
pub(crate) struct MockEnabled;

impl FromRequest for MockEnabled {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let enabled = Service::of(request).is_some_and(|service| service.options.mock);
        ready(if enabled && !client::is_forwarded(request) { Ok(Self) } else { Err(ApiError::NoSuchRoute) })
    }
}

/// Make up patients
#[utoipa::path(get, path = "/api/mock/generatePatientAccount", tag = "mock",
    operation_id = "generatePatientAccount",
    params(("number" = i64, Query, description = "How many", minimum = 1, maximum = 100_000)),
    responses((status = 200, description = "The first 100 of them", body = Envelope<GeneratedAccountsView>)))]
pub(crate) async fn patients(
    _: MockEnabled,
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    query: Query,
) -> Answer {
    generate(&service, &caller.actor, Role::Patient, query).await
}

/// Make up physicians
#[utoipa::path(get, path = "/api/mock/generatePhysicianAccount", tag = "mock",
    operation_id = "generatePhysicianAccount",
    params(("number" = i64, Query, description = "How many", minimum = 1, maximum = 100_000)),
    responses((status = 200, description = "The first 100 of them", body = Envelope<GeneratedAccountsView>)))]
pub(crate) async fn physicians(
    _: MockEnabled,
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    query: Query,
) -> Answer {
    generate(&service, &caller.actor, Role::Physician, query).await
}

/// Run whole flows, from request to received drugs
#[utoipa::path(get, path = "/api/mock/testFullSystem", tag = "mock", operation_id = "testFullSystem",
    params(("number" = i64, Query, description = "How many", minimum = 1, maximum = 100_000),
        ("goroutineNumber" = i64, Query, description = "How many at a time", minimum = 1, maximum = 1000)),
    responses((status = 200, description = "How they went", body = Envelope<FlowReportView>)))]
pub(crate) async fn flows(
    _: MockEnabled,
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    mut query: Query,
) -> Answer {
    let number = query.required_number("number", 1, TestData::MAX_NUMBER.into());
    let concurrency = query.required_number("goroutineNumber", 1, TestData::MAX_CONCURRENCY.into());
    let (number, concurrency) = query.finish(number.zip(concurrency))?;
    let (number, concurrency) = (
        u32::try_from(number).unwrap_or(TestData::MAX_NUMBER),
        u16::try_from(concurrency).unwrap_or(TestData::MAX_CONCURRENCY),
    );
    let report = service.use_cases.test_data.run_flows(&caller.actor, number, concurrency).await?;
    if let Some(error) = &report.first_error {
        tracing::error!(%error, failed = report.failed, "flows of made-up data failed");
    }
    Ok(success(FlowReportView::from(&report)))
}

async fn generate(service: &Service, actor: &Actor, role: Role, mut query: Query) -> Answer {
    let number = query.required_number("number", 1, TestData::MAX_NUMBER.into());
    let number = query.finish(number.and_then(|number| u32::try_from(number).ok()))?;
    let generated = service.use_cases.test_data.generate_accounts(actor, role, number).await?;
    Ok(success(GeneratedAccountsView::new(&generated, service.options.zone)))
}

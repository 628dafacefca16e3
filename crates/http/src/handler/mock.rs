//! Generated accounts and flows for testing.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use yilin_domain::account::{Actor, Role};
use yilin_domain::audit::AuditAction::{Create, Execute};
use yilin_domain::usecase::TestData;
use yilin_web::Service;
use yilin_web::auth::{AdminOnly, Caller};
use yilin_web::client;
use yilin_web::error::ApiError;
use yilin_web::input::{Number, Query, request};
use yilin_web::route::{Describe, Input, Record, Route, get, tagged};

use crate::reply::{Answer, One, success};
use crate::view::{FlowReportView, GeneratedAccountsView};

pub(crate) fn routes() -> Vec<Route> {
    let callers = "admin, if mock data is enabled";
    tagged(
        "mock",
        [
            get("/api/mock/generatePatientAccount", "generatePatientAccount", patients)
                .summary("Generate patients")
                .callers(callers)
                .audited(Create, "account", Record::Search),
            get("/api/mock/generatePhysicianAccount", "generatePhysicianAccount", physicians)
                .summary("Generate physicians")
                .callers(callers)
                .audited(Create, "account", Record::Search),
            get("/api/mock/testFullSystem", "testFullSystem", flows)
                .summary("Run complete flows, from request to received drugs")
                .callers(callers)
                .audited(Execute, "inquiry", Record::Search),
        ],
    )
}

/// An extractor that hides routes if mock data is disabled, and from forwarded requests.
struct MockEnabled;

impl FromRequest for MockEnabled {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let enabled = Service::of(request).is_some_and(|service| service.options.mock);
        ready(if enabled && !client::is_forwarded(request) { Ok(Self) } else { Err(ApiError::NoSuchRoute) })
    }
}

impl Describe for MockEnabled {
    fn describe(input: &mut Input) {
        input.error(ApiError::NoSuchRoute);
    }
}

/// The number of accounts or flows.
type Count = Number<1, { TestData::MAX_NUMBER as i64 }>;

fn count(Number(number): Count) -> u32 {
    u32::try_from(number).unwrap_or(TestData::MAX_NUMBER)
}

request! {
    /// The number of accounts.
    pub(crate) struct HowMany {
        /// Number of accounts.
        number: Count,
    }
}

async fn patients(
    _: MockEnabled,
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Query(HowMany { number }): Query<HowMany>,
) -> Answer<One<GeneratedAccountsView>> {
    generate(&service, &caller.actor, Role::Patient, number).await
}

async fn physicians(
    _: MockEnabled,
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Query(HowMany { number }): Query<HowMany>,
) -> Answer<One<GeneratedAccountsView>> {
    generate(&service, &caller.actor, Role::Physician, number).await
}

request! {
    /// The number of flows.
    pub(crate) struct Flows {
        /// Number of flows.
        number: Count,
        /// Number of concurrent flows.
        concurrency: Number<1, { TestData::MAX_CONCURRENCY as i64 }> = "goroutineNumber",
    }
}

async fn flows(
    _: MockEnabled,
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Query(Flows { number, concurrency: Number(concurrency) }): Query<Flows>,
) -> Answer<One<FlowReportView>> {
    let concurrency = u16::try_from(concurrency).unwrap_or(TestData::MAX_CONCURRENCY);
    let report = service.use_cases.test_data.run_flows(&caller.actor, count(number), concurrency).await?;
    if let Some(error) = &report.first_error {
        tracing::error!(%error, failed = report.failed, "generated flows failed");
    }
    Ok(success(FlowReportView::from(&report)))
}

async fn generate(
    service: &Service,
    actor: &Actor,
    role: Role,
    number: Count,
) -> Answer<One<GeneratedAccountsView>> {
    let generated = service.use_cases.test_data.generate_accounts(actor, role, count(number)).await?;
    Ok(success(GeneratedAccountsView::new(&generated, service.hospital_time())))
}

//! Results of generating data.

use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::time::HospitalTime;
use yilin_domain::usecase::{FlowReport, GeneratedAccounts};
use yilin_web::audit::{Discloses, Disclosure};

use super::AccountView;

/// Generated accounts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GeneratedAccounts)]
pub(crate) struct GeneratedAccountsView {
    created: u64,
    /// Their common password.
    password: String,
    /// The first 100 of them.
    #[schema(max_items = 100)]
    accounts: Vec<AccountView>,
}

impl GeneratedAccountsView {
    pub(crate) fn new(generated: &GeneratedAccounts, time: HospitalTime) -> Self {
        Self {
            created: generated.created,
            password: generated.password.clone(),
            accounts: generated.first.iter().map(|account| AccountView::new(account, true, time)).collect(),
        }
    }
}

/// The result of a number of flows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlowReport)]
pub(crate) struct FlowReportView {
    completed: u64,
    failed: u64,
}

impl From<&FlowReport> for FlowReportView {
    fn from(report: &FlowReport) -> Self {
        Self { completed: report.completed, failed: report.failed }
    }
}

/// Generated people.
impl Discloses for GeneratedAccountsView {
    fn disclosure(&self) -> Disclosure {
        Disclosure { results: Some(u32::try_from(self.created).unwrap_or(u32::MAX)), ..Disclosure::nothing() }
    }
}

/// Only numbers.
impl Discloses for FlowReportView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}

//! The machine-readable description of the interface (OpenAPI 3.1), generated from the handlers.

mod access;
mod completion;

use actix_web::http::Method;
use utoipa::OpenApi;

use completion::Completion;

use crate::chat::ChatErrorBody;
use crate::error::ErrorBody;
use crate::handler::{
    account, ai, audit, drug, file, inquiry, medical, mock, operations, roster, session, statistics,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Yilin 医邻助手",
        description = "The service behind community family-doctor care. Every JSON answer is an envelope: \
            `code` equals the HTTP status, `data` holds the payload as its only element, or nothing. Errors \
            also carry a stable `error` and the `request_id`; `msg` is Chinese, or English for \
            `Accept-Language: en`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/", description = "This service")),
    tags(
        (name = "session", description = "Log-in and log-out"),
        (name = "account", description = "Accounts"),
        (name = "inquiry", description = "Inquiries: submitted, assigned, accepted, registered, approved"),
        (name = "medical", description = "Consultations and their medical records"),
        (name = "drug", description = "Drug orders: pending, purchased, dispatched, received"),
        (name = "assistant", description = "The language model: text, not fact"),
        (name = "audit", description = "Who did or read what"),
        (name = "file", description = "Files, by their CIDs"),
        (name = "roster", description = "Importing the hospital's own spreadsheets of people"),
        (name = "statistics", description = "Statistics for the hospital"),
        (name = "mock", description = "Made-up data; only where mock data is on"),
        (name = "operations", description = "For whoever runs the service")
    ),
    paths(
        session::log_in,
        session::admin_log_in,
        session::verify_token,
        session::log_out,
        session::log_out_post,
        account::own,
        account::patients,
        account::physicians,
        account::search,
        account::update_patient,
        account::update_physician,
        inquiry::create,
        inquiry::approve,
        inquiry::appoint,
        inquiry::answer,
        inquiry::find,
        inquiry::all,
        inquiry::of_physician,
        inquiry::of_patient,
        inquiry::search,
        medical::of_inquiry,
        medical::find,
        medical::register,
        drug::of_patient,
        drug::of_physician,
        drug::all,
        drug::find,
        drug::of_medical_record,
        drug::purchase,
        drug::dispatch,
        drug::confirm_receipt,
        file::upload,
        file::by_token,
        file::by_account,
        roster::import,
        roster::job,
        roster::events,
        roster::template,
        roster::report,
        ai::complete,
        ai::medical_summary,
        ai::conversation,
        ai::forget_conversation,
        audit::all,
        audit::own,
        statistics::visits,
        statistics::drug_orders,
        mock::patients,
        mock::physicians,
        mock::flows,
        operations::health,
        operations::ready,
        operations::metrics
    ),
    components(schemas(ErrorBody<'static>, ChatErrorBody)),
    modifiers(&Completion)
)]
struct Description;

/// The description as it is served at `/openapi.json` and committed in `docs/openapi.json`.
pub fn openapi_json() -> Result<String, serde_json::Error> {
    let mut json = serde_json::to_string_pretty(&Description::openapi())?;
    json.push('\n');
    Ok(json)
}

/// Every described operation: its path, method and id.
pub(crate) fn operation_ids() -> Vec<(String, Method, String)> {
    let mut operations = Vec::new();
    for (path, item) in Description::openapi().paths.paths {
        for (method, operation) in completion::operations_by_method(&item) {
            operations.push((path.clone(), method, operation.operation_id.clone().unwrap_or_default()));
        }
    }
    operations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_says_who_may_call_it() {
        let description = Description::openapi();
        for (path, item) in &description.paths.paths {
            for operation in completion::operations(item) {
                let id = operation.operation_id.as_deref().unwrap_or_default();
                assert!(access::of(id).is_some(), "{path} ({id}) is missing in openapi/access.rs");
            }
        }
    }
}

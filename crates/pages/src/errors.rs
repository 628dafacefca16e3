//! What failed, as a page: what happened, and what to do.

use actix_web::http::StatusCode;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, ResponseError as _};
use askama::Template;
use std::borrow::Cow;
use yilin_domain::error::Error;
use yilin_domain::port::PortError;
use yilin_domain::validation::{FieldError, Invalid};
use yilin_web::error::{ApiError, ENVELOPE, ErrorForm, Failure, problem_words};

use crate::answer::html_response;
use crate::form::Kept;
use crate::page::log_in;
use crate::paths::{is_local, with_parameter};
use crate::texts::Texts;
use crate::ui::{Ui, texts_for};

/// Errors of pages. Who has to log in is led there, and comes back afterwards.
pub(crate) const PAGE: ErrorForm = ErrorForm { respond, description: None };

/// A page that says what failed.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    ui: Ui,
    message: String,
    details: Vec<String>,
    advice: Cow<'static, str>,
    /// The page that was asked for, without the criteria that it does not understand.
    cleared: Option<String>,
    request_id: &'a str,
}

fn respond(failure: &Failure<'_>) -> HttpResponse {
    let texts = texts_for(failure.request);
    let (request, error) = (failure.request, failure.error.plain());
    match error {
        ApiError::Unauthenticated if request.method().is_safe() => log_in_first(failure),
        ApiError::Unauthenticated => {
            let kept = request.extensions().get::<Kept>().cloned();
            log_in::again(request, kept.as_ref()).unwrap_or_else(|_| plain(failure, texts))
        }
        ApiError::PasswordDue => lead_to("/console/password", failure.error),
        _ => plain(failure, texts),
    }
}

fn log_in_first(failure: &Failure<'_>) -> HttpResponse {
    let here = failure.request.uri().to_string();
    let is_start = here == "/console" || !is_local(&here);
    let path = "/console/log-in";
    lead_to(&if is_start { path.to_owned() } else { with_parameter(path, "next", &here) }, failure.error)
}

fn lead_to(location: &str, error: &ApiError) -> HttpResponse {
    let mut response = error.response();
    response.status(StatusCode::SEE_OTHER);
    response.insert_header(("location", location));
    response.insert_header(("cache-control", "no-store")).finish()
}

/// The page that says what failed.
fn plain(failure: &Failure<'_>, texts: Texts) -> HttpResponse {
    let error = failure.error;
    let (title, advice) = title_and_advice(error.plain());
    // Who only wanted to see something has done nothing that could have failed.
    let advice = match advice {
        "error-unavailable-advice" if failure.request.method().is_safe() => {
            "error-unavailable-reading-advice"
        }
        advice => advice,
    };
    let details: Vec<String> = match error.plain() {
        ApiError::Domain(Error::Invalid(Invalid(problems))) => {
            problems.iter().map(|problem| detail(problem, texts)).collect()
        }
        _ => Vec::new(),
    };
    // Of a missing page or record, the interface's words say nothing beyond the title.
    let says_nothing = matches!(error.plain(), ApiError::NoSuchRoute | ApiError::Domain(Error::NotFound));
    let is_told = details.is_empty() && !says_nothing;
    let message = if is_told { error.message(texts.0) } else { String::new() };
    let page = ErrorPage {
        ui: Ui::of(failure.request, title),
        message,
        advice: texts.text(advice),
        cleared: cleared(failure.request).filter(|_| !details.is_empty()),
        details,
        request_id: failure.request_id,
    };
    match page.render() {
        Ok(html) => html_response(error.response(), texts, html),
        // Without a page, at least the words.
        Err(_) => (ENVELOPE.respond)(failure),
    }
}

/// What is wrong with a field, under the name that its page shows, if it shows one.
fn detail(error: &FieldError, texts: Texts) -> String {
    let name = match error.field {
        "agent" => texts.text("audit-agent"),
        "patient" => texts.text("audit-patient"),
        "from" => texts.text("audit-from"),
        "to" => texts.text("audit-to"),
        other => other.into(),
    };
    format!("{name}{}{}", texts.text("form-colon"), problem_words(&error.problem, texts.0))
}

/// The address of a page without its query.
fn cleared(request: &HttpRequest) -> Option<String> {
    let has_criteria = request.method().is_safe() && !request.query_string().is_empty();
    has_criteria.then(|| request.path().to_owned())
}

/// The title of an error's page, and what to do.
fn title_and_advice(error: &ApiError) -> (&'static str, &'static str) {
    match error {
        ApiError::NoSuchRoute => ("error-no-page", "error-no-page-advice"),
        ApiError::Domain(Error::Port(PortError::Unavailable { .. } | PortError::Overloaded { .. }))
        | ApiError::Busy => ("error-unavailable", "error-unavailable-advice"),
        error => match error.status_code() {
            StatusCode::NOT_FOUND => ("error-no-record", "error-no-record-advice"),
            StatusCode::FORBIDDEN => ("error-forbidden", "error-forbidden-advice"),
            StatusCode::CONFLICT => ("error-conflict", "error-conflict-advice"),
            StatusCode::PAYLOAD_TOO_LARGE => ("error-too-large", "error-too-large-advice"),
            StatusCode::TOO_MANY_REQUESTS => ("error-too-many", "error-too-many-advice"),
            StatusCode::SERVICE_UNAVAILABLE => ("error-unavailable", "error-unavailable-advice"),
            status if status.is_server_error() => ("error-internal", "error-internal-advice"),
            _ => ("error-invalid", "error-invalid-advice"),
        },
    }
}

//! The description of one operation.

use actix_web::ResponseError as _;
use serde_json::json;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponsesBuilder};
use yilin_domain::account::Role;
use yilin_domain::error::Error;
use yilin_domain::port::{Part, PortError};
use yilin_web::error::ApiError;
use yilin_web::route::Route;

use super::{BEARER, COOKIE, TOKEN};

pub(super) fn describe(route: &Route, tag: &str) -> Operation {
    let mut operation = OperationBuilder::new()
        .tag(tag)
        .operation_id(Some(route.operation))
        .summary(Some(route.summary))
        .description(about(route))
        .securities(Some(security(route)))
        .request_body(route.input.body.clone())
        .responses(responses(route))
        .extensions(Some(extensions(route)));
    for parameter in &route.input.parameters {
        operation = operation.parameter(parameter.clone());
    }
    operation.build()
}

fn about(route: &Route) -> Option<String> {
    let callers = route.input.roles.map(|roles| format!("May call: {}.", callers(route, roles)));
    let details = Some(route.details.to_owned()).filter(|details| !details.is_empty());
    let parts: Vec<String> = details.into_iter().chain(callers).collect();
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

fn callers(route: &Route, roles: &[Role]) -> String {
    if let Some(callers) = route.callers {
        return callers.to_owned();
    }
    if roles.len() == Role::NAMES.len() {
        return "any account".to_owned();
    }
    roles.iter().copied().map(role).collect::<Vec<_>>().join(", ")
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Patient => "patient",
        Role::Physician => "physician",
        Role::Admin => "admin",
    }
}

/// Extension members: the roles that may call, and whether the route is audited.
fn extensions(route: &Route) -> Extensions {
    let roles = route.input.roles.map(|roles| roles.iter().copied().map(role).collect::<Vec<_>>());
    let access =
        json!({"roles": roles, "audited": route.audit.is_audited(), "changes": route.changes_state()});
    // A single member, because their order is not fixed.
    Extensions::from_iter([("x-access", access)])
}

/// The authentication that a request needs. The empty requirement means none.
fn security(route: &Route) -> Vec<SecurityRequirement> {
    let required = |scheme| SecurityRequirement::new::<_, _, String>(scheme, []);
    let mut schemes = Vec::new();
    if route.input.roles.is_none() {
        schemes.push(SecurityRequirement::default());
    }
    if route.input.roles.is_some() || route.input.optional_session {
        schemes.extend([TOKEN, BEARER].map(required));
    }
    if route.input.cookie || route.input.optional_session {
        schemes.push(required(COOKIE));
    }
    schemes
}

fn responses(route: &Route) -> utoipa::openapi::Responses {
    let mut responses = ResponsesBuilder::new();
    for (status, response) in &route.output.responses {
        responses = responses.response(status.to_string(), response.clone());
    }
    let always = [
        ApiError::MethodNotAllowed,
        ApiError::ForeignHost,
        ApiError::internal("an example"),
        ApiError::unavailable(Part::Database),
        Error::from(PortError::Overloaded {
            part: Part::Database,
            retry_after: std::time::Duration::from_secs(1),
        })
        .into(),
    ];
    let all = route.input.errors.iter().chain(&route.errors).chain(&always);
    let mut errors: Vec<ErrorExample> = all.map(|error| ErrorExample::of(error, route)).collect();
    errors.sort_by_key(|error| (error.status, error.slug));
    errors.dedup_by_key(|error| (error.status, error.slug));
    for same in errors.chunk_by(|one, other| one.status == other.status) {
        if let [first, ..] = same {
            responses =
                responses.response(first.status.to_string(), error_response(route, first.status, same));
        }
    }
    responses.build()
}

/// An error as shown in the description.
struct ErrorExample {
    status: u16,
    slug: &'static str,
    /// The message in English.
    about: &'static str,
    body: Option<serde_json::Value>,
}

impl ErrorExample {
    /// An error of this route.
    fn of(error: &ApiError, route: &Route) -> Self {
        let description = route.output.errors.description.as_ref();
        Self {
            status: error.status_code().as_u16(),
            slug: error.slug(),
            about: error.summary(),
            body: description.map(|description| (description.example)(error)),
        }
    }
}

/// A status and the errors that may cause it.
fn error_response(route: &Route, status: u16, errors: &[ErrorExample]) -> utoipa::openapi::Response {
    let schema = route.output.errors.description.as_ref().map_or("Error", |description| description.schema);
    let examples = errors.iter().map(|error| {
        let example = ExampleBuilder::new().summary(error.about).value(error.body.clone()).build();
        (error.slug.to_owned(), RefOr::T(example))
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(schema)))
        .examples_from_iter(examples)
        .build();
    let slugs: Vec<String> = errors.iter().map(|error| format!("`{}`", error.slug)).collect();
    ResponseBuilder::new()
        .description(format!("{}: {}", reason(status), slugs.join(", ")))
        .content("application/json", content)
        .build()
}

const fn reason(status: u16) -> &'static str {
    match status {
        400 => "The body cannot be parsed",
        401 => "Not logged in, or the session has ended",
        403 => "Not allowed",
        404 => "No such record for this caller",
        405 => "Method not allowed",
        408 => "The body was not sent in time",
        409 => "The record's state does not allow the step, or a unique value is taken",
        413 => "The body is too large",
        415 => "The file is not a spreadsheet",
        422 => "A field is missing or invalid",
        429 => "Too many attempts; see Retry-After",
        502 => "The model returned an error",
        503 => "A required component is unavailable or overloaded; see Retry-After",
        _ => "Internal server error",
    }
}

use actix_web::http::Method;
use utoipa::Modify;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};

use super::access::{self, Access};

const HEADER: &str = "token";
const BEARER: &str = "bearer";
const COOKIE: &str = "cookie";

/// The operation whose errors are OpenAI's.
const CHAT: &str = "createChatCompletion";

/// Adds to every operation what follows from its kind: who may call it, and its errors.
pub(super) struct Completion;

impl Modify for Completion {
    fn modify(&self, description: &mut OpenApi) {
        add_schemes(description.components.get_or_insert_default());
        for item in description.paths.paths.values_mut() {
            for operation in operations_mut(item) {
                let id = operation.operation_id.clone().unwrap_or_default();
                if let Some(access) = access::of(&id) {
                    let error = if id == CHAT { "ChatError" } else { "Error" };
                    complete(operation, &access, error);
                }
            }
        }
    }
}

fn add_schemes(components: &mut Components) {
    let as_it_is = ApiKeyValue::with_description("Authorization", "The token as it is");
    let cookie = ApiKeyValue::with_description("yilin_session", "The session cookie");
    components.add_security_scheme(HEADER, SecurityScheme::ApiKey(ApiKey::Header(as_it_is)));
    components.add_security_scheme(COOKIE, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
}

fn complete(operation: &mut Operation, access: &Access, error: &str) {
    let mut errors = vec![405, 500, 503];
    errors.extend(access.errors);
    if access.callers.is_empty() {
        // Nobody need be logged in; the empty requirement says so.
        operation.security = Some(vec![SecurityRequirement::default()]);
    } else {
        errors.push(401);
        let mut schemes = vec![HEADER, BEARER];
        schemes.extend(access.cookie.then_some(COOKIE));
        let requirement = |scheme| SecurityRequirement::new::<_, _, String>(scheme, []);
        operation.security = Some(schemes.into_iter().map(requirement).collect());
        let callers = format!("May call: {}.", access.callers);
        operation.description = Some(match operation.description.take() {
            Some(text) => format!("{text}\n\n{callers}"),
            None => callers,
        });
    }
    if operation.request_body.is_some() {
        errors.extend([400, 413, 422]);
    }
    if operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty()) {
        errors.push(422);
    }
    for status in errors {
        let response = ResponseBuilder::new()
            .description(reason(status))
            .content(
                "application/json",
                ContentBuilder::new().schema(Some(Ref::from_schema_name(error))).build(),
            )
            .build();
        operation.responses.responses.entry(status.to_string()).or_insert(RefOr::T(response));
    }
}

const fn reason(status: u16) -> &'static str {
    match status {
        400 => "The body cannot be parsed",
        401 => "Not logged in, or no longer",
        403 => "Logged in, but not allowed",
        404 => "No such record for this caller",
        405 => "Not this method",
        409 => "The record's state forbids the step, or the phone number is taken",
        413 => "The body is too large",
        415 => "The file is not a spreadsheet",
        416 => "The file has none of the bytes that were asked for",
        422 => "A field is missing or not valid",
        429 => "Too many attempts; see Retry-After",
        502 => "The model answered an error",
        503 => "A part that is needed is down, or too much is waiting; see Retry-After",
        _ => "A mistake of the service",
    }
}

/// The item's operations and their methods.
pub(super) fn operations_by_method(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    let methods = [
        (Method::GET, &item.get),
        (Method::PUT, &item.put),
        (Method::POST, &item.post),
        (Method::DELETE, &item.delete),
    ];
    methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

/// The item's operations, of the methods that this service uses.
#[cfg(test)]
pub(super) fn operations(item: &PathItem) -> impl Iterator<Item = &Operation> {
    [&item.get, &item.put, &item.post, &item.delete].into_iter().flatten()
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete].into_iter().flatten()
}

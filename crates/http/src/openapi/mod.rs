//! The OpenAPI 3.1 description, derived from the declared routes.

mod operation;

use std::collections::BTreeMap;

use actix_web::http::Method;
use utoipa::ToSchema as _;
use utoipa::openapi::path::{HttpMethod, PathItem, Paths};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, RefOr, ServerBuilder,
};
use yilin_web::error::ErrorBody;
use yilin_web::route::Route;

use crate::handler;

/// The security schemes: the bare token, the token after `Bearer`, and the session cookie.
const TOKEN: &str = "token";
const BEARER: &str = "bearer";
const COOKIE: &str = "cookie";

const ABOUT: &str = "The service behind community family-doctor care. Every JSON response is an envelope: `code` is \
    the HTTP status, `data` contains the payload as its only element, or nothing. Errors also have a stable `error` \
    code and the `request_id`; `msg` is Chinese, or English with `Accept-Language: en`. GET routes also support HEAD.";

/// The description's sections.
const TAGS: [(&str, &str); 13] = [
    ("session", "Log-in and log-out"),
    ("account", "Accounts"),
    ("inquiry", "Inquiries: submitted, assigned, accepted, registered, approved"),
    ("medical", "Consultations and their medical records"),
    ("drug", "Drug orders: pending, purchased, dispatched, received"),
    ("file", "Files, by their CIDs"),
    ("roster", "Importing the hospital's spreadsheets of people"),
    ("assistant", "The language model; its answers are text, not fact"),
    ("events", "What happens, as it happens"),
    ("audit", "Who did or read what"),
    ("statistics", "Statistics for the hospital"),
    ("mock", "Generated test data; only if mock data is enabled"),
    ("operations", "Operations: health, metrics and documentation"),
];

/// The OpenAPI document served at `/openapi.json` and committed as `docs/openapi.json`.
pub fn openapi_json() -> Result<String, serde_json::Error> {
    let mut json = serde_json::to_string_pretty(&description())?;
    json.push('\n');
    Ok(json)
}

fn description() -> OpenApi {
    let mut components = Components::new();
    add_security(&mut components);
    let mut paths: BTreeMap<&str, PathItem> = BTreeMap::new();
    let mut named =
        vec![(ErrorBody::name().into_owned(), <ErrorBody<'_> as utoipa::PartialSchema>::schema())];
    ErrorBody::schemas(&mut named);
    for route in handler::all() {
        let Some(tag) = route.tag else { continue };
        named.extend(route.input.schemas.iter().chain(&route.output.schemas).cloned());
        let item = PathItem::new(method(route), operation::describe(route, tag));
        match paths.get_mut(route.path) {
            Some(path) => path.merge_operations(item),
            None => {
                paths.insert(route.path, item);
            }
        }
    }
    components.schemas.extend(named);
    let paths = paths.into_iter().fold(Paths::new(), |mut paths, (path, item)| {
        paths.paths.insert(path.to_owned(), item);
        paths
    });
    let license =
        LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("Yilin 医邻助手")
        .description(Some(ABOUT))
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(license))
        .build();
    let server = ServerBuilder::new().url("/").description(Some("This service")).build();
    let tags = TAGS.map(|(name, about)| TagBuilder::new().name(name).description(Some(about)).build());
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([server]))
        .tags(Some(tags))
        .paths(paths)
        .components(Some(components))
        .build()
}

fn method(route: &Route) -> HttpMethod {
    match route.method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn add_security(components: &mut Components) {
    let token = ApiKeyValue::with_description("Authorization", "The bare token");
    let cookie = ApiKeyValue::with_description("yilin_session", "The session cookie");
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let schemes = [
        (TOKEN, SecurityScheme::ApiKey(ApiKey::Header(token))),
        (COOKIE, SecurityScheme::ApiKey(ApiKey::Cookie(cookie))),
        (BEARER, SecurityScheme::Http(bearer)),
    ];
    components.security_schemes.extend(schemes.map(|(name, scheme)| (name.to_owned(), RefOr::T(scheme))));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn json() -> Value {
        serde_json::to_value(description()).unwrap()
    }

    /// Every name that a `$ref` in this value refers to.
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(target)) = members.get("$ref") {
                    found.insert(target.replace("#/components/schemas/", ""));
                }
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn named_schemas_and_references_match() {
        let json = json();
        let named = json["components"]["schemas"].as_object().unwrap();
        let named: BTreeSet<String> = named.keys().cloned().collect();
        let mut used = BTreeSet::new();
        references(&json, &mut used);
        assert_eq!(used.difference(&named).collect::<Vec<_>>(), Vec::<&String>::new(), "missing");
        // Events contain these as text.
        let events = BTreeSet::from(["ChatCompletionChunk", "ChatChunkChoice", "Event"].map(str::to_owned));
        let unused: Vec<_> = named.difference(&used).filter(|name| !events.contains(*name)).collect();
        assert_eq!(unused, Vec::<&String>::new(), "unused");
    }

    #[test]
    fn every_operation_parameter_and_error_is_described() {
        for (path, item) in json()["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let about = format!("{method} {path}");
                assert!(!operation["summary"].as_str().unwrap().is_empty(), "{about}");
                assert!(operation["security"].is_array(), "{about}");
                for parameter in operation["parameters"].as_array().unwrap_or(&Vec::new()) {
                    assert!(
                        !parameter["description"].as_str().unwrap_or_default().is_empty(),
                        "{about}: {parameter}"
                    );
                }
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let content = &response["content"]["application/json"];
                    if status.starts_with(['4', '5']) {
                        assert!(!content["examples"].as_object().unwrap().is_empty(), "{about}: {status}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_group_of_routes_is_described_and_has_routes() {
        let described = json();
        let paths = described["paths"].as_object().unwrap().values();
        let used: BTreeSet<_> = paths
            .flat_map(|path| path.as_object().unwrap().values())
            .flat_map(|operation| operation["tags"].as_array().unwrap())
            .map(|tag| tag.as_str().unwrap())
            .collect();
        assert_eq!(used, TAGS.map(|(name, _)| name).into());
    }
}

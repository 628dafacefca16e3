//! The OpenAPI description, and an interactive page for it.

use std::sync::Arc;

use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::Config;
use yilin_web::error::ApiError;
use yilin_web::route::{Route, get};

use crate::openapi::openapi_json;
use crate::reply::{Answer, PlainText, Reply};

/// They are not part of the description themselves.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/openapi.json", "description", description).not_audited(),
        get("/docs", "documentation", page).not_audited(),
        get("/docs/{path:.*}", "documentationAsset", asset).not_audited(),
    ]
}

/// The OpenAPI description.
async fn description() -> Answer<PlainText> {
    let json = openapi_json().map_err(ApiError::internal)?;
    Ok(Reply::of(HttpResponse::Ok().content_type(ContentType::json()).body(json)))
}

/// The interactive page.
async fn page() -> Answer<PlainText> {
    file("index.html")
}

/// Assets of the interactive page.
async fn asset(request: HttpRequest) -> Answer<PlainText> {
    file(request.match_info().get("path").unwrap_or_default())
}

fn file(path: &str) -> Answer<PlainText> {
    let path = if path.is_empty() { "index.html" } else { path };
    let config = Arc::new(Config::from("/openapi.json"));
    let file = utoipa_swagger_ui::serve(path, config)
        .map_err(|error| ApiError::internal(error.to_string()))?
        .ok_or(ApiError::NoSuchRoute)?;
    let body = if path == "index.html" {
        // The page uses relative URLs, but is served without a trailing slash too.
        let html = String::from_utf8_lossy(&file.bytes);
        html.replacen("<head>", "<head>\n    <base href=\"/docs/\">", 1).into_bytes()
    } else {
        file.bytes.into_owned()
    };
    Ok(Reply::of(HttpResponse::Ok().content_type(file.content_type).body(body)))
}

//! The description of the interface, and an interactive page of it.

use std::sync::Arc;

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};
use utoipa_swagger_ui::Config;

use super::Answer;
use crate::error::ApiError;
use crate::openapi::openapi_json;

/// The OpenAPI description.
pub(crate) async fn description() -> Answer {
    let json = openapi_json().map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(json))
}

/// The interactive page.
pub(crate) async fn page() -> Answer {
    file("index.html")
}

/// What the interactive page needs.
pub(crate) async fn asset(path: web::Path<String>) -> Answer {
    file(&path)
}

fn file(path: &str) -> Answer {
    let path = if path.is_empty() { "index.html" } else { path };
    let config = Arc::new(Config::from("/openapi.json"));
    let file = utoipa_swagger_ui::serve(path, config)
        .map_err(|error| ApiError::internal(error.to_string()))?
        .ok_or(ApiError::NoSuchRoute)?;
    let body = if path == "index.html" {
        // The page names its parts relative to a folder, but is served without the slash too.
        let html = String::from_utf8_lossy(&file.bytes);
        html.replacen("<head>", "<head>\n    <base href=\"/docs/\">", 1).into_bytes()
    } else {
        file.bytes.into_owned()
    };
    Ok(HttpResponse::Ok().content_type(file.content_type).body(body))
}

//! The OpenAPI description, and an interactive page for it.

use std::io::Read as _;
use std::sync::{Arc, OnceLock};

use actix_web::http::header::{self, AcceptEncoding, ContentEncoding, ContentType, Encoding, Header as _};
use actix_web::web::Bytes;
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

/// The OpenAPI description. It is made once: anybody may ask for it.
async fn description() -> Answer<PlainText> {
    static MADE: OnceLock<Bytes> = OnceLock::new();
    if MADE.get().is_none() {
        let json = openapi_json().map_err(ApiError::internal)?;
        MADE.get_or_init(|| json.into());
    }
    let json = MADE.get().cloned().unwrap_or_default();
    Ok(Reply::of(HttpResponse::Ok().content_type(ContentType::json()).body(json)))
}

/// The interactive page.
async fn page(request: HttpRequest) -> Answer<PlainText> {
    file("index.html", &request).await
}

/// Assets of the interactive page.
async fn asset(request: HttpRequest) -> Answer<PlainText> {
    let path = request.match_info().get("path").filter(|path| !path.is_empty());
    file(path.unwrap_or("index.html"), &request).await
}

/// A file of the page. They are compressed in the program, where they take a quarter of their size.
async fn file(path: &str, request: &HttpRequest) -> Answer<PlainText> {
    let config = Arc::new(Config::from("/openapi.json"));
    let file = utoipa_swagger_ui::serve(path, config)
        .map_err(|error| ApiError::internal(error.to_string()))?
        .ok_or(ApiError::NoSuchRoute)?;
    let mut response = HttpResponse::Ok();
    response.content_type(file.content_type).insert_header((header::VARY, "Accept-Encoding"));
    let mut body = file.bytes.into_owned();
    let is_index = path == "index.html";
    if file.gzpipped {
        if !is_index && accepts_gzip(request) {
            response.insert_header(ContentEncoding::Gzip);
            return Ok(Reply::of(response.body(body)));
        }
        let unpacked = actix_web::web::block(move || unpacked(&body)).await.map_err(ApiError::internal)?;
        body = unpacked.map_err(ApiError::internal)?;
    }
    if is_index {
        // The page uses relative URLs, but is served without a trailing slash too.
        let html = String::from_utf8_lossy(&body);
        body = html.replacen("<head>", "<head>\n    <base href=\"/docs/\">", 1).into_bytes();
    }
    Ok(Reply::of(response.body(body)))
}

/// Whether the client asks for gzip. Without `Accept-Encoding` any coding is allowed (RFC 9110, 12.5.3), but programs that
/// send none seldom decode one.
fn accepts_gzip(request: &HttpRequest) -> bool {
    let supported = [Encoding::gzip(), Encoding::identity()];
    request.headers().contains_key(header::ACCEPT_ENCODING)
        && AcceptEncoding::parse(request)
            .is_ok_and(|accepted| accepted.negotiate(supported.iter()) == Some(Encoding::gzip()))
}

fn unpacked(gzip: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(gzip).read_to_end(&mut bytes)?;
    Ok(bytes)
}

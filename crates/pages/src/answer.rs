//! Responses of pages.

use actix_web::body::BoxBody;
use actix_web::cookie::Cookie;
use actix_web::http::{StatusCode, header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use askama::Template;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::error::ApiError;
use yilin_web::route::{DescribeAnswer, Output};

use crate::errors::PAGE;
use crate::form::Refusal;
use crate::texts::Texts;

/// Nothing from elsewhere, nothing inline.
const SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The result of a handler.
pub(crate) type PageResult = Result<Answer, ApiError>;

/// A page, or the way to another.
#[derive(Debug)]
pub(crate) struct Answer(HttpResponse);

impl Answer {
    /// A response built elsewhere.
    pub(crate) fn of(response: HttpResponse) -> Self {
        Self(response)
    }

    /// The same, with the time after which to try again.
    pub(crate) fn retry_after(mut self, wait: std::time::Duration) -> Self {
        let seconds = wait.as_secs().max(1);
        self.0.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        self
    }

    /// A part of a page, without personal data, for a script.
    pub(crate) fn fragment(part: &impl Template, texts: Texts) -> PageResult {
        let html = part.render().map_err(ApiError::internal)?;
        let mut response = html_response(HttpResponse::Ok(), texts, html);
        response.extensions_mut().insert(Disclosure::nothing());
        Ok(Self(response))
    }

    /// The same with this cookie.
    pub(crate) fn with_cookie(mut self, cookie: &Cookie<'_>) -> PageResult {
        self.0.add_cookie(cookie).map_err(ApiError::internal)?;
        Ok(self)
    }
}

/// A page's view: what its template shows, and whose data that is.
pub(crate) trait View: Template + Discloses {
    /// The language of its texts.
    fn texts(&self) -> Texts;
}

/// A page.
pub(crate) fn page(view: &impl View) -> PageResult {
    page_with(StatusCode::OK, view)
}

/// A page with another status than 200.
pub(crate) fn page_with(status: StatusCode, view: &impl View) -> PageResult {
    let html = view.render().map_err(ApiError::internal)?;
    let mut response = html_response(HttpResponse::build(status), view.texts(), html);
    response.extensions_mut().insert(view.disclosure());
    Ok(Answer(response))
}

/// The page of a form: as it is asked for, or with why it was refused.
pub(crate) fn form_page(view: &impl View, refusal: Option<&Refusal>) -> PageResult {
    let Some(refusal) = refusal else { return page(view) };
    let answer = page_with(refusal.status(), view)?;
    Ok(match refusal.retry_after() {
        Some(wait) => answer.retry_after(wait),
        None => answer,
    })
}

/// The media type of a workbook.
pub(crate) const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A file to store.
pub(crate) fn file_response(name: &str, media_type: &'static str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    response
}

/// A file to store, and whose data it contains.
pub(crate) fn file(
    name: &str,
    media_type: &'static str,
    content: impl Into<Bytes>,
    disclosure: Disclosure,
) -> Answer {
    let content: Bytes = content.into();
    let mut response = file_response(name, media_type).body(content);
    response.extensions_mut().insert(disclosure);
    Answer(response)
}

/// A text to store as a file, without personal data.
pub(crate) fn text_file(name: &str, text: String) -> Answer {
    file(name, "text/plain; charset=utf-8", text, Disclosure::nothing())
}

/// Leads to another page, which the browser gets with GET.
pub(crate) fn see_other(location: impl AsRef<str>) -> Answer {
    let mut response = HttpResponse::SeeOther();
    let response = response.insert_header((header::LOCATION, location.as_ref()));
    let mut response = response.insert_header((header::CACHE_CONTROL, "no-store")).finish();
    response.extensions_mut().insert(Disclosure::nothing());
    Answer(response)
}

/// A response with the headers of every page.
pub(crate) fn html_response(mut response: HttpResponseBuilder, texts: Texts, html: String) -> HttpResponse {
    response
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_LANGUAGE, texts.tag()))
        .insert_header((header::CONTENT_SECURITY_POLICY, SECURITY_POLICY))
        // Without a referrer, browsers send `Origin: null` with a form, which the check of its origin would refuse.
        .insert_header((header::REFERRER_POLICY, "same-origin"))
        .insert_header(("cross-origin-opener-policy", "same-origin"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
        // Personal data must not be stored in any cache, shared or private.
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept-Language, Cookie"))
        .body(html)
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.0
    }
}

impl DescribeAnswer for Answer {
    fn describe() -> Output {
        Output::with_errors(&PAGE)
    }
}

//! The form of every JSON answer: `{code, msg, data: […]}`.

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

/// A success. `data` holds the payload, or nothing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Envelope<T> {
    /// Equals the HTTP status.
    #[schema(example = 200)]
    code: u16,
    /// `success`.
    #[schema(example = "success")]
    msg: &'static str,
    /// The payload as the only element, or none.
    #[schema(max_items = 1)]
    data: Vec<T>,
}

/// A success with a payload.
pub(crate) fn success<T: Serialize>(payload: T) -> HttpResponse {
    HttpResponse::Ok().json(envelope(vec![payload]))
}

/// A success with a payload, if there is one.
pub(crate) fn success_maybe<T: Serialize>(payload: Option<T>) -> HttpResponse {
    HttpResponse::Ok().json(envelope(payload.into_iter().collect()))
}

/// A success without a payload.
pub(crate) fn done() -> HttpResponse {
    HttpResponse::Ok().json(envelope(Vec::<()>::new()))
}

pub(crate) fn envelope<T>(data: Vec<T>) -> Envelope<T> {
    Envelope { code: 200, msg: "success", data }
}

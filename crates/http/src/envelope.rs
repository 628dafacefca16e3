//! The form of every JSON answer: `{code, msg, data: […]}`.

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::{Discloses, Disclosure};

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

/// A success with a payload, which says whose data it shows.
pub(crate) fn success<T: Serialize + Discloses>(payload: T) -> HttpResponse {
    let disclosure = payload.disclosure();
    success_about(payload, disclosure)
}

/// A success with a payload that cannot say itself whose data it shows.
pub(crate) fn success_about<T: Serialize>(payload: T, disclosure: Disclosure) -> HttpResponse {
    disclosing(HttpResponse::Ok().json(envelope(vec![payload])), disclosure)
}

/// Leaves with an answer what it tells, for the audit log.
pub(crate) fn disclosing(mut response: HttpResponse, disclosure: Disclosure) -> HttpResponse {
    response.extensions_mut().insert(disclosure);
    response
}

/// A success without a payload.
pub(crate) fn done() -> HttpResponse {
    HttpResponse::Ok().json(envelope(Vec::<()>::new()))
}

pub(crate) fn envelope<T>(data: Vec<T>) -> Envelope<T> {
    Envelope { code: 200, msg: "success", data }
}

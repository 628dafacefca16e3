//! Answers to requests that may be sent again with the same key.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use serde::Serialize;
use serde_json::Value;
use yilin_domain::account::AccountUuid;
use yilin_domain::idempotency::{Claim, Once, Receipt};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::error::ApiError;

use crate::reply::{Answer, One, Reply, success};

/// The receipt of a request with a key: the payload of its answer is stored with what it creates.
pub(crate) fn receipt<T, V: Serialize>(
    claim: Option<Claim>,
    view: impl Fn(&T) -> V + Send + Sync + 'static,
) -> Option<Receipt<T>> {
    // Texts and numbers always are JSON.
    let render = move |created: &T| serde_json::to_string(&view(created)).unwrap_or_default();
    claim.map(|claim| Receipt::new(claim, render))
}

/// A payload whose stored form still says whose data it shows.
pub(crate) trait Replayed: Serialize + Discloses {
    /// As [`Discloses::disclosure`], of the stored form.
    fn disclosure_of(payload: &Value) -> Disclosure;
}

/// Answers with what has just been created, or as before.
pub(crate) fn answer<T, V: Replayed>(once: Once<T>, view: impl Fn(&T) -> V) -> Answer<One<V>> {
    let payload = match once {
        Once::Created(created) => return Ok(success(view(&created))),
        Once::Before(payload) => payload,
    };
    let shown: Value = serde_json::from_str(&payload).map_err(ApiError::internal)?;
    let body = format!(r#"{{"code":200,"msg":"success","data":[{payload}]}}"#);
    let response = HttpResponse::Ok().content_type(ContentType::json()).body(body);
    Ok(Reply::of(response).header("idempotency-replayed", "true").disclosing(V::disclosure_of(&shown)))
}

/// The account that a stored payload names at this place.
pub(crate) fn account_at(payload: &Value, pointer: &str) -> Option<AccountUuid> {
    AccountUuid::parse(payload.pointer(pointer)?.as_str()?).ok()
}

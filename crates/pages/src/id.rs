//! The record that a page's path names.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use yilin_domain::error::Error;
use yilin_web::error::ApiError;
use yilin_web::input::{Field, read_segment};
use yilin_web::route::{Describe, Input};

/// The record in the segment `{id}`. A text that cannot be an id names no record.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: Field> FromRequest for Id<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_segment(request, "id").map(Self).map_err(|error| match error {
            ApiError::Domain(Error::Invalid(_)) => Error::NotFound.into(),
            error => error,
        }))
    }
}

impl<T> Describe for Id<T> {
    fn describe(input: &mut Input) {
        input.path_parameter("id", "The record.");
        input.error(Error::NotFound);
    }
}

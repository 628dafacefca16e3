//! Parsing of requests: all invalid fields are reported, not only the first.
//!
//! * `request` declares the fields of a request once, for parsing and for the description.
//! * `field` and `values` are the types of fields.
//! * `body` and `multipart` read bodies within limits; `form` reads what browsers send.

mod account;
mod body;
mod field;
mod form;
mod multipart;
mod paging;
mod request;
mod values;

pub use account::AccountBody;
pub use body::{parse_object, read_bytes, whole};
pub use field::{
    Choice, Choices, Clearable, Field, FieldContext, Flag, Given, Number, Presence, Selected, TextField,
};
pub use form::SentForm;
pub use multipart::{FormRead, Multipart};
pub use paging::Paging;
pub use request::{
    Body, FieldDescription, Fields, FromFields, IDEMPOTENCY_KEY, Input, Keyed, NoFields, Query, read_segment,
    request,
};
pub use values::{AdminNames, NotFromEcho, Text};

use std::io::ErrorKind;

use actix_web::error::PayloadError;

use crate::error::ApiError;

/// Maps an error of reading a body.
pub fn unreadable(error: &PayloadError) -> ApiError {
    match error {
        PayloadError::Overflow => ApiError::BodyTooLarge,
        PayloadError::Io(error) if error.kind() == ErrorKind::TimedOut => ApiError::RequestTimeout,
        _ => ApiError::UnparsableBody,
    }
}

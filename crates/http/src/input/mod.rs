//! How requests are read: every bad field is noted, not only the first.

mod body;
mod multipart;
mod paging;
mod query;

pub(crate) use body::{Body, whole};
pub(crate) use multipart::Multipart;
pub(crate) use paging::Paging;
pub(crate) use query::Query;

use std::io::ErrorKind;

use actix_web::error::PayloadError;
use yilin_domain::validation::FieldProblem;

use crate::error::ApiError;

/// Why a body could not be read.
pub(crate) fn unreadable(error: Option<&PayloadError>) -> ApiError {
    match error {
        Some(PayloadError::Overflow) => ApiError::BodyTooLarge,
        Some(PayloadError::Io(error)) if error.kind() == ErrorKind::TimedOut => ApiError::RequestTimeout,
        _ => ApiError::UnparsableBody,
    }
}

/// A record's number as text. One that is too large or too small for any record is the nearest that is not.
pub(crate) fn parse_id(text: &str) -> Result<i64, FieldProblem> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(FieldProblem::NotANumber);
    }
    let nearest = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Ok(text.parse().unwrap_or(nearest))
}

/// A whole number within bounds, as text.
pub(crate) fn parse_number(text: &str, min: i64, max: i64) -> Result<i64, FieldProblem> {
    let number = parse_id(text)?;
    if (min..=max).contains(&number) { Ok(number) } else { Err(FieldProblem::OutOfRange { min, max }) }
}

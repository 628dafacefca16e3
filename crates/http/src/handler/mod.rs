//! One function per documented route: extract, call one use case, answer.

pub(crate) mod account;
pub(crate) mod ai;
pub(crate) mod audit;
pub(crate) mod documentation;
pub(crate) mod drug;
pub(crate) mod file;
pub(crate) mod inquiry;
pub(crate) mod medical;
pub(crate) mod mock;
pub(crate) mod operations;
pub(crate) mod roster;
pub(crate) mod session;
pub(crate) mod statistics;

use actix_web::HttpResponse;

use crate::error::ApiError;

/// What a handler answers.
pub(crate) type Answer = Result<HttpResponse, ApiError>;

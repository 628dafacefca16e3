//! The HTTP interface: extract, call one use case, respond.
//!
//! * [`server`](fn@server) runs a [`Service`] on a listener.
//! * `handler` has one function per route, with its declaration; `route` derives registration, description
//!   and audit from the declarations.
//! * `input` parses requests, `view` and `reply` define responses, `auth` authenticates the caller, `error`
//!   reports failures.
//!
//! This crate contains no medical rules: rules, ownership and states belong to the domain. It knows no
//! database either; it is given the domain's use cases.

mod audit;
mod auth;
mod chat;
mod client;
mod context;
mod error;
mod export;
mod handler;
mod input;
mod iso_media;
mod list;
mod media_type;
mod metrics;
mod middleware;
mod once;
mod openapi;
mod rate_limiter;
mod reply;
mod roster_words;
mod route;
mod service;
mod transport;
mod view;

pub use audit::{AuditTrail, AuditWriter};
pub use chat::ChatRequestLimits;
pub use openapi::openapi_json;
pub use roster_words::{roster_fault, row_problems};
pub use service::{HttpOptions, Readiness, Service};
pub use transport::{BodyPace, ConnectionLimits, server};
pub use view::event_json;

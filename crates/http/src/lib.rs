//! The HTTP interface: extract, call one use case, answer.
//!
//! * [`server`](fn@server) runs a [`Service`] on a listener.
//! * `handler` has one function per route and declares them; `route` derives registration, description
//!   and audit from the declarations.
//! * `input` is how requests are read, `view` and `reply` what answers look like, `auth` who is
//!   calling, `error` how failures are reported.
//!
//! This crate decides nothing about medicine: rules, ownership and states are the domain's. It
//! knows no database either; it is handed the domain's use cases.

mod audit;
mod auth;
mod chat;
mod client;
mod context;
mod error;
mod handler;
mod input;
mod iso_media;
mod list;
mod media_type;
mod metrics;
mod middleware;
mod openapi;
mod pause;
mod rate_limiter;
mod reply;
mod roster_words;
mod route;
mod server;
mod service;
mod view;

pub use audit::{AuditTrail, AuditWriter};
pub use chat::ChatRequestLimits;
pub use openapi::openapi_json;
pub use roster_words::{roster_fault, row_problems};
pub use server::server;
pub use service::{HttpOptions, Readiness, Service};

//! The HTTP interface: extract, call one use case, answer.
//!
//! * [`server`](fn@server) runs a [`Service`] on a listener.
//! * `handler` has one function per documented route, `view` what their answers look like,
//!   `input` how requests are read, `auth` who is calling, `error` how failures are told.
//!
//! This crate decides nothing about medicine: rules, ownership and states are the domain's. It
//! knows no database either; it is handed the domain's use cases.

mod audit;
mod auth;
mod chat;
mod client;
mod envelope;
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
mod ration;
mod request_schema;
mod roster_words;
mod routes;
mod server;
mod service;
mod view;

pub use audit::{AuditTrail, AuditWriter};
pub use chat::ChatRequestLimits;
pub use openapi::openapi_json;
pub use roster_words::{roster_fault, row_problems};
pub use server::server;
pub use service::{HttpOptions, Readiness, Service};

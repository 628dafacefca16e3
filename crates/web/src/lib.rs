//! What the inbound adapters share: how a request is authenticated, recorded and answered over HTTP.
//!
//! * [`server`](fn@server) runs a [`Service`] on a listener, with the routes of its [adapters](route::Adapter).
//! * [`route`] is how adapters declare routes; registration, access, audit and metrics are derived from the
//!   declarations.
//! * [`auth`] authenticates the caller, [`input`] parses requests, [`error`] reports failures, [`audit`] records
//!   requests, [`context`] is what is known about one, [`events`] streams events.
//! * [`settings`] are those in effect, for the hospital to look at.
//! * `middleware` has the common parts of every response, `transport` the limits on what each client can hold.
//!
//! This crate has no routes of its own and knows no form of successful answers. It contains no medical rules and
//! knows no database.

pub mod audit;
pub mod auth;
pub mod client;
pub mod context;
pub mod error;
pub mod events;
pub mod input;
pub mod metrics;
mod middleware;
mod rate_limiter;
pub mod roster_words;
pub mod route;
mod service;
pub mod settings;
mod transport;

pub use audit::{AuditTrail, AuditWriter};
pub use service::{ChatRequestLimits, HttpOptions, Readiness, Service};
pub use transport::{AnswerMemory, BodyPace, ConnectionLimits, server};

#[doc(hidden)]
pub use serde_json;

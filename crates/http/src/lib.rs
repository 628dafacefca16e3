//! The JSON interface: extract, call one use case, respond.
//!
//! * [`adapter`] has the routes, for the server of [`yilin_web`].
//! * `handler` has one function per route, with its declaration.
//! * `view`, `reply` and `list` define responses, `once` answers repeated requests, `chat` speaks OpenAI's
//!   protocol, `export` writes archives.
//! * `openapi` describes the routes, from their declarations.
//!
//! This crate contains no medical rules: rules, ownership and states belong to the domain. It knows no
//! database either; it is given the domain's use cases.

mod chat;
mod export;
mod handler;
mod iso_media;
mod list;
mod media_type;
mod once;
mod openapi;
mod reply;
mod view;

use yilin_web::error::ENVELOPE;
use yilin_web::route::Adapter;

pub use openapi::openapi_json;
pub use view::event_json;

/// The JSON interface; it also answers for paths that nothing else claims.
pub fn adapter() -> Adapter {
    Adapter { routes: handler::all(), prefix: "/", errors: &ENVELOPE, is_shared: true }
}

//! The hospital's console: pages rendered on the server, a second inbound adapter over the same use cases.
//!
//! * [`adapter`] has the routes, for the server of [`yilin_web`].
//! * `page` has the pages: extract, call use cases, show a view. `console` is the caller, `form` what was sent.
//! * `parts` are what pages are made of, `ui` is their frame, `texts` their words, `assets` their files.
//! * `answer` responds, `export` sends lists as files, `errors` shows what failed.
//!
//! This crate contains no medical rules, and templates know nothing but their view. It knows no database and no other
//! inbound adapter; pages do not call the JSON interface.

mod answer;
mod assets;
mod console;
mod errors;
mod export;
mod form;
mod id;
mod page;
mod parts;
mod paths;
mod texts;
mod ui;

use yilin_web::route::Adapter;

/// The console.
pub fn adapter() -> Adapter {
    Adapter { routes: page::all(), prefix: "/console", errors: &errors::PAGE, is_shared: false }
}

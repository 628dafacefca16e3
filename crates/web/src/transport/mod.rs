//! Connections: the server, and the limits on what each client can hold.
//!
//! * [`server`](fn@server) puts the application on a listener.
//! * `stream` is a client's connection, which is closed if the client stops reading.
//! * `link` gives a request access to its connection.
//! * `ahead` limits what a connection holds of requests that have not begun.
//! * `expect` handles requests with `Expect: 100-continue`.
//! * `arrival` enforces a minimum rate of request bodies, `memory` a limit on the memory that they use.
//! * `departure` wraps response bodies: it holds resources while they are sent, and ends streams with their sessions.
//! * `stopping` shortens what is granted to silent clients when the service stops.
//! * `open` counts connections, `limits` defines the limits.

mod ahead;
mod arrival;
mod departure;
mod expect;
mod limits;
mod link;
mod memory;
mod open;
mod server;
mod stopping;
mod stream;

pub use arrival::BodyPace;
pub(crate) use arrival::{Unread, paced};
pub(crate) use departure::{CutOff, Departing};
pub use limits::ConnectionLimits;
pub(crate) use link::{Answering, Link};
pub use memory::AnswerMemory;
pub(crate) use memory::{BodyMemory, Held};
pub(crate) use open::OpenConnections;
pub use server::server;
pub(crate) use stopping::Stopping;

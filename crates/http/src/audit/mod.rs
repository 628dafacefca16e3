//! The audit log's writing side: every request for personal or medical data leaves an entry.
//!
//! * [`Pending`] is made by the middleware before a request is routed and finished when its answer
//!   is known; what kind of access it is, the route that matched says (`crate::route`).
//! * What was disclosed comes from the answer: a payload that does not say whose data it shows
//!   ([`Discloses`]) cannot be answered with.
//! * [`AuditTrail`] is the bounded queue in front of the one writer of this instance's chain.

mod disclosure;
mod group;
mod pending;
mod refusals;
mod trail;
mod writer;

pub(crate) use disclosure::{Discloses, Disclosure, StreamRecorder, distinct};
pub(crate) use group::UnderWay;
pub(crate) use pending::Pending;
pub use trail::AuditTrail;
pub use writer::AuditWriter;

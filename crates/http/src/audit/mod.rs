//! The audit log's writing side: every request for personal or medical data leaves an entry.
//!
//! * [`Pending`] is made by the middleware before a request is routed and finished when its answer
//!   is known, so that no route can escape; `operation` says what kind of access each one is.
//! * What was disclosed comes from the answer: a payload that does not say whose data it shows
//!   ([`Discloses`]) cannot be answered with.
//! * [`AuditTrail`] is the bounded queue in front of the one writer of this instance's chain.

mod disclosure;
mod group;
mod operation;
mod pending;
mod refusals;
mod trail;
mod writer;

pub(crate) use disclosure::{Discloses, Disclosure, StreamRecorder, distinct};
pub(crate) use operation::Operations;
pub(crate) use pending::{AuditNote, Pending};
pub use trail::AuditTrail;
pub use writer::AuditWriter;

//! Recording of audit entries: every request for personal or medical data leaves an entry.
//!
//! * The entry of a change is inserted by the unit of work that makes the change, in its transaction; its
//!   content comes from the request's [`Origin`](yilin_domain::audit::Origin), created from the matched route
//!   and the caller's session. All other requests are recorded here.
//! * [`Pending`] is created by the middleware before a request is routed and finished when its response is
//!   known; the matched route determines the type of access (`crate::route`).
//! * Disclosures come from the response: a payload that does not report whose data it shows ([`Discloses`])
//!   cannot be returned.
//! * [`AuditTrail`] is the bounded queue in front of the single writer of this instance's chain.

mod disclosure;
mod pending;
mod refusals;
mod trail;
mod writer;

pub use disclosure::{Discloses, Disclosure, StreamRecorder, distinct};
pub(crate) use pending::Pending;
pub use trail::AuditTrail;
pub use writer::AuditWriter;

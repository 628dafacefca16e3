//! Sends events to a webhook receiver, signed according to the Standard Webhooks specification
//! (<https://www.standardwebhooks.com>).
//!
//! A delivery succeeds with a 2xx response. Redirects are not followed, and response bodies are read only as far as
//! needed to reuse the connection. The domain decides about retries.

mod key;
mod receiver;

pub use key::{KeyError, SigningKey};
pub use receiver::{HttpReceiver, OpenReceiverError, ReceiverOptions, RenderEvent, is_allowed_url};

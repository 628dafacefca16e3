//! Test support for Yilin.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on panics, and the message says why"
)]

pub mod contract;
pub mod fakes;

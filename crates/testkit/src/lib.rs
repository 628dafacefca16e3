//! Test support for Yilin.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on panics, and the message says why"
)]

pub mod fakes;

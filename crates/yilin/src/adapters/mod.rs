//! The ports that only a running process can fill: time, randomness and password hashing.

mod clock;
mod hasher;
mod random;
mod readiness;
mod turns;

pub(crate) use clock::{SetClock, SystemClock};
pub(crate) use hasher::BcryptHasher;
pub(crate) use random::{NoRandomness, OsRandom};
pub(crate) use readiness::StorageReadiness;

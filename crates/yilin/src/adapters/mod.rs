//! Adapters of the ports that need a running process: time, randomness and password hashing.

mod clock;
mod hasher;
mod random;
mod readiness;
mod turns;

pub(crate) use clock::{SetClock, SystemClock};
pub(crate) use hasher::BcryptHasher;
pub(crate) use random::{NoRandomness, OsRandom};
pub(crate) use readiness::StorageReadiness;

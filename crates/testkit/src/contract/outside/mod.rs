//! Suites of the ports to what is outside the database. They are no part of a
//! [`Subject`](super::Subject); each runs as a whole.

pub mod files;
pub mod model;
pub mod rosters;

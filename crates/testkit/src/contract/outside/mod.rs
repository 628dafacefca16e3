//! Suites of the ports outside the database. They are not part of a [`Subject`](super::Subject); each runs as
//! a whole.

pub mod files;
pub mod model;
pub mod rosters;

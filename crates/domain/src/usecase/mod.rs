//! Use cases: who may do what, and how it is done.

//! Units of work, written as closures.

/// A unit of work for [`Engine`](crate::engine::Engine): `work!(|conn, args| { … })`. It captures nothing,
/// because it may run more than once; arguments are passed by reference in `args`.
macro_rules! work {
    (|$conn:ident, $args:pat_param| $body:expr) => {
        |$conn, $args| Box::pin(async move { $body })
    };
}

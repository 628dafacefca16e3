//! Units of work, and their erased form.
//!
//! How a unit is run depends on neither its arguments nor its result. With both erased, that is compiled once per database
//! instead of once per unit (there are some 140), which would be a fifth of the program's code.

use std::any::Any;

use futures_util::future::{BoxFuture, FutureExt as _, TryFutureExt as _};
use yilin_domain::port::PortError;

use crate::error::{QueryError, failed};

/// A unit of work. It takes its arguments by reference, because it may run more than once.
pub(crate) type Work<C, A, T> = for<'a> fn(&'a mut C, &'a A) -> BoxFuture<'a, Result<T, QueryError>>;

/// The result of an [`ErasedWork`].
pub(super) type ErasedValue = Box<dyn Any + Send>;

/// A unit of work with its arguments, whose types are erased.
pub(super) trait ErasedWork<C>: Send + Sync {
    fn run<'a>(&'a self, conn: &'a mut C) -> BoxFuture<'a, Result<ErasedValue, QueryError>>;
}

struct WithArgs<C, A, T> {
    args: A,
    work: Work<C, A, T>,
}

impl<C, A: Send + Sync, T: Send + 'static> ErasedWork<C> for WithArgs<C, A, T> {
    fn run<'a>(&'a self, conn: &'a mut C) -> BoxFuture<'a, Result<ErasedValue, QueryError>> {
        (self.work)(conn, &self.args).map_ok(|value| Box::new(value) as ErasedValue).boxed()
    }
}

/// Erases the types of a unit.
pub(super) fn erased<C, A, T>(args: A, work: Work<C, A, T>) -> Box<dyn ErasedWork<C>>
where
    C: 'static,
    A: Send + Sync + 'static,
    T: Send + 'static,
{
    Box::new(WithArgs { args, work })
}

/// The result of a unit that returns a `T`.
pub(super) fn restored<T: 'static>(value: ErasedValue) -> Result<T, PortError> {
    value.downcast().map(|value| *value).map_err(|_| failed("a unit of work returned another type"))
}

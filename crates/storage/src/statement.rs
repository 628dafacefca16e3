//! Statements prepared once per connection.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};

/// A statement with constant text, so that each connection prepares it only once. Diesel assumes that the
/// columns of any update vary and prepares it every time: an additional round trip and parse.
pub(crate) struct Unvarying<Q>(pub(crate) Q);

impl<Q, DB> QueryFragment<DB> for Unvarying<Q>
where
    DB: Backend,
    Q: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

/// Identified by its text: the type that Diesel generates for an update does not include the columns.
impl<Q> QueryId for Unvarying<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

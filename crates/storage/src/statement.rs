//! Statements that are prepared once per connection.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};

/// A statement whose text never varies, so that each connection prepares it once. Diesel takes every
/// update for one that sets now these columns and now those, and prepares it anew each time: another
/// round trip, and another parse.
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

/// By its text: what Diesel makes of an update's type says nothing about the columns.
impl<Q> QueryId for Unvarying<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

//! Inserts that return the generated id.

use diesel::QueryResult;
use diesel::mysql::Mysql;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl as _;

use super::connection::Connection;
use super::last_insert_id;

impl Connection {
    /// Inserts a row, and returns its generated id: in one statement on MariaDB, while MySQL has to be asked for it.
    pub(in super::super) async fn insert_for_id<I>(&mut self, insert: I) -> QueryResult<i64>
    where
        I: QueryFragment<Mysql> + QueryId + Send,
    {
        if self.has_returning() {
            return ReturningId(insert).get_result(self).await;
        }
        diesel_async::AsyncConnectionCore::execute_returning_count(self, insert).await?;
        diesel::select(last_insert_id()).get_result(self).await
    }
}

/// `INSERT … RETURNING id`.
#[derive(QueryId)]
struct ReturningId<I>(I);

impl<I: QueryFragment<Mysql>> QueryFragment<Mysql> for ReturningId<I> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Mysql>) -> QueryResult<()> {
        self.0.walk_ast(pass.reborrow())?;
        pass.push_sql(" RETURNING ");
        pass.push_identifier("id")
    }
}

impl<I> Query for ReturningId<I> {
    type SqlType = BigInt;
}

#[cfg(test)]
mod tests {
    use diesel::ExpressionMethods as _;
    use diesel_async::SimpleAsyncConnection as _;
    use yilin_testkit::mariadb::Server;

    use crate::backend::mysql::Connector;

    diesel::table! {
        samples (id) {
            id -> BigInt,
            note -> Text,
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn mariadb_generated_ids_are_the_same_with_returning_and_without() {
        let server = Server::start().await;
        let mut conn = Connector::new(server.database().await).establish().await.unwrap();
        assert!(conn.has_returning(), "MariaDB has it");
        let table =
            "CREATE TABLE samples (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, note TEXT NOT NULL)";
        conn.batch_execute(table).await.unwrap();
        let insert = || diesel::insert_into(samples::table).values(samples::note.eq("a"));
        assert_eq!(conn.insert_for_id(insert()).await.unwrap(), 1);
        let mut conn = conn.with_returning(false);
        assert_eq!(conn.insert_for_id(insert()).await.unwrap(), 2);
    }
}

//! Runs statements on the thread that asks for them.

use std::error::Error;

use diesel_async::sync_connection_wrapper::SpawnBlocking;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::task::coop;

/// Runs each statement where its unit of work runs: on the storage's own runtime, which has a thread for each connection.
/// Handing every statement to a blocking thread and waiting for it takes longer than most statements.
pub(crate) struct InPlace;

impl SpawnBlocking for InPlace {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync>>>
    where
        R: Send + 'static,
    {
        async move {
            // A unit of many statements never waits for anything else, so its timeout could not end it.
            coop::consume_budget().await;
            Ok(task())
        }
        .boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}

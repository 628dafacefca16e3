//! Concurrent clients and throughput.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;

use crate::Outcome;

/// The load and its duration.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Number of concurrent clients, each with one request at a time.
    pub(crate) clients: usize,
    /// Duration of the load.
    pub(crate) lasting: Duration,
}

/// Operations done and the time they took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    done: u64,
    took: Duration,
}

impl Rate {
    /// Operations per second.
    pub(crate) fn per_second(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a run has fewer than 2^52 operations")]
        let done = self.done as f64;
        done / self.took.as_secs_f64()
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.0}/s", self.per_second())
    }
}

/// A client with a connection of its own.
pub(crate) trait Client: Send + 'static {
    /// Does the next operation; returns as how many it counts.
    fn step(&mut self) -> impl Future<Output = Outcome<u64>> + Send;
}

/// A client that does numbered rounds of some work.
struct Rounds<W> {
    work: W,
    client: usize,
    round: u64,
}

impl<W, F> Client for Rounds<W>
where
    W: Fn(usize, u64) -> F + Send + 'static,
    F: Future<Output = Outcome<u64>> + Send,
{
    async fn step(&mut self) -> Outcome<u64> {
        let done = (self.work)(self.client, self.round);
        self.round += 1;
        done.await
    }
}

impl Load {
    /// Runs `work(client, round)` in a loop on one task per client. `work` returns the number of operations
    /// it did.
    pub(crate) async fn run<W, F>(&self, work: W) -> Outcome<Rate>
    where
        W: Fn(usize, u64) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Outcome<u64>> + Send + 'static,
    {
        let clients = 0..self.clients;
        self.drive(clients.map(|client| Rounds { work: work.clone(), client, round: 0 }).collect()).await
    }

    /// Lets each client repeat its operation, on one task per client.
    pub(crate) async fn drive<C: Client>(&self, clients: Vec<C>) -> Outcome<Rate> {
        let began = Instant::now();
        let until = began + self.lasting;
        let clients = clients.into_iter().map(|mut client| {
            tokio::spawn(async move {
                let mut done = 0;
                while Instant::now() < until {
                    done += client.step().await?;
                }
                Outcome::Ok(done)
            })
        });
        let done = try_join_all(clients).await?.into_iter().sum::<Outcome<u64>>()?;
        Ok(Rate { done, took: began.elapsed() })
    }
}

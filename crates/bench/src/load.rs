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

impl Load {
    /// Runs `work(client, round)` in a loop on one task per client. `work` returns the number of operations
    /// it did.
    pub(crate) async fn run<W, F>(&self, work: W) -> Outcome<Rate>
    where
        W: Fn(usize, u64) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Outcome<u64>> + Send + 'static,
    {
        let began = Instant::now();
        let until = began + self.lasting;
        let clients = (0..self.clients).map(|client| {
            let work = work.clone();
            tokio::spawn(async move {
                let (mut done, mut round) = (0, 0);
                while Instant::now() < until {
                    done += work(client, round).await?;
                    round += 1;
                }
                Outcome::Ok(done)
            })
        });
        let done = try_join_all(clients).await?.into_iter().sum::<Outcome<u64>>()?;
        Ok(Rate { done, took: began.elapsed() })
    }
}

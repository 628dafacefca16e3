use std::time::{Duration, Instant};

use futures_util::future::try_join_all;

use crate::Outcome;

/// How much is asked, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// How many clients ask at the same time, each one thing after the other.
    pub(crate) clients: usize,
    /// For how long.
    pub(crate) lasting: Duration,
}

/// How much was done in how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    done: u64,
    took: Duration,
}

impl Rate {
    /// How much per second.
    pub(crate) fn per_second(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "nobody does 2^52 things here")]
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
    /// Runs `work(client, round)` again and again on a task per client. It says how many things it
    /// did.
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

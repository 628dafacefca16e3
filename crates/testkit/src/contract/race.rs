//! Tasks that start at the same moment.

use std::sync::Arc;

use tokio::sync::Barrier;

/// Runs this many tasks that start together, and returns their results.
pub(super) async fn race<T, R>(racers: usize, run: impl Fn(usize) -> R) -> Vec<T>
where
    T: Send + 'static,
    R: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(racers));
    let start = |number| {
        let (barrier, racer) = (barrier.clone(), run(number));
        tokio::spawn(async move {
            barrier.wait().await;
            racer.await
        })
    };
    let tasks: Vec<_> = (0..racers).map(start).collect();
    let mut results = Vec::with_capacity(racers);
    for task in tasks {
        results.push(task.await.expect("no racer panics"));
    }
    results
}

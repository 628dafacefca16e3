//! Waiting for a condition.

use std::time::Duration;

/// Long enough that only a test that would hang reaches it, also on a busy machine.
const DEADLINE: Duration = Duration::from_secs(180);

/// Waits until a condition holds; panics if it does not within three minutes.
pub async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

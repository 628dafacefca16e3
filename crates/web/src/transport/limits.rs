//! The limits on connections.

use std::time::Duration;

use super::BodyPace;

/// How long a client may take to send the head of a request, and of the first one from when it is connected.
pub(super) const HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// Limits on connections, request bodies and long responses.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// Maximum number of connections; further ones wait to be accepted.
    pub connections: usize,
    /// Maximum number of long responses at a time, each of which may hold a file; further ones are rejected.
    pub long_answers: usize,
    /// How long a client may take to send the rest of a request's head.
    pub head_patience: Duration,
    /// Minimum rate of request bodies.
    pub pace: BodyPace,
    /// Write timeout of clients that stop reading.
    pub write_patience: Duration,
    /// How long a client may be silent, or leave its response unread, once the service is stopping.
    pub stop_patience: Duration,
    /// Timeout for reading a chunk of the model's answer: an unread answer occupies one of its account's calls.
    pub chat_patience: Duration,
    /// Maximum total size of request bodies in memory.
    pub body_memory: usize,
    /// Maximum total size of responses that are not sent yet. A quarter of it has room for the largest page of a list.
    pub answer_memory: usize,
}

impl ConnectionLimits {
    /// The limits for this number of file descriptors available to clients.
    pub fn for_descriptors(descriptors: usize) -> Self {
        // A connection and, for half of them, a file.
        let connections = (descriptors / 3 * 2).max(2);
        Self {
            connections,
            long_answers: (connections / 2).max(1),
            head_patience: HEAD_PATIENCE,
            pace: BodyPace::USUAL,
            write_patience: Duration::from_secs(60),
            stop_patience: Duration::from_millis(1500),
            chat_patience: Duration::from_secs(10),
            body_memory: 64 << 20,
            answer_memory: 256 << 20,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_and_their_files_fit() {
        for descriptors in [4, 128, 512, 65_024] {
            let limits = ConnectionLimits::for_descriptors(descriptors);
            assert!(limits.connections + limits.long_answers <= descriptors, "{descriptors}: {limits:?}");
            assert!(limits.long_answers < limits.connections, "{descriptors}: {limits:?}");
        }
    }
}

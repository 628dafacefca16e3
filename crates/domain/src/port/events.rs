//! The port that stores events.

use async_trait::async_trait;

use super::PortError;
use crate::event::{Audience, EventBatch, EventId};
use crate::time::Timestamp;

/// Reads and numbers events. They are stored by the units of work that make the transitions they announce.
#[async_trait]
pub trait EventRepository: Send + Sync {
    /// Assigns ids to at most `limit` events that have none, and returns how many. Ids are gapless and larger than all
    /// earlier ones; the events of one record get theirs in the order of its transitions. Of concurrent callers, one
    /// assigns ids and the others none.
    async fn number(&self, limit: u16) -> Result<u64, PortError>;

    /// Stores an event for inquiries whose deadline has passed before now and has not been announced: at most `limit`,
    /// earliest deadline first. Returns how many. Concurrent callers never announce a deadline twice.
    async fn announce_overdue(&self, now: Timestamp, limit: u16) -> Result<u64, PortError>;

    /// The id of the newest event; [`EventId::START`] if none has an id yet. All events up to it are readable, and none
    /// will be added among them.
    async fn newest(&self) -> Result<EventId, PortError>;

    /// The events of this audience after a position, in id order: at most `limit`, from a bounded number of examined
    /// events. An empty batch that reached the position itself if there are no later events.
    async fn read(&self, after: EventId, audience: Audience, limit: u16) -> Result<EventBatch, PortError>;

    /// Deletes at most `limit` events from before this time, oldest first, and returns how many. Reads from an earlier
    /// position are then incomplete.
    async fn forget(&self, before: Timestamp, limit: u16) -> Result<u64, PortError>;
}

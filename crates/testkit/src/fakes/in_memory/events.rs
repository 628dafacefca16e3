//! Events, in memory.

use async_trait::async_trait;
use yilin_domain::event::{Audience, Event, EventBatch, EventId, EventType, NewEvent};
use yilin_domain::inquiry::Inquiry;
use yilin_domain::port::{EventRepository, PortError};
use yilin_domain::time::Timestamp;

use super::InMemory;

/// Number of events examined per read: small, so that tests reach the bound.
const WINDOW: usize = 40;

#[async_trait]
impl EventRepository for InMemory {
    async fn number(&self, limit: u16) -> Result<u64, PortError> {
        let mut state = self.begin().await?;
        let count = state.pending_events.len().min(limit.into());
        let numbered: Vec<_> = state.pending_events.drain(..count).collect();
        for content in numbered {
            state.last_event += 1;
            let id = EventId(state.last_event);
            state.events.push(Event { id, content });
        }
        Ok(count as u64)
    }

    async fn announce_overdue(&self, now: Timestamp, limit: u16) -> Result<u64, PortError> {
        let mut state = self.begin().await?;
        let is_unannounced = |inquiry: &&Inquiry| {
            inquiry.is_overdue(now) && state.announced_deadlines.get(&inquiry.id).copied() != inquiry.due_at
        };
        let mut overdue: Vec<Inquiry> =
            state.inquiries.values().map(|stored| &stored.record).filter(is_unannounced).cloned().collect();
        overdue.sort_by_key(|inquiry| (inquiry.due_at, inquiry.id));
        overdue.truncate(limit.into());
        for inquiry in &overdue {
            state.announced_deadlines.extend(inquiry.due_at.map(|due_at| (inquiry.id, due_at)));
            state.pending_events.push(NewEvent::about(inquiry, EventType::InquiryOverdue, now));
        }
        Ok(overdue.len() as u64)
    }

    async fn newest(&self) -> Result<EventId, PortError> {
        Ok(EventId(self.begin().await?.last_event))
    }

    async fn read(&self, after: EventId, audience: Audience, limit: u16) -> Result<EventBatch, PortError> {
        let state = self.begin().await?;
        let missing = state.events.first().map_or(state.last_event, |oldest| oldest.id.0 - 1);
        let window: Vec<&Event> = state.events.iter().filter(|event| event.id > after).take(WINDOW).collect();
        let end = window.last().map_or(EventId(state.last_event.max(after.0)), |event| event.id);
        let events = window.into_iter().filter(|event| audience.includes(event));
        let events: Vec<Event> = events.take(limit.into()).copied().collect();
        let is_full = events.len() == usize::from(limit);
        let reached = events.last().filter(|_| is_full).map_or(end, |event| event.id);
        Ok(EventBatch { events, reached, incomplete: missing > after.0 })
    }

    async fn forget(&self, before: Timestamp, limit: u16) -> Result<u64, PortError> {
        let mut state = self.begin().await?;
        let old = state.events.iter().take_while(|event| event.content.at < before);
        let count = old.take(limit.into()).count();
        state.events.drain(..count);
        Ok(count as u64)
    }
}

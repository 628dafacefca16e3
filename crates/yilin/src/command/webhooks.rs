//! `yilin webhooks`: deliveries that were given up.

use yilin_domain::audit::AuditAction;
use yilin_domain::event::EventId;
use yilin_domain::port::Clock as _;

use crate::audit::record_command;
use crate::error::StartError;
use crate::output::say;
use crate::parts::{Parts, database_error};
use crate::settings::Settings;

/// Number of deliveries read per query.
const AT_ONCE: u16 = 500;

/// The deliveries to requeue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventSelection {
    /// All given-up deliveries.
    All,
    /// That of one event.
    One(EventId),
}

/// Lists given-up deliveries, oldest first.
pub(crate) async fn list_webhooks(settings: &Settings) -> Result<(), StartError> {
    let opened = Parts::open(settings).await?;
    let webhooks = opened.storage.webhooks();
    let (mut after, mut listed) = (EventId::START, 0_u64);
    loop {
        let given_up = webhooks.given_up(after, AT_ONCE).await;
        let given_up = given_up.map_err(|source| database_error(settings, source))?;
        for kept in &given_up {
            let (content, queued) = (&kept.event.content, settings.zone.render(kept.queued_at));
            let (kind, id) = (content.subject.kind().as_str(), content.subject.id());
            say!(
                "{}  {}  {kind} {id}  {queued}  ×{}  {}",
                kept.event.id,
                content.event_type.as_str(),
                kept.failures,
                kept.reason.as_str()
            );
            after = kept.event.id;
            listed += 1;
        }
        if given_up.len() < usize::from(AT_ONCE) {
            break;
        }
    }
    let backlog = webhooks.backlog().await.map_err(|source| database_error(settings, source))?;
    say!(
        "已放弃 {listed} 个，待发送 {} 个 / {listed} given up, {} waiting",
        backlog.waiting,
        backlog.waiting
    );
    Ok(())
}

/// Requeues given-up deliveries, which a serving instance then sends.
pub(crate) async fn retry_webhooks(settings: &Settings, which: EventSelection) -> Result<(), StartError> {
    let opened = Parts::open(settings).await?;
    let (id, name) = match which {
        EventSelection::All => (None, "all".to_owned()),
        EventSelection::One(id) => (Some(id), id.to_string()),
    };
    record_command(settings, &opened, "webhooks retry", AuditAction::Execute, ("event", name)).await?;
    let queued = opened.storage.webhooks().retry(id, opened.clock.now(), None).await;
    let queued = queued.map_err(|source| database_error(settings, source))?;
    say!("已重新排队 {queued} 个事件 / queued {queued} events again");
    Ok(())
}

/// Parses the argument of `yilin webhooks retry`: an event's id, or `all`.
pub(crate) fn parse_event(text: &str) -> Result<EventSelection, NoEvent> {
    if text == "all" {
        return Ok(EventSelection::All);
    }
    EventId::parse(text).map(EventSelection::One).map_err(|_| NoEvent)
}

/// The argument is neither an event's id nor `all`.
#[derive(Debug, thiserror::Error)]
#[error("须为事件编号或 all / an event's id, or all")]
pub(crate) struct NoEvent;

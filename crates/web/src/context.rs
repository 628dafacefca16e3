//! The context of a request: the matched route, the caller and the record. The middleware creates it before
//! routing, extractors add to it, and the audit log, the request log and the metrics read it.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use actix_web::{HttpMessage as _, HttpRequest};
use yilin_domain::account::Actor;
use yilin_domain::audit::{AuditAgent, AuditEvent, ChainId, Entity, MAX_QUERY_CHARS, Origin, session_digest};
use yilin_domain::file::{LinkGrant, LinkedRecord};
use yilin_domain::time::Timestamp;

use crate::route::{Audit, Record, Route};
use crate::transport::Held;

/// Maximum number of characters stored of a record id and of each search parameter.
const MAX_VALUE_CHARS: usize = 100;

/// The context of one request; clones share it.
#[derive(Clone)]
pub struct RequestContext(Rc<Known>);

struct Known {
    request_id: String,
    source: String,
    /// The writer that links the entries of its changes; `None` if nothing is recorded.
    writer: Option<ChainId>,
    route: OnceCell<&'static Route>,
    actor: RefCell<Option<Actor>>,
    link: Cell<Option<LinkGrant>>,
    origin: OnceCell<Option<Origin>>,
    session_expires_at: Cell<Option<Timestamp>>,
    body: RefCell<Option<Held>>,
    record: RefCell<Option<String>>,
    search: RefCell<String>,
}

impl RequestContext {
    /// A request from this address, whose entries this writer links.
    pub(crate) fn new(request_id: String, source: String, writer: Option<ChainId>) -> Self {
        Self(Rc::new(Known {
            request_id,
            source,
            writer,
            route: OnceCell::new(),
            actor: RefCell::default(),
            link: Cell::new(None),
            origin: OnceCell::new(),
            session_expires_at: Cell::new(None),
            body: RefCell::default(),
            record: RefCell::default(),
            search: RefCell::default(),
        }))
    }

    /// The context of a request; `None` if the middleware has not run, in which case no route matches.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// The request id, as in `x-request-id`.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// The matched route; `None` before routing and if none matched.
    pub fn route(&self) -> Option<&'static Route> {
        self.0.route.get().copied()
    }

    /// Called by the matched route. A request is routed once, so only the first call counts.
    pub(crate) fn matched(&self, route: &'static Route) {
        self.0.route.get_or_init(|| route);
    }

    /// The caller, once authenticated.
    pub fn actor(&self) -> Option<Actor> {
        self.0.actor.borrow().clone()
    }

    /// Records the authenticated caller, even if access is denied later.
    pub fn authenticated(&self, actor: Actor, session_expires_at: Timestamp) {
        *self.0.actor.borrow_mut() = Some(actor);
        self.0.session_expires_at.set(Some(session_expires_at));
    }

    /// When the request's session expires.
    pub fn session_expires_at(&self) -> Option<Timestamp> {
        self.0.session_expires_at.get()
    }

    /// Keeps the memory of the request's body accounted for until the request has been answered.
    pub(crate) fn holds(&self, body: Held) {
        self.0.body.borrow_mut().replace(body);
    }

    /// Records that a file is read by a link: the entry names the account that received it, and the patient.
    pub fn by_link(&self, grant: LinkGrant) {
        self.0.link.set(Some(grant));
        if let Some(LinkedRecord { kind, id, .. }) = grant.record {
            self.searched("record", &format!("{}/{id}", kind.name()));
        }
    }

    /// Links the changes of this request to their entries; created on the first call, with the caller as known
    /// then. `None` if the route makes no changes.
    pub fn origin(&self) -> Option<Origin> {
        let make = || {
            let writer = self.0.writer.filter(|_| self.route().is_some_and(Route::changes_state))?;
            Some(Origin::new(writer, self.event(Timestamp::UNIX_EPOCH, 0)?))
        };
        self.0.origin.get_or_init(make).clone()
    }

    /// The origin, if it was created.
    pub(crate) fn known_origin(&self) -> Option<&Origin> {
        self.0.origin.get()?.as_ref()
    }

    /// The entry of this request as far as known; `None` if no audited route matched.
    pub(crate) fn event(&self, recorded: Timestamp, outcome: u16) -> Option<AuditEvent> {
        let route = self.route()?;
        let Audit::Audited { action, entity, record } = route.audit else { return None };
        let (actor, link) = (self.actor(), self.0.link.get());
        let actor = actor.as_ref();
        let by_link = link.map(|grant| AuditAgent { uuid: grant.recipient, role: grant.role });
        let of_link = link.and_then(|grant| grant.record).map(|record| record.patient);
        Some(AuditEvent {
            recorded,
            agent: actor.map(|actor| AuditAgent { uuid: actor.uuid, role: actor.role }).or(by_link),
            session: actor.map(|actor| session_digest(actor.session)),
            source: self.0.source.clone(),
            request: self.0.request_id.clone(),
            operation: route.operation.to_owned(),
            action,
            entity: Some(Entity { kind: entity.to_owned(), id: self.record().unwrap_or_default() }),
            patient: actor.filter(|_| record == Record::Caller).map(|actor| actor.uuid).or(of_link),
            outcome,
            query: self.search(),
            results: None,
        })
    }

    /// The parsed id of the record that the request accesses.
    pub fn record(&self) -> Option<String> {
        self.0.record.borrow().clone()
    }

    /// Sets the record that the request accesses.
    pub fn concerns(&self, id: &str) {
        *self.0.record.borrow_mut() = Some(clipped(id, MAX_VALUE_CHARS));
    }

    /// The search parameters, as `name=value&…`, each value truncated separately.
    pub fn search(&self) -> String {
        clipped(&self.0.search.borrow(), MAX_QUERY_CHARS)
    }

    /// Adds a search parameter and its value.
    pub fn searched(&self, name: &str, value: &str) {
        let mut search = self.0.search.borrow_mut();
        let separator = if search.is_empty() { "" } else { "&" };
        let value: String = value.chars().take(MAX_VALUE_CHARS).collect();
        search.extend([separator, name, "=", &value]);
        drop(search);
        if let Some(origin) = self.known_origin() {
            origin.searched(self.search());
        }
    }
}

fn clipped(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_parameters_are_truncated_independently() {
        let context = RequestContext::new(String::new(), String::new(), None);
        context.searched("cond", &"x".repeat(9999));
        context.searched("val", "张");
        assert_eq!(context.search(), format!("cond={}&val=张", "x".repeat(MAX_VALUE_CHARS)));
        for _ in 0..9 {
            context.searched("page", &"9".repeat(9999));
        }
        assert_eq!(context.search().chars().count(), MAX_QUERY_CHARS);
    }
}

//! What becomes known of a request while it is answered: which route matched, who makes it, and
//! about which record. The middleware creates it before routing, extractors add to it, and the audit
//! log, the log and the metrics read it.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use actix_web::{HttpMessage as _, HttpRequest};
use yilin_domain::account::Actor;
use yilin_domain::audit::MAX_QUERY_CHARS;

use crate::audit::{AuditTrail, UnderWay};
use crate::route::Route;

/// The longest record id and the longest value of one search parameter that are kept, in characters.
const MAX_VALUE_CHARS: usize = 100;

/// One request's context; clones share it.
#[derive(Clone)]
pub(crate) struct RequestContext(Rc<Known>);

struct Known {
    request_id: String,
    route: OnceCell<&'static Route>,
    actor: Cell<Option<Actor>>,
    record: RefCell<Option<String>>,
    search: RefCell<String>,
    trail: AuditTrail,
    under_way: RefCell<Option<UnderWay>>,
}

impl RequestContext {
    pub(crate) fn new(request_id: String, trail: AuditTrail) -> Self {
        Self(Rc::new(Known {
            request_id,
            route: OnceCell::new(),
            actor: Cell::new(None),
            record: RefCell::default(),
            search: RefCell::default(),
            trail,
            under_way: RefCell::default(),
        }))
    }

    /// The context of a request; `None` where the middleware has not run, which no route accepts.
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// The request's id, as in `x-request-id`.
    pub(crate) fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// The route that matched; `None` before routing and where none did.
    pub(crate) fn route(&self) -> Option<&'static Route> {
        self.0.route.get().copied()
    }

    /// Called by the route that matched. A request is routed once, so the first call counts.
    pub(crate) fn matched(&self, route: &'static Route) {
        self.0.route.get_or_init(|| route);
        if route.changes_state() {
            *self.0.under_way.borrow_mut() = Some(self.0.trail.under_way());
        }
    }

    /// The request is answered or dropped: entries of others do not wait for its own any more.
    pub(crate) fn ended(&self) {
        self.0.under_way.borrow_mut().take();
    }

    /// Who makes the request, once it is authenticated.
    pub(crate) fn actor(&self) -> Option<Actor> {
        self.0.actor.get()
    }

    /// The request is authenticated, also if its caller may not do what it asks.
    pub(crate) fn authenticated(&self, actor: Actor) {
        self.0.actor.set(Some(actor));
    }

    /// The id of the record that the request is about, as it was parsed.
    pub(crate) fn record(&self) -> Option<String> {
        self.0.record.borrow().clone()
    }

    /// The request is about this record.
    pub(crate) fn concerns(&self, id: &str) {
        *self.0.record.borrow_mut() = Some(clipped(id, MAX_VALUE_CHARS));
    }

    /// What a search asked for, as `name=value&…`, each value bounded for itself.
    pub(crate) fn search(&self) -> String {
        clipped(&self.0.search.borrow(), MAX_QUERY_CHARS)
    }

    /// A parameter of a search and its value.
    pub(crate) fn searched(&self, name: &str, value: &str) {
        let mut search = self.0.search.borrow_mut();
        let separator = if search.is_empty() { "" } else { "&" };
        let value: String = value.chars().take(MAX_VALUE_CHARS).collect();
        search.extend([separator, name, "=", &value]);
    }
}

fn clipped(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_parameter_of_a_search_pushes_another_out() {
        let context = RequestContext::new(String::new(), AuditTrail::off());
        context.searched("cond", &"x".repeat(9999));
        context.searched("val", "张");
        assert_eq!(context.search(), format!("cond={}&val=张", "x".repeat(MAX_VALUE_CHARS)));
        for _ in 0..9 {
            context.searched("page", &"9".repeat(9999));
        }
        assert_eq!(context.search().chars().count(), MAX_QUERY_CHARS);
    }
}

//! The context of a request: the matched route, the caller and the record. The middleware creates it before
//! routing, extractors add to it, and the audit log, the request log and the metrics read it.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use actix_web::{HttpMessage as _, HttpRequest};
use yilin_domain::account::Actor;
use yilin_domain::audit::MAX_QUERY_CHARS;

use crate::audit::{AuditTrail, UnderWay};
use crate::route::Route;

/// Maximum number of characters stored of a record id and of each search parameter.
const MAX_VALUE_CHARS: usize = 100;

/// The context of one request; clones share it.
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

    /// The context of a request; `None` if the middleware has not run, in which case no route matches.
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// The request id, as in `x-request-id`.
    pub(crate) fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// The matched route; `None` before routing and if none matched.
    pub(crate) fn route(&self) -> Option<&'static Route> {
        self.0.route.get().copied()
    }

    /// Called by the matched route. A request is routed once, so only the first call counts.
    pub(crate) fn matched(&self, route: &'static Route) {
        self.0.route.get_or_init(|| route);
        if route.changes_state() {
            *self.0.under_way.borrow_mut() = Some(self.0.trail.under_way());
        }
    }

    /// Marks the request as answered or dropped: other entries no longer wait for its entry.
    pub(crate) fn ended(&self) {
        self.0.under_way.borrow_mut().take();
    }

    /// The caller, once authenticated.
    pub(crate) fn actor(&self) -> Option<Actor> {
        self.0.actor.get()
    }

    /// Records the authenticated caller, even if access is denied later.
    pub(crate) fn authenticated(&self, actor: Actor) {
        self.0.actor.set(Some(actor));
    }

    /// The parsed id of the record that the request accesses.
    pub(crate) fn record(&self) -> Option<String> {
        self.0.record.borrow().clone()
    }

    /// Sets the record that the request accesses.
    pub(crate) fn concerns(&self, id: &str) {
        *self.0.record.borrow_mut() = Some(clipped(id, MAX_VALUE_CHARS));
    }

    /// The search parameters, as `name=value&…`, each value truncated separately.
    pub(crate) fn search(&self) -> String {
        clipped(&self.0.search.borrow(), MAX_QUERY_CHARS)
    }

    /// Adds a search parameter and its value.
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
    fn long_search_parameters_do_not_displace_others() {
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

use std::cell::RefCell;
use std::rc::Rc;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{HttpMessage as _, HttpRequest};
use url::form_urlencoded;
use yilin_domain::account::Actor;
use yilin_domain::audit::{AuditAgent, AuditEvent, Entity, MAX_QUERY_CHARS, session_digest};
use yilin_domain::port::PortError;

use super::group::UnderWay;
use super::operation::{Access, Asked};
use super::{AuditTrail, Disclosure};
use crate::client;
use crate::service::Service;

/// The outcome of a request whose client went away before it was answered.
const CLIENT_GONE: u16 = 499;

/// The longest id of an entity that is kept, in characters.
const MAX_ID_CHARS: usize = 100;

/// The parameters of searches. Others may be anything, so they are not kept.
const SEARCH_PARAMETERS: [&str; 20] = [
    "cond",
    "val",
    "role",
    "page",
    "size",
    "isInquiry",
    "raw",
    "username",
    "isPatient",
    "agent",
    "patient",
    "operation",
    "outcome",
    "from",
    "to",
    "number",
    "goroutineNumber",
    "uuid",
    "dryRun",
    "mode",
];

/// What becomes known of a request while it is being answered: who makes it, and about what.
#[derive(Clone, Default)]
pub(crate) struct AuditNote(Rc<RefCell<Noted>>);

#[derive(Default)]
struct Noted {
    actor: Option<Actor>,
    asked: Option<String>,
}

impl AuditNote {
    /// Whoever makes the request.
    pub(crate) fn actor(request: &HttpRequest, actor: Actor) {
        if let Some(note) = request.extensions().get::<Self>() {
            note.0.borrow_mut().actor = Some(actor);
        }
    }

    /// Which record it is about.
    pub(crate) fn asked(request: &HttpRequest, id: &str) {
        if let Some(note) = request.extensions().get::<Self>() {
            note.0.borrow_mut().asked = Some(clipped(id, MAX_ID_CHARS));
        }
    }
}

/// An entry that is due: one way or another it is handed over, also when the request is dropped.
pub(crate) struct Pending {
    trail: AuditTrail,
    access: Access,
    event: Option<AuditEvent>,
    note: AuditNote,
    /// Until the change is answered, if it is one.
    _under_way: Option<UnderWay>,
}

impl Pending {
    /// Before the request is routed, which will be to this pattern; `None` where nobody's data are concerned.
    pub(crate) fn begin(
        service: &Service,
        request: &ServiceRequest,
        pattern: &str,
        request_id: &str,
    ) -> Option<Self> {
        let (operation, access) = service.operations.find(request.method(), pattern)?;
        let asked = match access.id {
            Asked::Nowhere | Asked::Noted => None,
            Asked::Query(name) => parameter(request.query_string(), name),
            Asked::Path => request.path().split('/').nth(2).map(|cid| clipped(cid, MAX_ID_CHARS)),
        };
        let note = AuditNote::default();
        request.extensions_mut().insert(note.clone());
        let is_search = access.id == Asked::Nowhere;
        let event = AuditEvent {
            recorded: service.clock.now_precisely(),
            agent: None,
            session: None,
            source: client::address(request.request(), service),
            request: request_id.to_owned(),
            operation: operation.to_owned(),
            action: access.action,
            entity: Some(Entity { kind: access.kind.to_owned(), id: asked.unwrap_or_default() }),
            patient: None,
            outcome: CLIENT_GONE,
            query: if is_search { search(request.query_string()) } else { String::new() },
            results: None,
        };
        let trail = service.audit.clone();
        let under_way = access.changes_state().then(|| trail.under_way());
        Some(Self { trail, access, event: Some(event), note, _under_way: under_way })
    }

    /// The answer is known: hands the entry over, and waits for it where something was changed. An
    /// error means that the answer must not be given.
    pub(crate) async fn finish(
        mut self,
        service: &Service,
        response: &mut ServiceResponse<BoxBody>,
    ) -> Result<(), PortError> {
        let Some(mut event) = self.event.take() else { return Ok(()) };
        self.complete(&mut event);
        event.recorded = service.clock.now_precisely();
        event.outcome = response.status().as_u16();
        let disclosure = response.response_mut().extensions_mut().remove::<Disclosure>().unwrap_or_default();
        let Disclosure { entity, mut patients, results, stream } = disclosure;
        event.entity = entity.or(event.entity);
        event.results = results;
        if event.patient.is_none()
            && let [only] = patients[..]
        {
            event.patient = Some(only);
        }
        patients.retain(|patient| event.patient != Some(*patient));
        patients.retain(|patient| event.agent.is_none_or(|agent| agent.uuid != *patient));
        if let Some(stream) = stream {
            stream.begin(self.trail.clone(), event.clone());
        }
        // Nothing was told or acknowledged, so nothing can be taken back; and there is no use in
        // making somebody wait who is told to come again later.
        if response.status().is_server_error() {
            self.trail.record_now(event);
            return Ok(());
        }
        let wait = self.access.changes_state() && !response.status().is_client_error();
        self.trail.record(event, patients, wait).await
    }

    /// Adds what became known on the way.
    fn complete(&self, event: &mut AuditEvent) {
        let noted = self.note.0.borrow();
        if let Some(actor) = noted.actor {
            event.agent = Some(AuditAgent { uuid: actor.uuid, role: actor.role });
            event.session = Some(session_digest(actor.session));
            event.patient = self.access.own.then_some(actor.uuid);
        }
        if let (Some(asked), Some(entity)) = (&noted.asked, &mut event.entity) {
            entity.id.clone_from(asked);
        }
    }
}

/// The client has gone away: what it asked for may have been done all the same.
impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(mut event) = self.event.take() {
            self.complete(&mut event);
            self.trail.record_now(event);
        }
    }
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    parameters.find(|(key, _)| key == name).map(|(_, value)| clipped(&value, MAX_ID_CHARS))
}

/// What was searched for, readable and bounded.
fn search(query: &str) -> String {
    let mut text = String::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if SEARCH_PARAMETERS.contains(&&*name) && !value.is_empty() {
            let separator = if text.is_empty() { "" } else { "&" };
            text.extend([separator, &name, "=", &value]);
        }
    }
    clipped(&text, MAX_QUERY_CHARS)
}

fn clipped(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_keeps_what_was_searched_for_and_nothing_else() {
        assert_eq!(search("val=%E5%BC%A0&cond=username&password=geheim&page="), "val=张&cond=username");
        assert_eq!(search("mode=atomic&x=1&dryRun=true"), "mode=atomic&dryRun=true");
        assert_eq!(search(&format!("val={}", "x".repeat(9999))).len(), MAX_QUERY_CHARS);
        assert_eq!(parameter("a=1&id=7&id=8", "id").as_deref(), Some("7"));
    }
}

//! The entry of one request: created when its response is known, or when it is dropped.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use yilin_domain::audit::{AuditAgent, AuditEvent, Entity, session_digest};
use yilin_domain::port::PortError;

use super::Disclosure;
use crate::client;
use crate::context::RequestContext;
use crate::route::{Audit, Record, Route};
use crate::service::Service;

/// The outcome of a request whose client disconnected before the response.
const CLIENT_GONE: u16 = 499;

/// An entry that is due if an audited route matches: it is recorded in any case, even if the request is
/// dropped.
pub(crate) struct Pending {
    service: Service,
    source: String,
    context: RequestContext,
    finished: bool,
}

impl Pending {
    /// Called before the request is routed.
    pub(crate) fn begin(
        service: &Service,
        request: &actix_web::dev::ServiceRequest,
        context: &RequestContext,
    ) -> Self {
        Self {
            service: service.clone(),
            source: client::address(request.request(), service),
            context: context.clone(),
            finished: false,
        }
    }

    /// Called when the response is known: records the entry, and waits for it if something was changed. On an
    /// error the response must not be sent.
    pub(crate) async fn finish(mut self, response: &mut ServiceResponse<BoxBody>) -> Result<(), PortError> {
        self.finished = true;
        let Some(mut event) = self.event(response.status().as_u16()) else { return Ok(()) };
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
        let trail = &self.service.audit;
        if let Some(stream) = stream {
            stream.begin(trail.clone(), event.clone());
        }
        // Nothing was shown or acknowledged, so nothing has to be withheld; and a client that has to retry
        // need not wait.
        if response.status().is_server_error() {
            trail.record_now(event);
            return Ok(());
        }
        let changes = self.context.route().is_some_and(Route::changes_state);
        trail.record(event, patients, changes && !response.status().is_client_error()).await
    }

    /// The event of the request, if the matched route is audited.
    fn event(&self, outcome: u16) -> Option<AuditEvent> {
        let route = self.context.route()?;
        let Audit::Audited { action, entity, record } = route.audit else { return None };
        let actor = self.context.actor();
        let id = self.context.record().unwrap_or_default();
        Some(AuditEvent {
            recorded: self.service.clock.now_precisely(),
            agent: actor.map(|actor| AuditAgent { uuid: actor.uuid, role: actor.role }),
            session: actor.map(|actor| session_digest(actor.session)),
            source: self.source.clone(),
            request: self.context.request_id().to_owned(),
            operation: route.operation.to_owned(),
            action,
            entity: Some(Entity { kind: entity.to_owned(), id }),
            patient: actor.filter(|_| record == Record::Caller).map(|actor| actor.uuid),
            outcome,
            query: self.context.search(),
            results: None,
        })
    }
}

/// The client has disconnected: the request may have taken effect nevertheless.
impl Drop for Pending {
    fn drop(&mut self) {
        if !self.finished
            && let Some(event) = self.event(CLIENT_GONE)
        {
            self.service.audit.record_now(event);
        }
        self.context.ended();
    }
}

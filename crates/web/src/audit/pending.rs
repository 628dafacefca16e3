//! The entry of one request: created when its response is known, or when it is dropped.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::web;
use yilin_domain::audit::{AuditAction, AuditEvent, Origin, Progress};
use yilin_domain::port::PortError;

use super::Disclosure;
use crate::context::RequestContext;
use crate::service::Service;

/// The outcome of a request whose client disconnected before the response.
const CLIENT_GONE: u16 = 499;

/// An entry that is due if an audited route matches and no change of the request commits its own: it is
/// recorded in any case, even if the request is dropped.
pub(crate) struct Pending {
    service: web::Data<Service>,
    context: RequestContext,
    finished: bool,
}

impl Pending {
    /// Called before the request is routed.
    pub(crate) fn begin(service: &web::Data<Service>, context: &RequestContext) -> Self {
        Self { service: service.clone(), context: context.clone(), finished: false }
    }

    /// Called when the response is known: records the entry. On an error the response must not be sent.
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
        let progress = self.context.known_origin().map_or(Progress::Nothing, Origin::progress);
        if progress == Progress::Nothing && response.status().is_success() {
            event.action = unchanged(event.action);
        }
        if progress != Progress::Nothing {
            self.unless_changed(event.clone());
            let shown = AuditEvent { action: AuditAction::Read, ..event };
            return if patients.is_empty() { Ok(()) } else { trail.disclosed(shown, patients).await };
        }
        // Nothing was shown or acknowledged, so nothing has to be withheld; and a client that has to retry
        // need not wait.
        if response.status().is_server_error() {
            trail.record_now(event);
            return Ok(());
        }
        trail.record(event, patients).await
    }

    /// Records the event unless a change of the request commits its own entry.
    fn unless_changed(&self, event: AuditEvent) {
        let trail = self.service.audit.clone();
        match self.context.known_origin() {
            Some(origin) => origin.otherwise(move || trail.record_now(event)),
            None => trail.record_now(event),
        }
    }

    fn event(&self, outcome: u16) -> Option<AuditEvent> {
        self.context.event(self.service.clock.now_precisely(), outcome)
    }
}

/// The action of a successful request that changed nothing: it only showed the record as it is.
const fn unchanged(action: AuditAction) -> AuditAction {
    match action {
        AuditAction::Create | AuditAction::Read | AuditAction::Update | AuditAction::Delete => {
            AuditAction::Read
        }
        AuditAction::Execute => AuditAction::Execute,
    }
}

/// The client has disconnected; the request may have taken effect all the same.
impl Drop for Pending {
    fn drop(&mut self) {
        if !self.finished
            && let Some(event) = self.event(CLIENT_GONE)
        {
            self.unless_changed(event);
        }
    }
}

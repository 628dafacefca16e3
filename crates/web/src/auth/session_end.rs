//! The end of a request's session, for responses that are still being sent.

use actix_web::web;
use yilin_domain::session::SessionId;
use yilin_domain::time::Timestamp;

use crate::context::RequestContext;
use crate::service::Service;

/// Tells whether the session of a request has ended, for streamed responses.
#[derive(Clone)]
pub struct SessionEnd {
    service: web::Data<Service>,
    session: SessionId,
    expires_at: Timestamp,
}

impl SessionEnd {
    /// For the request's session; `None` without one.
    pub fn of(context: &RequestContext, service: &web::Data<Service>) -> Option<Self> {
        let session = context.actor()?.session;
        Some(Self { service: service.clone(), session, expires_at: context.session_expires_at()? })
    }

    /// Whether the session was ended or has expired.
    pub fn has_come(&self) -> bool {
        let sessions = &self.service.use_cases.sessions;
        sessions.is_ended(self.session) || self.expires_at <= self.service.clock.now()
    }
}

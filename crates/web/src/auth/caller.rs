//! Extractors that authenticate and authorize the caller.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use chrono::TimeDelta;
use yilin_domain::account::{Actor, Role};
use yilin_domain::error::Error;
use yilin_domain::session::{Session, SessionId};

use super::{CookieClaims, RefreshCookie, Verified, cookie, is_foreign};
use crate::context::RequestContext;
use crate::error::ApiError;
use crate::route::{Describe, Input};
use crate::service::Service;

/// The roles that may call a route.
pub trait Roles {
    /// The roles.
    const ROLES: &'static [Role];
}

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident = [$($role:ident),*];)*) => {$(
        $(#[$doc])*
        pub struct $name;
        impl Roles for $name {
            const ROLES: &'static [Role] = &[$(Role::$role),*];
        }
    )*};
}

roles! {
    /// Any logged-in account.
    AnyRole = [Patient, Physician, Admin];
    /// Admins.
    AdminOnly = [Admin];
    /// Patients.
    PatientOnly = [Patient];
    /// Physicians.
    PhysicianOnly = [Physician];
    /// Patients and admins.
    PatientOrAdmin = [Patient, Admin];
    /// Physicians and admins.
    PhysicianOrAdmin = [Physician, Admin];
}

/// Whether a route accepts the session cookie if the header is absent.
pub trait CookieUse {
    /// Maximum age of the cookie; `None` if it is not accepted.
    const FOR: Option<TimeDelta>;
    /// Whether the route changes state: then the request must come from one of our own pages.
    const CHANGES_STATE: bool;
}

/// Only the header is accepted, as on most routes.
pub struct HeaderOnly;
impl CookieUse for HeaderOnly {
    const FOR: Option<TimeDelta> = None;
    const CHANGES_STATE: bool = true;
}

/// The cookie is accepted for half a day, for reading a record: a shared computer must not show records for a
/// week after a user left.
pub struct Recording;
impl CookieUse for Recording {
    const FOR: Option<TimeDelta> = Some(TimeDelta::hours(12));
    const CHANGES_STATE: bool = false;
}

/// The cookie is accepted for the duration of the session, for uploads: a home visit can be long.
pub struct Uploading;
impl CookieUse for Uploading {
    const FOR: Option<TimeDelta> = Some(TimeDelta::MAX);
    const CHANGES_STATE: bool = true;
}

/// The authenticated caller, with one of the roles `R`. This extractor is what protects a route.
pub struct Caller<R, C = HeaderOnly> {
    /// The account, in its session.
    pub actor: Actor,
    /// The session.
    pub session: Session,
    marker: PhantomData<(R, C)>,
}

/// A [`Caller`] of a route that accepts the cookie according to `C`.
pub type CookieFor<C, R> = Caller<R, C>;

impl<R: Roles, C: CookieUse> FromRequest for Caller<R, C> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate::<C>(request).and_then(|verified| {
            verified.actor.require(R::ROLES)?;
            Ok(Self { actor: verified.actor, session: verified.session, marker: PhantomData })
        }))
    }
}

/// Records the caller in the request's context, and attaches the request to the actor.
pub(super) fn note_actor(request: &HttpRequest, verified: Verified) -> Verified {
    let Some(context) = RequestContext::of(request) else { return verified };
    context.authenticated(verified.actor.clone(), verified.session.expires_at);
    Verified { actor: verified.actor.within(context.origin()), ..verified }
}

/// Records the caller in the request's context, even if access is denied later.
fn authenticate<C: CookieUse>(request: &HttpRequest) -> Result<Verified, ApiError> {
    Ok(note_actor(request, verify::<C>(request)?))
}

fn verify<C: CookieUse>(request: &HttpRequest) -> Result<Verified, ApiError> {
    let service = Service::of(request).ok_or(ApiError::Unauthenticated)?;
    if request.headers().contains_key(header::AUTHORIZATION) {
        let verified = from_header(request, service)
            .filter(|verified| is_running(service, verified.session.id))
            .ok_or(ApiError::Unauthenticated)?;
        note_stale_cookie(request, service, &verified);
        return Ok(verified);
    }
    let lifetime = C::FOR.ok_or(ApiError::Unauthenticated)?;
    let cookie = from_cookie(request, service)
        .filter(|cookie| is_running(service, cookie.verified.session.id))
        .filter(|cookie| cookie.age(service.clock.now()) < lifetime)
        .ok_or(ApiError::Unauthenticated)?;
    if C::CHANGES_STATE && is_foreign(request, service) {
        return Err(ApiError::ForeignOrigin);
    }
    Ok(cookie.verified)
}

/// The session of the `Authorization` header, ended or not: the bare token, or `Bearer` and the token.
fn from_header(request: &HttpRequest, service: &Service) -> Option<Verified> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let value = value.to_str().ok()?.trim();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        Some(_) => return None,
        None => value,
    };
    service.tokens.verify_header(token, service.clock.now())
}

/// An error if the caller's session has ended since the caller was authenticated. To be asked once more when a body has
/// arrived: its sender decides how long that takes. A request without a session passes.
pub(crate) fn ensure_still_running(request: &HttpRequest) -> Result<(), ApiError> {
    let actor = RequestContext::of(request).and_then(|context| context.actor());
    match (actor, Service::of(request)) {
        (Some(actor), Some(service)) if !is_running(service, actor.session) => Err(ApiError::Unauthenticated),
        _ => Ok(()),
    }
}

fn is_running(service: &Service, session: SessionId) -> bool {
    !service.use_cases.sessions.is_ended(session)
}

/// Whether there is something to end: also if the end of the session could not be stored.
fn may_be_ended(service: &Service, session: SessionId) -> bool {
    is_running(service, session) || service.use_cases.sessions.is_end_unstored(session)
}

/// The session of the cookie, ended or not.
fn from_cookie(request: &HttpRequest, service: &Service) -> Option<CookieClaims> {
    let cookie = request.cookie(cookie::NAME)?;
    service.tokens.verify_cookie(cookie.value(), service.clock.now())
}

impl<R: Roles, C: CookieUse> Describe for Caller<R, C> {
    fn describe(input: &mut Input) {
        input.roles = Some(R::ROLES);
        input.cookie = C::FOR.is_some();
        input.error(ApiError::Unauthenticated);
        if R::ROLES.len() < AnyRole::ROLES.len() {
            input.error(Error::Forbidden);
        }
        if C::FOR.is_some() && C::CHANGES_STATE {
            input.error(ApiError::ForeignOrigin);
        }
    }
}

impl Describe for OptionalCaller {
    fn describe(input: &mut Input) {
        input.roles = Some(AnyRole::ROLES);
        input.cookie = true;
        input.error(ApiError::Unauthenticated);
    }
}

impl Describe for OptionalSession {
    fn describe(input: &mut Input) {
        input.optional_session = true;
        input.error(ApiError::ForeignOrigin);
    }
}

/// Requests a new cookie if it is missing, belongs to another session, or is getting old.
fn note_stale_cookie(request: &HttpRequest, service: &Service, verified: &Verified) {
    const REFRESH_AFTER: TimeDelta = TimeDelta::hours(3);
    let fresh = from_cookie(request, service).is_some_and(|cookie| {
        cookie.verified.session.id == verified.session.id && cookie.age(service.clock.now()) <= REFRESH_AFTER
    });
    if !fresh {
        let refresh =
            RefreshCookie { session: verified.session.clone(), role: verified.actor.role, console: None };
        request.extensions_mut().insert(refresh);
    }
}

/// The caller of a file route, if logged in. An invalid token in the header is still an error.
pub struct OptionalCaller(pub Option<Actor>);

impl FromRequest for OptionalCaller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let has_header = request.headers().contains_key(header::AUTHORIZATION);
        ready(match authenticate::<Recording>(request) {
            Ok(verified) => Ok(Self(Some(verified.actor))),
            Err(_) if !has_header => Ok(Self(None)),
            Err(error) => Err(error),
        })
    }
}

/// The session that a log-out ends: that of the header or, without one, of the cookie; `None` if it is
/// invalid. Never rejects an invalid token.
pub struct OptionalSession(pub Option<Verified>);

impl FromRequest for OptionalSession {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(service) = Service::of(request) else { return ready(Ok(Self(None))) };
        if request.headers().contains_key(header::AUTHORIZATION) {
            let verified = from_header(request, service);
            let verified = verified.filter(|verified| may_be_ended(service, verified.session.id));
            return ready(Ok(Self::noted(request, verified)));
        }
        let verified = from_cookie(request, service).map(|cookie| cookie.verified);
        let verified = verified.filter(|verified| may_be_ended(service, verified.session.id));
        if verified.is_some() && is_foreign(request, service) {
            return ready(Err(ApiError::ForeignOrigin));
        }
        ready(Ok(Self::noted(request, verified)))
    }
}

impl OptionalSession {
    fn noted(request: &HttpRequest, verified: Option<Verified>) -> Self {
        Self(verified.map(|verified| note_actor(request, verified)))
    }
}

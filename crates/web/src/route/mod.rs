//! Routes, each declared once, beside its handler.
//!
//! A declaration has what cannot be derived: path, method, name, summary, and the audit declaration. Roles,
//! parameters, body and responses are derived from the handler's signature (see [`describe`]). Registration,
//! the OpenAPI description, the audit log and the metrics' labels are derived from the declaration; without
//! an audit declaration it is not a [`Route`].

mod audit;
mod describe;

use actix_web::http::Method;
use actix_web::{FromRequest, Handler, Responder, guard, web};
use yilin_domain::audit::AuditAction;

pub use audit::{Audit, Record};
pub use describe::{Describe, DescribeAnswer, Input, Output, Schemas, reference};

use crate::context::RequestContext;
use crate::error::{ApiError, ENVELOPE, ErrorForm};

/// Maximum size of a buffered body: the longest texts with every character escaped, with room to spare.
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// A declared route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path pattern, with `{name}` for parameters.
    pub path: &'static str,
    /// The operation id, used by clients, the audit log and the description.
    pub operation: &'static str,
    /// The OpenAPI tag; `None` if it is not described.
    pub tag: Option<&'static str>,
    /// The one-line summary.
    pub summary: &'static str,
    /// Further details for clients.
    pub details: &'static str,
    /// Who may call it, if roles are not sufficient to express it.
    pub callers: Option<&'static str>,
    /// Whether requests are audited, and how.
    pub audit: Audit,
    /// Maximum size of a buffered body in bytes.
    pub max_body: usize,
    /// The error for a larger one.
    pub oversized: fn() -> ApiError,
    /// What it reads of a request.
    pub input: Input,
    /// How it responds.
    pub output: Output,
    /// Its errors besides those derived from the signature.
    pub errors: Vec<ApiError>,
    handler: Box<dyn Fn() -> actix_web::Route + Send + Sync>,
}

/// A declaration that lacks its audit declaration.
pub struct Draft(Route);

/// Declares a route for GET and HEAD.
pub fn get<F, Args>(path: &'static str, operation: &'static str, handler: F) -> Draft
where
    F: Handler<Args> + Copy + Send + Sync,
    F::Output: Responder + DescribeAnswer + 'static,
    Args: FromRequest + Describe + 'static,
{
    Draft::new(Method::GET, path, operation, handler)
}

/// Declares a route for POST.
pub fn post<F, Args>(path: &'static str, operation: &'static str, handler: F) -> Draft
where
    F: Handler<Args> + Copy + Send + Sync,
    F::Output: Responder + DescribeAnswer + 'static,
    Args: FromRequest + Describe + 'static,
{
    Draft::new(Method::POST, path, operation, handler)
}

/// Declares a route for PUT.
pub fn put<F, Args>(path: &'static str, operation: &'static str, handler: F) -> Draft
where
    F: Handler<Args> + Copy + Send + Sync,
    F::Output: Responder + DescribeAnswer + 'static,
    Args: FromRequest + Describe + 'static,
{
    Draft::new(Method::PUT, path, operation, handler)
}

/// Declares a route for DELETE.
pub fn delete<F, Args>(path: &'static str, operation: &'static str, handler: F) -> Draft
where
    F: Handler<Args> + Copy + Send + Sync,
    F::Output: Responder + DescribeAnswer + 'static,
    Args: FromRequest + Describe + 'static,
{
    Draft::new(Method::DELETE, path, operation, handler)
}

impl Draft {
    fn new<F, Args>(method: Method, path: &'static str, operation: &'static str, handler: F) -> Self
    where
        F: Handler<Args> + Copy + Send + Sync,
        F::Output: Responder + DescribeAnswer + 'static,
        Args: FromRequest + Describe + 'static,
    {
        let mut input = Input::default();
        Args::describe(&mut input);
        Self(Route {
            method,
            path,
            operation,
            tag: None,
            summary: "",
            details: "",
            callers: None,
            audit: Audit::NotAudited,
            max_body: MAX_BODY_BYTES,
            oversized: || ApiError::BodyTooLarge,
            input,
            output: F::Output::describe(),
            errors: Vec::new(),
            handler: Box::new(move || actix_web::Route::new().to(handler)),
        })
    }

    /// The one-line summary.
    #[must_use]
    pub fn summary(mut self, summary: &'static str) -> Self {
        self.0.summary = summary;
        self
    }

    /// Further details for clients.
    #[must_use]
    pub fn details(mut self, details: &'static str) -> Self {
        self.0.details = details;
        self
    }

    /// Who may call it, if roles are not sufficient to express it.
    #[must_use]
    pub fn callers(mut self, callers: &'static str) -> Self {
        self.0.callers = Some(callers);
        self
    }

    /// Errors besides those derived from its signature.
    #[must_use]
    pub fn errors<E: Into<ApiError>>(mut self, errors: impl IntoIterator<Item = E>) -> Self {
        self.0.errors.extend(errors.into_iter().map(Into::into));
        self
    }

    /// The maximum size of the body in bytes, and the error for a larger one.
    #[must_use]
    pub fn max_body(mut self, bytes: usize, oversized: fn() -> ApiError) -> Self {
        self.0.max_body = bytes;
        self.0.oversized = oversized;
        self
    }

    /// Requests are audited: the type of access, the type of record, and how the request identifies it.
    pub fn audited(mut self, action: AuditAction, entity: &'static str, record: Record) -> Route {
        self.0.audit = Audit::Audited { action, entity, record };
        self.0
    }

    /// Requests do not involve personal or medical data.
    pub fn not_audited(self) -> Route {
        self.0
    }
}

/// Assigns routes to an OpenAPI tag.
pub fn tagged(tag: &'static str, routes: impl IntoIterator<Item = Route>) -> Vec<Route> {
    routes.into_iter().map(|route| Route { tag: Some(tag), ..route }).collect()
}

impl Route {
    /// Whether its requests change state.
    pub fn changes_state(&self) -> bool {
        match self.audit {
            Audit::Audited { action: AuditAction::Read, .. } | Audit::NotAudited => false,
            Audit::Audited { .. } => true,
        }
    }

    /// The actix route. When it matches, it records itself in the request's context before anything of the
    /// request is read; without a context it does not match, so no request escapes the audit log.
    fn registered(&'static self) -> actix_web::Route {
        let method = if self.method == Method::GET {
            // HEAD is supported wherever GET is (RFC 9110 §9.3.2); the server omits the body.
            (self.handler)().guard(guard::Any(guard::Get()).or(guard::Head()))
        } else {
            (self.handler)().guard(guard::Method(self.method.clone()))
        };
        method.guard(guard::fn_guard(move |request| {
            let context = request.req_data().get::<RequestContext>().cloned();
            context.inspect(|context| context.matched(self)).is_some()
        }))
    }
}

/// An inbound adapter: its routes, and what else is below their common prefix.
#[derive(Clone, Copy)]
pub struct Adapter {
    /// Its routes.
    pub routes: &'static [Route],
    /// The beginning of its paths; `/` for all that no other adapter claims.
    pub prefix: &'static str,
    /// The form of errors below the prefix for which no route matches.
    pub errors: &'static ErrorForm,
    /// Whether pages of the configured origins may call it (CORS).
    pub is_shared: bool,
}

/// The adapters of a server.
pub(crate) struct Adapters(pub(crate) Vec<Adapter>);

impl Adapters {
    fn routes(&self) -> impl Iterator<Item = &'static Route> {
        self.0.iter().flat_map(|adapter| adapter.routes)
    }

    /// The error format of a request: that of the matched route, of any route with the same path, or of the
    /// adapter with the longest prefix of the path.
    pub(crate) fn error_form(&self, matched: Option<&'static Route>, path: &str) -> &'static ErrorForm {
        if let Some(route) = matched.or_else(|| self.routes().find(|route| route.path == path)) {
            return route.output.errors;
        }
        self.adapter_of(path).map_or(&ENVELOPE, |adapter| adapter.errors)
    }

    /// Whether pages of other origins may call this path.
    pub(crate) fn are_shared_at(&self, path: &str) -> bool {
        self.adapter_of(path).is_none_or(|adapter| adapter.is_shared)
    }

    /// The adapter with the longest prefix of the path.
    fn adapter_of(&self, path: &str) -> Option<&Adapter> {
        let claims = self.0.iter().filter(|adapter| is_below(path, adapter.prefix));
        claims.max_by_key(|adapter| adapter.prefix.len())
    }

    /// Registers every route. A path responds to unsupported methods with a 405.
    pub(crate) fn configure(&self, config: &mut web::ServiceConfig) {
        let mut paths: Vec<&'static str> = Vec::new();
        for route in self.routes() {
            if !paths.contains(&route.path) {
                paths.push(route.path);
            }
        }
        for path in paths {
            let routes = self.routes().filter(|route| route.path == path);
            let resource =
                routes.fold(web::resource(path), |resource, route| resource.route(route.registered()));
            config.service(resource);
        }
        config.default_service(web::to(no_such_route));
    }
}

/// Whether a path is this prefix, or continues it with another segment.
fn is_below(path: &str, prefix: &str) -> bool {
    let rest = path.strip_prefix(prefix);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || prefix.ends_with('/'))
}

async fn no_such_route() -> Result<actix_web::HttpResponse, ApiError> {
    Err(ApiError::NoSuchRoute)
}

//! Routes, each declared once, beside its handler.
//!
//! A declaration has what cannot be derived: path, method, name, summary, and the audit declaration. Roles,
//! parameters, body and responses are derived from the handler's signature (see [`describe`]). Registration,
//! the OpenAPI description, the audit log and the metrics' labels are derived from the declaration; without
//! an audit declaration it is not a [`Route`].

mod audit;
mod describe;

use std::sync::LazyLock;

use actix_web::http::Method;
use actix_web::{FromRequest, Handler, Responder, guard, web};
use yilin_domain::audit::AuditAction;

pub(crate) use audit::{Audit, Record};
pub(crate) use describe::{Describe, DescribeAnswer, ErrorForm, Input, Output, Schemas, reference};

use crate::context::RequestContext;
use crate::error::{ApiError, ErrorExample};
use crate::handler;

/// Maximum size of a buffered body: the longest texts with every character escaped, with room to spare.
pub(crate) const MAX_BODY_BYTES: usize = 1 << 20;

/// Every route.
static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(handler::routes);

/// A declared route.
pub(crate) struct Route {
    pub(crate) method: Method,
    /// The path pattern, with `{name}` for parameters.
    pub(crate) path: &'static str,
    /// The operation id, used by clients, the audit log and the description.
    pub(crate) operation: &'static str,
    /// The OpenAPI tag; `None` if it is not described.
    pub(crate) tag: Option<&'static str>,
    pub(crate) summary: &'static str,
    pub(crate) details: &'static str,
    /// Who may call it, if roles are not sufficient to express it.
    pub(crate) callers: Option<&'static str>,
    pub(crate) audit: Audit,
    /// Maximum size of a buffered body in bytes.
    pub(crate) max_body: usize,
    /// The error for a larger one.
    pub(crate) oversized: fn() -> ApiError,
    pub(crate) input: Input,
    pub(crate) output: Output,
    pub(crate) errors: Vec<ErrorExample>,
    handler: Box<dyn Fn() -> actix_web::Route + Send + Sync>,
}

/// Every route.
pub(crate) fn all() -> &'static [Route] {
    &ROUTES
}

/// A declaration that lacks its audit declaration.
pub(crate) struct Draft(Route);

pub(crate) fn get<F, Args>(path: &'static str, operation: &'static str, handler: F) -> Draft
where
    F: Handler<Args> + Copy + Send + Sync,
    F::Output: Responder + DescribeAnswer + 'static,
    Args: FromRequest + Describe + 'static,
{
    Draft::new(Method::GET, path, operation, handler)
}

pub(crate) fn post<F, Args>(path: &'static str, operation: &'static str, handler: F) -> Draft
where
    F: Handler<Args> + Copy + Send + Sync,
    F::Output: Responder + DescribeAnswer + 'static,
    Args: FromRequest + Describe + 'static,
{
    Draft::new(Method::POST, path, operation, handler)
}

pub(crate) fn put<F, Args>(path: &'static str, operation: &'static str, handler: F) -> Draft
where
    F: Handler<Args> + Copy + Send + Sync,
    F::Output: Responder + DescribeAnswer + 'static,
    Args: FromRequest + Describe + 'static,
{
    Draft::new(Method::PUT, path, operation, handler)
}

pub(crate) fn delete<F, Args>(path: &'static str, operation: &'static str, handler: F) -> Draft
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
    pub(crate) fn summary(mut self, summary: &'static str) -> Self {
        self.0.summary = summary;
        self
    }

    /// Further details for clients.
    pub(crate) fn details(mut self, details: &'static str) -> Self {
        self.0.details = details;
        self
    }

    /// Who may call it, if roles are not sufficient to express it.
    pub(crate) fn callers(mut self, callers: &'static str) -> Self {
        self.0.callers = Some(callers);
        self
    }

    /// Errors besides those derived from its signature.
    pub(crate) fn errors<E: Into<ApiError>>(mut self, errors: impl IntoIterator<Item = E>) -> Self {
        self.0.errors.extend(errors.into_iter().map(|error| error.into().example()));
        self
    }

    /// The maximum size of the body in bytes, and the error for a larger one.
    pub(crate) fn max_body(mut self, bytes: usize, oversized: fn() -> ApiError) -> Self {
        self.0.max_body = bytes;
        self.0.oversized = oversized;
        self
    }

    /// Requests are audited: the type of access, the type of record, and how the request identifies it.
    pub(crate) fn audited(mut self, action: AuditAction, entity: &'static str, record: Record) -> Route {
        self.0.audit = Audit::Audited { action, entity, record };
        self.0
    }

    /// Requests do not involve personal or medical data.
    pub(crate) fn not_audited(self) -> Route {
        self.0
    }
}

/// Assigns routes to an OpenAPI tag.
pub(crate) fn tagged(tag: &'static str, routes: impl IntoIterator<Item = Route>) -> Vec<Route> {
    routes.into_iter().map(|route| Route { tag: Some(tag), ..route }).collect()
}

impl Route {
    /// Whether its requests change state.
    pub(crate) fn changes_state(&self) -> bool {
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

/// The error format of a request: that of the matched route, or of any route with the same path.
pub(crate) fn error_form(matched: Option<&Route>, path: &str) -> ErrorForm {
    let route = matched.or_else(|| all().iter().find(|route| route.path == path));
    route.map(|route| route.output.errors).unwrap_or_default()
}

/// Registers every route. A path responds to unsupported methods with a 405.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    let mut paths: Vec<&'static str> = Vec::new();
    for route in all() {
        if !paths.contains(&route.path) {
            paths.push(route.path);
        }
    }
    for path in paths {
        let routes = all().iter().filter(|route| route.path == path);
        let resource = routes.fold(web::resource(path), |resource, route| resource.route(route.registered()));
        config.service(resource);
    }
    config.default_service(web::to(no_such_route));
}

async fn no_such_route() -> Result<actix_web::HttpResponse, ApiError> {
    Err(ApiError::NoSuchRoute)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn paths_and_operations_are_declared_once() {
        let (mut targets, mut operations) = (HashSet::new(), HashSet::new());
        for route in all() {
            assert!(targets.insert((&route.method, route.path)), "{}", route.path);
            assert!(operations.insert(route.operation), "{}", route.operation);
        }
        assert!(all().len() > 50);
    }

    #[test]
    fn audited_records_are_identified_by_existing_fields() {
        for route in all() {
            if let Audit::Audited { record: Record::Field(name), .. } = route.audit {
                assert!(route.input.has_field(name), "{} has no {name}", route.operation);
            }
        }
    }
}

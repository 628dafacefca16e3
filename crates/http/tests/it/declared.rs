//! The declarations of routes, taken from the OpenAPI description.

use std::sync::LazyLock;

use reqwest::Method;
use serde_json::Value;

/// A described route.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) operation: Value,
}

/// The OpenAPI description.
pub(crate) static DESCRIPTION: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&yilin_http::openapi_json().unwrap()).unwrap());

/// Every described route.
pub(crate) static ROUTES: LazyLock<Vec<Declared>> = LazyLock::new(|| {
    let mut routes = Vec::new();
    for (path, item) in DESCRIPTION["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            routes.push(Declared { method, path: path.clone(), operation: operation.clone() });
        }
    }
    routes
});

impl Declared {
    /// The operation id.
    pub(crate) fn id(&self) -> &str {
        self.operation["operationId"].as_str().unwrap()
    }

    /// The roles that may call it; `None` if no log-in is needed.
    pub(crate) fn roles(&self) -> Option<Vec<&str>> {
        let roles = self.operation["x-access"]["roles"].as_array()?;
        Some(roles.iter().map(|role| role.as_str().unwrap()).collect())
    }

    /// Whether the callers are not simply those of some roles, or a request is about one record: it has to be named, or
    /// may be missing.
    pub(crate) fn depends_on_more_than_the_role(&self) -> bool {
        let Some(roles) = self.roles() else { return false };
        let about = self.operation["description"].as_str().unwrap_or_default();
        let callers = about.rsplit("May call: ").next().unwrap().trim_end_matches('.');
        let of_roles = callers == "any account" || callers == roles.join(", ");
        let parameters = self.operation["parameters"].as_array();
        let is_about_one = parameters.into_iter().flatten().any(|parameter| parameter["required"] == true);
        !of_roles || is_about_one || self.operation["responses"].get("404").is_some()
    }

    /// Whether the session cookie is accepted.
    pub(crate) fn takes_cookie(&self) -> bool {
        let schemes = self.operation["security"].as_array().unwrap();
        schemes.iter().any(|scheme| scheme.get("cookie").is_some())
    }

    /// Whether requests are audited.
    pub(crate) fn is_audited(&self) -> bool {
        self.operation["x-access"]["audited"].as_bool().unwrap()
    }

    /// Whether a request changes something.
    pub(crate) fn changes(&self) -> bool {
        self.operation["x-access"]["changes"].as_bool().unwrap()
    }

    fn serves(&self, method: &str, path: &str) -> bool {
        let same_method = self.method == method || (method == "HEAD" && self.method == "GET");
        let (own, asked) = (self.path.split('/'), path.split('/'));
        let same = |(own, asked): (&str, &str)| own == asked || own.starts_with('{');
        same_method && own.clone().count() == asked.clone().count() && own.zip(asked).all(same)
    }
}

/// Panics for an error that the route's description does not list. `request` is `METHOD path?query`.
pub(crate) fn check_error(request: &str, status: u16, slug: &str) {
    let Some((method, target)) = request.split_once(' ') else { return };
    let path = target.split('?').next().unwrap();
    let Some(route) = ROUTES.iter().find(|route| route.serves(method, path)) else { return };
    let examples =
        &route.operation["responses"][status.to_string()]["content"]["application/json"]["examples"];
    assert!(examples.get(slug).is_some(), "{request}: {status} {slug} is not declared by {}", route.id());
}

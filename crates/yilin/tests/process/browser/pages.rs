//! The addresses of every page of the console, for an admin.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use yilin_web::route::Route;

use super::hospital::Hospital;
use super::session::Browser;

/// An address to look at.
pub(super) struct Page {
    /// For names of pictures.
    pub(super) name: String,
    pub(super) path: String,
    pub(super) status: u64,
}

impl Page {
    pub(super) fn new(name: impl Into<String>, path: impl Into<String>) -> Self {
        Self { name: name.into(), path: path.into(), status: 200 }
    }
}

/// The addresses of every page, from the routes, for a browser in which the admin is logged in: a page that is added is
/// looked at as well.
pub(super) async fn all(hospital: &Hospital, browser: &Browser) -> Vec<Page> {
    let cookie = browser.session_cookie().await;
    let mut pages = Vec::new();
    for route in yilin_pages::adapter().routes.iter().filter(|route| route.method == "GET") {
        for page in pages_of(route, hospital).await {
            if is_page(&page.path, &cookie, hospital).await {
                pages.push(page);
            }
        }
    }
    pages.push(Page { status: 404, ..Page::new("error-no-page", "/console/nowhere") });
    pages.push(Page { status: 404, ..Page::new("error-no-record", "/console/visits/999999") });
    pages
}

/// Whether an address shows a page: not a file, a stream, or the way to another address.
async fn is_page(path: &str, cookie: &str, hospital: &Hospital) -> bool {
    let request = hospital.service.request(Method::GET, path, "").header("cookie", cookie);
    let response = request.send().await.unwrap();
    let is_html =
        response.headers().get(CONTENT_TYPE).is_some_and(|of| of.as_bytes().starts_with(b"text/html"));
    let here = path.split('?').next().unwrap_or(path);
    is_html && response.url().path() == here
}

/// Addresses at which a route is looked at.
async fn pages_of(route: &Route, hospital: &Hospital) -> Vec<Page> {
    let name = route.operation.trim_start_matches("console").trim_end_matches("Page");
    let with =
        |what: &str, query: &str| Page::new(format!("{name}-{what}"), format!("{}?{query}", route.path));
    let of = |what: &str, id: &str| Page::new(format!("{name}-{what}"), route.path.replace("{id}", id));
    let of_visits = async |statuses: &[&str]| {
        let mut pages = Vec::new();
        for status in statuses {
            pages.push(of(status, &hospital.visit_in(status).await.to_string()));
        }
        pages
    };
    let of_orders = async |statuses: &[&str]| {
        let mut pages = Vec::new();
        for status in statuses {
            pages.push(of(status, &hospital.order_in(status).await.to_string()));
        }
        pages
    };
    let of_people = async |roles: &[&str]| {
        let mut pages = Vec::new();
        for role in roles {
            pages.push(of(role, &hospital.person(role).await));
        }
        pages
    };
    match route.path {
        "/console" => vec![Page::new(name, route.path), with("told", "done=password")],
        "/console/visits" => {
            vec![Page::new(name, route.path), with("none", "name=没有这个人"), with("overdue", "tab=overdue")]
        }
        "/console/visits/new" => vec![
            Page::new(name, route.path),
            with("found", "patient_name=王"),
            with("nobody", "patient_name=没有这个人"),
            with("patient", &format!("patient={}", hospital.person("patient").await)),
        ],
        "/console/visits/{id}" => {
            let statuses =
                ["submitted", "assigned", "accepted", "registered", "returned", "approved", "cancelled"];
            of_visits(&statuses).await
        }
        "/console/visits/{id}/record" => of_visits(&["approved", "registered"]).await,
        "/console/visits/{id}/appoint" => of_visits(&["submitted"]).await,
        "/console/visits/{id}/reassign"
        | "/console/visits/{id}/cancel"
        | "/console/visits/{id}/reschedule" => of_visits(&["accepted"]).await,
        "/console/visits/{id}/approve" | "/console/visits/{id}/return" => of_visits(&["registered"]).await,
        "/console/drug-orders" => vec![
            Page::new(name, route.path),
            with("dispatched", "tab=dispatched"),
            with("received", "tab=received"),
        ],
        "/console/drug-orders/{id}" => of_orders(&["pending", "dispatched", "received"]).await,
        "/console/drug-orders/{id}/receipt" => of_orders(&["dispatched"]).await,
        "/console/people" => vec![
            Page::new(name, route.path),
            with("none", "text=没有这个人"),
            with("physicians", "tab=physicians"),
        ],
        "/console/people/new" => vec![
            Page::new(name, route.path),
            with("patient", "kind=patients"),
            with("physician", "kind=physicians"),
            with("admin", "kind=admins"),
        ],
        "/console/people/{id}" => of_people(&["patient", "physician", "admin", "disabled"]).await,
        "/console/people/{id}/edit" | "/console/people/{id}/disable" => {
            of_people(&["patient", "physician"]).await
        }
        "/console/people/{id}/password" => of_people(&["patient"]).await,
        "/console/people/{id}/enable" => of_people(&["disabled"]).await,
        "/console/people/{id}/hand-over" => of_people(&["physician"]).await,
        "/console/people/{id}/handed-over" => {
            let [from, to] = hospital.physicians().await;
            let page = of("physician", &from);
            vec![Page { path: format!("{}?to={to}&visits=2&orders=1", page.path), ..page }]
        }
        "/console/audit" => vec![Page::new(name, route.path), with("none", "operation=nothing")],
        "/console/import/{id}" => vec![of("ended", &hospital.import().await)],
        // A part of a page, and files.
        "/console/import/{id}/progress"
        | "/console/import/{id}/rows"
        | "/console/assets/{name}"
        | "/console/audit/heads" => vec![],
        path if path.contains('{') => panic!(
            "at which addresses is the page {path} looked at? Say it in `pages_of` \
             (crates/yilin/tests/process/browser/pages.rs)"
        ),
        path => vec![Page::new(name, path)],
    }
}

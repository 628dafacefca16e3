//! Every page of the console, as an admin sees it.

use yilin_web::route::Route;

use super::hospital::Hospital;
use super::look::{Problems, Visit, axe};
use super::session::{Browser, Scripts, Setup};

/// An address to look at.
pub(super) struct Page {
    /// For names of pictures.
    name: String,
    pub(super) path: String,
    status: u64,
}

impl Page {
    fn new(name: impl Into<String>, path: impl Into<String>) -> Self {
        Self { name: name.into(), path: path.into(), status: 200 }
    }
}

/// The addresses of every page, from the routes: a page that is added is looked at as well.
pub(super) async fn all(hospital: &Hospital) -> Vec<Page> {
    let mut pages = Vec::new();
    for route in yilin_pages::adapter().routes.iter().filter(|route| route.method == "GET") {
        pages.extend(pages_of(route, hospital).await);
    }
    pages.push(Page { status: 404, ..Page::new("no-page", "/console/nowhere") });
    pages
}

/// The addresses at which a route is looked at; none if it is no page for somebody who is logged in.
async fn pages_of(route: &Route, hospital: &Hospital) -> Vec<Page> {
    let name = route.operation.trim_start_matches("console").trim_end_matches("Page");
    let at = async |status: &str| {
        let id = hospital.visit_in(status).await;
        Page::new(format!("{name}-{status}"), route.path.replace("{id}", &id.to_string()))
    };
    match route.path {
        // Files, events, a way to the console, and what is looked at before the log-in.
        "/" | "/console/assets/{name}" | "/console/events" | "/console/log-in" => vec![],
        "/console/visits" => vec![
            Page::new(name, route.path),
            Page::new("Visits-none", format!("{}?name=没有这个人", route.path)),
            Page::new("Visits-overdue", format!("{}?tab=overdue", route.path)),
        ],
        "/console/visits/new" => {
            let patient = hospital.visits().await[0]["patient"]["uuid"].as_str().unwrap().to_owned();
            vec![
                Page::new(name, route.path),
                Page::new(format!("{name}-found"), format!("{}?patient_name=王", route.path)),
                Page::new(format!("{name}-patient"), format!("{}?patient={patient}", route.path)),
            ]
        }
        "/console/visits/{id}" => {
            let mut pages = Vec::new();
            for status in
                ["submitted", "assigned", "accepted", "registered", "returned", "approved", "cancelled"]
            {
                pages.push(at(status).await);
            }
            pages
        }
        "/console/visits/{id}/record" => vec![at("approved").await, at("registered").await],
        "/console/visits/{id}/appoint" => vec![at("submitted").await],
        "/console/visits/{id}/reassign"
        | "/console/visits/{id}/cancel"
        | "/console/visits/{id}/reschedule" => {
            vec![at("accepted").await]
        }
        "/console/visits/{id}/approve" | "/console/visits/{id}/return" => vec![at("registered").await],
        path if path.contains('{') => panic!("say here at which addresses {path} is looked at"),
        path => vec![Page::new(name, path)],
    }
}

async fn look(setup: Setup) {
    let hospital = Hospital::open().await;
    let browser = hospital.browser(setup).await;
    let axe = axe();
    let mut problems = Problems::default();
    look_at(&Page::new("LogIn", "/console/log-in"), &browser, &axe, &mut problems).await;
    browser.log_in().await;
    browser.open("/console").await;
    for page in all(&hospital).await {
        look_at(&page, &browser, &axe, &mut problems).await;
    }
    problems.assert_none();
}

async fn look_at(page: &Page, browser: &Browser, axe: &str, problems: &mut Problems) {
    let visit = Visit::to(browser, &page.path).await;
    if visit.status() != Some(page.status) {
        problems.add(&visit.page, format!("status {:?}", visit.status()));
    }
    visit.keep_picture(&page.name).await;
    if page.path == "/console" {
        visit.keep_window_picture("window").await;
    }
    visit.weight(problems);
    visit.console(problems).await;
    visit.overflow(problems).await;
    if browser.setup.scripts == Scripts::On {
        visit.shifts(problems).await;
        visit.accessibility(axe, problems).await;
    }
}

macro_rules! looks {
    ($($name:ident: $setup:expr;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                look($setup).await;
            }
        )*
    };
}

looks! {
    every_page_is_sound_on_a_desktop: Setup::DESKTOP;
    every_page_is_sound_on_a_desktop_in_the_dark: Setup::DESKTOP.dark();
    every_page_is_sound_on_a_desktop_without_scripts: Setup::DESKTOP.without_scripts();
    every_page_is_sound_on_a_phone: Setup::PHONE;
    every_page_is_sound_on_a_phone_in_the_dark: Setup::PHONE.dark();
    every_page_is_sound_on_a_phone_in_english: Setup::PHONE.in_english();
    every_page_is_sound_on_a_phone_without_scripts: Setup::PHONE.without_scripts();
}

//! What was in a form whose session had ended: shown after the log-in, and sent when the person says so.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::auth::ConsoleUser;

use crate::answer::{PageResult, View, page_with};
use crate::form::Kept;
use crate::texts::Texts;
use crate::ui::Ui;

#[derive(Template)]
#[template(path = "page/resume.html")]
struct ResumePage<'a> {
    ui: Ui,
    kept: &'a Kept,
}

impl Discloses for ResumePage<'_> {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}

impl View for ResumePage<'_> {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

/// Asks whether to send it now, as this user.
pub(super) fn ask(request: &HttpRequest, user: ConsoleUser, kept: &Kept) -> PageResult {
    let ui = Ui { user: Some(user), ..Ui::of(request, "resume-title") };
    page_with(StatusCode::OK, &ResumePage { ui, kept })
}

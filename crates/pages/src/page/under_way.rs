//! A form that was sent twice, and whose first one takes longer than a person should wait.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use askama::Template;
use yilin_domain::usecase::OnceOnly;
use yilin_web::audit::{Discloses, Disclosure};

use crate::answer::{PageResult, View, page_with};
use crate::console::Console;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

#[derive(Template)]
#[template(path = "page/under_way.html")]
struct UnderWayPage {
    ui: Ui,
    /// Where its result will be.
    list: (String, Cow<'static, str>),
}

impl Discloses for UnderWayPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}

impl View for UnderWayPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

/// The page that says so, with a link to the list that will show the result.
pub(super) fn under_way(
    console: &Console,
    section: Section,
    (path, text): (String, &'static str),
) -> PageResult {
    let view =
        UnderWayPage { ui: console.ui(section, "under-way-title"), list: (path, console.texts.text(text)) };
    Ok(page_with(StatusCode::CONFLICT, &view)?.retry_after(OnceOnly::PATIENCE))
}

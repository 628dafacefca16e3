//! The caller of a page: a member of the hospital's staff with a session of the console.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use yilin_domain::account::Actor;
use yilin_domain::error::Error;
use yilin_domain::event::EventId;
use yilin_domain::session::Session;
use yilin_domain::time::HospitalTime;
use yilin_domain::usecase::UseCases;
use yilin_web::Service;
use yilin_web::auth::{AdminOnly, ConsoleUser, Roles as _, Verified, console_session};
use yilin_web::error::ApiError;
use yilin_web::route::{Describe, Input};

use crate::parts::Clock;
use crate::texts::Texts;
use crate::ui::{Section, Ui, texts_for};

/// The caller, and what a handler needs besides. This extractor is what protects a page.
pub(crate) struct Console {
    pub(crate) service: web::Data<Service>,
    pub(crate) actor: Actor,
    pub(crate) session: Session,
    pub(crate) user: ConsoleUser,
    pub(crate) texts: Texts,
    pub(crate) request: HttpRequest,
    /// The newest event before the page's data were read, if the page listens to later ones.
    pub(crate) heard: Option<EventId>,
}

impl Console {
    /// The caller of a request, even if the password has to be changed first.
    pub(crate) fn before_change(request: &HttpRequest) -> Result<Self, ApiError> {
        let (Verified { actor, session }, user) = console_session(request)?;
        actor.require(AdminOnly::ROLES)?;
        let service = request.app_data::<web::Data<Service>>().cloned().ok_or(ApiError::Unauthenticated)?;
        let (texts, request) = (texts_for(request), request.clone());
        Ok(Self { service, actor, session, user, texts, request, heard: None })
    }

    /// The caller of a request.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let console = Self::before_change(request)?;
        if console.user.must_change_password { Err(ApiError::PasswordDue) } else { Ok(console) }
    }

    /// The use cases.
    pub(crate) fn use_cases(&self) -> &UseCases {
        &self.service.use_cases
    }

    /// The present at the hospital.
    pub(crate) fn time(&self) -> HospitalTime {
        self.service.hospital_time()
    }

    /// Writes times as a reader would say them now.
    pub(crate) fn clock(&self) -> Clock {
        Clock { time: self.time(), texts: self.texts }
    }

    /// The frame of a page in this section.
    pub(crate) fn ui(&self, section: Section, title: &'static str) -> Ui {
        Ui::of(&self.request, title).within(section).listening_after(self.heard)
    }

    /// A key for a form: what is sent twice with it is done once.
    pub(crate) fn new_form_key(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.service.random.bytes()))
    }
}

impl FromRequest for Console {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl Describe for Console {
    fn describe(input: &mut Input) {
        input.roles = Some(AdminOnly::ROLES);
        input.error(ApiError::Unauthenticated);
        input.error(ApiError::PasswordDue);
        input.error(Error::Forbidden);
    }
}

/// The caller of a page that listens to events: what it shows changes by itself, or it says that it has changed.
pub(crate) struct Live(pub(crate) Console);

impl FromRequest for Live {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let console = Console::of(request);
        Box::pin(async move {
            let console = console?;
            // Before anything else is read: what happens from now on is heard.
            let heard = Some(console.use_cases().events.newest().await?);
            Ok(Self(Console { heard, ..console }))
        })
    }
}

impl Describe for Live {
    fn describe(input: &mut Input) {
        Console::describe(input);
    }
}

/// A caller who may still have to change the password.
pub(crate) struct BeforeChange(pub(crate) Console);

impl FromRequest for BeforeChange {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Console::before_change(request).map(Self))
    }
}

impl Describe for BeforeChange {
    fn describe(input: &mut Input) {
        Console::describe(input);
    }
}

//! The choice of the language.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::future::LocalBoxFuture;
use yilin_web::Service;
use yilin_web::auth::names_foreign_page;
use yilin_web::error::{ApiError, Language};
use yilin_web::input::SentForm;
use yilin_web::route::{Describe, Input, Route, post};

use crate::answer::{PageResult, see_other};
use crate::form::MAX_FORM_BYTES;
use crate::paths::is_local;

/// The cookie with the choice.
const NAME: &str = "yilin_language";

/// Its values.
pub(crate) const CHINESE: &str = "zh";
/// See [`CHINESE`].
pub(crate) const ENGLISH: &str = "en";

/// The language that was chosen, if one was.
pub(crate) fn chosen(request: &HttpRequest) -> Option<Language> {
    match request.cookie(NAME)?.value() {
        CHINESE => Some(Language::Chinese),
        ENGLISH => Some(Language::English),
        _ => None,
    }
}

pub(crate) fn routes() -> Vec<Route> {
    vec![post("/console/language", "consoleLanguage", choose).not_audited()]
}

/// A form that anybody may send from one of our pages, logged in or not.
pub(crate) struct OpenForm(pub(crate) SentForm);

impl FromRequest for OpenForm {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let is_foreign =
                Service::of(&request).is_none_or(|service| names_foreign_page(&request, service));
            if is_foreign {
                return Err(ApiError::ForeignOrigin);
            }
            SentForm::read(&request, payload, MAX_FORM_BYTES).await.map(Self)
        })
    }
}

impl Describe for OpenForm {
    fn describe(input: &mut Input) {
        input.error(ApiError::ForeignOrigin);
        input.error(ApiError::BodyTooLarge);
    }
}

async fn choose(service: web::Data<Service>, OpenForm(form): OpenForm) -> PageResult {
    let back = form.value("back").filter(|back| is_local(back)).unwrap_or("/console");
    let answer = see_other(back);
    let language = form.value("language").filter(|language| [CHINESE, ENGLISH].contains(language));
    let Some(language) = language else { return Ok(answer) };
    let cookie = Cookie::build(NAME, language.to_owned())
        .http_only(true)
        .same_site(SameSite::Lax)
        .path("/console")
        .secure(service.options.public_url.scheme() == "https")
        .max_age(Duration::days(365))
        .finish();
    answer.with_cookie(&cookie)
}

//! Whose records a list has, if it has only one person's.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::account::AccountUuid;
use yilin_domain::error::Error;
use yilin_web::error::ApiError;

use crate::console::Console;
use crate::parts::markup;

/// Says whose records are listed, and leads to everyone's.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if !words.is_empty() %}<p>{% for words in words %}<strong>{{ words }}</strong> {% endfor %}<a class="screen" href="{{ everyone }}">{{ link }}</a></p>{% endif %}"#
)]
pub(super) struct OfPerson {
    words: Vec<Cow<'static, str>>,
    everyone: String,
    link: Cow<'static, str>,
}
markup!(OfPerson);

impl OfPerson {
    /// The note on a list of the records of these people, or of everyone's. `everyone`: the address of the list without them.
    pub(super) async fn new(
        console: &Console,
        physician: Option<AccountUuid>,
        patient: Option<AccountUuid>,
        everyone: String,
    ) -> Result<Self, ApiError> {
        let mut words = Vec::new();
        for (uuid, key) in [(physician, "list-of-physician"), (patient, "list-of-patient")] {
            let Some(uuid) = uuid else { continue };
            let name = match console.use_cases().people.find(&console.actor, uuid).await {
                Ok(account) => account.username.as_str().to_owned(),
                Err(Error::NotFound) => uuid.to_string(),
                Err(error) => return Err(error.into()),
            };
            words.push(console.texts.with(key, "name", name));
        }
        Ok(Self { words, everyone, link: console.texts.text("list-of-everyone") })
    }
}

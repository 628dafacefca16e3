//! Fields of the forms about a person.

use std::borrow::Cow;

use yilin_domain::account::{Account, PhoneNumber, Role, Sex};
use yilin_domain::error::Error;

use super::person;
use crate::console::Console;
use crate::form::{Choice, Field, Refusal, Sent};
use crate::texts::Texts;

/// Who has the phone number that was sent, if the form was refused because somebody has it.
pub(super) async fn holder(
    console: &Console,
    sent: &Sent,
    refusal: Option<&Refusal>,
) -> Result<Option<Account>, Error> {
    let phone = sent.value("phone").and_then(|phone| PhoneNumber::parse(phone).ok());
    match phone {
        Some(phone) if refusal.is_some_and(Refusal::is_phone_taken) => {
            console.use_cases().accounts.with_phone(&console.actor, &phone).await
        }
        _ => Ok(None),
    }
}

/// The phone number of somebody with this role, and who has it already.
pub(super) fn phone(role: Role, holder: Option<&Account>, texts: Texts) -> Field {
    let link = holder.map(|holder| {
        let words: Cow<'static, str> = texts.with("person-phone-holder", "name", holder.username.as_str());
        (person::path(holder.uuid), words)
    });
    let field = Field::phone("phone", texts.text("person-phone")).problem_link(link);
    if role.logs_in_by_phone() { field.help(texts.text("person-phone-help")) } else { field }
}

/// The sex, which may be unknown.
pub(super) fn sex(may_be_unknown: bool, texts: Texts) -> Field {
    let choice = |value: &str, text| Choice { value: value.to_owned(), label: texts.text(text), help: None };
    let known = Sex::ALL.map(|sex| {
        let text = match sex {
            Sex::Male => "person-male",
            Sex::Female => "person-female",
        };
        choice(sex.as_str(), text)
    });
    let unknown = may_be_unknown.then(|| choice("", "person-sex-unknown"));
    Field::choices("sex", texts.text("person-sex"), known.into_iter().chain(unknown).collect())
}

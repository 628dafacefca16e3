//! What a step led to: named in the address of the page that follows it, and told once on top of it.

use std::borrow::Cow;

use yilin_web::input::Text;

use crate::texts::Texts;

/// The words for a step's name; `None` for anything else.
pub(super) fn told(done: Option<&Text>, texts: Texts) -> Option<Cow<'static, str>> {
    let Text(done) = done?;
    let key = match done.as_str() {
        "created" => "done-created",
        "appointed" => "done-appointed",
        "reassigned" => "done-reassigned",
        "approved" => "done-approved",
        "returned" => "done-returned",
        "rescheduled" => "done-rescheduled",
        "cancelled" => "done-cancelled",
        "ended" => "done-ended",
        "received" => "done-received",
        "requeued" => "done-requeued",
        "password" => "done-password",
        "account-created" => "done-account-created",
        "account-created-initial" => "done-account-created-initial",
        "account-updated" => "done-account-updated",
        "set-password" => "done-password-set",
        "disabled" => "done-disabled",
        "enabled" => "done-enabled",
        _ => return None,
    };
    Some(texts.text(key))
}

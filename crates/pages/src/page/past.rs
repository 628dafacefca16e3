//! Times of visits that are over: a visit may be recorded afterwards, but a slip is more likely.

use yilin_domain::time::AppointmentTime;

use crate::console::Console;
use crate::form::{Refusal, Sent};

/// The field with the time, as every form calls it.
const TIME: &str = "appointment_time";
/// The field with the time in the past about which the person was asked.
const CONFIRMED: &str = "form_past";

/// Asks whether a time in the past is meant; `None` if it is not over, or the person was asked about it and sends it again.
pub(super) fn doubt(time: AppointmentTime, sent: &Sent, console: &Console) -> Option<Refusal> {
    let typed = sent.value(TIME).unwrap_or_default();
    let is_over = time.local() < console.time().local();
    if !is_over || sent.value(CONFIRMED) == Some(typed) {
        return None;
    }
    let words = console.texts.text("visit-time-past");
    Some(Refusal::about(TIME, words).unless_confirmed(CONFIRMED, typed.to_owned()))
}

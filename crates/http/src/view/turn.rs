//! Turns of conversations.

use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::chat::{Speaker, Turn};
use yilin_domain::time::HospitalZone;

use super::wire::{Wire, WireSpeaker};
use crate::audit::{Discloses, Disclosure};

/// What was said in a conversation with the assistant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Turn)]
pub(crate) struct TurnView {
    id: i64,
    role: WireSpeaker,
    content: String,
    /// What the model got in place of `content`, if people, numbers or links in it were masked.
    sent: Option<String>,
    /// Whether only the beginning is there: the answer broke off, or its reader went away.
    cut_off: bool,
    /// Whether a model has written it: then it is text, not fact.
    generated: bool,
    /// The model that was asked.
    model: String,
    create_time: String,
}

impl TurnView {
    pub(crate) fn new(turn: &Turn, zone: HospitalZone) -> Self {
        Self {
            id: turn.id.0,
            role: Wire(turn.said.speaker),
            content: turn.said.text.clone(),
            sent: turn.said.sent.clone(),
            cut_off: turn.said.is_cut_off,
            generated: turn.said.speaker == Speaker::Assistant,
            model: turn.said.model.clone(),
            create_time: zone.render(turn.said.at),
        }
    }
}

/// Always the caller's own.
impl Discloses for TurnView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}

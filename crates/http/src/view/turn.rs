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

//! Turns of a conversation, and summaries.

use crate::id::{MedicalRecordId, database_id};
use crate::time::Timestamp;

database_id!(
    /// Identifies a turn of a conversation. Later turns of an account have larger ids.
    TurnId
);

/// The author of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Speaker {
    /// The service, which instructs the model.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
}

/// A turn of a conversation to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTurn {
    /// The author. Text of the assistant is generated.
    pub speaker: Speaker,
    /// The text.
    pub text: String,
    /// The text that was sent to the model, if masking changed it.
    pub sent: Option<String>,
    /// Whether the text is incomplete: the answer was interrupted, the client disconnected, or it exceeds the
    /// maximum stored length.
    pub is_cut_off: bool,
    /// The model's name.
    pub model: String,
    /// Time of the turn.
    pub at: Timestamp,
}

/// A stored turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Its database id.
    pub id: TurnId,
    /// The turn.
    pub said: NewTurn,
}

/// The input of a summary: everything up to and including these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The last turn.
    pub turn: Option<TurnId>,
    /// The last medical record.
    pub record: Option<MedicalRecordId>,
}

/// The last summary that a model made of a person's conversation and medical records. It is generated text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The summary.
    pub text: String,
    /// The input it covers.
    pub coverage: Coverage,
    /// The model's name.
    pub model: String,
    /// Time of the summary.
    pub at: Timestamp,
}

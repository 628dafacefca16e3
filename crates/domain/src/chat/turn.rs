use crate::id::{MedicalRecordId, database_id};
use crate::time::Timestamp;

database_id!(
    /// Identifies a turn of a conversation. Later turns of an account have larger ids.
    TurnId
);

/// Who said something in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Speaker {
    /// The service, which tells the model what it is for.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// What was said in a conversation, as it is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTurn {
    /// Who said it. What the assistant said is generated text.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
    /// What the model got in place of the text, if something in it was masked.
    pub sent: Option<String>,
    /// Whether the text is only the beginning: the answer broke off, its reader went away, or it is longer
    /// than what is kept.
    pub is_cut_off: bool,
    /// The model that was asked.
    pub model: String,
    /// When.
    pub at: Timestamp,
}

/// What was said in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The database's number for it.
    pub id: TurnId,
    /// What was said.
    pub said: NewTurn,
}

/// What a summary was made of: everything up to these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The last turn.
    pub turn: Option<TurnId>,
    /// The last medical record.
    pub record: Option<MedicalRecordId>,
}

/// The last summary that a model has made of a person's conversation and medical records. It is
/// generated text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The summary.
    pub text: String,
    /// What it was made of.
    pub coverage: Coverage,
    /// The model that made it.
    pub model: String,
    /// When.
    pub at: Timestamp,
}

//! Conversations with the language model, and summaries of them.
//!
//! Model output is text, not fact: it is marked as generated wherever it is stored, and never enters a
//! medical record automatically. Text is masked before it is sent to a model.

mod digest;
mod masking;
mod plain_text;
mod reasoning;
mod red_flags;
mod turn;

pub use digest::{Facts, digest};
pub use masking::{Identity, Masking};
pub use plain_text::plain_paragraph;
pub use reasoning::without_reasoning;
pub use red_flags::is_emergency;
pub use turn::{Coverage, NewTurn, Speaker, Summary, Turn, TurnId};

/// Default system prompt for summaries; the operator may replace it.
pub const SUMMARY_PROMPT: &str = include_str!("prompts/summary.txt");

/// Maximum number of characters of a summary: the app passes it in a page URL.
pub const SUMMARY_MAX_CHARS: usize = 1000;

/// Prefix of a generated summary wherever it is displayed.
pub const GENERATED_MARK: &str = "AI生成：";

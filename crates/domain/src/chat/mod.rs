//! Conversations with the language model, and what is made of them.
//!
//! What a model says is text, not fact: it is marked as generated wherever it is kept, and never
//! gets into a medical record by itself. What goes to a model is masked first.

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

/// What the model is told when it is to summarise; whoever runs the service may replace it.
pub const SUMMARY_PROMPT: &str = include_str!("prompts/summary.txt");

/// The most characters of a summary: the app puts it into a page's address.
pub const SUMMARY_MAX_CHARS: usize = 1000;

/// What a summary that a model has written begins with, wherever people see it.
pub const GENERATED_MARK: &str = "AI生成：";

//! Summaries for the next visit.

use std::sync::Arc;
use std::time::Duration;

use super::{Chat, Context};
use crate::account::{Actor, Role};
use crate::chat::{
    Coverage, Facts, GENERATED_MARK, SUMMARY_MAX_CHARS, Speaker, Summary, TurnId, digest, plain_paragraph,
    without_reasoning,
};
use crate::error::Error;
use crate::medical_record::MedicalRecord;
use crate::port::{PortError, Utterance};

/// Timeout of the model: the response is due within 8 seconds, and reading and storing take time, too.
const MODEL_TIME: Duration = Duration::from_secs(6);

/// Number of the newest turns summarised.
const TURNS: u16 = 200;

/// Number of the newest medical records summarised.
const RECORDS: u16 = 10;

/// Maximum number of characters of facts sent to the model.
const FACTS_MAX_CHARS: usize = 20_000;

/// The source of a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SummarySource {
    /// A model: generated text.
    Generated,
    /// No model: the facts themselves, in order.
    Digest,
}

/// A summary for the next visit: one paragraph that can be used in a page URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MedicalSummary {
    /// The summary; empty if there is nothing to summarise. Generated text begins with [`GENERATED_MARK`].
    pub text: String,
    /// Its source.
    pub source: SummarySource,
}

impl MedicalSummary {
    /// A model's summary, marked as one.
    fn generated(text: &str) -> Self {
        let text = plain_paragraph(&format!("{GENERATED_MARK}{text}"), SUMMARY_MAX_CHARS);
        Self { text, source: SummarySource::Generated }
    }
}

/// Summaries of users' messages to the assistant and of their medical records.
#[derive(Clone)]
pub struct Summaries {
    context: Arc<Context>,
    chat: Chat,
}

impl Summaries {
    pub(super) fn new(context: Arc<Context>, chat: Chat) -> Self {
        Self { context, chat }
    }

    /// A summary of the caller's messages to the assistant since the last summary, together with the caller's
    /// own medical records. If there is nothing new, the last summary is returned again.
    ///
    /// If the model does not answer in time, or there is none, the result is a digest of the same facts;
    /// nothing is stored then, so that the model summarises them once it is available again.
    pub async fn medical(&self, actor: &Actor) -> Result<MedicalSummary, Error> {
        let conversations = &self.context.ports.conversations;
        let last = conversations.summary(actor.uuid).await?;
        let covered = last.as_ref().map(|summary| summary.coverage).unwrap_or_default();
        let (told, turn) = self.told_since(actor, covered.turn).await?;
        let records = self.records(actor).await?;
        let record = records.first().map(|record| record.id);
        let is_new = !told.is_empty() || record > covered.record;
        if let Some(last) = last.filter(|_| !is_new) {
            return Ok(MedicalSummary::generated(&last.text));
        }
        let facts = facts(told, records);
        let coverage = Coverage { turn: turn.or(covered.turn), record: record.or(covered.record) };
        match self.generated(actor, &facts).await {
            Ok(Some((text, model))) => {
                let summary = Summary { text, coverage, model, at: self.context.now() };
                conversations.save_summary(actor.uuid, &summary).await?;
                Ok(MedicalSummary::generated(&summary.text))
            }
            // Whatever the reason, the facts are not lost.
            Ok(None) | Err(Error::Port(_) | Error::ChatRefused(_)) => {
                let text = digest(&facts, self.context.policy.zone);
                Ok(MedicalSummary { text, source: SummarySource::Digest })
            }
            Err(error) => Err(error),
        }
    }

    /// The caller's messages after this turn, oldest first, and the last turn of all.
    async fn told_since(
        &self,
        actor: &Actor,
        covered: Option<TurnId>,
    ) -> Result<(Vec<String>, Option<TurnId>), PortError> {
        let newest = self.context.ports.conversations.batch(actor.uuid, None, TURNS).await?;
        let last = newest.first().map(|turn| turn.id);
        let told = newest
            .into_iter()
            .take_while(|turn| Some(turn.id) > covered)
            .filter(|turn| turn.said.speaker == Speaker::User)
            .map(|turn| turn.said.text);
        let mut told: Vec<String> = told.collect();
        told.reverse();
        Ok((told, last))
    }

    async fn records(&self, actor: &Actor) -> Result<Vec<MedicalRecord>, PortError> {
        match actor.role {
            Role::Patient => self.context.ports.medical_records.of_patient(actor.uuid, RECORDS).await,
            Role::Physician | Role::Admin => Ok(Vec::new()),
        }
    }

    /// The model's summary and its name; `None` if there is nothing to summarise or the model's answer is
    /// empty.
    async fn generated(&self, actor: &Actor, facts: &Facts) -> Result<Option<(String, String)>, Error> {
        if facts.is_empty() {
            return Ok(None);
        }
        let model = self.chat.model()?;
        let _call = self.chat.call(actor).await?;
        let masking = self.chat.masking(actor).await?;
        let conversation = [
            Utterance { speaker: Speaker::System, text: self.context.policy.chat.summary_prompt.clone() },
            Utterance { speaker: Speaker::User, text: masking.mask(&self.written_out(facts)) },
        ];
        let reply = model.reply(&conversation, MODEL_TIME).await;
        let reply = self.chat.failures.note(reply, self.context.now())?;
        let said = without_reasoning(&reply);
        let said = said.trim_start_matches(GENERATED_MARK);
        let text = plain_paragraph(said, SUMMARY_MAX_CHARS.saturating_sub(GENERATED_MARK.chars().count()));
        Ok((!text.is_empty()).then(|| (text, model.name().to_owned())))
    }

    /// The facts as text for the model: the newest of them, if there are too many.
    fn written_out(&self, facts: &Facts) -> String {
        let zone = self.context.policy.zone;
        let told = facts.told.iter().map(|text| format!("居民讲述：{text}"));
        let recorded = facts.recorded.iter().map(|(at, text)| format!("{} 就诊记录：{text}", zone.day(*at)));
        let text = recorded.chain(told).collect::<Vec<_>>().join("\n");
        let surplus = text.chars().count().saturating_sub(FACTS_MAX_CHARS);
        text.chars().skip(surplus).collect()
    }
}

/// The facts from messages and records. Records come newest first; those without text are skipped.
fn facts(told: Vec<String>, records: Vec<MedicalRecord>) -> Facts {
    let recorded = records.into_iter().rev().filter_map(|record| {
        let text = record.notes.diagnostic_description.as_str().trim().to_owned();
        (!text.is_empty()).then_some((record.created_at, text))
    });
    Facts { told, recorded: recorded.collect() }
}

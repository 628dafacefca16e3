//! Conversations with the language model.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;

use super::Context;
use super::model_failures::{LastFailure, ModelFailure};
use crate::account::{AccountUuid, Actor, Role};
use crate::audit::{EntryDraft, Origin};
use crate::chat::{Identity, Masking, NewTurn, SUMMARY_PROMPT, Speaker, Turn, is_emergency};
use crate::error::{ChatRefused, Error};
use crate::inquiry::{InquiryFilter, InquiryParty};
use crate::list::{Batches, Page, PageRequest, batches};
use crate::port::{
    Completion, CompletionPart, CompletionRequest, CompletionStream, LanguageModel, Part, PortError,
};
use crate::time::Timestamp;

/// Number of the newest inquiries whose parties are masked.
const PEOPLE_FROM: u16 = 50;

/// Maximum number of characters stored of an answer.
const KEPT_CHARS: usize = 100_000;

/// A chat completion request in any protocol's format.
pub trait ChatRequest: Send {
    /// The user's last message.
    fn question(&self) -> String;

    /// Edits every text in it that a person has written.
    fn edit_texts(&mut self, edit: &dyn Fn(&str) -> String);

    /// Adds a system prompt, unless the request has one.
    fn instruct(&mut self, prompt: &str);

    /// Converts it to the request that is sent to the model.
    fn into_completion(self: Box<Self>) -> CompletionRequest;
}

/// A hospital's policy for conversations with the model.
#[derive(Debug, Clone)]
pub struct ChatPolicy {
    /// Maximum number of concurrent calls per account, on one instance.
    pub at_once: u32,
    /// Maximum number of calls per account and day at the hospital, on all instances.
    pub per_day: u32,
    /// System prompt of conversations without one, if configured.
    pub prompt: Option<String>,
    /// System prompt for summaries.
    pub summary_prompt: String,
}

impl Default for ChatPolicy {
    fn default() -> Self {
        Self { at_once: 2, per_day: 200, prompt: None, summary_prompt: SUMMARY_PROMPT.to_owned() }
    }
}

/// Conversations with the language model.
#[derive(Clone)]
pub struct Chat {
    context: Arc<Context>,
    running: Arc<Mutex<HashMap<AccountUuid, u32>>>,
    pub(super) failures: LastFailure,
}

impl Chat {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context, running: Arc::default(), failures: LastFailure::default() }
    }

    /// Number of calls in progress on this instance.
    pub(super) fn running(&self) -> u32 {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    /// The last failed call on this instance.
    pub(super) fn last_failure(&self) -> Option<ModelFailure> {
        self.failures.get()
    }

    /// Whether the user's message mentions a possible emergency, so that the notice to call for help must be
    /// shown, whatever the outcome of the request. In a long message that takes some time.
    pub fn is_emergency(&self, request: &dyn ChatRequest) -> bool {
        is_emergency(&request.question())
    }

    /// Begins a call to the model. The request's texts are to be masked before it can be sent.
    pub async fn prepare(&self, actor: &Actor, request: Box<dyn ChatRequest>) -> Result<Unmasked, Error> {
        self.model()?;
        let call = self.call(actor).await?;
        let asked_at = self.context.now();
        let masking = self.masking(actor).await?;
        Ok(Unmasked { request, masking, asked_at, call })
    }

    /// Sends the request to the model; the exchange has the answer or its beginning. `notice` is the text shown before
    /// the answer, if any; it is stored with it.
    pub async fn begin(
        &self,
        actor: &Actor,
        masked: Masked,
        notice: Option<String>,
    ) -> Result<Exchange, Error> {
        let model = self.model()?;
        let Masked { mut request, question, sent, asked_at, call } = masked;
        if let Some(prompt) = &self.context.policy.chat.prompt {
            request.instruct(prompt);
        }
        let begun = model.complete(request.into_completion()).await;
        let (answer, is_one_part) = match self.failures.note(begun, self.context.now())? {
            Completion::Whole(part) => (futures_util::stream::iter([Ok(part)]).boxed(), true),
            Completion::Stream(parts) => (parts, false),
        };
        let said = NewTurn {
            speaker: Speaker::User,
            sent: (sent != question).then_some(sent),
            text: question,
            is_cut_off: false,
            model: model.name().to_owned(),
            at: asked_at,
        };
        Ok(Exchange {
            context: self.context.clone(),
            failures: self.failures.clone(),
            account: actor.uuid,
            origin: actor.origin.clone(),
            _open: self.context.entry(actor),
            answer,
            is_one_part,
            is_whole: false,
            question: said,
            notice: notice.unwrap_or_default(),
            heard: Heard::default(),
            _call: call,
        })
    }

    /// One page of the caller's own conversation, newest first.
    pub async fn page(&self, actor: &Actor, page: PageRequest) -> Result<Page<Turn>, Error> {
        Ok(self.context.ports.conversations.page(actor.uuid, page).await?)
    }

    /// The caller's own conversation, newest first.
    pub fn all(&self, actor: &Actor) -> Batches<Turn> {
        let (conversations, account) = (self.context.ports.conversations.clone(), actor.uuid);
        batches(
            |turn: &Turn| turn.id,
            move |before, limit| {
                let conversations = conversations.clone();
                async move { Ok(conversations.batch(account, before, limit).await?) }
            },
        )
    }

    /// Deletes the caller's own conversation and its summary.
    pub async fn clear(&self, actor: &Actor) -> Result<u64, Error> {
        Ok(self.context.ports.conversations.clear(actor.uuid, self.context.entry(actor)).await?)
    }

    pub(super) fn model(&self) -> Result<&Arc<dyn LanguageModel>, PortError> {
        let none = || PortError::Unavailable {
            part: Part::LanguageModel,
            source: "no language model is configured".into(),
        };
        self.context.ports.model.as_ref().ok_or_else(none)
    }

    /// Counts a call to the model if the caller may make one more.
    pub(super) async fn call(&self, actor: &Actor) -> Result<Call, Error> {
        let policy = &self.context.policy.chat;
        let call = Call::begin(&self.running, actor.uuid, policy.at_once)?;
        let now = self.context.now();
        let zone = self.context.policy.zone;
        let today = zone.day(now);
        if !self.context.ports.conversations.count_call(actor.uuid, today, policy.per_day).await? {
            return Err(ChatRefused::TooManyToday { retry_after: zone.until_next_day(now) }.into());
        }
        Ok(call)
    }

    /// A masking of the caller and the parties of the caller's newest inquiries.
    pub(super) async fn masking(&self, actor: &Actor) -> Result<Masking, Error> {
        let ports = &self.context.ports;
        let party = match actor.role {
            Role::Patient => InquiryParty::Patient(actor.uuid),
            Role::Physician => InquiryParty::Physician(actor.uuid),
            Role::Admin => InquiryParty::Anyone,
        };
        let inquiries = ports.inquiries.batch(&InquiryFilter::all_of(party), None, PEOPLE_FROM).await?;
        let parties = inquiries.iter().flat_map(|details| {
            [Some(details.patient.uuid), details.physician.as_ref().map(|physician| physician.uuid)]
        });
        let uuids: BTreeSet<AccountUuid> = parties.flatten().chain([actor.uuid]).collect();
        let people = ports.accounts.find_all(&uuids.into_iter().collect::<Vec<_>>()).await?;
        let identities = people.iter().map(|person| Identity {
            name: person.username.as_str(),
            home_address: person.home_address.as_str(),
        });
        Ok(Masking::new(identities))
    }
}

/// A request to the model in which identities are not masked yet.
pub struct Unmasked {
    request: Box<dyn ChatRequest>,
    masking: Masking,
    asked_at: Timestamp,
    call: Call,
}

impl Unmasked {
    /// Masks identities in every text. In a long one that takes so long that others notice: call it on a thread that
    /// serves nobody else.
    pub fn masked(self) -> Masked {
        let Self { mut request, masking, asked_at, call } = self;
        let question = request.question();
        request.edit_texts(&|text| masking.mask(text));
        let sent = request.question();
        Masked { request, question, sent, asked_at, call }
    }
}

/// A request that may be sent to the model.
pub struct Masked {
    request: Box<dyn ChatRequest>,
    /// The user's last message, as it was written and as it is sent.
    question: String,
    sent: String,
    asked_at: Timestamp,
    call: Call,
}

/// A user's question and the model's answer, as it arrives.
pub struct Exchange {
    context: Arc<Context>,
    failures: LastFailure,
    account: AccountUuid,
    /// The request, for the audit entry of the stored turns.
    origin: Option<Origin>,
    /// Until the turns are stored it is open whether there will be an entry.
    _open: Option<EntryDraft>,
    answer: CompletionStream,
    /// Whether the answer is a single part, after which no other is requested.
    is_one_part: bool,
    /// Whether the answer is complete.
    is_whole: bool,
    question: NewTurn,
    notice: String,
    heard: Heard,
    _call: Call,
}

/// The part of an answer received so far, as far as it is stored.
#[derive(Default)]
struct Heard {
    text: String,
    chars: usize,
    is_too_long: bool,
}

impl Heard {
    fn add(&mut self, text: &str) {
        let mut chars = text.chars();
        let kept = chars.by_ref().take(KEPT_CHARS.saturating_sub(self.chars));
        for c in kept {
            self.text.push(c);
            self.chars += 1;
        }
        self.is_too_long |= chars.next().is_some();
    }
}

impl Exchange {
    /// The next part of the answer; `None` when it is complete, an error if it is interrupted.
    pub async fn next(&mut self) -> Option<Result<CompletionPart, Error>> {
        let part = self.answer.next().await;
        let part = part.map(|part| self.failures.note(part, self.context.now()));
        match &part {
            Some(Ok(part)) => {
                self.heard.add(&part.text);
                self.is_whole = self.is_one_part;
            }
            Some(Err(_)) => {}
            None => self.is_whole = true,
        }
        Some(part?.map_err(Error::from))
    }

    /// Ends the call to the model, and stores the question and the answer so far. An incomplete answer is
    /// marked as cut off.
    pub async fn finish(self) -> Result<(), Error> {
        let Self {
            context,
            account,
            origin,
            _open: open,
            answer,
            is_whole,
            question,
            notice,
            heard,
            _call: call,
            ..
        } = self;
        drop(answer);
        let answer = NewTurn {
            speaker: Speaker::Assistant,
            text: notice + &heard.text,
            sent: None,
            is_cut_off: !is_whole || heard.is_too_long,
            model: question.model.clone(),
            at: context.now(),
        };
        let is_worth_keeping = |turn: &NewTurn| !turn.text.is_empty() || turn.is_cut_off;
        let turns: Vec<NewTurn> = [question, answer].into_iter().filter(is_worth_keeping).collect();
        context.ports.conversations.append(account, &turns, context.entry_of(origin.as_ref())).await?;
        drop(open);
        drop(call);
        Ok(())
    }
}

/// A call in progress, counted against the limit of concurrent calls.
pub(super) struct Call {
    running: Arc<Mutex<HashMap<AccountUuid, u32>>>,
    account: AccountUuid,
}

impl Call {
    fn begin(
        running: &Arc<Mutex<HashMap<AccountUuid, u32>>>,
        account: AccountUuid,
        limit: u32,
    ) -> Result<Self, Error> {
        let mut calls = running.lock().unwrap_or_else(PoisonError::into_inner);
        let of_account = calls.entry(account).or_default();
        if *of_account >= limit {
            return Err(ChatRefused::TooManyAtOnce { retry_after: Duration::from_secs(5) }.into());
        }
        *of_account += 1;
        Ok(Self { running: running.clone(), account })
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut calls = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_account) = calls.get_mut(&self.account) {
            *of_account = of_account.saturating_sub(1);
            if *of_account == 0 {
                calls.remove(&self.account);
            }
        }
    }
}

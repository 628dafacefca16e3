//! Conversations with the language model: masking, storage, and call limits.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use yilin_domain::account::Actor;
use yilin_domain::chat::{NewTurn, Speaker};
use yilin_domain::error::{ChatRefused, Error};
use yilin_domain::port::{Clock as _, CompletionRequest, Part, PortError};
use yilin_domain::usecase::{Chat, ChatRequest, Exchange};
use yilin_testkit::fakes::Mood;
use yilin_testkit::{Hospital, Person};

use crate::support::{Case, EVERYTHING, assert_refused, collect};

/// A chat completion request with a question after an earlier exchange.
pub(crate) struct Talk {
    messages: Vec<(&'static str, String)>,
    stream: bool,
}

impl Talk {
    pub(crate) fn new(question: &str) -> Self {
        let earlier = [("user", "你好"), ("assistant", "您好")].map(|(role, text)| (role, text.to_owned()));
        let messages = earlier.into_iter().chain([("user", question.to_owned())]).collect();
        Self { messages, stream: false }
    }
}

impl ChatRequest for Talk {
    fn question(&self) -> String {
        self.messages.last().unwrap().1.clone()
    }

    fn edit_texts(&mut self, edit: &dyn Fn(&str) -> String) {
        for (_, text) in &mut self.messages {
            *text = edit(text);
        }
    }

    fn instruct(&mut self, prompt: &str) {
        self.messages.insert(0, ("system", prompt.to_owned()));
    }

    fn into_completion(self: Box<Self>) -> CompletionRequest {
        let message = |(role, content): &(&str, String)| json!({"role": role, "content": content});
        let messages: Vec<Value> = self.messages.iter().map(message).collect();
        let json = json!({"messages": messages, "stream": self.stream}).to_string().into();
        CompletionRequest { json, stream: self.stream }
    }
}

pub(crate) async fn begin(
    chat: &Chat,
    actor: &Actor,
    talk: Talk,
    notice: Option<String>,
) -> Result<Exchange, Error> {
    let unmasked = chat.prepare(actor, Box::new(talk)).await?;
    chat.begin(actor, unmasked.masked(), notice).await
}

impl Case {
    async fn asks(&self, person: &Person, talk: Talk) -> Result<Exchange, Error> {
        begin(&self.hospital.use_cases.chat, &person.actor, talk, None).await
    }

    /// Asks a question and reads the whole answer.
    pub(crate) async fn talks(&self, person: &Person, question: &str) {
        let mut exchange = self.asks(person, Talk::new(question)).await.unwrap();
        while let Some(part) = exchange.next().await {
            part.unwrap();
        }
        exchange.finish().await.unwrap();
    }

    /// The turns of the account's conversation, oldest first.
    async fn conversation(&self, person: &Person) -> Vec<NewTurn> {
        let page = self.hospital.use_cases.chat.page(&person.actor, EVERYTHING).await.unwrap();
        page.items.into_iter().rev().map(|turn| turn.said).collect()
    }

    /// The speakers and texts of the conversation, oldest first.
    async fn said(&self, person: &Person) -> Vec<(Speaker, String)> {
        self.conversation(person).await.into_iter().map(|turn| (turn.speaker, turn.text)).collect()
    }
}

/// Reads all chunks of an answer; returns their texts, and the final error, if any.
async fn parts(exchange: &mut Exchange) -> (Vec<String>, Option<Error>) {
    let mut texts = Vec::new();
    while let Some(part) = exchange.next().await {
        match part {
            Ok(part) => texts.push(part.text),
            Err(error) => return (texts, Some(error)),
        }
    }
    (texts, None)
}

#[tokio::test]
async fn identities_are_masked_for_the_model_and_stored_in_the_conversation() {
    let case = Case::new().await;
    case.assigned().await;
    for (person, question, seen) in [
        (&case.patient, "我是王秀英，李志强医生让我问", "我是[姓名]，[姓名]医生让我问"),
        (&case.physician, "我的病人王秀英头痛", "我的病人[姓名]头痛"),
        (&case.other_patient, "打13812345678找我，家住人民路1号", "打[电话]找我，家住[地址]"),
        (&case.admin, "王秀英和李志强约好了", "[姓名]和[姓名]约好了"),
    ] {
        case.talks(person, question).await;
        let requests = case.hospital.fakes.model.requests();
        let messages = requests.last().unwrap()["messages"].as_array().unwrap().clone();
        assert_eq!(messages.last().unwrap()["content"], seen);
        let said = case.conversation(person).await;
        assert_eq!((said[0].speaker, said[0].text.as_str()), (Speaker::User, question));
        assert_eq!((said[1].speaker, &said[1].text), (Speaker::Assistant, &format!("您说：{seen}")));
        assert!(said.iter().all(|turn| turn.model == "fake-glm"));
    }
}

#[tokio::test]
async fn earlier_messages_are_masked_too() {
    let case = Case::new().await;
    let mut talk = Talk::new("头痛");
    talk.messages[0].1 = "我叫王秀英".to_owned();
    case.asks(&case.patient, talk).await.unwrap();
    assert_eq!(case.hospital.fakes.model.requests()[0]["messages"][0]["content"], "我叫[姓名]");
}

#[tokio::test]
async fn the_hospitals_prompt_is_sent_to_the_model_if_there_is_one() {
    for prompt in [None, Some("你是健康助手")] {
        let hospital = Hospital::with(|_, policy| policy.chat.prompt = prompt.map(str::to_owned));
        let case = Case::of(hospital).await;
        case.talks(&case.patient, "头痛").await;
        let first = case.hospital.fakes.model.requests()[0]["messages"][0].clone();
        let expected = prompt.unwrap_or("你好");
        assert_eq!(first["content"], expected);
        assert_eq!(first["role"] == "system", prompt.is_some());
    }
}

#[tokio::test]
async fn a_notice_is_stored_before_the_answer() {
    let case = Case::new().await;
    let chat = &case.hospital.use_cases.chat;
    let notice = Some("请拨打120。".to_owned());
    let mut exchange = begin(chat, &case.patient.actor, Talk::new("胸痛"), notice).await.unwrap();
    assert_eq!(parts(&mut exchange).await.0, ["您说：胸痛"], "it is not part of the model's answer");
    exchange.finish().await.unwrap();
    assert_eq!(case.said(&case.patient).await[1].1, "请拨打120。您说：胸痛");
}

#[tokio::test]
async fn emergencies_are_detected_in_the_question() {
    let case = Case::new().await;
    let chat = &case.hospital.use_cases.chat;
    for (question, is_emergency) in [("我胸痛半小时了", true), ("没有胸痛", false), ("头痛三天", false)]
    {
        assert_eq!(chat.is_emergency(&Talk::new(question)), is_emergency, "{question}");
    }
}

#[tokio::test]
async fn a_streamed_answer_is_forwarded_in_chunks_and_stored_whole() {
    let case = Case::new().await;
    let talk = Talk { stream: true, ..Talk::new("头痛") };
    let mut exchange = case.asks(&case.patient, talk).await.unwrap();
    case.hospital.fakes.clock.advance(TimeDelta::seconds(3));
    let (texts, error) = parts(&mut exchange).await;
    assert_eq!((texts.len(), texts.concat(), error.is_none()), (3, "您说：头痛".to_owned(), true));
    assert!(case.conversation(&case.patient).await.is_empty(), "not before its end");
    exchange.finish().await.unwrap();
    let said = case.conversation(&case.patient).await;
    assert_eq!(said[1].text, "您说：头痛");
    assert_eq!(said[1].at - said[0].at, TimeDelta::seconds(3));
}

#[tokio::test]
async fn the_received_part_of_an_interrupted_answer_is_stored() {
    let case = Case::new().await;
    case.hospital.fakes.model.set_mood(Mood::BreakingOff);
    let talk = Talk { stream: true, ..Talk::new("头痛") };
    let mut exchange = case.asks(&case.patient, talk).await.unwrap();
    let (texts, error) = parts(&mut exchange).await;
    assert_eq!(texts, ["您说："]);
    assert!(matches!(error, Some(Error::Port(PortError::Unavailable { part: Part::LanguageModel, .. }))));
    exchange.finish().await.unwrap();
    let said = case.said(&case.patient).await;
    assert_eq!(said, [(Speaker::User, "头痛".to_owned()), (Speaker::Assistant, "您说：".to_owned())]);
}

#[tokio::test]
async fn an_unread_answer_is_stored_as_cut_off() {
    let case = Case::new().await;
    let talk = Talk { stream: true, ..Talk::new("头痛") };
    // The client disconnects before the first chunk.
    case.asks(&case.patient, talk).await.unwrap().finish().await.unwrap();
    let said = case.conversation(&case.patient).await;
    let said: Vec<_> = said.iter().map(|said| (said.speaker, said.text.as_str(), said.is_cut_off)).collect();
    assert_eq!(said, [(Speaker::User, "头痛", false), (Speaker::Assistant, "", true)]);
    assert_eq!(case.hospital.fakes.model.listeners(), 0, "the call to the model has ended");
}

#[tokio::test]
async fn at_most_100_000_characters_of_an_answer_are_stored() {
    let case = Case::new().await;
    case.talks(&case.patient, &"痛".repeat(100_010)).await;
    let said = case.said(&case.patient).await;
    assert_eq!(said[0].1.chars().count(), 100_010, "the question is stored in full");
    assert_eq!(said[1].1.chars().count(), 100_000);
}

#[tokio::test]
async fn an_account_has_at_most_two_concurrent_calls() {
    let case = Case::new().await;
    let ask = async |person| case.asks(person, Talk::new("头痛")).await;
    let one = ask(&case.patient).await.unwrap();
    let two = ask(&case.patient).await.unwrap();
    for _ in 0..3 {
        let result = ask(&case.patient).await;
        assert_refused!(result.map(drop), Error::ChatRefused(ChatRefused::TooManyAtOnce { .. }));
    }
    assert!(ask(&case.physician).await.is_ok(), "other accounts are not affected");
    one.finish().await.unwrap();
    let three = ask(&case.patient).await.unwrap();
    assert_refused!(ask(&case.patient).await.map(drop), Error::ChatRefused(_));
    drop((two, three));
    assert!(ask(&case.patient).await.is_ok(), "disconnecting ends the calls");
}

#[tokio::test]
async fn the_daily_call_limit_spans_all_instances() {
    let case = Case::of(Hospital::with(|_, policy| policy.chat.per_day = 3)).await;
    let other_instance = case.hospital.another_instance();
    case.talks(&case.patient, "一").await;
    case.talks(&case.patient, "二").await;
    let chat = &other_instance.use_cases.chat;
    let ask = async || begin(chat, &case.patient.actor, Talk::new("头痛"), None).await.map(drop);
    ask().await.unwrap();
    // More calls than may run concurrently: a rejected one has ended.
    for _ in 0..5 {
        let until_midnight = Duration::from_secs(12 * 60 * 60);
        assert_refused!(
            ask().await,
            Error::ChatRefused(ChatRefused::TooManyToday { retry_after }) if retry_after == until_midnight
        );
    }
    assert_eq!(case.hospital.fakes.model.requests().len(), 3);
    case.talks(&case.physician, "another account").await;
    case.hospital.fakes.clock.advance(TimeDelta::hours(12));
    ask().await.unwrap();
}

#[tokio::test]
async fn without_a_model_a_call_says_so() {
    let case = Case::of(Hospital::with(|ports, _| ports.model = None)).await;
    let result = case.asks(&case.patient, Talk::new("头痛")).await.map(drop);
    assert_refused!(result, Error::Port(PortError::Unavailable { part: Part::LanguageModel, .. }));
    assert!(case.conversation(&case.patient).await.is_empty());
}

#[tokio::test]
async fn a_call_that_the_model_does_not_answer_keeps_nothing_and_ends() {
    let case = Case::new().await;
    for (mood, is_down) in [(Mood::Down, true), (Mood::Failing, false)] {
        case.hospital.fakes.model.set_mood(mood);
        // More calls than may run concurrently.
        for _ in 0..3 {
            let result = case.asks(&case.patient, Talk::new("头痛")).await.map(drop);
            let Err(Error::Port(error)) = result else { panic!("{mood:?}: {result:?}") };
            assert_eq!(matches!(error, PortError::Unavailable { part: Part::LanguageModel, .. }), is_down);
        }
    }
    assert!(case.conversation(&case.patient).await.is_empty());
    case.hospital.fakes.model.set_mood(Mood::Well);
    case.talks(&case.patient, "头痛").await;
}

#[tokio::test]
async fn a_conversation_belongs_to_its_account() {
    let case = Case::new().await;
    let chat = &case.hospital.use_cases.chat;
    case.talks(&case.patient, "头痛").await;
    case.talks(&case.physician, "血压").await;
    let turns = collect(chat.all(&case.patient.actor)).await;
    assert_eq!(chat.page(&case.patient.actor, EVERYTHING).await.unwrap().items, turns);
    let texts: Vec<_> = turns.iter().map(|turn| turn.said.text.as_str()).collect();
    assert_eq!(texts, ["您说：头痛", "头痛"], "newest first");
    assert!(turns.iter().all(|turn| turn.said.at == case.hospital.fakes.clock.now()));

    assert_eq!(chat.clear(&case.patient.actor).await.unwrap(), 2);
    assert!(case.said(&case.patient).await.is_empty());
    assert_eq!(case.said(&case.physician).await.len(), 2);
    assert_eq!(chat.clear(&case.admin.actor).await.unwrap(), 0);
}

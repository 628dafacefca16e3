//! The assistant: chat in OpenAI's format, its storage, and masking.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use yilin_testkit::eventually;
use yilin_testkit::fakes::Mood;

use crate::answer::Client;
use crate::arrange::{Case, Person};
use crate::on_every_backend;
use crate::world::{Backend, CHAT_PROMPT, World, run, run_adjusted};

pub(crate) const PATH: &str = "/api/v1/chat/completions";
const CONVERSATION: &str = "/api/ai/conversation";

/// A response of the chat route, which has no envelope.
struct ChatAnswer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl ChatAnswer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The data of each event.
    fn events(&self) -> Vec<String> {
        let events = self.text.split_terminator("\n\n");
        events
            .map(|event| event.strip_prefix("data: ").unwrap_or_else(|| panic!("{event}")).to_owned())
            .collect()
    }

    /// The assistant's text in all chunks of a complete stream.
    fn said(&self) -> String {
        let mut events = self.events();
        assert_eq!(events.pop().as_deref(), Some("[DONE]"), "{}", self.text);
        let texts = events.iter().map(|event| {
            let part: Value = serde_json::from_str(event).unwrap();
            part["choices"][0]["delta"]["content"].as_str().unwrap_or_default().to_owned()
        });
        texts.collect()
    }

    /// An error in OpenAI's format.
    fn error(&self) -> (u16, String) {
        let error = &self.json()["error"];
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{}", self.text);
        assert!(error["type"].as_str().unwrap().ends_with("_error"), "{}", self.text);
        assert!(error.as_object().unwrap().contains_key("param"), "{}", self.text);
        assert!(!self.text.contains("sk-123"), "the upstream's message leaks: {}", self.text);
        (self.status, error["code"].as_str().unwrap().to_owned())
    }
}

async fn send(client: &Client<'_>, body: &str) -> ChatAnswer {
    let response = client.request(Method::POST, PATH).body(body.to_owned()).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    ChatAnswer { status, headers, text: response.text().await.unwrap() }
}

async fn ask(client: &Client<'_>, question: &str) -> ChatAnswer {
    send(client, &json!({"model": "gpt", "messages": [{"role": "user", "content": question}]}).to_string())
        .await
}

async fn ask_streaming(client: &Client<'_>, question: &str) -> ChatAnswer {
    let body = json!({"stream": true, "messages": [{"role": "user", "content": question}]});
    send(client, &body.to_string()).await
}

/// The newest turn of the conversation.
async fn last_turn(person: &Person<'_>) -> Value {
    person.client.get(&format!("{CONVERSATION}?page=1&size=1")).await.payload()["list"][0].clone()
}

/// The turns of the conversation, oldest first: role, whether generated, and text.
async fn conversation(person: &Person<'_>) -> Vec<(String, bool, String)> {
    let list = person.client.get(CONVERSATION).await.payload()["list"].as_array().unwrap().clone();
    let turns = list.iter().rev().map(|turn| {
        let text = |name: &str| turn[name].as_str().unwrap().to_owned();
        (text("role"), turn["generated"].as_bool().unwrap(), text("content"))
    });
    turns.collect()
}

fn exchange(question: &str, answer: &str) -> [(String, bool, String); 2] {
    [("user".into(), false, question.into()), ("assistant".into(), true, answer.into())]
}

async fn summary(client: &Client<'_>) -> (String, String) {
    let answer = client.get("/api/ai/getMedicalSum").await;
    let source = answer.headers["x-yilin-summary"].to_str().unwrap().to_owned();
    let is_marked = answer.headers.get("x-yilin-generated").is_some_and(|value| value == "true");
    let text = answer.payload().as_str().unwrap().to_owned();
    assert_eq!((is_marked, text.starts_with("AI生成：")), (source == "generated", is_marked), "{text}");
    assert!(
        text.chars().count() <= 1000 && !text.contains(['&', '=', '%', '#', '?', '+', '\n', '\r']),
        "{text}"
    );
    (text, source)
}

on_every_backend! {
    async fn messages_are_answered_and_stored_for_their_owner(world: &World) {
        let [first, second]: [Person<'_>; 2] = world.patients(2).await.try_into().ok().unwrap();
        let answer = ask(&first.client, "头痛").await;
        assert_eq!((answer.status, answer.json()["object"].as_str()), (200, Some("chat.completion")));
        assert_eq!(answer.json()["choices"][0]["message"]["content"], "您说：头痛");
        assert_eq!(answer.headers["x-yilin-generated"], "true");
        assert_eq!(answer.json()["usage"]["total_tokens"], 3);
        let answer = ask_streaming(&first.client, "三天").await;
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/event-stream"));
        assert_eq!(answer.headers["x-yilin-generated"], "true");
        assert_eq!(answer.said(), "您说：三天");
        ask(&second.client, "咳嗽").await;

        let turn = last_turn(&first).await;
        assert_eq!((&turn["cut_off"], &turn["sent"]), (&json!(false), &json!(null)), "{turn}");
        let expected = [exchange("头痛", "您说：头痛"), exchange("三天", "您说：三天")].concat();
        assert_eq!(conversation(&first).await, expected);
        let page = first.client.get(&format!("{CONVERSATION}?page=1&size=1")).await.payload();
        assert_eq!((&page["total"], &page["totalPages"]), (&json!(4), &json!(4)));
        assert_eq!(page["list"][0]["content"], "您说：三天");
        assert_eq!(page["list"][0]["model"], "fake-glm");
        first.client.send(Method::DELETE, CONVERSATION, None).await.expect(200);
        assert!(conversation(&first).await.is_empty());
        assert_eq!(conversation(&second).await.len(), 2, "another account's conversation stays");
    }

    async fn summaries_cover_news_and_are_reused(world: &World) {
        let case = Case::new(world).await;
        let patient = &case.patient;
        assert_eq!(summary(&patient.client).await.0, "", "there is no input");
        ask(&patient.client, "头痛?\n三天").await;
        ask_streaming(&patient.client, "没有发热 & 咳嗽").await;
        let (first, source) = summary(&patient.client).await;
        assert_eq!(source, "generated");
        assert!(first.contains("头痛？ 三天") && first.contains("没有发热 ＆ 咳嗽"), "{first}");
        let asked = world.fakes.model.asked().len();
        assert_eq!(summary(&patient.client).await, (first, source), "nothing is new");
        assert_eq!(world.fakes.model.asked().len(), asked, "the model is not called again");

        // Only the news, and the records.
        ask(&patient.client, "还有腰痛").await;
        let (second, _) = summary(&patient.client).await;
        assert!(second.contains("腰痛") && !second.contains("头痛"), "{second}");
        case.registered().await;
        let (third, _) = summary(&patient.client).await;
        assert!(third.contains("就诊记录") && !third.contains("腰痛"), "{third}");
        assert_eq!(conversation(patient).await.len(), 6, "the conversation stays");

        // A physician has a conversation, but no records.
        ask(&case.physician.client, "高血压用药").await;
        let (physicians, _) = summary(&case.physician.client).await;
        assert!(physicians.contains("高血压用药") && !physicians.contains("就诊记录"), "{physicians}");
        patient.client.send(Method::DELETE, CONVERSATION, None).await.expect(200);
        let (after, _) = summary(&patient.client).await;
        assert!(after.contains("就诊记录"), "{after}");
    }
}

#[test]
fn a_summary_without_the_model_is_a_digest_and_changes_nothing() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        ask(&case.patient.client, "头痛三天").await;
        case.registered().await;
        ask(&case.patient.client, "没有发热").await;
        for mood in [Mood::Down, Mood::Failing, Mood::Silent, Mood::Wordless] {
            world.fakes.model.set_mood(mood);
            let (digest, source) = summary(&case.patient.client).await;
            assert_eq!(source, "digest", "{mood:?}");
            assert!(digest.starts_with("本人自述：头痛三天；没有发热。就诊记录："), "{mood:?}: {digest}");
        }
        // When it is back, nothing is missing.
        world.fakes.model.set_mood(Mood::Well);
        let (text, source) = summary(&case.patient.client).await;
        assert_eq!(source, "generated");
        assert!(
            text.contains("头痛三天") && text.contains("没有发热") && text.contains("就诊记录"),
            "{text}"
        );
        world.fakes.model.set_mood(Mood::Down);
        assert_eq!(summary(&case.patient.client).await, (text, source), "the last one is reused");
    });
}

#[test]
fn no_names_are_sent_to_the_model() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        case.registered().await;
        let (patient, physician) = (&case.patient, &case.physician);
        let address = json!({"uuid": patient.uuid(), "home_addr": "幸福里三单元"});
        patient.client.put("/api/user/updatePatientInformation", address).await.expect(200);
        let name = |person: &Person<'_>| person.account["username"].as_str().unwrap().to_owned();
        let secrets = [
            name(patient),
            name(physician),
            patient.phone().to_owned(),
            physician.phone().to_owned(),
            patient.uuid().to_owned(),
            "幸福里三单元".to_owned(),
            "11010519491231002X".to_owned(),
            "110105 19491231 002X".to_owned(),
            "138.0013.8000".to_owned(),
            "1 3 8 0 0 1 3 8 0 0 0".to_owned(),
            "一三八零零一三八零零零".to_owned(),
        ];
        let told = format!("我头痛，{}", secrets.join("，"));
        let body = json!({
            "user": patient.uuid(), "metadata": {"phone": patient.phone()}, "temperature": 0.3, "model": "gpt",
            "messages": [
                {"role": "assistant", "content": told}, {"role": "user", "name": name(patient), "content": told},
                {"role": "user", "content": [{"type": "text", "text": told}]},
            ],
        });
        assert_eq!(send(&patient.client, &body.to_string()).await.status, 200);
        ask(&patient.client, &told).await;
        ask_streaming(&physician.client, &told).await;
        summary(&patient.client).await;
        let left = format!("{:?}{:?}", world.fakes.model.requests(), world.fakes.model.asked());
        for secret in secrets {
            assert!(!left.contains(&secret), "{secret} left: {left}");
        }
        let first = &world.fakes.model.requests()[0];
        assert_eq!(first["temperature"], 0.3, "unknown members are forwarded");
        assert_eq!(first["messages"][0], json!({"role": "system", "content": CHAT_PROMPT}));
        assert!(first["messages"][2]["content"].as_str().unwrap().contains("头痛"));
        // The stored text is complete, together with what was sent to the model.
        let list = patient.client.get(CONVERSATION).await.payload()["list"].clone();
        let turns: Vec<&Value> =
            list.as_array().unwrap().iter().filter(|turn| turn["role"] == "user").collect();
        assert!(turns.iter().all(|turn| turn["content"] == told), "{list}");
        let sent = first["messages"].as_array().unwrap().last().unwrap();
        assert_eq!(turns.last().unwrap()["sent"], sent["content"][0]["text"]);
    });
}

#[test]
fn other_peoples_names_do_not_change_the_text() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        case.registered().await;
        let chosen = json!({"uuid": case.patient.uuid(), "nickname": "不要", "home_addr": "停药"});
        case.patient.client.put("/api/user/updatePatientInformation", chosen).await.expect(200);
        let advice = "这位病人不要停药，血压150/95，每天2次，每次500mg，2024-10-12 08:30复诊";
        ask(&case.physician.client, advice).await;
        let sent = world.fakes.model.requests().pop().unwrap();
        assert_eq!(sent["messages"].as_array().unwrap().last().unwrap()["content"], advice);
        let list = case.physician.client.get(CONVERSATION).await.payload()["list"].clone();
        assert_eq!(list[1]["sent"], json!(null), "nothing was masked");
        // A nickname may also be the name of somebody else: it is chosen freely.
        let chosen = json!({"uuid": case.patient.uuid(), "nickname": "司马建国"});
        case.patient.client.put("/api/user/updatePatientInformation", chosen).await.expect(200);
        let question = "司马建国的病历在哪里";
        ask(&case.physician.client, question).await;
        let sent = world.fakes.model.requests().pop().unwrap();
        assert_eq!(sent["messages"].as_array().unwrap().last().unwrap()["content"], question);
    });
}

#[test]
fn reasoning_is_not_part_of_a_summary() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0);
        ask(&patient.client, "<think>头痛</think>三天").await;
        let (text, source) = summary(&patient.client).await;
        assert_eq!(source, "generated");
        assert!(text.ends_with("三天") && !text.contains("头痛") && !text.contains("think"), "{text}");
        ask(&patient.client, "<THINKING>头痛三天").await;
        let (text, _) = summary(&patient.client).await;
        assert!(!text.contains("头痛") && !text.contains("THINK"), "{text}");
    });
}

#[test]
fn emergencies_are_answered_with_a_notice_first() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0);
        let question = "胸痛半小时了";
        let whole = ask(&patient.client, question).await.json();
        let whole = whole["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
        let streamed = ask_streaming(&patient.client, question).await;
        assert_eq!(streamed.said(), whole);
        let first: Value = serde_json::from_str(&streamed.events()[0]).unwrap();
        assert_eq!(
            (&first["id"], &first["choices"][0]["delta"]["role"]),
            (&json!("c1"), &json!("assistant"))
        );
        assert!(whole.contains("120") && whole.ends_with("您说：胸痛半小时了"), "{whole}");
        assert_eq!(conversation(&patient).await[1].2, whole, "it is stored with the notice");
        let english = ask(&patient.client.with("accept-language", "en"), "I have chest pain").await;
        assert!(english.text.contains("call 120"), "{}", english.text);
        world.fakes.model.set_down(true);
        for answer in [ask(&patient.client, question).await, ask_streaming(&patient.client, question).await] {
            assert_eq!(answer.error(), (503, "service.model_unavailable".to_owned()));
            assert!(answer.json()["error"]["message"].as_str().unwrap().contains("120"), "{}", answer.text);
        }
        let denied = ask(&patient.client, "没有胸痛").await;
        assert!(!denied.text.contains("120"), "{}", denied.text);
    });
}

#[test]
fn an_interrupted_stream_ends_in_an_error_and_is_stored() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0);
        world.fakes.model.set_mood(Mood::BreakingOff);
        let answer = ask_streaming(&patient.client, "头痛").await;
        assert_eq!(answer.status, 200, "the stream had begun");
        let last: Value = serde_json::from_str(answer.events().last().unwrap()).unwrap();
        assert_eq!(last["error"]["code"], "service.model_unavailable");
        assert!(
            !answer.text.contains("[DONE]") && !answer.text.contains("was interrupted"),
            "{}",
            answer.text
        );
        assert_eq!(conversation(&patient).await, exchange("头痛", "您说："));
        assert_eq!(last_turn(&patient).await["cut_off"], true);
    });
}

#[test]
fn disconnecting_ends_the_call_to_the_model() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0);
        world.fakes.model.set_mood(Mood::Stalling);
        let body = json!({"stream": true, "messages": [{"role": "user", "content": "头痛"}]}).to_string();
        let request = patient.client.request(Method::POST, PATH).body(body);
        let mut response = request.send().await.unwrap();
        let first = response.chunk().await.unwrap().unwrap();
        assert!(first.starts_with(b"data: {"), "chunks are forwarded immediately: {first:?}");
        assert_eq!(world.fakes.model.listeners(), 1);
        drop(response);
        eventually("the call has ended", async || world.fakes.model.listeners() == 0).await;
        eventually("the answer so far is stored", async || {
            conversation(&patient).await == exchange("头痛", "您说：")
        })
        .await;
        assert_eq!(last_turn(&patient).await["cut_off"], true);
    });
}

#[test]
fn invalid_requests_are_reported_in_openais_format() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0);
        let message = json!({"role": "user", "content": "头痛"});
        for (body, param) in [
            (json!({}), "messages"),
            (json!({"messages": []}), "messages"),
            (json!({"messages": "头痛"}), "messages"),
            (json!({"messages": ["头痛"]}), "messages"),
            (json!({"messages": [{"content": "头痛"}]}), "messages"),
            (json!({"messages": [{"role": "user", "content": 7}]}), "messages"),
            (json!({"messages": [message], "stream": "yes"}), "stream"),
            (json!({"messages": [message], "max_tokens": 4097}), "max_tokens"),
            (json!({"messages": [message], "max_tokens": 0}), "max_tokens"),
            (json!({"messages": [message], "max_completion_tokens": 1e9}), "max_completion_tokens"),
            (json!({"messages": [message], "n": 5}), "n"),
            (json!([message]), "body"),
            (json!({"messages": [{"role": "user", "content": "x".repeat(256 * 1024)}]}), "messages"),
        ] {
            let answer = send(&patient.client, &body.to_string()).await;
            assert_eq!(answer.error(), (422, "request.invalid".to_owned()), "{body:.200}");
            assert_eq!(answer.json()["error"]["param"], param, "{body:.200}");
        }
        assert_eq!(send(&patient.client, "{").await.error(), (400, "request.unparsable".to_owned()));
        assert_eq!(send(&patient.client, "").await.error(), (422, "request.invalid".to_owned()));
        assert_eq!(ask(&world.anonymous(), "头痛").await.error(), (401, "session.required".to_owned()));
        let get = patient.client.request(Method::GET, PATH).send().await.unwrap();
        assert_eq!(get.status(), 405);
        assert!(get.text().await.unwrap().starts_with("{\"error\":{"));
        assert!(world.fakes.model.requests().is_empty());
        assert!(conversation(&patient).await.is_empty());
        // A whole number may be written with a zero fraction.
        let body = json!({"messages": [message], "n": 1.0, "max_tokens": 1e3});
        assert_eq!(send(&patient.client, &body.to_string()).await.status, 200);
    });
}

#[test]
fn model_failures_are_reported_in_our_words_and_store_nothing() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0);
        for (mood, error) in
            [(Mood::Down, (503, "service.model_unavailable")), (Mood::Failing, (502, "service.model_failed"))]
        {
            world.fakes.model.set_mood(mood);
            for answer in [ask(&patient.client, "头痛").await, ask_streaming(&patient.client, "头痛").await]
            {
                let (status, code) = answer.error();
                assert_eq!((status, code.as_str()), error);
            }
        }
        assert!(conversation(&patient).await.is_empty());
        world.fakes.model.set_mood(Mood::Well);
        world.fakes.storage.go_down();
        let (status, code) = ask(&patient.client, "头痛").await.error();
        assert_eq!((status, code.as_str()), (503, "service.database_unavailable"));
    });
}

on_every_backend! {
    async fn calls_per_account_are_limited(world: &World) {
        let [first, second]: [Person<'_>; 2] = world.patients(2).await.try_into().ok().unwrap();
        world.fakes.model.set_mood(Mood::Stalling);
        let body = json!({"stream": true, "messages": [{"role": "user", "content": "头痛"}]}).to_string();
        let mut open = Vec::new();
        for _ in 0..2 {
            let mut response = first.client.request(Method::POST, PATH).body(body.clone()).send().await.unwrap();
            response.chunk().await.unwrap().unwrap();
            open.push(response);
        }
        let refused = ask(&first.client, "头痛").await;
        assert_eq!(refused.error(), (429, "chat.too_many_at_once".to_owned()));
        assert!(refused.headers.contains_key("retry-after"));
        world.fakes.model.set_mood(Mood::Well);
        assert_eq!(ask(&second.client, "头痛").await.status, 200, "another account");
        drop(open);
        eventually("the calls have ended", async || world.fakes.model.listeners() == 0).await;
        eventually("another call is accepted", async || ask(&first.client, "头痛").await.status == 200).await;

        let mut asked = 0;
        let refused = loop {
            let answer = ask(&second.client, "头痛").await;
            if answer.status == 429 {
                break answer;
            }
            asked += 1;
        };
        assert_eq!((asked, refused.error()), (199, (429, "chat.too_many_today".to_owned())));
        let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=24 * 60 * 60).contains(&wait), "{wait}");
        assert_eq!(summary(&second.client).await.1, "digest", "a summary is never rejected");
        world.fakes.clock.advance(chrono::TimeDelta::seconds(wait.try_into().unwrap()));
        assert_eq!(ask(&second.client, "头痛").await.status, 200, "the next day");
    }
}

#[test]
fn request_limits_are_configurable() {
    run_adjusted(
        Backend::Fakes,
        |options| options.chat = yilin_web::ChatRequestLimits { bytes: 200, tokens: 10 },
        async |world| {
            let patient = world.patients(1).await.remove(0);
            assert_eq!(ask(&patient.client, "头痛").await.status, 200);
            assert_eq!(ask(&patient.client, &"头".repeat(70)).await.status, 422);
            let body = json!({"max_tokens": 11, "messages": [{"role": "user", "content": "头痛"}]});
            assert_eq!(send(&patient.client, &body.to_string()).await.status, 422);
        },
    );
}

/// A slow reader must not make the service buffer the answer.
#[test]
fn chunks_wait_for_the_client() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0);
        let long = "头痛".repeat(40_000);
        let body = json!({"stream": true, "messages": [{"role": "user", "content": long}]}).to_string();
        let mut response = patient.client.request(Method::POST, PATH).body(body).send().await.unwrap();
        let mut text = Vec::new();
        while let Some(piece) = response.chunk().await.unwrap() {
            text.extend(piece);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(text.ends_with(b"data: [DONE]\n\n") && text.len() > long.len());
    });
}

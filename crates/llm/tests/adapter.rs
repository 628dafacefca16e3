//! The adapter keeps the port's contract with a healthy server, and fails as specified with a faulty one.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests panic on failure")]

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use yilin_domain::port::{Completion, CompletionRequest, LanguageModel as _, PortError};
use yilin_llm::{LlmOptions, OpenAiModel};
use yilin_testkit::contract::outside::model::{breaking_off_after, call, conversation, suite, unreachable};
use yilin_testkit::fakes::FakeRandom;
use yilin_testkit::openai::{DONE, FINISH, STREAM_HEAD, StandIn, Step, answer, head, piece};

const KEY: &str = "sk-very-secret";
const LONG: Duration = Duration::from_secs(300);

/// A model client for this server, with short retry pauses.
fn model(base_url: &str) -> OpenAiModel {
    adjusted(base_url, |_| {})
}

fn adjusted(base_url: &str, adjust: impl FnOnce(&mut LlmOptions)) -> OpenAiModel {
    let mut options = LlmOptions::new(base_url.parse().unwrap(), Some(KEY.to_owned()), "glm4".to_owned());
    options.first_pause = Duration::from_millis(1);
    // Longer than anything takes, also on a busy machine.
    (options.connect_timeout, options.answer_timeout, options.idle_timeout) = (LONG, LONG, LONG);
    adjust(&mut options);
    OpenAiModel::new(options, Arc::new(FakeRandom::new(1))).unwrap()
}

fn send(text: impl AsRef<str>) -> Step {
    Step::Send(text.as_ref().as_bytes().to_vec())
}

#[expect(clippy::needless_pass_by_value, reason = "called on temporary results")]
fn failed<T>(outcome: Result<T, PortError>) -> bool {
    matches!(outcome, Err(PortError::Failed { .. }))
}

/// Advances the paused clock as soon as everything is waiting, so that timeouts expire at once. Anything the
/// server must do first has to be done already.
async fn in_a_moment<T>(work: impl Future<Output = T>) -> T {
    tokio::time::pause();
    let done = work.await;
    tokio::time::resume();
    done
}

/// When a call may be retried.
#[derive(Debug, PartialEq)]
enum Again {
    Unknown,
    After(Duration),
}

/// When to retry, if the model is unavailable.
#[expect(clippy::needless_pass_by_value, reason = "called on temporary results")]
fn unavailable<T>(outcome: Result<T, PortError>) -> Option<Again> {
    match outcome {
        Err(PortError::Unavailable { .. }) => Some(Again::Unknown),
        Err(PortError::Overloaded { retry_after, .. }) => Some(Again::After(retry_after)),
        _ => None,
    }
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let server = StandIn::start().await;
    suite(&model(&server.base_url())).await;
    suite(&model(&format!("{}/", server.base_url()))).await;
}

#[tokio::test]
async fn an_unreachable_server_is_unavailable() {
    let server = StandIn::start().await;
    let url = server.base_url();
    drop(server);
    // The server's former port refuses connections from now on, or soon.
    while std::net::TcpStream::connect(&url["http://".len()..url.len() - "/v1".len()]).is_ok() {
        tokio::task::yield_now().await;
    }
    unreachable(&model(&url)).await;
}

#[tokio::test]
async fn only_the_model_and_the_key_of_a_request_are_replaced() {
    let server = StandIn::start().await;
    let model = model(&server.base_url());
    let body = r#"{"model":"gpt-4o","stream":false,"messages":[{"role":"user","content":"痛","x":[1]}],"top_k":7,"metadata":{"a":null}}"#;
    let whole = CompletionRequest { json: Bytes::from_static(body.as_bytes()), stream: false };
    model.complete(whole).await.unwrap();
    model.reply(&conversation(), LONG).await.unwrap();
    let received = server.received();
    let mut expected: serde_json::Value = serde_json::from_str(body).unwrap();
    expected["model"] = "glm4".into();
    assert_eq!(received[0].body, expected);
    assert_eq!(received[1].body["model"], "glm4");
    assert_eq!(received[1].body["messages"][3]["content"], "三天");
    for request in received {
        let head = request.head.to_lowercase();
        assert!(head.starts_with("post /v1/chat/completions http/1.1"), "{head}");
        assert!(head.contains(&format!("authorization: bearer {KEY}")), "{head}");
        assert!(!head.contains("accept-encoding"), "{head}");
    }
}

#[tokio::test]
async fn no_key_is_sent_if_none_is_set() {
    let server = StandIn::start().await;
    let model = adjusted(&server.base_url(), |options| options.api_key = None);
    model.complete(call(true)).await.unwrap();
    model.reply(&conversation(), LONG).await.unwrap();
    assert!(server.received().iter().all(|request| !request.head.to_lowercase().contains("authorization")));
}

#[tokio::test]
async fn a_stream_is_complete_when_sent_byte_by_byte() {
    let server = StandIn::start().await;
    let events = [STREAM_HEAD, ":\r\n\r\n", &piece("头痛😀"), &piece("多久"), DONE].concat();
    server.script([vec![Step::Dribble(events.into_bytes())]]);
    let Completion::Stream(pieces) = model(&server.base_url()).complete(call(true)).await.unwrap() else {
        panic!("it does not stream")
    };
    let texts: Vec<String> = pieces.map(|piece| piece.unwrap().text).collect().await;
    assert_eq!(texts, ["头痛😀", "多久"]);
}

/// The texts of a streamed answer, and whether it ended without an error.
async fn heard(model: &OpenAiModel) -> (String, bool) {
    let Completion::Stream(mut pieces) = model.complete(call(true)).await.unwrap() else {
        panic!("it does not stream")
    };
    let (mut text, mut well) = (String::new(), true);
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) => {
                let json: serde_json::Value = serde_json::from_slice(&piece.json).unwrap();
                assert!(json.is_object() && !piece.json.contains(&b'\n'), "{json}");
                text.push_str(&piece.text);
            }
            Err(_) => well = false,
        }
    }
    (text, well)
}

#[tokio::test]
async fn every_usual_end_completes_an_answer() {
    let server = StandIn::start().await;
    let model = adjusted(&server.base_url(), |options| options.idle_timeout = Duration::from_millis(500));
    let usage = r#"data: {"id":"chatcmpl-9","usage":{"total_tokens":3}}"#;
    for (name, ending) in [
        ("as OpenAI does", vec![send(DONE)]),
        ("without the empty line", vec![send("data: [DONE]\n")]),
        ("without a line's end", vec![send("data: [DONE]")]),
        ("with another line's end", vec![send("data: [DONE]\r\r")]),
        ("with a reason", vec![send(format!("{FINISH}\n\n"))]),
        ("with a reason and nothing more", vec![send(FINISH)]),
        ("with a reason and a count", vec![send(format!("{FINISH}\n\n{usage}\n\n"))]),
        ("with a count without choices", vec![send(format!("{usage}\n\n{DONE}"))]),
        (
            "with null in place of the choices",
            vec![send("data: {\"choices\":null,\"usage\":{}}\n\n"), send(DONE)],
        ),
        (
            "with a reason, and dies",
            vec![send(format!("{FINISH}\n\n")), Step::Pause(Duration::from_millis(50)), Step::Reset],
        ),
        ("with a reason, and stays", vec![send(format!("{FINISH}\n\n")), Step::Hang]),
        ("and says more", vec![send(DONE), send(piece("更多")), Step::Hang]),
    ] {
        server.script([[vec![send([STREAM_HEAD, &piece("多喝"), &piece("水")].concat())], ending].concat()]);
        assert_eq!(heard(&model).await, ("多喝水".to_owned(), true), "it ends {name}");
    }
}

#[tokio::test]
async fn streams_are_detected_by_content_not_content_type() {
    let server = StandIn::start().await;
    let model = model(&server.base_url());
    let stream = [&piece("多喝"), &piece("水"), DONE].concat();
    let whole = r#"{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"多喝水"},"finish_reason":"stop"}]}"#;
    let tool = r#"data: {"choices":[{"index":0,"delta":null}]}"#;
    for kind in
        ["text/event-stream", "application/json", "text/plain; charset=utf-8", "application/octet-stream", ""]
    {
        for body in [
            stream.clone(),
            format!("\u{feff}{stream}"),
            format!("\r\n\r\n{stream}"),
            format!(": hello\n\nretry: 5\n\n{tool}\n\n{stream}"),
            stream.replace('\n', "\r\n"),
            stream.replace('\n', "\r"),
            whole.to_owned(),
            format!("\u{feff}\n {whole}"),
        ] {
            server.script([vec![Step::Dribble([head(kind), body.clone()].concat().into_bytes())]]);
            assert_eq!(heard(&model).await, ("多喝水".to_owned(), true), "{kind}: {body}");
        }
        for body in [whole.to_owned(), format!("\u{feff}{whole}")] {
            server.script([vec![send([head(kind), body].concat())]]);
            let Completion::Whole(part) = model.complete(call(false)).await.unwrap() else {
                panic!("it streams")
            };
            assert_eq!(part.text, "多喝水");
            assert_eq!(model.reply(&conversation(), LONG).await.unwrap(), "多喝水");
        }
    }
}

#[tokio::test]
async fn a_lone_surrogate_is_accepted() {
    let server = StandIn::start().await;
    let model = model(&server.base_url());
    let half = |text: &str| format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
    for (pieces, text) in [(["\\ud83d", "\\ude00"], "😀"), (["\\ud83d 痛", "了"], "\u{fffd} 痛了")] {
        let events = pieces.map(half).concat();
        server.script([vec![send([STREAM_HEAD, &events, DONE].concat())]]);
        assert_eq!(heard(&model).await, (text.to_owned(), true));
    }
    let whole = r#"{"choices":[{"message":{"content":"痛\ud83d"}}]}"#;
    server.script([answer("200 OK", "content-type: application/json\r\n", whole)]);
    assert_eq!(model.reply(&conversation(), LONG).await.unwrap(), "痛\u{fffd}");
}

#[tokio::test]
async fn chunks_are_passed_on_immediately() {
    let server = StandIn::start().await;
    server.script([vec![send([STREAM_HEAD, &piece("一"), &piece("二")].concat()), Step::Hang]]);
    let Completion::Stream(mut pieces) = model(&server.base_url()).complete(call(true)).await.unwrap() else {
        panic!("it does not stream")
    };
    assert_eq!(pieces.next().await.unwrap().unwrap().text, "一");
    assert_eq!(pieces.next().await.unwrap().unwrap().text, "二");
    drop(pieces);
    server.left().await;
}

#[tokio::test]
async fn dropping_a_call_closes_the_connection() {
    let server = StandIn::start().await;
    server.script([vec![Step::Hang]]);
    let model = model(&server.base_url());
    let asking = tokio::spawn(async move { model.complete(call(true)).await.map(drop) });
    while server.received().is_empty() {
        tokio::task::yield_now().await;
    }
    asking.abort();
    server.left().await;
}

#[tokio::test]
async fn an_interrupted_stream_ends_in_an_error() {
    let server = StandIn::start().await;
    let model = model(&server.base_url());
    let begun = [STREAM_HEAD, &piece("多喝水")].concat();
    let error = "data: {\"error\":{\"message\":\"secret\",\"code\":\"1234\"}}\n\n";
    for (name, ending) in [
        ("ends", vec![]),
        ("dies", vec![Step::Pause(Duration::from_millis(50)), Step::Reset]),
        ("ends in a piece", vec![send("data: {\"choices\":[{\"del")]),
        ("sends no JSON", vec![send("data: hello\n\n"), send(DONE)]),
        ("sends an error", vec![send(error), send(DONE)]),
        ("sends no choices", vec![send("data: {}\n\n"), send(DONE)]),
        ("sends no UTF-8", vec![Step::Send(b"data: \xff\xfe\n\n".to_vec()), send(DONE)]),
        ("sends too large an event", vec![send(format!("data: {}", "x".repeat(1 << 20)))]),
    ] {
        println!("a server that {name}");
        server.script([[vec![send(&begun)], ending].concat()]);
        breaking_off_after(&model, "多喝水").await;
    }
}

#[tokio::test]
async fn a_stalled_stream_times_out() {
    let server = StandIn::start().await;
    server.script([vec![send([STREAM_HEAD, &piece("多喝水")].concat()), Step::Hang]]);
    let Completion::Stream(mut pieces) = model(&server.base_url()).complete(call(true)).await.unwrap() else {
        panic!("it does not stream")
    };
    assert_eq!(pieces.next().await.unwrap().unwrap().text, "多喝水");
    let end = in_a_moment(pieces.collect::<Vec<_>>()).await;
    assert!(matches!(end[..], [Err(_)]), "{} more", end.len());
    server.left().await;
}

#[tokio::test]
async fn an_invalid_response_is_a_failure() {
    let server = StandIn::start().await;
    let model = model(&server.base_url());
    let json = "content-type: application/json\r\n";
    for (name, steps) in [
        ("HTML", answer("200 OK", "content-type: text/html\r\n", "<html>welcome</html>")),
        ("broken JSON", answer("200 OK", json, "{\"choices\":")),
        ("no choices", answer("200 OK", json, "{}")),
        ("an error", answer("200 OK", json, "{\"error\":{\"message\":\"secret\"},\"choices\":[]}")),
        ("too much", answer("200 OK", json, &" ".repeat(5 << 20))),
        ("a client error", answer("400 Bad Request", json, "{\"error\":{\"message\":\"secret\"}}")),
        ("a wrong key", answer("401 Unauthorized", json, KEY)),
        ("a redirect", answer("302 Found", "location: /elsewhere\r\n", "")),
    ] {
        server.script([steps]);
        assert!(failed(model.complete(call(false)).await), "{name}");
        assert!(failed(model.complete(call(true)).await), "{name}, streamed");
        assert!(failed(model.reply(&conversation(), LONG).await), "{name}, to us");
    }
    for nothing in [DONE, "", "data: nonsense\n\n"] {
        server.script([vec![send([STREAM_HEAD, nothing].concat())]]);
        assert!(failed(model.complete(call(true)).await), "{nothing:?}");
    }
    let before = server.received().len();
    let list = CompletionRequest { json: Bytes::from_static(b"[]"), stream: false };
    assert!(failed(model.complete(list).await));
    assert_eq!(server.received().len(), before, "a request that is not an object is not passed on");
}

#[tokio::test]
async fn temporary_failures_are_retried_a_few_times() {
    let server = StandIn::start().await;
    let model = model(&server.base_url());
    let busy = answer("429 Too Many Requests", "retry-after: 0\r\n", "");
    let broken = answer("500 Internal Server Error", "", "secret");
    let good = vec![send([STREAM_HEAD, &piece("好"), DONE].concat())];
    server.script([busy.clone(), broken.clone(), good.clone()]);
    assert!(model.complete(call(true)).await.is_ok(), "the third attempt succeeds");
    server.script([vec![Step::Reset], vec![], good]);
    assert!(model.complete(call(true)).await.is_ok(), "a connection that ends before the answer");
    assert_eq!(server.received().len(), 6);
    server.script([broken]);
    assert!(failed(model.complete(call(true)).await));
    assert_eq!(server.received().len(), 9, "at most three attempts");
    server.script([busy]);
    assert_eq!(unavailable(model.complete(call(true)).await), Some(Again::After(Duration::ZERO)));
    server.script([answer("400 Bad Request", "", "")]);
    assert!(failed(model.complete(call(true)).await));
    assert_eq!(server.received().len(), 13, "permanent failures are not retried");
}

#[tokio::test]
async fn the_services_own_requests_are_retried_as_often() {
    let server = StandIn::start().await;
    let model = model(&server.base_url());
    let json = "content-type: application/json\r\n";
    let busy = answer("429 Too Many Requests", "retry-after: 0\r\n", "");
    let broken = answer("500 Internal Server Error", "", "secret");
    let good = answer("200 OK", json, r#"{"choices":[{"message":{"content":"好"}}]}"#);
    server.script([busy, vec![Step::Reset], good]);
    assert_eq!(model.reply(&conversation(), LONG).await.unwrap(), "好");
    assert_eq!(server.received().len(), 3);
    server.script([broken]);
    assert!(failed(model.reply(&conversation(), LONG).await));
    assert_eq!(server.received().len(), 6, "at most three attempts");
    for refused in [answer("400 Bad Request", json, "{}"), answer("200 OK", json, "{}")] {
        let before = server.received().len();
        server.script([refused]);
        assert!(failed(model.reply(&conversation(), LONG).await));
        assert_eq!(server.received().len(), before + 1, "permanent failures are not retried");
    }
}

#[tokio::test]
async fn a_long_retry_after_is_neither_obeyed_nor_reported() {
    let server = StandIn::start().await;
    let busy = r#"{"error":{"message":"busy","type":"requests","code":"rate_limit","param":null}}"#;
    server.script([answer("429 Too Many Requests", "retry-after: 86400\r\n", busy)]);
    let model = model(&server.base_url());
    assert_eq!(unavailable(model.complete(call(false)).await), Some(Again::After(Duration::from_secs(5))));
    assert_eq!(server.received().len(), 1);
    let reply = model.reply(&conversation(), LONG).await;
    assert_eq!(unavailable(reply), Some(Again::After(Duration::from_secs(5))));
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn no_retry_once_the_answer_has_begun() {
    let server = StandIn::start().await;
    server.script([vec![send([STREAM_HEAD, &piece("多喝水")].concat()), Step::Reset]]);
    let model = model(&server.base_url());
    let Completion::Stream(pieces) = model.complete(call(true)).await.unwrap() else {
        panic!("it does not stream")
    };
    assert!(pieces.collect::<Vec<_>>().await.last().unwrap().is_err());
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_silent_server_times_out() {
    let server = StandIn::start().await;
    let model = model(&server.base_url());
    let head = vec![send(STREAM_HEAD), Step::Hang];
    let half = vec![
        send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"),
        Step::Hang,
    ];
    let cases =
        [(false, vec![Step::Hang]), (true, vec![Step::Hang]), (true, head), (false, half)].into_iter();
    for (asked, (stream, steps)) in cases.enumerate() {
        server.script([steps]);
        let answer = given_up(&server, asked, model.complete(call(stream))).await;
        assert_eq!(unavailable(answer), Some(Again::Unknown));
    }
    server.script([vec![Step::Hang]]);
    let conversation = conversation();
    let reply = given_up(&server, 4, model.reply(&conversation, LONG)).await;
    assert_eq!(unavailable(reply), Some(Again::Unknown));
}

/// The result of a call, the one after `others` calls, that the server does not answer.
async fn given_up<T>(server: &StandIn, others: usize, call: impl Future<Output = T>) -> T {
    let mut call = pin!(call);
    tokio::select! {
        _ = &mut call => panic!("it does not wait for the server"),
        () = server.arrived(others + 1) => {}
    }
    let outcome = in_a_moment(call).await;
    server.left().await;
    outcome
}

#[tokio::test]
async fn errors_contain_neither_the_key_nor_the_servers_messages() {
    let server = StandIn::start().await;
    server.script([answer(
        "401 Unauthorized",
        "",
        &format!("{{\"error\":{{\"message\":\"bad key {KEY}\"}}}}"),
    )]);
    let model = model(&server.base_url());
    for error in [
        model.complete(call(false)).await.map(drop).unwrap_err(),
        model.reply(&conversation(), LONG).await.map(drop).unwrap_err(),
    ] {
        let mut shown = format!("{error} {error:?}");
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            shown += &error.to_string();
            cause = error.source();
        }
        assert!(!shown.contains(KEY) && !shown.contains("bad key"), "{shown}");
    }
}

//! Server-sent events (WHATWG HTML), parsed as they arrive.

use std::num::NonZeroUsize;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use sse_core::{MessageEvent, SseDecoder, SseEvent};
use yilin_domain::port::{BoxError, CompletionPart};

use crate::answer::{self, Choices};
use crate::surrogates::Halves;
use crate::trouble::Trouble;

/// Maximum size of one event's data in bytes. Chunks of answers are a thousand times smaller.
pub(crate) const MAX_EVENT_BYTES: NonZeroUsize = NonZeroUsize::new(256 * 1024).unwrap();

/// How long to wait for more once every choice has finished: the token usage follows immediately, and a
/// server may keep the connection open without sending anything else.
const AFTER_THE_END: Duration = Duration::from_secs(5);

/// The end marker of a complete answer.
const DONE: &str = "[DONE]";

/// The chunks of an answer, each within this time. The answer is complete when the server sends the end
/// marker, or when every choice has a finish reason, even if the connection fails afterwards; anything else
/// is an error, which is the last item.
pub(crate) fn pieces<S, E>(
    bytes: S,
    idle: Duration,
) -> impl Stream<Item = Result<CompletionPart, Trouble>> + Send
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    E: Into<BoxError> + Send + 'static,
{
    let reading = EventReader {
        bytes,
        decoder: SseDecoder::with_limit(MAX_EVENT_BYTES),
        buffer: Bytes::new(),
        at_end: false,
        halves: Halves::default(),
        choices: Choices::default(),
    };
    stream::unfold(Some(reading), move |reading| async move {
        let mut reading = reading?;
        let piece = reading.within(idle).await?;
        // Dropping the reader closes the connection.
        let rest = piece.is_ok().then_some(reading);
        Some((piece, rest))
    })
}

/// The types of events by which servers and gateways keep a connection open. Their data is no chunk.
const KEEP_ALIVES: [&str; 4] = ["ping", "heartbeat", "keepalive", "keep-alive"];

struct EventReader<S> {
    bytes: S,
    decoder: SseDecoder,
    /// Bytes received and not decoded yet.
    buffer: Bytes,
    at_end: bool,
    halves: Halves,
    choices: Choices,
}

impl<S, E> EventReader<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<BoxError>,
{
    /// The next chunk within this time; `None` after the last one.
    async fn within(&mut self, idle: Duration) -> Option<Result<CompletionPart, Trouble>> {
        let limit = if self.choices.are_finished() { idle.min(AFTER_THE_END) } else { idle };
        let next = tokio::time::timeout(limit, self.next()).await;
        match next.unwrap_or(Err(Trouble::TooSlow(limit))) {
            Ok(piece) => piece.map(Ok),
            // The answer was already complete.
            Err(Trouble::TooSlow(_) | Trouble::BrokeOff(_)) if self.choices.are_finished() => None,
            Err(trouble) => Some(Err(trouble)),
        }
    }

    async fn next(&mut self) -> Result<Option<CompletionPart>, Trouble> {
        loop {
            let Some(event) = self.event().await? else {
                return Err(Trouble::BrokeOff("the connection closed before the end of the answer".into()));
            };
            match event.data.trim() {
                DONE => return Ok(None),
                "" => {}
                _ if KEEP_ALIVES.contains(&&*event.event) => {}
                _ if event.event == "error" => return Err(Trouble::Nonsense("an error event")),
                data => return self.piece(data).map(Some),
            }
        }
    }

    fn piece(&mut self, data: &str) -> Result<CompletionPart, Trouble> {
        match answer::piece(&self.halves.join(data)) {
            Ok(piece) => {
                self.choices.add(piece.choices);
                Ok(piece.part)
            }
            Err(_) if self.at_end => Err(Trouble::BrokeOff("the connection closed inside a chunk".into())),
            Err(trouble) => Err(trouble),
        }
    }

    /// The next event with data; `None` at the end.
    async fn event(&mut self) -> Result<Option<MessageEvent>, Trouble> {
        loop {
            match self.decoder.next(&mut self.buffer) {
                Some(Ok(SseEvent::Message(event))) => return Ok(Some(event)),
                Some(Ok(SseEvent::Retry(_))) => continue,
                Some(Err(_)) => return Err(Trouble::Nonsense("an event is too large")),
                None if self.at_end => return Ok(None),
                None => {}
            }
            self.buffer = if let Some(bytes) = self.bytes.next().await {
                bytes.map_err(|error| Trouble::BrokeOff(error.into()))?
            } else {
                // Some servers omit the empty line after the last event.
                self.at_end = true;
                Bytes::from_static(b"\n\n")
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn data(text: &str) -> String {
        serde_json::json!({"choices": [{"index": 0, "delta": {"content": text}}]}).to_string()
    }

    const FINISH: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

    /// The texts up to the end, and the error if it ended in one.
    fn read(parts: Vec<Vec<u8>>) -> (String, Option<Trouble>) {
        let parts = parts.into_iter().map(|part| Ok::<_, Infallible>(Bytes::from(part)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let read: Vec<_> = runtime.block_on(pieces(stream::iter(parts), LONG).collect());
        let (mut text, mut trouble) = (String::new(), None);
        for piece in read {
            assert!(trouble.is_none(), "something follows the error");
            match piece {
                Ok(piece) => text.push_str(&piece.text),
                Err(error) => trouble = Some(error),
            }
        }
        (text, trouble)
    }

    /// Splits a stream into parts of these sizes, cyclically.
    fn cut(mut bytes: &[u8], sizes: &[usize]) -> Vec<Vec<u8>> {
        let mut parts = Vec::new();
        for size in sizes.iter().cycle() {
            let (part, rest) = bytes.split_at((*size).min(bytes.len()));
            parts.push(part.to_vec());
            bytes = rest;
            if bytes.is_empty() {
                return parts;
            }
        }
        parts
    }

    fn stream_of(texts: &[String], newline: &str, ending: &str) -> Vec<u8> {
        let mut all = format!(": hello{newline}{newline}event: ping{newline}data: {{}}{newline}{newline}");
        for text in texts {
            all.extend(["event: message", newline, "data: ", &data(text), newline, newline]);
        }
        all.push_str(&ending.replace('\n', newline));
        all.into_bytes()
    }

    proptest! {
        #[test]
        fn text_is_complete_for_any_split_and_line_ending(
            texts in prop::collection::vec("(?s).{0,12}", 0..6),
            sizes in prop::collection::vec(1_usize..40, 1..8),
            newline in prop::sample::select(vec!["\n", "\r\n", "\r"]),
            mark in prop::sample::select(vec!["", "\u{feff}"]),
            ending in prop::sample::select(vec![
                "data: [DONE]\n\n".to_owned(), "data: [DONE]\n".to_owned(), "data:[DONE]".to_owned(),
                format!("data: {FINISH}\n\n"), format!("data: {FINISH}"), format!("data: {FINISH}\n\ndata: {{\"cho"),
                format!("data: {FINISH}\n\ndata: {{\"usage\":{{}}}}\n\n"),
            ]),
        ) {
            let stream = [mark.as_bytes(), &stream_of(&texts, newline, &ending)].concat();
            let (text, trouble) = read(cut(&stream, &sizes));
            prop_assert_eq!(text, texts.concat());
            prop_assert!(trouble.is_none(), "{trouble:?}");
        }

        #[test]
        fn a_truncated_stream_ends_in_an_error(
            texts in prop::collection::vec("\\PC{0,12}", 1..4),
            at in any::<prop::sample::Index>(),
        ) {
            let bytes = stream_of(&texts, "\n", "data: [DONE]");
            let end = at.index(bytes.len() - 1);
            let (text, trouble) = read(vec![bytes[..end].to_vec()]);
            prop_assert!(texts.concat().starts_with(&text));
            prop_assert!(trouble.is_some());
        }

        #[test]
        fn any_bytes_end_in_an_error(
            bytes in prop::collection::vec(any::<u8>(), 0..400),
            sizes in prop::collection::vec(1_usize..40, 1..8),
        ) {
            prop_assert!(read(cut(&bytes, &sizes)).1.is_some());
        }

        /// As above, from lines that the parser handles specially.
        #[test]
        fn any_lines_end_in_an_error(
            lines in prop::collection::vec(
                "\u{feff}?(data|event|id|retry|dat|:)?[: ]{0,2}(\\{\"choices\":\\[\\]|[0-9\u{0}x头]{0,4})(\r|\n|\r\n){0,2}",
                0..12,
            ),
            sizes in prop::collection::vec(1_usize..9, 1..8),
        ) {
            prop_assert!(read(cut(lines.concat().as_bytes(), &sizes)).1.is_some());
        }
    }

    #[test]
    fn multi_line_data_is_one_chunk_on_one_line() {
        let event =
            "data: {\"choices\":\ndata: [{\"delta\":\r\ndata: {\"content\":\"头痛\"}}]}\n\ndata: [DONE]\n\n";
        let parts = stream::iter([Ok::<_, Infallible>(Bytes::from(event))]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let read: Vec<_> = runtime.block_on(pieces(parts, LONG).collect());
        let [Ok(piece)] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!(piece.text, "头痛");
        assert!(!piece.json.contains(&b'\n'), "{piece:?}");
    }

    #[test]
    fn an_endless_event_is_rejected() {
        let mut endless = b"data: ".to_vec();
        endless.resize(MAX_EVENT_BYTES.get() + 10, b'x');
        assert!(matches!(read(vec![endless]).1, Some(Trouble::Nonsense("an event is too large"))));
        let lines = "data: x\r\n".repeat(MAX_EVENT_BYTES.get() / 2 + 10).into_bytes();
        assert!(matches!(read(vec![lines]).1, Some(Trouble::Nonsense("an event is too large"))));
        let names = [b"event: ".to_vec(), vec![b'x'; MAX_EVENT_BYTES.get() + 10]].concat();
        assert!(matches!(read(vec![names]).1, Some(Trouble::Nonsense("an event is too large"))));
    }

    #[test]
    fn an_error_event_is_an_error() {
        for event in [
            "data: {\"error\":{\"message\":\"secret\"}}\n\ndata: [DONE]\n\n",
            "event: error\ndata: {\"message\":\"secret\",\"choices\":[]}\n\ndata: [DONE]\n\n",
        ] {
            let event = event.as_bytes().to_vec();
            let trouble = read(vec![event]).1;
            assert!(matches!(trouble, Some(Trouble::Nonsense("an error event" | "an error object"))));
        }
    }

    #[test]
    fn split_surrogates_and_characters_are_joined() {
        let piece = |text: &[u8]| {
            [&b"data: {\"choices\":[{\"delta\":{\"content\":\""[..], text, b"\"}}]}\n\n"].concat()
        };
        let done = b"data: [DONE]\n\n".to_vec();
        let read_all = |texts: &[&[u8]]| {
            read(texts.iter().map(|text| piece(text)).chain([done.clone()]).collect::<Vec<_>>())
        };
        for (texts, expected) in [
            (&[&b"\\ud83d"[..], b"\\ude00"][..], "😀"),
            (&[b"\\ud83d x"], "\u{fffd} x"),
            (&[b"x\\ud83d", b"y"], "xy"),
            (&["头".as_bytes().split_at(2).0, b"y"], "\u{fffd}y"),
        ] {
            let (text, trouble) = read_all(texts);
            assert_eq!((text.as_str(), trouble.is_none()), (expected, true), "{texts:?}: {trouble:?}");
        }
    }
}

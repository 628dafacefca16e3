//! Streams of events (WHATWG HTML, "server-sent events"), read as they come.

use bytes::Bytes;
use eventsource_stream::{EventStreamError, Eventsource as _};
use futures_util::stream::{self, Stream, StreamExt as _};
use yilin_domain::port::{BoxError, CompletionPart};

use crate::answer;
use crate::trouble::Trouble;

/// The most bytes of one event. Pieces of answers are a thousand times smaller.
pub(crate) const MAX_EVENT_BYTES: usize = 256 * 1024;

/// What ends an answer well.
const DONE: &str = "[DONE]";

/// The pieces of an answer. Ends well only after the server has said that it is done; anything else is
/// an error, which is the last item.
pub(crate) fn pieces<S, E>(bytes: S) -> impl Stream<Item = Result<CompletionPart, Trouble>> + Send
where
    S: Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: Into<BoxError> + Send + 'static,
{
    let events = Box::pin(bounded(bytes).eventsource());
    stream::unfold(Some(events), |events| async move {
        let mut events = events?;
        loop {
            let piece = match events.next().await {
                Some(Ok(event)) if event.data.trim() == DONE => return None,
                // Only to keep the connection alive.
                Some(Ok(event)) if event.data.trim().is_empty() => continue,
                Some(Ok(event)) => answer::chunk(event.data),
                Some(Err(EventStreamError::Transport(trouble))) => Err(trouble),
                Some(Err(EventStreamError::Utf8(_) | EventStreamError::Parser(_))) => {
                    Err(Trouble::Nonsense("it is no stream of events"))
                }
                None => Err(Trouble::BrokeOff("the connection ended before the answer".into())),
            };
            let rest = piece.is_ok().then_some(events);
            return Some((piece, rest));
        }
    })
}

/// The same bytes, as long as no event is larger than any should be: an event is held until it is
/// whole.
fn bounded<S, E>(bytes: S) -> impl Stream<Item = Result<Bytes, Trouble>> + Send
where
    S: Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: Into<BoxError> + Send + 'static,
{
    bytes.scan(EventSize::default(), |size, bytes| {
        let bytes = bytes.map_err(|error| Trouble::BrokeOff(error.into())).and_then(|bytes| {
            if size.add(&bytes) { Ok(bytes) } else { Err(Trouble::Nonsense("an event is too large")) }
        });
        std::future::ready(Some(bytes))
    })
}

/// How many bytes of an event have come: it ends with an empty line.
#[derive(Default)]
struct EventSize {
    event: usize,
    line: usize,
    after_cr: bool,
}

impl EventSize {
    /// Counts these bytes; `false` if the event is too large.
    fn add(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().all(|byte| {
            let ends_line = matches!(byte, b'\r' | b'\n');
            let second_half = *byte == b'\n' && self.after_cr;
            self.after_cr = *byte == b'\r';
            self.event += 1;
            match (ends_line, second_half) {
                (true, true) => {}
                (true, false) if self.line == 0 => self.event = 0,
                (true, false) => self.line = 0,
                (false, _) => self.line += 1,
            }
            self.event <= MAX_EVENT_BYTES
        })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    fn data(text: &str) -> String {
        serde_json::json!({"choices": [{"index": 0, "delta": {"content": text}}]}).to_string()
    }

    /// The texts until the end, and the error if that was one.
    fn read(parts: Vec<Vec<u8>>) -> (String, Option<Trouble>) {
        let parts = parts.into_iter().map(|part| Ok::<_, Infallible>(Bytes::from(part)));
        let read: Vec<_> =
            futures_util::FutureExt::now_or_never(pieces(stream::iter(parts)).collect()).unwrap();
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

    /// Cuts a stream into parts of these sizes, again and again.
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

    fn stream_of(texts: &[String], newline: &str, done: bool) -> Vec<u8> {
        let mut all = format!(": hello{newline}{newline}");
        for text in texts {
            all.extend(["event: message", newline, "data: ", &data(text), newline, newline]);
        }
        if done {
            all.extend(["data: [DONE]", newline, newline]);
        }
        all.into_bytes()
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_text_comes_whole(
            texts in prop::collection::vec("(?s).{0,12}", 0..6),
            sizes in prop::collection::vec(1_usize..40, 1..8),
            newline in prop::sample::select(vec!["\n", "\r\n"]),
        ) {
            let (text, trouble) = read(cut(&stream_of(&texts, newline, true), &sizes));
            prop_assert_eq!(text, texts.concat());
            prop_assert!(trouble.is_none(), "{trouble:?}");
        }

        #[test]
        fn a_stream_that_breaks_off_anywhere_says_so(
            texts in prop::collection::vec("\\PC{0,12}", 1..4),
            at in any::<prop::sample::Index>(),
        ) {
            let bytes = stream_of(&texts, "\n", true);
            let end = at.index(bytes.len() - "data: [DONE]\n\n".len());
            let (text, trouble) = read(vec![bytes[..end].to_vec()]);
            prop_assert!(texts.concat().starts_with(&text));
            prop_assert!(trouble.is_some());
        }

        #[test]
        fn nonsense_ends_in_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(read(vec![bytes]).1.is_some());
        }
    }

    #[test]
    fn an_event_without_an_end_is_not_held_forever() {
        let mut endless = b"data: ".to_vec();
        endless.resize(MAX_EVENT_BYTES + 10, b'x');
        assert!(matches!(read(vec![endless]).1, Some(Trouble::Nonsense("an event is too large"))));
        let lines = "data: x\r\n".repeat(MAX_EVENT_BYTES / 9 + 1).into_bytes();
        assert!(matches!(read(vec![lines]).1, Some(Trouble::Nonsense("an event is too large"))));
    }

    #[test]
    fn an_error_event_is_an_error() {
        let event = b"data: {\"error\":{\"message\":\"secret\"}}\n\ndata: [DONE]\n\n".to_vec();
        assert!(matches!(read(vec![event]).1, Some(Trouble::Nonsense("it is an error"))));
    }
}

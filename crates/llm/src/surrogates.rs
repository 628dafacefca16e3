//! Surrogate pairs split across chunks.

use std::borrow::Cow;

use yilin_domain::json::{LoneSurrogate, lone_surrogates};

/// Joins surrogate pairs that a server has split across two chunks of an answer. A half without its other
/// half becomes U+FFFD, or is dropped at the end of a chunk, where nothing can be inserted any more.
#[derive(Debug, Default)]
pub(crate) struct Halves {
    /// The high surrogate that ended a text in the previous chunk.
    high: Option<u16>,
}

impl Halves {
    /// The next chunk without lone surrogates, readable by any JSON parser.
    pub(crate) fn join<'a>(&mut self, json: &'a str) -> Cow<'a, str> {
        let lone = lone_surrogates(json.as_bytes());
        let held = self.high.take();
        if lone.is_empty() {
            return Cow::Borrowed(json);
        }
        let mut joined = String::with_capacity(json.len() + 6);
        let mut done = 0;
        for surrogate in lone {
            let before = json.get(done..surrogate.range.start).unwrap_or_default();
            let after = json.get(surrogate.range.end..).unwrap_or_default();
            joined.push_str(before);
            done = surrogate.range.end;
            if surrogate.is_high() && after.starts_with('"') {
                self.high = Some(surrogate.unit);
                continue;
            }
            match held.filter(|_| !surrogate.is_high() && joined.ends_with('"')) {
                Some(high) => {
                    joined.extend(char::decode_utf16([high, surrogate.unit]).filter_map(Result::ok));
                }
                None => joined.push_str(LoneSurrogate::REPLACEMENT),
            }
        }
        joined.push_str(json.get(done..).unwrap_or_default());
        Cow::Owned(joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(pieces: &[&str]) -> Vec<String> {
        let mut halves = Halves::default();
        pieces.iter().map(|piece| halves.join(piece).into_owned()).collect()
    }

    #[test]
    fn surrogates_split_across_chunks_are_joined() {
        assert_eq!(
            joined(&[r#"{"c":"痛\ud83d"}"#, r#"{"c":"\ude00了"}"#]),
            [r#"{"c":"痛"}"#, r#"{"c":"😀了"}"#]
        );
        assert_eq!(joined(&[r#""\ud83d""#, r#""""#, r#""\ude00""#]), [r#""""#, r#""""#, "\"\u{fffd}\""]);
        assert_eq!(joined(&[r#""a\ud83db""#, r#""b\ude00""#]), ["\"a\u{fffd}b\"", "\"b\u{fffd}\""]);
        assert_eq!(joined(&[r#""\ud83d""#, r#""\ud83d""#, r#""\ude00""#]), [r#""""#, r#""""#, r#""😀""#]);
        assert_eq!(joined(&["无"]), ["无"]);
    }
}

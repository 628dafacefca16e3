use std::borrow::Cow;

use yilin_domain::json::{LoneSurrogate, lone_surrogates};

/// Puts the two halves of a surrogate pair together that a server has cut into two pieces of an
/// answer. A half whose other half does not come becomes U+FFFD, or is left out at the end of a
/// piece, where nothing can be put any more.
#[derive(Debug, Default)]
pub(crate) struct Halves {
    /// The first half of a pair, which ended a text in the piece before.
    high: Option<u16>,
}

impl Halves {
    /// The next piece without lone surrogates. Every program that reads JSON can read it.
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
    fn halves_in_two_pieces_become_one_character() {
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

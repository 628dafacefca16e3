//! JSON texts (RFC 8259) from other programs, before parsing.

use std::borrow::Cow;
use std::ops::Range;

/// The escape of one half of a surrogate pair whose other half is missing, such as the `\ud83d` that remains
/// of an emoji when a program cuts text by UTF-16 units. RFC 8259 §8.2 allows it; parsers with Unicode
/// strings reject the whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoneSurrogate {
    /// Byte range of the escape.
    pub range: Range<usize>,
    /// Its UTF-16 unit, 0xD800 to 0xDFFF.
    pub unit: u16,
}

impl LoneSurrogate {
    /// The Unicode replacement character, U+FFFD.
    pub const REPLACEMENT: &'static str = "\u{fffd}";

    /// Whether it is a high surrogate.
    pub fn is_high(&self) -> bool {
        is_high(self.unit)
    }
}

/// The lone surrogates of a JSON text, in order. If the text is not JSON, the result is unspecified.
pub fn lone_surrogates(json: &[u8]) -> Vec<LoneSurrogate> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = json.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += offset;
        let Some(unit) = escaped_unit(json, at) else {
            at += 2;
            continue;
        };
        let is_pair = is_high(unit) && escaped_unit(json, at + ESCAPE).is_some_and(is_low);
        let length = if is_pair { 2 * ESCAPE } else { ESCAPE };
        if !is_pair && (is_high(unit) || is_low(unit)) {
            found.push(LoneSurrogate { range: at..at + length, unit });
        }
        at += length;
    }
    found
}

/// The same JSON text with U+FFFD in place of every lone surrogate.
pub fn without_lone_surrogates(json: &[u8]) -> Cow<'_, [u8]> {
    let lone = lone_surrogates(json);
    if lone.is_empty() {
        return Cow::Borrowed(json);
    }
    let mut whole = Vec::with_capacity(json.len());
    let mut done = 0;
    for surrogate in lone {
        whole.extend_from_slice(json.get(done..surrogate.range.start).unwrap_or_default());
        whole.extend_from_slice(LoneSurrogate::REPLACEMENT.as_bytes());
        done = surrogate.range.end;
    }
    whole.extend_from_slice(json.get(done..).unwrap_or_default());
    Cow::Owned(whole)
}

/// The length of `\uXXXX`.
const ESCAPE: usize = 6;

/// The UTF-16 unit escaped at this offset.
fn escaped_unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + ESCAPE)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}

fn is_high(unit: u16) -> bool {
    (0xD800..0xDC00).contains(&unit)
}

fn is_low(unit: u16) -> bool {
    (0xDC00..0xE000).contains(&unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mended(json: &str) -> String {
        String::from_utf8(without_lone_surrogates(json.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn only_lone_surrogates_are_replaced() {
        for (json, expected) in [
            (r#""\ud83d 咳嗽""#, "\"\u{fffd} 咳嗽\""),
            (r#""咳嗽\uDE00""#, "\"咳嗽\u{fffd}\""),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ude00\ud83d""#, "\"\u{fffd}\u{fffd}\""),
            (r#""\ud83d\ud83d\ude00""#, "\"\u{fffd}\\ud83d\\ude00\""),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\\\ud83d""#, "\"\\\\\u{fffd}\""),
            (r#""\ud83d\n""#, "\"\u{fffd}\\n\""),
            (r#""\u5934""#, r#""\u5934""#),
            (r#"{"\ud83d":1}"#, "{\"\u{fffd}\":1}"),
            (r"\ud83", r"\ud83"),
            ("\\", "\\"),
        ] {
            assert_eq!(mended(json), expected, "{json}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_accepted(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _mended: Cow<'_, [u8]> = without_lone_surrogates(&bytes);
        }

        #[test]
        fn no_lone_surrogates_remain(json in r#"(\\u[dD][89a-fA-F][0-9a-f]{2}|\\\\|\\n|[a-z"]){0,12}"#) {
            prop_assert_eq!(lone_surrogates(mended(&json).as_bytes()), []);
        }
    }
}

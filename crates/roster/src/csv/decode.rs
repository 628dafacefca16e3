//! Character encodings of CSV files: BOM, UTF-8 or GB18030.

use encoding_rs::{DecoderResult, Encoding, GB18030};
use yilin_domain::roster::RosterFault;

/// End-of-file mark written by DOS programs.
const END_MARK: char = '\u{1a}';

/// Decodes a file, all of it in one encoding: by its byte order mark, else as UTF-8, else as GB18030.
/// Statistical detection is wrong more often. Invalid UTF-8 alone does not make a file GB18030, which maps
/// almost any two bytes to some character: a file that is UTF-8 except for a few bytes is damaged.
pub(super) fn decode(bytes: &[u8]) -> Result<String, RosterFault> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let text = whole(encoding, bytes.get(mark..).unwrap_or_default());
        return text.map_err(|at| bad(encoding, bytes, mark + at)).and_then(checked);
    }
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return checked(text.to_owned()),
        Err(error) => error,
    };
    // Only UTF-16 and UTF-32 text contains NUL bytes, and those begin with a byte order mark.
    if bytes.contains(&0) {
        return Err(RosterFault::NotASpreadsheet);
    }
    if is_damaged_utf_8(bytes) {
        return Err(RosterFault::BadEncoding { line: line_at(bytes, error.valid_up_to()) });
    }
    whole(GB18030, bytes).map_err(|at| bad(GB18030, bytes, at)).and_then(checked)
}

/// Whether valid UTF-8 sequences of three or four bytes, such as Chinese characters, outnumber the invalid
/// places. In GB18030 some byte pairs look like UTF-8 by chance, but most do not.
fn is_damaged_utf_8(bytes: &[u8]) -> bool {
    let (mut long, mut wrong) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        long += chunk.valid().chars().filter(|c| c.len_utf8() > 2).count();
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    long > wrong
}

/// Decodes all bytes with one encoding; on failure, returns the offset of the first invalid bytes.
fn whole(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, usize> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text =
        String::with_capacity(decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(0));
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    match result {
        DecoderResult::InputEmpty => Ok(text),
        DecoderResult::Malformed(length, after) => {
            Err(read.saturating_sub(usize::from(length) + usize::from(after)))
        }
        DecoderResult::OutputFull => Err(read),
    }
}

fn bad(encoding: &'static Encoding, bytes: &[u8], at: usize) -> RosterFault {
    let before = bytes.get(..at).unwrap_or(bytes);
    let line = if encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE {
        let (text, _) = encoding.decode_without_bom_handling(before);
        line_at(text.as_bytes(), text.len())
    } else {
        line_at(bytes, at)
    };
    RosterFault::BadEncoding { line }
}

/// The line number of a byte offset, from 1. Line break bytes are unambiguous in all supported encodings,
/// also inside multi-byte characters.
fn line_at(bytes: &[u8], at: usize) -> u32 {
    let before = bytes.get(..at).unwrap_or(bytes);
    let ends = before.iter().enumerate().filter(|(place, byte)| match **byte {
        b'\n' => true,
        b'\r' => bytes.get(place + 1) != Some(&b'\n'),
        _ => false,
    });
    u32::try_from(ends.count()).unwrap_or(u32::MAX).saturating_add(1)
}

/// Rejects control characters that never occur in text: such a file is binary.
fn checked(mut text: String) -> Result<String, RosterFault> {
    let end = text.trim_end_matches(END_MARK).len();
    text.truncate(end);
    let is_binary =
        |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{b}' | '\u{85}' | END_MARK);
    if text.chars().any(is_binary) { Err(RosterFault::NotASpreadsheet) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "tests panic on failure")]

    use super::*;

    const ROWS: &str = "姓名,电话,住址\n张伟,13800000001,人民路1号\n李娜,13800000002,朝阳小区3栋\n";

    fn line(bytes: &[u8]) -> u32 {
        match decode(bytes) {
            Err(RosterFault::BadEncoding { line }) => line,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_damaged_file_is_reported_with_its_line() {
        let utf_8 = ROWS.as_bytes();
        let gbk = encoding_rs::GBK.encode(ROWS).0.into_owned();
        for stray in [0xff, 0x80, 0xb5, 0xe4, 0xc3] {
            let mut bytes = utf_8.to_vec();
            let place = ROWS.find("李").unwrap();
            bytes.insert(place, stray);
            assert_eq!(line(&bytes), 3, "{stray:x}");
        }
        // Cut inside the last character.
        let end = ROWS.find("栋").unwrap();
        for cut in 1..3 {
            assert_eq!(line(&utf_8[..end + cut]), 3);
            assert_eq!(line(&[b"\xef\xbb\xbf", &utf_8[..end + cut]].concat()), 3);
        }
        assert_eq!(line(&gbk[..gbk.len() - 2]), 3);
        let utf_16: Vec<u8> = ROWS.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(line(&[b"\xff\xfe", &utf_16[..utf_16.len() - 1]].concat()), 3);
        // Cells cut to a fixed number of bytes, as old databases export them.
        let cut: Vec<u8> = ROWS
            .split('\n')
            .flat_map(|line| [&line.as_bytes()[..line.len().saturating_sub(1)], b"\n"].concat())
            .collect();
        assert_eq!(line(&cut), 1);
    }

    #[test]
    fn gb18030_with_rare_characters_is_read() {
        for text in [
            "姓名,电话\n㐂𠮷,13800000001\n",
            "name,phone\n镕喆堃,13800000001\n",
            "电话,age\n13800000001,7\n",
            "姓名,电话\n艾力·买买提,13800000001\n联通,1\n",
            "姓名,电话\n阿卜杜拉ئابدۇللا,1\n",
        ] {
            assert_eq!(decode(&GB18030.encode(text).0).unwrap(), text);
        }
    }
}

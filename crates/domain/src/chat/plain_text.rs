//! Conversion of text to a single plain paragraph.

/// The text as one paragraph of at most `max_chars` characters that can be used in a page URL unescaped:
/// without line breaks and control characters, and with full-width forms of URL delimiters.
pub fn plain_paragraph(text: &str, max_chars: usize) -> String {
    let mut plain = String::new();
    let mut blank = false;
    for c in text.chars() {
        let c = match c {
            '&' => '＆',
            '=' => '＝',
            '%' => '％',
            '#' => '＃',
            '?' => '？',
            '+' => '＋',
            // Line breaks that only some programs recognise.
            '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() || c.is_whitespace() => ' ',
            c => c,
        };
        // Collapses runs of spaces and drops leading ones.
        if c == ' ' {
            blank = !plain.is_empty();
        } else {
            if blank {
                plain.push(' ');
                blank = false;
            }
            plain.push(c);
        }
    }
    shortened(&plain, max_chars)
}

/// Truncates to `max_chars` characters, with a mark at the end if anything was dropped.
fn shortened(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max_chars.saturating_sub(1)).collect();
    if max_chars > 0 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn url_delimiters_become_full_width() {
        assert_eq!(
            plain_paragraph(" 头痛\r\n\n三天？\tA&B=50%#1?+\u{0}\u{2028}x ", 1000),
            "头痛 三天？ A＆B＝50％＃1？＋ x"
        );
        assert_eq!(plain_paragraph("一二三四五", 4), "一二三…");
        assert_eq!(plain_paragraph("", 4), "");
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_short_paragraph(text in ".*", max in 0_usize..50) {
            let plain = plain_paragraph(&text, max);
            prop_assert!(plain.chars().count() <= max);
            let forbidden = |c: char| c.is_control() || "&=%#?+\u{2028}\u{2029}".contains(c);
            prop_assert!(!plain.chars().any(forbidden));
            prop_assert_eq!(plain_paragraph(&plain, max), plain);
        }
    }
}

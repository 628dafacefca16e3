/// The text as one paragraph of at most so many characters that can stand in a page's address as it
/// is: no line breaks, no control characters, and full-width forms of what has a meaning there.
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
            // Also the breaks that only some programs know.
            '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() || c.is_whitespace() => ' ',
            c => c,
        };
        // Blanks in a row are one, and none is at the start.
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

/// Cut to so many characters, with a mark where something is left out.
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
    fn what_has_a_meaning_in_an_address_gets_its_full_width_form() {
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

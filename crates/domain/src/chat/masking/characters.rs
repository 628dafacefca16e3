//! The characters of numbers: digits of every script, what is not seen, and what separates groups of digits.

use std::sync::LazyLock;

use regex::Regex;

/// The decimal value of a digit: of any script, full-width, enclosed, raised or Chinese.
pub(super) fn digit(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.to_digit(10).and_then(|value| u8::try_from(value).ok());
    }
    chinese(c).or_else(|| enclosed(c)).or_else(|| decimal(c))
}

/// Chinese digits: plain, financial (also in traditional characters), and those that are said on the telephone.
fn chinese(c: char) -> Option<u8> {
    Some(match c {
        '零' | '〇' | '○' | '洞' => 0,
        '一' | '壹' | '弌' | '幺' => 1,
        '二' | '贰' | '貳' | '貮' | '弍' | '两' | '兩' => 2,
        '三' | '叁' | '參' | '叄' | '弎' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' | '陸' => 6,
        '七' | '柒' | '拐' => 7,
        '八' | '捌' => 8,
        '九' | '玖' | '勾' => 9,
        _ => return None,
    })
}

/// Digits in a circle or in brackets, with a full stop, raised and lowered ones.
fn enclosed(c: char) -> Option<u8> {
    /// The characters of one to nine: ①⑴⒈❶➀➊㈠㊀.
    const ONES: [u32; 8] = [0x2460, 0x2474, 0x2488, 0x2776, 0x2780, 0x278A, 0x3220, 0x3280];
    /// The characters of zero to nine: raised and lowered.
    const ZEROS: [u32; 2] = [0x2070, 0x2080];
    let code = u32::from(c);
    let of = |starts: &[u32], digits: u32| {
        starts.iter().find_map(|start| code.checked_sub(*start).filter(|value| *value < digits))
    };
    let value = match c {
        '⓪' | '⓿' => Some(0),
        '¹' => Some(1),
        '²' => Some(2),
        '³' => Some(3),
        _ => of(&ONES, 9).map(|value| value + 1).or_else(|| of(&ZEROS, 10)),
    };
    // There are unassigned characters between them.
    value.filter(|_| c.is_numeric()).and_then(|value| u8::try_from(value).ok())
}

/// The decimal digits of a script, which are ten characters in order, from a code that ends in 0 or 6. (Mathematical
/// digits repeat every ten.)
fn decimal(c: char) -> Option<u8> {
    let code = u32::from(c);
    if !c.is_numeric() || !is_decimal(c) {
        return None;
    }
    let value = if (0x1D7CE..=0x1D7FF).contains(&code) {
        (code - 0x1D7CE) % 10
    } else {
        let place = code % 16;
        let begins_with_the_row = char::from_u32(code - place).is_some_and(is_decimal);
        if begins_with_the_row { place } else { place.checked_sub(6)? }
    };
    u8::try_from(value).ok().filter(|value| *value < 10)
}

fn is_decimal(c: char) -> bool {
    static DECIMAL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\p{Nd}$").ok());
    matches(DECIMAL.as_ref(), c)
}

/// Whether a character is not seen, or only marks the one before it: zero-width characters, combining marks, the parts of
/// a keycap emoji.
pub(super) fn is_invisible(c: char) -> bool {
    static INVISIBLE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Mn}\p{Me}]$").ok());
    // Most characters of a text are ideographs; asking the pattern takes longer.
    let is_ideograph = ('\u{4E00}'..='\u{9FFF}').contains(&c);
    !c.is_ascii() && !is_ideograph && matches(INVISIBLE.as_ref(), c)
}

fn matches(pattern: Option<&Regex>, c: char) -> bool {
    pattern.is_some_and(|pattern| pattern.is_match(c.encode_utf8(&mut [0; 4])))
}

/// Whether a character may separate groups of digits: everything but letters and numbers (○ stands for a zero).
pub(super) fn is_mark(c: char) -> bool {
    !c.is_alphanumeric() && !is_invisible(c) && digit(c).is_none()
}

/// The ASCII form of a mark that has several.
pub(super) fn mark(c: char) -> char {
    match c {
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '－' | '﹣' => '-',
        '．' | '·' | '•' | '・' | '‧' | '∙' | '﹒' => '.',
        '／' | '∕' => '/',
        '＿' => '_',
        '＊' | '×' => '*',
        '，' => ',',
        '：' => ':',
        '；' => ';',
        '（' | '【' | '［' => '(',
        '）' | '】' | '］' => ')',
        '～' | '〜' => '~',
        '＃' => '#',
        '｜' => '|',
        '＋' => '+',
        '＝' => '=',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_all_scripts_have_their_values() {
        for digits in [
            "0123456789",
            "０１２３４５６７８９",
            "٠١٢٣٤٥٦٧٨٩",
            "۰۱۲۳۴۵۶۷۸۹",
            "०१२३४५६७८९",
            "০১২৩৪৫৬৭৮৯",
            "๐๑๒๓๔๕๖๗๘๙",
            "₀₁₂₃₄₅₆₇₈₉",
            "⁰¹²³⁴⁵⁶⁷⁸⁹",
            "⓪①②③④⑤⑥⑦⑧⑨",
            "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
            "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿",
            "𑁦𑁧𑁨𑁩𑁪𑁫𑁬𑁭𑁮𑁯",
            "〇一二三四五六七八九",
            "零壹貳參肆伍陸柒捌玖",
            "洞幺两三四五六拐八勾",
        ] {
            let values: Vec<Option<u8>> = digits.chars().map(digit).collect();
            assert_eq!(values, (0..10).map(Some).collect::<Vec<_>>(), "{digits}");
        }
        for other in "a中½Ⅷ十百，. \u{200b}".chars() {
            assert_eq!(digit(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_character_is_a_digit_a_mark_not_seen_or_none_of_these() {
        for c in '\0'..=char::MAX {
            let kinds = [digit(c).is_some(), is_mark(c), is_invisible(c)];
            assert!(kinds.iter().filter(|is_kind| **is_kind).count() <= 1, "{c:?}: {kinds:?}");
        }
    }
}

//! What people and spreadsheet programs make of a cell, undone.

/// The text with full-width letters, digits, signs and spaces in their ordinary width.
pub(crate) fn half_width(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        _ => c,
    };
    text.chars().map(narrow).collect()
}

/// A text of one line without what cannot be seen: control characters become spaces, and those at
/// the ends are dropped, as are zero-width characters.
pub(super) fn clean(text: &str) -> String {
    let visible = text.chars().filter(|c| !is_invisible(*c));
    let spaced: String = visible.map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

/// The digits of a phone number, whatever it is written with: spaces, hyphens, brackets, `+86`, or
/// as a spreadsheet's number. Whatever else the text is stays as it is, to be refused.
pub(super) fn phone(text: &str) -> String {
    let plain = half_width(text);
    let joined: String =
        plain.chars().filter(|c| !c.is_whitespace() && !is_invisible(*c) && !is_separator(*c)).collect();
    let joined = whole_number(&joined).unwrap_or(joined);
    let national = ["+86", "0086", "86"].iter().find_map(|prefix| {
        joined.strip_prefix(prefix).filter(|rest| rest.len() == 11 && rest.starts_with('1'))
    });
    national.map_or_else(|| joined.clone(), str::to_owned)
}

/// The digits of a whole number, however a spreadsheet writes it: `72`, `72.0`, `72岁`.
pub(super) fn number(text: &str) -> String {
    let plain: String =
        half_width(text).chars().filter(|c| !c.is_whitespace() && !is_invisible(*c)).collect();
    let plain = plain.strip_suffix("周岁").or_else(|| plain.strip_suffix('岁')).unwrap_or(&plain);
    whole_number(plain).unwrap_or_else(|| plain.to_owned())
}

/// The digits of `18912345678.0` and `1.8912345678E10`; `None` if it is not a number in such a
/// notation, or one that was cut: `1.89123E+10` is some other number than the one that was meant.
fn whole_number(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?)
        }
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.')?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    if exponent == 0 {
        return fraction.bytes().all(|byte| byte == b'0').then(|| whole.to_owned());
    }
    (fraction.len() == exponent).then(|| format!("{whole}{fraction}"))
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '(' | ')' | '\'' | '\u{2019}')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

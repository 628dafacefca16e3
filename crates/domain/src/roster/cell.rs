//! Normalises the cell text that people and spreadsheet programs produce.

use chrono::NaiveDate;

/// Converts full-width letters, digits, signs and spaces to half-width.
pub(crate) fn half_width(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        _ => c,
    };
    text.chars().map(narrow).collect()
}

/// Traditional characters of the words searched in rosters, with their simplified forms.
const TRADITIONAL: &str = "電电話话別别齡龄醫医師师屬属號号碼码聯联絡络繫系係系構构機机類类現现詳详細细歲岁數数週周\
    實实員员動动個个國国處处區区縣县鄉乡鎮镇戶户門门務务衛卫診诊療疗執执業业單单職职稱称錄录訊讯間间時时說说無无\
    嬰婴兒儿滿满剛刚約约簽签歷历陽阳歿殁";

/// Converts the traditional characters of [`TRADITIONAL`] to simplified ones.
pub(super) fn simplified(text: &str) -> String {
    let simple = |c: char| {
        let mut pairs = TRADITIONAL.chars();
        while let (Some(traditional), Some(simple)) = (pairs.next(), pairs.next()) {
            if traditional == c {
                return simple;
            }
        }
        c
    };
    text.chars().map(simple).collect()
}

/// A single-line text without invisible characters: control characters become spaces, which are trimmed at
/// the ends, and zero-width characters are dropped.
pub(super) fn clean(text: &str) -> String {
    let visible = text.chars().filter(|c| !is_invisible(*c));
    let spaced: String = visible.map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

/// Whether this is how a spreadsheet program displays an error or a boolean, also if the file has it as text,
/// as a CSV export does.
pub(super) fn is_not_a_value(text: &str) -> bool {
    const SHOWN: [&str; 14] = [
        "TRUE",
        "FALSE",
        "#N/A",
        "#REF!",
        "#NAME?",
        "#VALUE!",
        "#DIV/0!",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#GETTING_DATA",
    ];
    let text = half_width(text);
    let is_calc_error =
        |text: &str| text.strip_prefix("Err:").is_some_and(|number| number.len() == 3 && is_digits(number));
    // A number wider than its column is displayed, and copied, as hashes.
    let is_too_narrow = text.len() > 2 && text.bytes().all(|byte| byte == b'#');
    SHOWN.contains(&text.trim()) || is_calc_error(text.trim()) || is_too_narrow
}

/// The digits of a phone number in any notation: with spaces, hyphens, brackets, `+86`, or as a spreadsheet
/// number. Any other text is unchanged, to be rejected later.
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

/// A date in the order year, month, day with any separators: `1990-1-5`, `1990/01/05`, `1990.1.5`,
/// `1990年1月5日`, `19900105`. A time of day after it is ignored.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let plain = simplified(&half_width(text));
    let plain = plain.trim();
    let plain = match plain.split_once(['T', ' ']) {
        Some((date, time)) if is_time_of_day(time) => date,
        _ => plain,
    };
    let plain: String = plain.chars().filter(|c| !c.is_whitespace() && !is_invisible(*c)).collect();
    let plain = whole_number(&plain).unwrap_or(plain);
    if plain.len() == 8 && is_digits(&plain) {
        return NaiveDate::parse_from_str(&plain, "%Y%m%d").ok();
    }
    let plain =
        plain.trim_end_matches(['日', '号']).replace(['年', '月', '/', '.', '\u{2010}', '\u{2013}'], "-");
    let mut parts = plain.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = |part: &str, lengths: &[usize]| lengths.contains(&part.len()) && is_digits(part);
    if parts.next().is_some() || !fits(year, &[4]) || !fits(month, &[1, 2]) || !fits(day, &[1, 2]) {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

fn is_time_of_day(text: &str) -> bool {
    let text = text.trim();
    text.contains(':') && text.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | 'Z'))
}

/// An age in full years: `72`, `72.0`, `72岁`, or an infant's: `3个月`, `20天`, `1岁3个月`, `新生儿`, `半岁`, `0.5`.
pub(super) fn years(text: &str) -> Option<u64> {
    let plain: String = simplified(&half_width(text))
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace() && !is_invisible(*c))
        .collect();
    let plain = plain.strip_prefix("出生").unwrap_or(&plain);
    if is_infant(plain) {
        return Some(0);
    }
    if let Some((years, rest)) = plain.split_once('岁').filter(|(_, rest)| !rest.is_empty()) {
        let rest_is_known = rest == "半" || months(rest).is_some_and(|months| months < 12);
        return whole(years.strip_suffix('周').unwrap_or(years)).filter(|_| rest_is_known);
    }
    if let Some(months) = months(plain) {
        return Some(months / 12);
    }
    if let Some(days) = suffixed(plain, &["天", "日龄", "days", "day"]) {
        return (days < 365).then_some(0);
    }
    whole(suffix_stripped(plain, &["周岁", "岁", "yearsold", "years", "year", "y"]).unwrap_or(plain))
}

fn is_infant(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "新生儿",
        "初生",
        "婴儿",
        "婴幼儿",
        "满月",
        "未满月",
        "半岁",
        "半周岁",
        "不满1岁",
        "未满1岁",
        "不足1岁",
        "不满周岁",
        "newborn",
        "infant",
    ];
    let others = ["未满周岁", "不足周岁", "不满一岁", "未满一岁", "不足一岁", "<1", "<1岁"];
    let years = text.strip_suffix('岁').unwrap_or(text);
    let is_fraction = years.strip_prefix('0').unwrap_or(years).strip_prefix('.').is_some_and(is_digits);
    WORDS.contains(&text) || others.contains(&text) || is_fraction
}

fn months(text: &str) -> Option<u64> {
    suffixed(text, &["个月龄", "个月大", "个月", "月龄", "月大", "月", "months", "month", "mo"])
}

/// The number before one of these suffixes.
fn suffixed(text: &str, suffixes: &[&str]) -> Option<u64> {
    const HAN: [&str; 13] =
        ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"];
    let number = suffix_stripped(text, suffixes)?;
    let han = || HAN.iter().position(|han| *han == number.replace('两', "二"));
    whole(number).or_else(|| u64::try_from(han()?).ok())
}

fn suffix_stripped<'a>(text: &'a str, suffixes: &[&str]) -> Option<&'a str> {
    suffixes.iter().find_map(|suffix| text.strip_suffix(suffix))
}

/// A whole number in any spreadsheet notation: `72`, `72.0`, `7.2E1`.
pub(super) fn whole(text: &str) -> Option<u64> {
    let digits = whole_number(text).unwrap_or_else(|| text.to_owned());
    digits.parse().ok().filter(|_| is_digits(&digits))
}

/// The digits of `18912345678.0` and `1.8912345678E10`; `None` for anything else, or for a truncated number:
/// `1.89123E+10` has lost digits.
fn whole_number(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?)
        }
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.')?;
    if !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    if exponent == 0 {
        return fraction.bytes().all(|byte| byte == b'0').then(|| whole.to_owned());
    }
    (fraction.len() == exponent).then(|| format!("{whole}{fraction}"))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '(' | ')' | '\'' | '\u{2019}')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

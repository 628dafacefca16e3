//! Formats a number as a spreadsheet program displays it in a cell (ECMA-376 part 1, 18.8.30 and 18.8.31),
//! where the result is certain.

use chrono::{Days, NaiveDate};
use yilin_domain::roster::RosterCell;

/// From here on, integers are no longer exact in the file.
const LARGEST_EXACT: f64 = 1e15;
/// From here on, `General` displays an exponent.
const LARGEST_GENERAL: f64 = 1e11;
/// Maximum number of characters `General` displays for a fraction.
const GENERAL_CHARS: usize = 11;
/// Maximum length of a format code, in bytes; Excel allows 255 characters.
const CODE: usize = 1024;

/// The number format of a cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum NumberFormat {
    /// As many digits as needed.
    #[default]
    General,
    /// A date, possibly with a time of day.
    Date,
    /// A time of day or a duration.
    Time,
    /// Digits as these sections define: one for all numbers; or positive with zero, and negative; or
    /// positive, negative and zero.
    Sections(Vec<Section>),
    /// Anything else, such as fractions, exponents and conditions.
    Unknown,
}

impl NumberFormat {
    /// A built-in format, by its id.
    pub(crate) fn built_in(number: u32) -> Self {
        match number {
            0 | 49 => Self::General,
            1 => Self::of_code("0"),
            2 => Self::of_code("0.00"),
            3 => Self::of_code("#,##0"),
            4 => Self::of_code("#,##0.00"),
            9 => Self::of_code("0%"),
            10 => Self::of_code("0.00%"),
            14..=17 | 22 | 27..=31 | 36 | 50..=54 | 57 | 58 => Self::Date,
            18..=21 | 32..=35 | 45..=47 | 55 | 56 => Self::Time,
            37 | 38 => Self::of_code("#,##0;(#,##0)"),
            39 | 40 => Self::of_code("#,##0.00;(#,##0.00)"),
            _ => Self::Unknown,
        }
    }

    /// A custom format, by its code.
    pub(crate) fn of_code(code: &str) -> Self {
        if code.len() > CODE {
            return Self::Unknown;
        }
        let Some(sections) = sections(code) else { return Self::Unknown };
        let first = match sections.as_slice() {
            [] => return Self::General,
            [only] if matches!(only.as_slice(), [] | [Token::General | Token::Sign('@')]) => {
                return Self::General;
            }
            [first, ..] => first,
        };
        let has = |letters: &[char]| {
            first
                .iter()
                .any(|token| matches!(token, Token::Sign(c) if letters.contains(&c.to_ascii_lowercase())))
        };
        let is_elapsed = first.contains(&Token::Elapsed);
        if is_elapsed || has(&['h', 's']) || (has(&['m']) && !has(&['d', 'y', 'e'])) {
            let is_date = !is_elapsed && has(&['d', 'y', 'e']);
            let is_month = has(&['m']) && !is_elapsed && !has(&['h', 's']);
            return if is_date || is_month { Self::Date } else { Self::Time };
        }
        if has(&['d', 'y']) {
            return Self::Date;
        }
        // A fourth section applies to text.
        let parsed: Option<Vec<_>> = sections.iter().take(3).map(|tokens| Section::of(tokens)).collect();
        match parsed {
            Some(parsed) => Self::Sections(parsed),
            None => Self::Unknown,
        }
    }

    /// The cell for a number in this format; dates count from the beginning of 1900 or 1904.
    pub(crate) fn cell(&self, number: f64, is_1904: bool) -> RosterCell {
        match self {
            Self::Date | Self::Time => match date_of(number, is_1904) {
                Some(date) => RosterCell::Date { date, shown: None },
                None => RosterCell::NotAValue("########".to_owned()),
            },
            _ => RosterCell::Number { value: number.to_string(), shown: self.show(number) },
        }
    }

    fn show(&self, number: f64) -> Option<String> {
        match self {
            Self::General => general(number),
            Self::Sections(sections) => {
                let (first, second, third) = (sections.first()?, sections.get(1), sections.get(2));
                match (second, third) {
                    (_, Some(zero)) if number == 0.0 => zero.show(number),
                    (Some(negative), _) if number < 0.0 => negative.show(-number),
                    _ => {
                        let shown = first.show(number.abs())?;
                        Some(if number < 0.0 { format!("-{shown}") } else { shown })
                    }
                }
            }
            _ => None,
        }
    }
}

/// The date of a serial number. Excel's 1900 has a 29 February, serial number 60, which is not a date.
fn date_of(number: f64, is_1904: bool) -> Option<NaiveDate> {
    /// 31 December 9999 has serial number 2,958,465.
    const LAST: f64 = 2_958_466.0;
    if !(0.0..LAST).contains(&number) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is within these bounds")]
    let days = number.floor() as u64;
    let (year, month, day) = match days {
        _ if is_1904 => (1904, 1, 1),
        0..60 => (1899, 12, 31),
        60 => return None,
        _ => (1899, 12, 30),
    };
    NaiveDate::from_ymd_opt(year, month, day)?.checked_add_days(Days::new(days))
}

fn general(number: f64) -> Option<String> {
    let shown = number.to_string();
    let is_whole = number.fract() == 0.0;
    let fits = if is_whole { number.abs() < LARGEST_GENERAL } else { shown.len() <= GENERAL_CHARS };
    fits.then_some(shown)
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Literal(String),
    /// A placeholder or separator.
    Sign(char),
    /// `General` in a section.
    General,
    /// A duration, such as `[h]`.
    Elapsed,
}

/// The tokens of each section; `None` if any is not supported.
fn sections(code: &str) -> Option<Vec<Vec<Token>>> {
    let mut sections = vec![Vec::new()];
    let mut rest = code.chars();
    while let Some(c) = rest.next() {
        let token = match c {
            ';' => {
                sections.push(Vec::new());
                continue;
            }
            '"' => {
                let (literal, after) = rest.as_str().split_once('"')?;
                let literal = literal.to_owned();
                rest = after.chars();
                Token::Literal(literal)
            }
            '\\' | '!' => Token::Literal(rest.next()?.to_string()),
            // A space as wide as the next character.
            '_' => {
                rest.next()?;
                Token::Literal(" ".to_owned())
            }
            // Fills the cell with the next character.
            '*' => {
                rest.next()?;
                continue;
            }
            '[' => {
                let (inside, after) = rest.as_str().split_once(']')?;
                let token = in_brackets(inside)?;
                rest = after.chars();
                token
            }
            'G' | 'g' if rest.as_str().get(..6).is_some_and(|rest| rest.eq_ignore_ascii_case("eneral")) => {
                rest = rest.as_str().get(6..)?.chars();
                Token::General
            }
            '0' | '#' | '?' | '.' | ',' | '%' | '@' | '/' | 'E' | 'e' => Token::Sign(c),
            c if c.is_ascii_alphabetic() => Token::Sign(c),
            c => Token::Literal(c.to_string()),
        };
        sections.last_mut()?.push(token);
    }
    Some(sections)
}

/// A colour, a currency sign with a locale, or a duration; conditions and Chinese digits are not supported.
fn in_brackets(inside: &str) -> Option<Token> {
    const COLOURS: [&str; 8] = ["black", "blue", "cyan", "green", "magenta", "red", "white", "yellow"];
    let lower = inside.to_lowercase();
    if let Some(currency) = inside.strip_prefix('$') {
        return Some(Token::Literal(currency.split('-').next().unwrap_or_default().to_owned()));
    }
    if COLOURS.contains(&lower.as_str()) || lower.starts_with("color") {
        return Some(Token::Literal(String::new()));
    }
    let is_elapsed =
        !lower.is_empty() && ["h", "m", "s"].iter().any(|unit| lower.replace(unit, "").is_empty());
    is_elapsed.then_some(Token::Elapsed)
}

/// How the absolute value of a number is displayed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Section {
    /// Literals before the first and after the last digit.
    around: (String, String),
    number: Shown,
}

#[derive(Debug, Clone, PartialEq)]
enum Shown {
    Nothing,
    General,
    Digits(Digits),
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Digits {
    /// Integer digits from the left: whether a zero is displayed, and the literal that follows.
    whole: Vec<(bool, String)>,
    in_thousands: bool,
    /// Fraction digits: whether a zero is displayed.
    fraction: Vec<bool>,
    has_point: bool,
    is_percent: bool,
}

impl Section {
    fn of(tokens: &[Token]) -> Option<Self> {
        let (mut around, mut digits) = ((String::new(), String::new()), Digits::default());
        let (mut has_digits, mut is_general) = (false, false);
        for (place, token) in tokens.iter().enumerate() {
            match token {
                Token::Literal(text) if digits.has_point => around.1.push_str(text),
                Token::Literal(text) if has_digits => digits.whole.last_mut()?.1.push_str(text),
                Token::Literal(text) if is_general => around.1.push_str(text),
                Token::Literal(text) => around.0.push_str(text),
                Token::General | Token::Sign('@') => is_general = true,
                Token::Sign(c @ ('0' | '#')) if digits.has_point && around.1.is_empty() => {
                    digits.fraction.push(*c == '0');
                }
                Token::Sign(c @ ('0' | '#')) if !digits.has_point => {
                    has_digits = true;
                    digits.whole.push((*c == '0', String::new()));
                }
                Token::Sign('.') if !digits.has_point => digits.has_point = true,
                // Between digits; after them it would divide by 1,000.
                Token::Sign(',') if has_digits && !digits.has_point => {
                    let next_is_digit = matches!(tokens.get(place + 1), Some(Token::Sign('0' | '#')));
                    digits.in_thousands = next_is_digit.then_some(true)?;
                }
                Token::Sign('%') if !digits.is_percent => {
                    digits.is_percent = true;
                    around.1.push('%');
                }
                _ => return None,
            }
        }
        let has_digits = has_digits || digits.has_point;
        let has_literals_inside = digits.whole.iter().rev().skip(1).any(|(_, behind)| !behind.is_empty());
        if (has_digits && is_general) || (digits.in_thousands && has_literals_inside) {
            return None;
        }
        let number = match (has_digits, is_general) {
            (true, _) => Shown::Digits(digits),
            (false, true) => Shown::General,
            (false, false) => Shown::Nothing,
        };
        Some(Self { around, number })
    }

    fn show(&self, number: f64) -> Option<String> {
        let shown = match &self.number {
            Shown::Digits(digits) => digits.show(number)?,
            Shown::General => general(number)?,
            Shown::Nothing => String::new(),
        };
        Some(format!("{}{shown}{}", self.around.0, self.around.1).trim().to_owned())
    }
}

impl Digits {
    fn show(&self, number: f64) -> Option<String> {
        let number = if self.is_percent { number * 100.0 } else { number };
        if number >= LARGEST_EXACT || self.fraction.len() > 15 {
            return None;
        }
        // Rounds half up, as spreadsheet programs do.
        let scale = 10_f64.powi(i32::try_from(self.fraction.len()).ok()?);
        let rounded = format!("{:.*}", self.fraction.len(), (number * scale).round() / scale);
        let (whole, fraction) = rounded.split_once('.').unwrap_or((&rounded, ""));
        let mut shown = self.whole(if whole == "0" { "" } else { whole });
        let optional = self.fraction.iter().rev().take_while(|is_kept| !**is_kept).count();
        let kept = fraction.len() - optional.min(fraction.len() - fraction.trim_end_matches('0').len());
        if self.has_point {
            shown.push('.');
            shown.push_str(fraction.get(..kept)?);
        }
        Some(shown)
    }

    /// Integer digits from the right, with the literals between them.
    fn whole(&self, digits: &str) -> String {
        if self.whole.is_empty() {
            return digits.to_owned();
        }
        let (mut left, mut shown, mut count) = (digits.to_owned(), String::new(), 0);
        for (place, (is_kept, behind)) in self.whole.iter().enumerate().rev() {
            shown.extend(behind.chars().rev());
            let mut taken: String = left.pop().or(is_kept.then_some('0')).into_iter().collect();
            // The first placeholder takes all remaining digits.
            if place == 0 {
                taken.extend(std::mem::take(&mut left).chars().rev());
            }
            for digit in taken.chars() {
                if self.in_thousands && count > 0 && count % 3 == 0 {
                    shown.push(',');
                }
                shown.push(digit);
                count += 1;
            }
        }
        shown.chars().rev().collect()
    }
}

//! Identifying numbers in every common notation: grouped, digit by digit, full-width, in Chinese digits.
//! Ordinary numbers (measurements, doses, dates, times) are not masked.

use std::borrow::Cow;
use std::ops::Range;

use super::characters::{digit, is_invisible, is_mark, mark};

/// The mask of a telephone number.
pub(super) const PHONE: &str = "[电话]";

/// The mask of a citizen's identity number.
pub(super) const IDENTITY: &str = "[证件号]";

/// The mask of any other long number.
pub(super) const NUMBER: &str = "[号码]";

/// Replaces the identifying numbers of a text by their masks.
pub(super) fn masked(text: &str) -> Cow<'_, str> {
    let mut masked = String::new();
    let mut done = 0;
    for found in runs(text).iter().flat_map(|run| numbers(text, run)) {
        let range = with_prefix(text, done, found.range);
        masked.push_str(text.get(done..range.start).unwrap_or_default());
        masked.push_str(found.mask);
        done = range.end;
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(masked)
}

/// The numbers of a run, in order. One that is found divides the run; its neighbours then stand alone, and may be numbers
/// themselves. That concerns only groups so near to it that they may be a number's: every group is looked at a bounded
/// number of times, however many numbers a run has.
fn numbers(text: &str, run: &[Group]) -> Vec<Found> {
    let mut found = Vec::new();
    // The parts without a number yet, and the group in each with which to go on.
    let mut parts = vec![(0..run.len(), 0)];
    while let Some((part, from)) = parts.pop() {
        let groups = run.get(part.clone()).unwrap_or_default();
        let next =
            (from - part.start..groups.len()).find_map(|first| Some((first, find(text, groups, first)?)));
        let Some((first, number)) = next else { continue };
        let (start, end) = (part.start + first, part.start + first + number.groups);
        parts.push((end..part.end, end));
        let concerned = start.saturating_sub(MAX_GROUPS).max(part.start);
        parts.push((part.start..start, concerned));
        found.push(number);
    }
    found.sort_unstable_by_key(|number| number.range.start);
    found
}

/// Consecutive digits without a separator.
#[derive(Debug, Default)]
struct Group {
    digits: Vec<u8>,
    range: Range<usize>,
    /// The separator before this group.
    gap: Gap,
}

/// The separator between two groups of digits.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// Nothing: it is the first group.
    #[default]
    None,
    /// White space alone.
    Space,
    /// This mark, possibly among white space.
    Mark(char),
    /// Several marks.
    Mixed,
}

/// Maximum number of characters between two groups.
const MAX_GAP: usize = 4;

/// Splits a text into runs of groups separated only by marks and white space.
fn runs(text: &str) -> Vec<Vec<Group>> {
    let mut runs: Vec<Vec<Group>> = Vec::new();
    let mut between: Option<Vec<char>> = None;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if let Some(digit) = digit(c) {
            match (between.take(), runs.last_mut()) {
                (Some(gap), Some(run)) if gap.is_empty() => {
                    if let Some(group) = run.last_mut() {
                        group.digits.push(digit);
                        group.range.end = end;
                    }
                }
                (Some(gap), Some(run)) => {
                    run.push(Group { digits: vec![digit], range: at..end, gap: kind_of(&gap) });
                }
                _ => runs.push(vec![Group { digits: vec![digit], range: at..end, gap: Gap::None }]),
            }
            between = Some(Vec::new());
        } else if is_invisible(c) {
            if let (Some([]), Some(group)) =
                (between.as_deref(), runs.last_mut().and_then(|run| run.last_mut()))
            {
                group.range.end = end;
            }
        } else {
            between = between.take().filter(|gap| is_mark(c) && gap.len() < MAX_GAP).map(|mut gap| {
                gap.push(c);
                gap
            });
        }
    }
    runs
}

fn kind_of(gap: &[char]) -> Gap {
    let mut marks = gap.iter().filter(|c| !c.is_whitespace()).map(|c| mark(*c));
    match marks.next() {
        None => Gap::Space,
        Some(first) if marks.all(|mark| mark == first) => Gap::Mark(first),
        Some(_) => Gap::Mixed,
    }
}

/// A number to mask.
struct Found {
    range: Range<usize>,
    mask: &'static str,
    /// Number of groups it consists of.
    groups: usize,
}

/// Finds the identifying number that begins with this group.
fn find(text: &str, run: &[Group], first: usize) -> Option<Found> {
    #[cfg(test)]
    tests::LOOKS.set(tests::LOOKS.get() + 1);
    let windows = || (1..=MAX_GROUPS.min(run.len() - first)).map(|groups| Window { run, first, groups });
    let found = |window: Window<'_>, mask, extra: usize| Found {
        range: window.range().start..window.range().end + extra,
        mask,
        groups: window.groups,
    };
    windows()
        .find_map(|window| Some(found(window, IDENTITY, identity(text, window)?)))
        .or_else(|| windows().find(|window| is_phone(text, *window)).map(|window| found(window, PHONE, 0)))
        .or_else(|| windows().find(|window| is_land_line(*window)).map(|window| found(window, PHONE, 0)))
        .or_else(|| windows().find(|window| is_card(*window)).map(|window| found(window, NUMBER, 0)))
        .or_else(|| windows().next().filter(|one| is_long(text, *one)).map(|one| found(one, NUMBER, 0)))
}

/// Maximum number of groups of one number: an identity number, digit by digit.
const MAX_GROUPS: usize = 18;

/// Consecutive groups.
#[derive(Clone, Copy)]
struct Window<'a> {
    run: &'a [Group],
    first: usize,
    groups: usize,
}

impl<'a> Window<'a> {
    fn parts(self) -> &'a [Group] {
        self.run.get(self.first..self.first + self.groups).unwrap_or_default()
    }

    fn after(self) -> Option<&'a Group> {
        self.run.get(self.first + self.groups)
    }

    fn range(self) -> Range<usize> {
        let parts = self.parts();
        let start = parts.first().map_or(0, |group| group.range.start);
        start..parts.last().map_or(start, |group| group.range.end)
    }

    fn digits(self) -> Vec<u8> {
        self.parts().iter().flat_map(|group| group.digits.iter().copied()).collect()
    }

    /// Number of digits.
    fn length(self) -> usize {
        self.parts().iter().map(|group| group.digits.len()).sum()
    }

    fn lengths(self) -> Vec<usize> {
        self.parts().iter().map(|group| group.digits.len()).collect()
    }

    /// The gap inside, if it is the same everywhere.
    fn gap(self) -> Option<Gap> {
        let mut gaps = self.parts().iter().skip(1).map(|group| group.gap);
        let first = gaps.next()?;
        gaps.all(|gap| gap == first).then_some(first)
    }

    /// Whether all separators inside are the same and the neighbouring groups have different ones.
    fn stands_alone(self) -> bool {
        let Some(gap) = self.gap() else { return false };
        let before = self.parts().first().filter(|_| self.first > 0).map(|group| group.gap);
        before != Some(gap) && self.after().map(|group| group.gap) != Some(gap)
    }

    fn is_digit_by_digit(self) -> bool {
        self.parts().iter().all(|group| group.digits.len() == 1)
    }

    /// Whether it may be a list of measurements: numbers of at most `digits` digits without a leading zero
    /// that a measurement would not have, or with a date at the start.
    fn may_be_a_list(self, digits: usize) -> bool {
        let parts = self.parts();
        let begins_with_a_date = parts.first().is_some_and(|group| is_year(&group.digits))
            && parts.get(1).is_some_and(|group| group.digits.len() <= 2);
        let measures = |group: &Group| {
            (2..=digits).contains(&group.digits.len())
                && group.digits.first().is_some_and(|digit| *digit != 0)
        };
        begins_with_a_date || parts.iter().all(measures)
    }
}

/// A resident identity number (GB 11643): 17 digits and a digit or X; 15 digits before 1999. Returns the byte
/// length of a trailing X.
fn identity(text: &str, window: Window<'_>) -> Option<usize> {
    let length = window.length();
    if !matches!(length, 15 | 17 | 18) {
        return None;
    }
    let digits = window.digits();
    let x = if length == 17 { trailing_x(text, window.range().end)? } else { 0 };
    let is_one_group = window.groups == 1;
    let begins_with_an_area = window.parts().first().is_some_and(|group| group.digits.len() == 6);
    let fits = match length {
        15 if is_one_group => !is_phone_with_code(&digits),
        15 => begins_with_an_area && is_month_and_day(digits.get(8..12)?),
        _ if is_one_group => true,
        _ => {
            let may_be =
                has_birth_date(&digits) && !window.may_be_a_list(3) || has_check_digit(&digits, x > 0);
            let is_regular = begins_with_an_area || window.gap().is_some();
            may_be && is_regular && (!window.is_digit_by_digit() || window.stands_alone())
        }
    };
    fits.then_some(x)
}

/// The byte length up to the end of an X in place of the last digit.
fn trailing_x(text: &str, end: usize) -> Option<usize> {
    let rest = text.get(end..)?;
    let (at, x) = rest.char_indices().take(MAX_GAP).find(|(_, c)| !is_mark(*c) && !is_invisible(*c))?;
    let after = at + x.len_utf8();
    let ends = !rest.get(after..)?.starts_with(|c: char| c.is_ascii_alphanumeric());
    ("xXｘＸ".contains(x) && ends).then_some(after)
}

fn has_birth_date(digits: &[u8]) -> bool {
    let year = digits.get(6..10).map(number);
    let is_year = year.is_some_and(|year| (1850..=2099).contains(&year));
    is_year && digits.get(10..14).is_some_and(is_month_and_day)
}

fn is_month_and_day(digits: &[u8]) -> bool {
    let [month, day] = [digits.get(..2), digits.get(2..4)].map(|part| part.map_or(0, number));
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// ISO 7064 MOD 11-2, as GB 11643 uses it.
fn has_check_digit(digits: &[u8], is_x: bool) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    let check = (12 - sum % 11) % 11;
    if is_x { check == 10 } else { digits.get(17).map(|digit| u32::from(*digit)) == Some(check) }
}

/// A mobile number: 11 digits beginning with 13 to 19, optionally after the country code.
fn is_phone(text: &str, window: Window<'_>) -> bool {
    if !matches!(window.length(), 11 | 13 | 15) {
        return false;
    }
    let digits = window.digits();
    if window.groups == 1 {
        return is_mobile(&digits) || is_phone_with_code(&digits);
    }
    let code = window.parts().first().map(|group| group.digits.as_slice());
    if matches!(code, Some([8, 6] | [0, 0, 8, 6])) {
        let number = Window { first: window.first + 1, groups: window.groups - 1, ..window };
        return is_mobile(&number.digits()) && (number.groups == 1 || is_grouped_phone(text, number));
    }
    is_mobile(&digits) && is_grouped_phone(text, window)
}

fn is_mobile(digits: &[u8]) -> bool {
    matches!(digits, [1, 3..=9, ..]) && digits.len() == 11
}

fn is_phone_with_code(digits: &[u8]) -> bool {
    digits.strip_prefix(&[8, 6]).or_else(|| digits.strip_prefix(&[0, 0, 8, 6])).is_some_and(is_mobile)
}

fn is_grouped_phone(text: &str, window: Window<'_>) -> bool {
    let lengths = window.lengths();
    if lengths == [3, 4, 4] || lengths == [3, 8] && window.gap() == Some(Gap::Mark('-')) {
        // As printed on cards.
        return true;
    }
    if window.is_digit_by_digit() {
        return window.stands_alone();
    }
    if has_unit(text.get(window.range().end..).unwrap_or_default()) {
        return false;
    }
    let is_usual =
        matches!(lengths.as_slice(), [3, 8] | [7, 4] | [4, 7] | [4, 4, 3] | [5, 6] | [6, 5] | [3, 4, 2, 2]);
    match window.gap() {
        Some(Gap::Space) if is_usual => true,
        Some(Gap::Mark('-' | '.' | '_')) => is_usual || window.stands_alone(),
        Some(_) => window.stands_alone() && !window.may_be_a_list(6),
        None => false,
    }
}

/// An area code and a number of seven or eight digits, joined or separate.
fn is_land_line(window: Window<'_>) -> bool {
    if window.groups > 3 || !(10..=12).contains(&window.length()) {
        return false;
    }
    let has_area = matches!(window.digits().as_slice(), [0, 1..=9, ..]);
    let fits = match window.lengths().as_slice() {
        [10..=12] => true,
        [3..=4, 7..=8] | [3..=4, 3..=4, 4] => {
            window.parts().iter().skip(1).all(|group| group.gap != Gap::Mark('.'))
        }
        _ => false,
    };
    has_area && fits
}

/// A bank card: 16 to 19 digits in groups of four, except a list of years.
fn is_card(window: Window<'_>) -> bool {
    if window.groups > 5 || !(16..=19).contains(&window.length()) {
        return false;
    }
    let parts = window.parts();
    let is_of_fours = parts.iter().rev().skip(1).all(|group| group.digits.len() == 4)
        && parts.last().is_some_and(|group| group.digits.len() <= 4);
    let are_years = parts.iter().all(|group| is_year(&group.digits));
    is_of_fours && window.stands_alone() && !are_years
}

/// Any other number of seven digits or more, except a date (20241012), the decimals of a fraction, and
/// measurements with a unit.
fn is_long(text: &str, one: Window<'_>) -> bool {
    let digits = one.digits();
    if digits.len() < 7 {
        return false;
    }
    let is_day = digits.len() == 8
        && is_year(digits.get(..4).unwrap_or_default())
        && digits.get(4..).is_some_and(is_month_and_day);
    let before = one.first.checked_sub(1).and_then(|at| one.run.get(at));
    let is_fraction = before.is_some_and(|whole| whole.digits == [0])
        && one.parts().first().is_some_and(|group| group.gap == Gap::Mark('.'));
    !is_day && !is_fraction && !has_unit(text.get(one.range().end..).unwrap_or_default())
}

/// Whether a unit of measurement follows.
fn has_unit(rest: &str) -> bool {
    const WORDS: [&str; 17] = [
        "iu", "u", "miu", "copies", "copy", "cells", "cfu", "ml", "ul", "l", "kg", "g", "mg", "ug", "ng",
        "pg", "mm",
    ];
    const SIGNS: [&str; 18] = [
        "/",
        "单位",
        "国际单位",
        "千",
        "万",
        "亿",
        "拷贝",
        "个",
        "步",
        "元",
        "次",
        "%",
        "％",
        "μ",
        "毫",
        "微",
        "克",
        "卡",
    ];
    let rest = rest.trim_start_matches(' ');
    let word: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    WORDS.contains(&word.to_ascii_lowercase().as_str()) || SIGNS.iter().any(|sign| rest.starts_with(sign))
}

fn is_year(digits: &[u8]) -> bool {
    digits.len() == 4 && (1900..=2099).contains(&number(digits))
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |number, digit| number * 10 + u32::from(*digit))
}

/// The range extended by a plus sign or bracket directly before a country or area code.
fn with_prefix(text: &str, from: usize, range: Range<usize>) -> Range<usize> {
    let before = text.get(from..range.start).unwrap_or_default();
    let prefix = before.trim_end_matches(['+', '＋', '(', '（']);
    from + prefix.len()..range.end
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    thread_local! {
        /// Number of groups looked at.
        pub(super) static LOOKS: Cell<usize> = const { Cell::new(0) };
    }

    /// Each of these phones stands alone only when its neighbour on one side has been masked.
    #[test]
    fn a_chain_of_numbers_is_masked_in_proportion_to_its_length() {
        const MARKS: [&str; 3] = ["-", ".", "/"];
        let digits: Vec<String> = "13800138000".chars().map(String::from).collect();
        let phone = |number: usize| digits.join(MARKS[number % 3]);
        for numbers in [50, 100, 1000] {
            let all: Vec<String> = (0..numbers).map(phone).collect();
            let joined = |shift: usize| {
                let gap = |number: usize| if number == 0 { "" } else { MARKS[(number + shift) % 3] };
                all.iter()
                    .enumerate()
                    .map(|(number, phone)| gap(number).to_owned() + phone)
                    .collect::<String>()
            };
            // Joined by the mark of the next one, and by that of the one before.
            for text in [joined(0), joined(2)] {
                LOOKS.set(0);
                let masked = masked(&text);
                assert_eq!(masked.matches(PHONE).count(), numbers, "{masked}");
                let looks = LOOKS.get();
                assert!(looks <= 3 * numbers * digits.len(), "{looks} for {numbers} numbers");
            }
        }
    }

    #[test]
    fn phones_are_found_in_any_notation() {
        for phone in [
            "13800138000",
            "138-0013-8000",
            "138 0013 8000",
            "138.0013.8000",
            "138·0013·8000",
            "138/0013/8000",
            "138_0013_8000",
            "138–0013–8000",
            "138 - 0013 - 8000",
            "138-0013 8000",
            "138 00138000",
            "1380013 8000",
            "1380 0138 000",
            "+86 13800138000",
            "+86-138-0013-8000",
            "(+86)13800138000",
            "8613800138000",
            "008613800138000",
            "0086 138 0013 8000",
            "１３８００１３８０００",
            "１３８－００１３－８０００",
            "1 3 8 0 0 1 3 8 0 0 0",
            "1-3-8-0-0-1-3-8-0-0-0",
            "1，3，8，0，0，1，3，8，0，0，0",
            "1、3、8、0、0、1、3、8、0、0、0",
            "1.3.8.0.0.1.3.8.0.0.0",
            "13 80 01 38 00 0",
            "138 00 13 80 00",
            "一三八零零一三八零零零",
            "幺三八〇〇幺三八〇〇〇",
            "一三八 零零一三 八零零零",
            "一 三 八 零 零 一 三 八 零 零 零",
            "壹叁捌零零壹叁捌零零零",
            "138零零13八000",
            "1３八00138000",
            "①③⑧⓪⓪①③⑧⓪⓪⓪",
            "1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣",
            "138\u{200b}0013\u{200b}8000",
            "021-62345678",
            "(021)62345678",
            "（０２１）６２３４５６７８",
            "0571 8765 4321",
            "0571-8765432",
            "02162345678",
        ] {
            let text = format!("打我电话{phone}，头痛");
            let kept = masked(&text);
            assert_eq!(
                kept.replace("[电话])", PHONE).replace("[电话]）", PHONE),
                "打我电话[电话]，头痛",
                "{phone}"
            );
        }
        assert_eq!(masked("13800138000 13900139000、138 0013 8000"), "[电话] [电话]、[电话]");
        assert_eq!(masked("我65，138 0013 8000 打"), "我65，[电话] 打");
    }

    #[test]
    fn identity_numbers_are_found_in_any_notation() {
        for number in [
            "11010519491231002X",
            "11010519491231002x",
            "１１０１０５１９４９１２３１００２Ｘ",
            "110105194912310021",
            "110105 19491231 002X",
            "110105-19491231-002X",
            "110105 1949 1231 002 X",
            "1101 0519 4912 3100 2X",
            "110 105 1949 1231 0021",
            "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X",
            "一一零一零五一九四九一二三一零零二X",
            "110105491231002",
            "110105 491231 002",
        ] {
            assert_eq!(masked(&format!("身份证{number}，头痛")), "身份证[证件号]，头痛", "{number}");
        }
    }

    #[test]
    fn other_long_numbers_are_found() {
        for number in [
            "6222021001112345678",
            "6222 0210 0111 2345 678",
            "6222-0210-0111-2345",
            "12345678901234",
            "9876543",
        ] {
            assert_eq!(masked(&format!("卡号{number}，头痛")), "卡号[号码]，头痛", "{number}");
        }
    }

    #[test]
    fn no_mark_or_script_hides_a_phone() {
        for number in [
            "139；1234；5678",
            "139;1234;5678",
            "139+1234+5678",
            "139=1234=5678",
            "139…1234…5678",
            "139“1234”5678",
            "139〜1234〜5678",
            "139\u{2063}1234\u{180e}5678",
            "1\u{332}3\u{332}9\u{332}1\u{332}2\u{332}3\u{332}4\u{332}5\u{332}6\u{332}7\u{332}8",
            "壹參玖壹貳參肆伍陸柒捌",
            "一三九一两三四五六七八",
            "幺三勾幺两三四五六拐八",
            "¹³⁹¹²³⁴⁵⁶⁷⁸",
            "১৩৯১২৩৪৫৬৭৮",
            "๑๓๙๑๒๓๔๕๖๗๘",
            "❶❸❾❶❷❸❹❺❻❼❽",
            "㊀㊂㊈㊀㊁㊂㊃㊄㊅㊆㊇",
            "㈠㈢㈨㈠㈡㈢㈣㈤㈥㈦㈧",
        ] {
            assert_eq!(masked(&format!("电话 {number} 头痛")), "电话 [电话] 头痛", "{number}");
        }
        assert_eq!(masked("139-12345678ml"), "[电话]ml");
    }

    #[test]
    fn ordinary_numbers_stay() {
        for text in [
            "血压138/88mmHg，脉搏72次，体温36.5",
            "血压 138 88 72 98 16",
            "130、100、10000mg",
            "130 100 12000",
            "1300 1500 120千卡",
            "138 80 72 36 98 16 110 70",
            "2024-10-12 08:30 吃了药，每天3次，每次500mg",
            "2024年10月12日8点30分",
            "2024.10.12 13:00-15:30",
            "20241012复诊",
            "1998 10 12 120/80",
            "白细胞12000，血小板250000/ul，红细胞4500000/mm3",
            "HBV DNA 15600000 IU/mL",
            "青霉素 1600000单位",
            "空腹 5.6 餐后 7.8 5.9 6.1 13.8 10.2",
            "疼痛评分 3 2 1 3 4 2 2 1 1 3 4 5 2",
            "一天三次，一次两片，吃了十一三天",
            "一三五吃，二四六停",
            "二〇二四年十月十二日",
            "0.1234567",
            "2019 2020 2021 2022 年都查过",
            "走了1200000步",
            "500mg*3 250mg*2",
            "走路500步就腿痛",
            "1、头痛 2、发热 3、咳嗽",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    /// The digits of a number in one of the usual notations.
    fn written(digits: &str, form: usize, lengths: &[usize], gap: &str) -> String {
        let forms = [
            "0123456789",
            "０１２３４５６７８９",
            "零一二三四五六七八九",
            "〇幺二三四五六七八九",
            "零壹贰叁肆伍陆柒捌玖",
        ];
        let forms: Vec<char> = forms[form % forms.len()].chars().collect();
        let mut digits = digits.chars().map(|c| c.to_digit(10).map_or(c, |digit| forms[digit as usize]));
        let groups = lengths.iter().map(|length| digits.by_ref().take(*length).collect::<String>());
        groups.collect::<Vec<_>>().join(gap)
    }

    const GAPS: [&str; 9] = [" ", "-", ".", "·", "　", "—", "/", "_", " - "];

    proptest! {
        #[test]
        fn a_phone_is_always_masked(
            phone in "1[3-9][0-9]{9}",
            form in 0_usize..5,
            gap in prop::sample::select(&GAPS[..]),
            lengths in prop::sample::select(vec![vec![11], vec![3, 4, 4], vec![3, 8], vec![7, 4], vec![1; 11]]),
            before in "[\u{4e03}-\u{4e05}头痛，a-z：]{0,5}[头痛，：]",
            after in "([头痛，。][0-9a-z头痛]{0,5})?",
        ) {
            let number = written(&phone, form, &lengths, gap);
            let text = format!("{before}{number}{after}");
            let masked = masked(&text);
            prop_assert_eq!(masked, format!("{before}{PHONE}{after}"));
        }

        #[test]
        fn an_identity_number_is_always_masked(
            area in "[1-6][0-9]{5}",
            birth in "(19[0-9]{2}|20[01][0-9])(0[1-9]|1[0-2])(0[1-9]|[12][0-9])",
            rest in "[0-9]{3}[0-9X]",
            form in 0_usize..5,
            gap in prop::sample::select(&GAPS[..]),
            lengths in prop::sample::select(vec![vec![18], vec![6, 8, 4], vec![6, 4, 4, 4], vec![3, 3, 4, 4, 4], vec![1; 18]]),
        ) {
            let number = written(&format!("{area}{birth}{rest}"), form, &lengths, gap);
            let text = format!("身份证{number}，头痛");
            let masked = masked(&text);
            prop_assert_eq!(masked, format!("身份证{IDENTITY}，头痛"));
        }

        #[test]
        fn blood_pressures_and_dates_are_never_masked(
            systolic in 60_u32..260, diastolic in 30_u32..150, pulse in 30_u32..220,
            day in "(19|20)[0-9]{2}[-/.](0[1-9]|1[0-2])[-/.](0[1-9]|[12][0-9])", time in "[01][0-9]:[0-5][0-9]",
            dose in 1_u32..100_000, gap in prop::sample::select(vec![" ", "，", "、", "/", "\n"]),
        ) {
            let text = format!("{day} {time}{gap}{systolic}/{diastolic}{gap}{pulse}{gap}{dose}mg");
            prop_assert_eq!(masked(&text), text.as_str());
        }

        #[test]
        fn masking_twice_changes_nothing(text in "[0-9０-９一二三十X +./，()（）-]{0,60}|.{0,60}") {
            let once = masked(&text).into_owned();
            prop_assert_eq!(masked(&once), once.as_str());
        }
    }
}

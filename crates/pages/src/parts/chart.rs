//! Numbers per day as bars, drawn on the server. Places are parts of the width, so that words have the same size on every
//! screen.

use std::borrow::Cow;
use std::fmt::{Display, Formatter};

use askama::Template;
use chrono::{Datelike as _, NaiveDate};

use super::markup;

/// Height of the bars' area, in pixels.
const HEIGHT: u64 = 140;
/// Room above the bars, for the numbers.
const ABOVE: u64 = 18;
/// Room below the bars, for the days.
const BELOW: u64 = 22;
/// How many days are labelled.
const LABELS: usize = 6;
/// A label whose middle is closer to the edge begins or ends there.
const EDGE: Part = Part(700);
/// Width of the widest bar.
const WIDEST: Part = Part(333);

/// A part of the width, in hundredths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part(u64);

impl Part {
    const WHOLE: Self = Self(10_000);
}

impl Display for Part {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:02}%", self.0 / 100, self.0 % 100)
    }
}

/// Numbers per day, of one or two kinds that add up.
#[derive(Template)]
#[template(path = "parts/chart.html")]
pub(crate) struct Chart {
    title: Cow<'static, str>,
    day_label: Cow<'static, str>,
    table_label: Cow<'static, str>,
    /// The colour and name of each kind.
    kinds: Vec<(&'static str, Cow<'static, str>)>,
    days: Vec<Day>,
    /// Whether numbers have room above each bar on a wide screen, or on all.
    density: &'static str,
    base: u64,
    height: u64,
}
markup!(Chart);

/// One day's bars.
struct Day {
    date: NaiveDate,
    numbers: Vec<u64>,
    bars: Vec<Bar>,
    total: u64,
    /// Whether no day has more.
    is_peak: bool,
    /// Where its bars begin, and their middle.
    x: Part,
    middle: Part,
    bar_width: Part,
    /// Where the total is written.
    top: u64,
    label: Option<Label>,
}

struct Bar {
    class: &'static str,
    y: u64,
    height: u64,
}

/// The name of a day.
struct Label {
    text: String,
    x: Part,
    /// Which side of it is there.
    anchor: &'static str,
}

/// The names of a chart's parts.
pub(crate) struct ChartWords {
    /// What is counted.
    pub(crate) title: Cow<'static, str>,
    /// The heading of the days.
    pub(crate) day: Cow<'static, str>,
    /// The link to the numbers.
    pub(crate) table: Cow<'static, str>,
    /// The names of the kinds.
    pub(crate) kinds: Vec<Cow<'static, str>>,
}

impl Chart {
    /// These numbers per day; `numbers` has one list per kind.
    pub(crate) fn new(words: ChartWords, days: &[NaiveDate], numbers: &[&[u64]]) -> Self {
        let of_day = |place: usize| -> Vec<u64> {
            numbers.iter().map(|kind| kind.get(place).copied().unwrap_or_default()).collect()
        };
        let per_day: Vec<Vec<u64>> = (0..days.len()).map(of_day).collect();
        let most = per_day.iter().map(|numbers| numbers.iter().sum::<u64>()).max().unwrap_or_default();
        let scale = Scale { days: days.len().max(1), most };
        let days = days.iter().zip(per_day).enumerate();
        Self {
            title: words.title,
            day_label: words.day,
            table_label: words.table,
            kinds: ["swatch-first", "swatch-second"].into_iter().zip(words.kinds).collect(),
            days: days.map(|(place, (date, numbers))| scale.day(place, *date, numbers)).collect(),
            density: match most {
                0..10 => "",
                10..1000 => "dense",
                _ => "denser",
            },
            base: ABOVE + HEIGHT,
            height: ABOVE + HEIGHT + BELOW,
        }
    }
}

/// How days and numbers become places.
struct Scale {
    days: usize,
    most: u64,
}

impl Scale {
    fn day(&self, place: usize, date: NaiveDate, numbers: Vec<u64>) -> Day {
        let slot = Part(Part::WHOLE.0 / to_u64(self.days));
        let bar_width = Part(slot.0 * 2 / 3).min(WIDEST);
        let x = Part(to_u64(place) * Part::WHOLE.0 / to_u64(self.days) + (slot.0 - bar_width.0) / 2);
        let middle = Part(x.0 + bar_width.0 / 2);
        let (mut bars, mut y) = (Vec::new(), ABOVE + HEIGHT);
        for (kind, number) in numbers.iter().enumerate().filter(|(_, number)| **number > 0) {
            let height = (number * HEIGHT / self.most.max(1)).max(1);
            y = y.saturating_sub(height);
            bars.push(Bar { class: if kind == 0 { "bar-first" } else { "bar-second" }, y, height });
        }
        let total: u64 = numbers.iter().sum();
        Day {
            date,
            numbers,
            bars,
            total,
            is_peak: total == self.most,
            x,
            middle,
            bar_width,
            top: y.saturating_sub(4),
            label: self.is_labelled(place).then(|| Label::new(date, middle)),
        }
    }

    /// The last day is labelled, and some at equal distances before it.
    fn is_labelled(&self, place: usize) -> bool {
        let before_last = self.days.saturating_sub(place + 1);
        before_last.is_multiple_of(self.days.div_ceil(LABELS))
    }
}

impl Label {
    fn new(date: NaiveDate, middle: Part) -> Self {
        let (x, anchor) = if middle < EDGE {
            (Part(0), "start")
        } else if middle.0 + EDGE.0 > Part::WHOLE.0 {
            (Part::WHOLE, "end")
        } else {
            (middle, "middle")
        };
        Self { text: format!("{}/{}", date.month(), date.day()), x, anchor }
    }
}

fn to_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_and_labels_stay_within_the_width() {
        let first = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        for number in [1, 2, 7, 30, 31, 90] {
            let scale = Scale { days: number, most: 9 };
            let days: Vec<_> = first.iter_days().take(number).enumerate().collect();
            let days: Vec<Day> =
                days.iter().map(|(place, day)| scale.day(*place, *day, vec![3, 6])).collect();
            assert!(days.last().unwrap().label.is_some(), "the last day of {number} is labelled");
            assert!(days.iter().filter(|day| day.label.is_some()).count() <= LABELS);
            for pair in days.windows(2) {
                assert!(pair[0].x.0 + pair[0].bar_width.0 < pair[1].x.0);
            }
            assert!(days.iter().all(|day| day.x.0 + day.bar_width.0 <= Part::WHOLE.0));
            assert_eq!(days[0].bars.iter().map(|bar| bar.height).sum::<u64>(), 46 + 93);
        }
        assert_eq!(Part(333).to_string(), "3.33%");
        assert_eq!(Part(5).to_string(), "0.05%");
    }
}

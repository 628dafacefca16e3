//! Numbers per day as bars, drawn on the server.

use std::borrow::Cow;

use askama::Template;
use chrono::{Datelike as _, NaiveDate};

use super::markup;

/// Width of the drawing.
const WIDTH: u64 = 720;
/// Height of the bars' area.
const HEIGHT: u64 = 140;
/// Room above the bars, for the numbers.
const ABOVE: u64 = 16;

/// Width of the widest label.
const LABEL: u64 = 36;

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
    width: u64,
    height: u64,
}
markup!(Chart);

/// One day's bars.
struct Day {
    date: NaiveDate,
    label: String,
    numbers: Vec<u64>,
    bars: Vec<Bar>,
    total: u64,
    /// Where its bars begin, and their middle.
    x: u64,
    middle: u64,
    bar_width: u64,
    /// Where the total is written.
    top: u64,
    /// The middle of the label, which fits into the drawing.
    label_at: u64,
    is_labelled: bool,
}

struct Bar {
    class: &'static str,
    y: u64,
    height: u64,
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
        let per_day: Vec<(NaiveDate, Vec<u64>)> =
            days.iter().enumerate().map(|(place, day)| (*day, of_day(place))).collect();
        let most = per_day.iter().map(|(_, numbers)| numbers.iter().sum::<u64>()).max().unwrap_or_default();
        let step = WIDTH / u64::try_from(days.len().max(1)).unwrap_or(1).max(1);
        let days =
            (0..).zip(per_day).map(|(place, (date, numbers))| Day::new(place, step, most, date, numbers));
        Self {
            title: words.title,
            day_label: words.day,
            table_label: words.table,
            kinds: ["swatch-first", "swatch-second"].into_iter().zip(words.kinds).collect(),
            days: days.collect(),
            width: WIDTH,
            height: ABOVE + HEIGHT + 20,
        }
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn base(&self) -> u64 {
        ABOVE + HEIGHT
    }
}

impl Day {
    fn new(place: u64, step: u64, most: u64, date: NaiveDate, numbers: Vec<u64>) -> Self {
        let bar_width = (step * 2 / 3).clamp(1, 24);
        let (mut bars, mut y) = (Vec::new(), ABOVE + HEIGHT);
        for (kind, number) in numbers.iter().enumerate().filter(|(_, number)| **number > 0) {
            let height = (number * HEIGHT / most.max(1)).max(1);
            y = y.saturating_sub(height);
            bars.push(Bar { class: if kind == 0 { "bar-first" } else { "bar-second" }, y, height });
        }
        let x = place * step + (step - bar_width.min(step)) / 2;
        Self {
            date,
            label: format!("{}/{}", date.month(), date.day()),
            total: numbers.iter().sum(),
            numbers,
            bars,
            x,
            middle: x + bar_width / 2,
            bar_width,
            top: y.saturating_sub(4),
            label_at: (x + bar_width / 2).clamp(LABEL / 2, WIDTH - LABEL / 2),
            is_labelled: place.is_multiple_of(5) || step >= 40,
        }
    }
}

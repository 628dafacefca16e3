//! Markdown tables of rates.

use super::rates::{Rates, Side, Spread};
use super::row::Row;

/// Prints the head of a table with a raw side.
pub(crate) fn head_with_limit() {
    println!(
        "| work | over HTTP | raw driver | empty request | limit | of the limit | of the small hospital's rate |"
    );
    println!("|---|---|---|---|---|---|---|");
}

/// Prints the head of a table without one.
pub(crate) fn head() {
    println!("| work | over HTTP | small hospital | ratio |");
    println!("|---|---|---|---|");
}

/// Prints a row.
pub(crate) fn row(row: Row, clients: usize, rates: &Rates) {
    let rate = |side| rates.of(side).map_or_else(String::new, shown);
    let large = rates.of(Side::Large).map_or(0.0, |rate| rate.median);
    let small = rates.of(Side::Small).map_or(0.0, |rate| rate.median);
    let title = format!("{}, {clients} clients", row.title());
    match rates.limit() {
        Some(limit) => println!(
            "| {title} | {} | {} | {} | {}/s | {:.2} | {:.2} |",
            rate(Side::Large),
            rate(Side::Raw),
            rate(Side::Empty),
            grouped(limit),
            large / limit,
            large / small,
        ),
        None => {
            println!("| {title} | {} | {} | {:.2} |", rate(Side::Large), rate(Side::Small), large / small);
        }
    }
}

/// The median, with the least and the most in brackets.
fn shown(Spread { median, least, most }: Spread) -> String {
    format!("{}/s ({}–{})", grouped(median), grouped(least), grouped(most))
}

/// A number with commas after thousands; with decimals if it is small.
fn grouped(number: f64) -> String {
    if number < 100.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_are_readable() {
        let shown = [4.26, 99.94, 100.2, 999.6, 11_730.0, 1_234_567.0].map(grouped);
        assert_eq!(shown, ["4.3", "99.9", "100", "1,000", "11,730", "1,234,567"]);
    }
}

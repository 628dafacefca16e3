//! Extractive summary without a model.

use super::{SUMMARY_MAX_CHARS, plain_paragraph};
use crate::time::{HospitalZone, Timestamp};

/// A person's own messages to the assistant, and the records physicians made about them; oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The person's messages.
    pub told: Vec<String>,
    /// Medical records with their time.
    pub recorded: Vec<(Timestamp, String)>,
}

impl Facts {
    /// Whether there are no facts.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty() && self.recorded.is_empty()
    }
}

/// Maximum number of characters for the person's own words if there are records too; their own words are what
/// the next visit is about.
const TOLD_MAX_CHARS: usize = 700;

/// The facts in order, without a model: nothing is added, and only the oldest items that do not fit are
/// dropped.
pub fn digest(facts: &Facts, zone: HospitalZone) -> String {
    let told: Vec<String> = facts.told.iter().map(|text| plain_paragraph(text, usize::MAX)).collect();
    let recorded: Vec<String> = facts
        .recorded
        .iter()
        .map(|(at, text)| format!("{} {}", zone.day(*at), plain_paragraph(text, usize::MAX)))
        .collect();
    let share = if recorded.is_empty() { SUMMARY_MAX_CHARS } else { TOLD_MAX_CHARS };
    let told = section("本人自述：", &told, share);
    let recorded = section("就诊记录：", &recorded, SUMMARY_MAX_CHARS.saturating_sub(told.chars().count()));
    told + &recorded
}

/// A heading and the newest items that fit, in order; empty without items.
fn section(heading: &str, items: &[String], max_chars: usize) -> String {
    let Some(newest) = items.last() else { return String::new() };
    let mark = "……；";
    let ending = "。";
    let room = max_chars.saturating_sub([heading, mark, ending].concat().chars().count());
    let mut kept: Vec<&str> = Vec::new();
    let mut used = 0;
    for item in items.iter().rev() {
        let chars = item.chars().count() + 1;
        if used + chars > room {
            break;
        }
        used += chars;
        kept.push(item);
    }
    kept.reverse();
    let left_out = if kept.len() < items.len() { mark } else { "" };
    if kept.is_empty() {
        return format!("{heading}{}{ending}", plain_paragraph(newest, room));
    }
    format!("{heading}{left_out}{}{ending}", kept.join("；"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHANGHAI: HospitalZone = HospitalZone(chrono_tz::Asia::Shanghai);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn facts_are_listed_in_order_and_nothing_is_added() {
        let facts = Facts {
            told: vec!["头痛三天".to_owned(), "昨晚\n发热 38.5 度？".to_owned()],
            recorded: vec![(at("2026-11-01T20:00:00Z"), "血压偏高".to_owned())],
        };
        assert_eq!(
            digest(&facts, SHANGHAI),
            "本人自述：头痛三天；昨晚 发热 38.5 度？。就诊记录：2026-11-02 血压偏高。"
        );
        assert_eq!(digest(&Facts::default(), SHANGHAI), "");
    }

    #[test]
    fn the_oldest_items_are_dropped_if_not_everything_fits() {
        let facts = Facts {
            told: (0..300).map(|n| format!("第{n}句")).collect(),
            recorded: vec![(at("2026-11-01T00:00:00Z"), "记".repeat(3000))],
        };
        let text = digest(&facts, SHANGHAI);
        assert!(text.contains("……；") && text.contains("第299句") && !text.contains("第0句"), "{text}");
        assert!(text.contains("2026-11-01 记"), "{text}");
    }

    proptest! {
        #[test]
        fn it_fits_into_an_address(
            told in prop::collection::vec(".{0,300}", 0..20),
            recorded in prop::collection::vec(".{0,2000}", 0..5),
        ) {
            let recorded = recorded.into_iter().map(|text| (at("2026-11-01T00:00:00Z"), text)).collect();
            let text = digest(&Facts { told, recorded }, SHANGHAI);
            prop_assert!(text.chars().count() <= SUMMARY_MAX_CHARS, "{}", text.chars().count());
            prop_assert_eq!(plain_paragraph(&text, SUMMARY_MAX_CHARS), text);
        }
    }
}

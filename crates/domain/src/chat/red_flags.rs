//! Detection of medical emergencies in messages.

use std::sync::LazyLock;

/// The list of red flags, with sources.
const RED_FLAGS: &str = include_str!("red_flags.tsv");

/// Negations that cancel a sign directly after them.
const NEGATIONS: [&str; 22] = [
    "没有",
    "没",
    "无",
    "未",
    "未见",
    "并无",
    "否认",
    "不是",
    "不会",
    "并不",
    "没有出现",
    "未出现",
    "从不",
    "没有过",
    "不再",
    "no ",
    "not ",
    "without ",
    "never had ",
    "don't have ",
    "do not have ",
    "no more ",
];

static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    RED_FLAGS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .flat_map(|(_, words)| words.split('|'))
        .collect()
});

/// Whether a text mentions a sign of a possible emergency. A sign with a negation directly before it ("没有胸痛",
/// "no chest pain") does not count.
pub fn is_emergency(text: &str) -> bool {
    let text = text.to_lowercase().replace('’', "'");
    WORDS.iter().any(|word| {
        text.match_indices(word).any(|(at, _)| {
            let before = text.get(..at).unwrap_or_default();
            !NEGATIONS.iter().any(|negation| before.ends_with(negation))
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn signs_are_found_unless_negated() {
        for text in [
            "我胸痛半小时了",
            "爷爷突然嘴角歪，说话不清",
            "没有发烧，但是胸闷",
            "I have CHEST PAIN",
            "she can’t breathe",
            "没有胸痛，有呼吸困难",
            "孩子抽搐",
        ] {
            assert!(is_emergency(text), "{text}");
        }
        for text in ["头痛三天", "没有胸痛", "否认胸闷", "no chest pain", "感冒了吃什么药", ""]
        {
            assert!(!is_emergency(text), "{text}");
        }
    }

    #[test]
    fn every_line_of_the_list_is_read() {
        let lines = RED_FLAGS.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        for line in lines {
            let (group, words) = line.split_once('\t').unwrap();
            assert!(!group.is_empty());
            for word in words.split('|') {
                assert!(!word.trim().is_empty() && word == word.to_lowercase(), "{line}");
                assert!(is_emergency(word), "{word}");
            }
        }
        assert!(WORDS.len() > 80);
    }

    proptest! {
        #[test]
        fn any_text_is_accepted(text in ".*") {
            let _found: bool = is_emergency(&text);
        }
    }
}

//! The operators' manuals in both languages say the same.

use std::path::Path;

fn manual(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// The headings, without what is in code blocks.
fn headings(text: &str) -> Vec<String> {
    let mut in_code = false;
    let is_heading = |line: &&str| {
        in_code ^= line.starts_with("```");
        !in_code && line.starts_with('#')
    };
    text.lines().filter(is_heading).map(str::to_owned).collect()
}

/// The commands that `.ci/installation` runs.
fn tested_commands(text: &str) -> Vec<&str> {
    text.split("```sh test\n").skip(1).filter_map(|block| block.split("```").next()).collect()
}

#[test]
fn the_chinese_manual_has_the_sections_and_the_commands_of_the_english_one() {
    let (english, chinese) = (manual("operations.md"), manual("operations.zh.md"));
    let (theirs, ours) = (headings(&chinese), headings(&english));
    assert!(ours.len() > 10);
    for (theirs, ours) in theirs.iter().zip(&ours) {
        let (level, title) = ours.split_once(' ').unwrap();
        let is_same = theirs.split_once(' ').is_some_and(|(theirs, _)| theirs == level)
            && theirs.ends_with(&format!(" · {title}"));
        assert!(is_same, "{theirs:?} is not {ours:?} in Chinese");
    }
    assert_eq!(theirs.len(), ours.len());
    assert_eq!(tested_commands(&chinese), tested_commands(&english));
}

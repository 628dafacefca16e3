//! Removal of a model's reasoning from its answer.

use std::sync::LazyLock;

use regex::Regex;

/// The tags around the reasoning that models write before their answer: `<think>`, `</think>`, `<thinking>`,
/// `<|begin_of_thought|>`, `[THINK]`, `◁/think▷`, `&lt;think&gt;` and similar, case-insensitive.
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| {
    const WORD: &str =
        "thinking|think|thoughts?|reasoning|reasons?|reflection|reflect|analysis|scratchpad|inner_monologue";
    let opening = r"(?:[<＜〈《◁\[【]|&lt;)\s*[|｜]?\s*";
    let closing = r"\s*[|｜]?\s*(?:[>＞〉》▷\]】]|&gt;)";
    let name = format!(r"(?:[a-z_]+:)?(?P<begin>begin_of_)?(?P<end>end_of_)?(?:{WORD})");
    let attributes = r"(?:\s[^<>\[\]]{0,100}?)?";
    Regex::new(&format!("(?i){opening}(?P<slash>[/／\\\\])?\\s*{name}{attributes}{closing}")).ok()
});

/// Marks the answer of models that write to named channels.
const FINAL_CHANNEL: &str = "<|channel|>final<|message|>";

/// Removes a model's reasoning from its answer. An unclosed tag (the answer was cut off while the model was
/// reasoning) removes the rest of the text; an unopened one (the opening tag was part of the prompt)
/// removes everything before it. The result may be empty.
pub fn without_reasoning(text: &str) -> String {
    let text = text.rsplit_once(FINAL_CHANNEL).map_or(text, |(_, answer)| answer);
    let mut said = String::new();
    let (mut depth, mut done) = (0_u32, 0);
    for tag in TAG.iter().flat_map(|tag| tag.captures_iter(text)) {
        let Some(whole) = tag.get(0) else { continue };
        if depth == 0 {
            said.push_str(text.get(done..whole.start()).unwrap_or_default());
        }
        done = whole.end();
        let closes = tag.name("slash").is_some() || tag.name("end").is_some();
        match (closes, depth) {
            (false, _) => depth += 1,
            // Everything so far was reasoning.
            (true, 0) => said.clear(),
            (true, _) => depth -= 1,
        }
    }
    if depth == 0 {
        said.push_str(text.get(done..).unwrap_or_default());
    }
    said.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reasoning_is_removed() {
        for (text, said) in [
            ("头痛三天。", "头痛三天。"),
            ("<think>他头痛……</think>\n\n头痛三天。", "头痛三天。"),
            ("<THINK>\n嗯\n</Think>头痛三天。", "头痛三天。"),
            ("<thinking>嗯</thinking>头痛三天。", "头痛三天。"),
            ("<think>嗯</think>头痛<think>嗯</think>三天。", "头痛三天。"),
            ("<think>嗯<think>再想</think>嗯</think>头痛三天。", "头痛三天。"),
            ("<think>嗯，他头痛三天", ""),
            ("头痛三天。<think>嗯", "头痛三天。"),
            ("嗯，先看看</think>头痛三天。", "头痛三天。"),
            ("嗯</think>再看看</think>头痛三天。", "头痛三天。"),
            ("< think >嗯< / think >头痛三天。", "头痛三天。"),
            ("<think type=\"a\">嗯</think>头痛三天。", "头痛三天。"),
            ("<seed:think>嗯</seed:think>头痛三天。", "头痛三天。"),
            ("<|begin_of_thought|>嗯<|end_of_thought|>头痛三天。", "头痛三天。"),
            ("[THINK]嗯[/THINK]头痛三天。", "头痛三天。"),
            ("◁think▷嗯◁/think▷头痛三天。", "头痛三天。"),
            ("&lt;think&gt;嗯&lt;/think&gt;头痛三天。", "头痛三天。"),
            ("<reasoning>嗯</reasoning>头痛三天。", "头痛三天。"),
            ("＜think＞嗯＜/think＞头痛三天。", "头痛三天。"),
            (
                "<|channel|>analysis<|message|>嗯<|end|><|start|>assistant<|channel|>final<|message|>头痛三天。",
                "头痛三天。",
            ),
            ("体温<38.5，血压>140", "体温<38.5，血压>140"),
            ("I think <b>so</b>", "I think <b>so</b>"),
            ("", ""),
        ] {
            assert_eq!(without_reasoning(text), said, "{text}");
        }
    }

    proptest! {
        #[test]
        fn reasoning_never_remains(
            before in "[头痛三天]{0,4}",
            name in prop::sample::select(vec!["think", "Think", "THINK", "thinking", "Thought"]),
            secret in "[a-z<>/ ]{0,8}",
            after in "[头痛三天]{0,4}",
            closed in any::<bool>(),
        ) {
            let end = if closed { format!("</{name}>{after}") } else { String::new() };
            let said = without_reasoning(&format!("{before}<{name}>秘{secret}密{end}"));
            prop_assert!(!said.contains(['秘', '密']), "{said}");
            if closed {
                prop_assert_eq!(said, format!("{before}{after}"));
            }
        }

        #[test]
        fn any_text_can_be_read(text in ".*") {
            let _said: String = without_reasoning(&text);
        }
    }
}

//! Word look-up in a Chinese dictionary.

use std::sync::LazyLock;

use jieba_rs::Jieba;

/// The 350,000 words of jieba's dictionary. Loaded on first use; takes 30 MB.
static WORDS: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// Maximum length of words searched across a boundary, in characters.
const MAX_CHARS: usize = 4;

/// Whether the dictionary contains this word.
pub(super) fn is_word(text: &str) -> bool {
    WORDS.has_word(text)
}

/// Whether any substring of two characters or more is a word.
pub(super) fn has_words_in_it(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let parts = (0..chars.len()).flat_map(|start| (start + 2..=chars.len()).map(move |end| start..end));
    parts.filter_map(|part| chars.get(part)).any(|part| is_word(&String::from_iter(part)))
}

/// Whether the characters on both sides of a byte offset form a word: 由|于 in 由于明天.
pub(super) fn is_within_a_word(text: &str, at: usize) -> bool {
    let Some((before, after)) = text.split_at_checked(at) else { return false };
    let before: Vec<char> = before.chars().rev().take(MAX_CHARS - 1).collect();
    let after: Vec<char> = after.chars().take(MAX_CHARS - 1).collect();
    let lengths = (1..=before.len())
        .flat_map(|left| (1..=after.len().min(MAX_CHARS - left)).map(move |right| (left, right)));
    lengths.into_iter().any(|(left, right)| {
        let word: String = before.iter().take(left).rev().chain(after.iter().take(right)).collect();
        is_word(&word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_and_their_edges() {
        assert!(is_word("不要") && is_word("黄连") && is_word("明白") && !is_word("张伟") && !is_word(""));
        assert!(has_words_in_it("不要停") && !has_words_in_it("王秀英".split_at(6).0));
        let text = "由于明天要手术";
        assert!(is_within_a_word(text, 3) && !is_within_a_word(text, 6) && is_within_a_word(text, 9));
        assert!(
            !is_within_a_word(text, 0) && !is_within_a_word(text, text.len()) && !is_within_a_word(text, 1)
        );
    }
}

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

/// What tells who somebody is, wherever it stands. The order matters: a longer kind of number is
/// looked for before a shorter one.
static PATTERNS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    const DIGIT: &str = "[0-9０-９]";
    const NUMBER: &str = "[0-9０-９零一二三四五六七八九十百-]";
    [
        // A link to one of our files opens it for whoever has it.
        (r"\S*/ipfs/[A-Za-z0-9]+\S*".to_owned(), "[文件]"),
        (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}".to_owned(), "[邮箱]"),
        // A citizen's number, GB 11643: 17 digits and a digit or X; 15 digits before 1999.
        (format!("{DIGIT}{{17}}[0-9０-９XxＸｘ]|{DIGIT}{{15}}"), "[证件号]"),
        // A mobile number, with the ways people group its digits.
        (format!(r"(?:[+＋]?[8８][6６][\s-]?)?[1１]{DIGIT}(?:[\s-]?{DIGIT}){{9}}"), "[电话]"),
        // A land line with its area code.
        (format!(r"[(（]?[0０]{DIGIT}{{2,3}}[)）]?[\s-]?{DIGIT}{{7,8}}"), "[电话]"),
        (format!("{DIGIT}{{7,}}"), "[号码]"),
        // An account's uuid.
        (r"(?-u:\b)[0-9A-Fa-f]{8}(?-u:\b)".to_owned(), "[编号]"),
        // A postal address: the name of a place, up to a word that comes before places, and a number in it.
        (
            format!(
                r"[\p{{Han}}A-Za-z0-9&&[^住在家到去是从往我]]{{1,16}}(?:路|街|道|巷|弄|胡同|村|小区|花园|公寓|大厦|苑)(?:{NUMBER}+-?(?:号楼|号|弄|栋|幢|座|单元|室|楼|层|组))+{NUMBER}*"
            ),
            "[地址]",
        ),
        // How people give their name.
        (r"(?P<keep>我叫|名叫|姓名[是为]?[:： ]?)\p{Han}{2,3}".to_owned(), "$keep[姓名]"),
    ]
    .into_iter()
    .filter_map(|(pattern, mask)| Some((Regex::new(&pattern).ok()?, mask)))
    .collect()
});

/// The masks as they stand in masked text.
const MASKS: [&str; 8] = ["[文件]", "[邮箱]", "[证件号]", "[电话]", "[号码]", "[编号]", "[地址]", "[姓名]"];

/// Hides from a text who people are and where they live: what is known of the people concerned, and
/// whatever looks like a number, an address or an account of anybody. What it leaves is meant to be
/// the medical matter; it is not a proof of anonymity.
#[derive(Debug, Clone, Default)]
pub struct Masking {
    known: Vec<(Regex, &'static str)>,
}

impl Masking {
    /// Hides these names and addresses, besides what everybody's text is searched for.
    pub fn new<'a>(
        names: impl IntoIterator<Item = &'a str>,
        addresses: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let names = names.into_iter().map(|name| (name.trim(), "[姓名]"));
        let addresses = addresses.into_iter().map(|address| (address.trim(), "[地址]"));
        let mut known: Vec<_> = names
            .chain(addresses)
            // One character is no name, and a part of a mask would be masked again and again.
            .filter(|(text, _)| text.chars().count() > 1 && !MASKS.iter().any(|mask| mask.contains(text)))
            .collect();
        // The longest first: an address may hold a name.
        known.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        known.dedup();
        let known = known.into_iter().filter_map(|(text, mask)| {
            let pattern = RegexBuilder::new(&regex::escape(text)).case_insensitive(true).build().ok()?;
            Some((pattern, mask))
        });
        Self { known: known.collect() }
    }

    /// The text without what is to be hidden.
    pub fn mask(&self, text: &str) -> String {
        self.known.iter().chain(PATTERNS.iter()).fold(text.to_owned(), |text, (pattern, mask)| match pattern
            .replace_all(&text, *mask)
        {
            Cow::Borrowed(_) => text,
            Cow::Owned(masked) => masked,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_pattern_is_a_pattern() {
        assert_eq!(PATTERNS.len(), MASKS.len() + 1, "land lines and mobiles share a mask");
    }

    #[test]
    fn who_and_where_is_hidden_and_the_matter_is_not() {
        let masking = Masking::new(["王秀英", "Mary Wang", "李志强", "x"], ["幸福里三单元"]);
        for (text, masked) in [
            ("我叫王秀英，电话13800138000，头痛三天", "我叫[姓名]，电话[电话]，头痛三天"),
            ("李志强医生说我血压150/95", "[姓名]医生说我血压150/95"),
            ("mary wang has a fever of 38.5", "[姓名] has a fever of 38.5"),
            ("138-0013-8000 或 +86 138 0013 8000 或 １３８００１３８０００", "[电话] 或 [电话] 或 [电话]"),
            ("身份证11010519491231002X", "身份证[证件号]"),
            ("座机021-62345678", "座机[电话]"),
            ("账号1a2b3c4d的记录", "账号[编号]的记录"),
            ("住在幸福里三单元", "住在[地址]"),
            ("发到 a.b@example.cn", "发到 [邮箱]"),
            (
                "看 http://h/ipfs/QmUSaebDyekM1GFk7FExm2NqMBFyTUC5crTuBTTSwiPAzG/6b03.x_y 这个",
                "看 [文件] 这个",
            ),
            ("我叫张三丰，今年60岁", "我叫[姓名]，今年60岁"),
            ("2024-10-12 08:30 吃了药，每天3次，每次500mg", "2024-10-12 08:30 吃了药，每天3次，每次500mg"),
            ("走路500步就腿痛，住在人民路12号", "走路500步就腿痛，住在[地址]"),
            ("体温38.5，白细胞12000，走路没力气", "体温38.5，白细胞12000，走路没力气"),
        ] {
            assert_eq!(masking.mask(text), masked);
        }
        for address in ["上海市浦东新区张江路88号", "人民路12号3栋502", "阳光小区6号楼2单元301室"]
        {
            let masked = masking.mask(&format!("家住{address}，腰痛"));
            assert!(masked.contains("[地址]") && masked.ends_with("，腰痛"), "{masked}");
            assert!(!masked.chars().any(|c| c.is_ascii_digit()), "{masked}");
        }
    }

    proptest! {
        #[test]
        fn what_is_known_never_gets_through(
            name in "[\u{4e00}-\u{9fa5}]{2,4}|[A-Za-z]{3,8} [A-Za-z]{3,8}",
            phone in "1[0-9]{10}",
            uuid in "[0-9a-f]{8}",
            before in "\\PC{0,20}",
            after in "\\PC{0,20}",
        ) {
            prop_assume!(!MASKS.iter().any(|mask| mask.contains(&name)));
            let masking = Masking::new([name.as_str()], []);
            let masked = masking.mask(&format!("{before}，{name}，{phone}，{uuid}，{after}"));
            for secret in [&name, &phone, &uuid] {
                prop_assert!(!masked.contains(secret.as_str()), "{}", masked);
            }
            prop_assert_eq!(masking.mask(&masked), masked);
        }

        #[test]
        fn any_text_can_be_masked(text in ".*") {
            let masking = Masking::new([text.as_str()], [text.as_str()]);
            let _masked: String = masking.mask(&text);
        }
    }
}

//! Removes identities and addresses from text that is sent to a model.
//!
//! * `names` finds the names of the people concerned, unless they could be ordinary words (`dictionary`).
//! * `characters` tells digits and what separates or hides them.
//! * `numbers` finds telephone, identity and other long numbers in any notation.
//! * `patterns` finds links, e-mail and postal addresses and ids by their form.

mod characters;
mod dictionary;
mod names;
mod numbers;
mod patterns;

use names::KnownName;
use patterns::PLACE;

/// The known name and address of a person who may occur in a text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Identity<'a> {
    /// The name as entered by the hospital. Nicknames are not masked: people choose them freely, and they may
    /// be any word.
    pub name: &'a str,
    /// The postal address; may be empty.
    pub home_address: &'a str,
}

/// Masks who people are and where they live: the known data of the people concerned, and anything that looks
/// like a number, an address or an account id. The medical content should remain; this is not a proof of
/// anonymity.
///
/// Names and addresses that could be ordinary words are kept, because masking them would change the meaning
/// of the text, and people choose their names themselves: one person's name must not affect another's text.
#[derive(Debug, Clone, Default)]
pub struct Masking {
    names: Vec<KnownName>,
    addresses: Vec<String>,
}

impl Masking {
    /// Masks these people, in addition to the general patterns.
    pub fn new<'a>(people: impl IntoIterator<Item = Identity<'a>>) -> Self {
        let mut masking = Self::default();
        for Identity { name, home_address } in people {
            masking.names.extend(KnownName::of(name));
            let address = home_address.trim();
            if patterns::is_postal_address(address) {
                masking.addresses.push(address.to_owned());
            }
        }
        // Longest first: one name may contain another.
        masking.names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        masking.addresses.sort_by_key(|address| std::cmp::Reverse(address.len()));
        masking.addresses.dedup();
        masking
    }

    /// Returns the masked text.
    pub fn mask(&self, text: &str) -> String {
        let text = patterns::links_masked(text);
        let text =
            self.addresses.iter().fold(text.into_owned(), |text, address| text.replace(address, PLACE));
        let text = self.names.iter().fold(text, |text, name| name.masked(&text));
        let text = numbers::masked(&text);
        let text = patterns::ids_and_places_masked(text);
        names::introductions_masked(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn people<const N: usize>(people: [(&str, &str); N]) -> Masking {
        Masking::new(people.map(|(name, home_address)| Identity { name, home_address }))
    }

    #[test]
    fn identities_are_masked_and_medical_content_is_kept() {
        let masking =
            people([("王秀英", "幸福里三单元"), ("Mary Wang", ""), ("李志强", "不要停药"), ("x", "")]);
        for (text, masked) in [
            ("我叫王秀英，电话13800138000，头痛三天", "我叫[姓名]，电话[电话]，头痛三天"),
            ("李志强医生说我血压150/95，不要停药", "[姓名]医生说我血压150/95，不要停药"),
            ("Mary Wang has a fever of 38.5", "[姓名] has a fever of 38.5"),
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
            ("张江路88号腰痛", "[地址]腰痛"),
        ] {
            assert_eq!(masking.mask(text), masked);
        }
    }

    #[test]
    fn names_that_are_words_do_not_change_a_text() {
        let advice = "不要停药，每天三次，一次两片，明天去社区复查，人民路的药店有";
        for words in
            ["不要", "停药", "不", "每天", "三次", "一次两片", "明天去社区复查", "人民路", "药店", "复查"]
        {
            assert_eq!(people([(words, words)]).mask(advice), advice, "{words}");
        }
    }

    proptest! {
        #[test]
        fn known_data_is_always_masked(
            name in "[王李张刘陈][\u{4e00}-\u{9fa5}]{2}",
            phone in "1[3-9][0-9]{9}",
            uuid in "[0-9]{3}[a-f][0-9a-f]{4}",
            before in "\\PC{0,20}",
            after in "\\PC{0,20}",
        ) {
            prop_assume!(!dictionary::is_word(&name));
            let masking = people([(&name, "")]);
            let masked = masking.mask(&format!("{before}，{name}，{phone}，{uuid}，{after}"));
            for secret in [&name, &phone, &uuid] {
                prop_assert!(!masked.contains(secret.as_str()), "{}", masked);
            }
        }

        #[test]
        fn masking_twice_changes_nothing(
            text in "([0-9一二 +-]{0,14}|我叫|王秀英|人民路|号|小区|@|a\\.cn|\\PC){0,12}",
        ) {
            let masking = people([("王秀英", "人民路3号")]);
            let masked = masking.mask(&text);
            prop_assert_eq!(masking.mask(&masked), masked.as_str());
        }

        #[test]
        fn any_text_can_be_masked(text in ".*") {
            let _masked: String = people([(&text, &text)]).mask(&text);
        }
    }
}

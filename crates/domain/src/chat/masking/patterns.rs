//! Identifiers recognised by their form: file links, e-mail addresses, postal addresses, account ids.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The mask of a link to a file, or of a file's CID.
pub(super) const FILE: &str = "[文件]";

/// The mask of an e-mail address.
pub(super) const MAIL: &str = "[邮箱]";

/// The mask of an account's id.
pub(super) const ACCOUNT: &str = "[编号]";

/// The mask of a postal address.
pub(super) const PLACE: &str = "[地址]";

/// The end of a file link, from `ipfs` on, or a bare CID. The scheme and host before it are looked for backwards: a pattern
/// that begins with them would search the rest of the text for the end of whatever begins like a link.
static FILES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let path = r"[A-Za-z0-9._~%-]";
    let cid = r"(?:Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{50,})";
    Regex::new(&format!(r"(?i:/?ipfs:?/+){path}+(?:/{path}*)*|{cid}(?:/{path}*)*")).ok()
});

static MAILS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let letter = "A-Za-z0-9Ａ-Ｚａ-ｚ０-９";
    Regex::new(&format!(
        r"[{letter}._%+-]+\s?[@＠]\s?(?:[{letter}-]+[.．。])+(?:[A-Za-zＡ-Ｚａ-ｚ]{{2,}}|中国|公司|网络)|[{letter}._%+-]+[@＠]\p{{Han}}+[.．](?:中国|公司|网络|com|cn|net)"
    ))
    .ok()
});

/// An account id is eight hexadecimal digits. Eight decimal digits are a number, eight letters may be a word.
static ACCOUNTS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?-u:\b)[0-9A-Fa-f]{8}(?-u:\b)").ok());

/// A place name with a word that typically precedes it and the number of a house, flat or group in it.
static PLACES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    const NUMBER: &str = "[0-9０-９零〇一二三四五六七八九十百-]";
    const NAME: &str = r"[\p{Han}A-Za-z0-9&&[^住在家到去是从往我你他她请给让把要吃药痛停的了和与或不]]{1,16}";
    const HOUSE: &str = "(?:号楼|号院|号|弄|栋|幢|座|单元|室|楼|层|户)";
    Regex::new(&format!(
        "{NAME}(?:(?:路|街|大道|巷|胡同|村|小区|社区|花园|公寓|大厦|苑|新村|家园|镇)(?:{NUMBER}+-?{HOUSE})+\
         |[里坊园庄屯寨](?:{NUMBER}+-?(?:号楼|弄|栋|幢|单元|号院))(?:{NUMBER}+-?{HOUSE})*\
         |(?:村|屯|庄|寨|社区){NUMBER}+组)(?:{NUMBER}+-?{HOUSE}?)*"
    ))
    .ok()
});

/// Words that end like a place name but are none: 走路3层楼 is about climbing stairs.
const NO_PLACES: [&str; 8] = ["走路", "跑路", "赶路", "上路", "半路", "一路", "逛街", "上街"];

/// Masks file links and e-mail addresses. Must precede numbers, which both may contain.
pub(super) fn links_masked(text: &str) -> Cow<'_, str> {
    let text = files_masked(text);
    replaced(MAILS.as_ref(), text, |_| true, MAIL)
}

/// A file link grants access to anyone who has it, so all of it is masked, as is a bare CID.
fn files_masked(text: &str) -> Cow<'_, str> {
    let Some(files) = FILES.as_ref() else { return Cow::Borrowed(text) };
    let mut masked = String::new();
    let mut done = 0;
    for found in files.find_iter(text) {
        let before = text.get(done..found.start()).unwrap_or_default();
        let before = if found.as_str().starts_with('/') { without_host(before) } else { before };
        masked.push_str(before);
        masked.push_str(FILE);
        done = found.end();
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(masked)
}

/// The text without the scheme, host and folders of a link at its end.
fn without_host(text: &str) -> &str {
    let is_of_host = |c: char| c.is_ascii_alphanumeric() || "._~%:@[]/-".contains(c);
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
    let host = text.trim_end_matches(is_of_host).len();
    let Some(mark) = text.get(host..).and_then(|host| host.find("://")) else { return text };
    let before = text.get(..host + mark).unwrap_or_default();
    let start = before.trim_end_matches(is_of_scheme).len();
    let letter = before.get(start..).and_then(|scheme| scheme.find(|c: char| c.is_ascii_alphabetic()));
    letter.and_then(|letter| text.get(..start + letter)).unwrap_or(text)
}

/// Masks account ids and postal addresses.
pub(super) fn ids_and_places_masked(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_id = |found: &str| {
        found.contains(|c: char| c.is_ascii_digit()) && found.contains(|c: char| c.is_ascii_alphabetic())
    };
    let text = replaced(ACCOUNTS.as_ref(), text, is_id, ACCOUNT);
    replaced(PLACES.as_ref(), text, is_place, PLACE)
}

/// Whether the text contains a place with a house number.
pub(super) fn is_postal_address(text: &str) -> bool {
    PLACES.as_ref().is_some_and(|places| places.is_match(text))
}

fn is_place(found: &str) -> bool {
    let name = found.trim_end_matches(|c: char| !"路街".contains(c));
    !NO_PLACES.iter().any(|other| name.ends_with(other))
}

/// Replaces the matches of a pattern that pass a check.
fn replaced<'t>(
    pattern: Option<&Regex>,
    text: Cow<'t, str>,
    is_it: impl Fn(&str) -> bool,
    mask: &str,
) -> Cow<'t, str> {
    let Some(pattern) = pattern else { return text };
    let replace = |found: &Captures<'_>| {
        let found = found.get(0).map_or("", |found| found.as_str());
        if is_it(found) { mask.to_owned() } else { found.to_owned() }
    };
    match pattern.replace_all(&text, replace) {
        Cow::Borrowed(_) => text,
        Cow::Owned(masked) => Cow::Owned(masked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        ids_and_places_masked(links_masked(text)).into_owned()
    }

    #[test]
    fn every_pattern_compiles() {
        assert!(FILES.is_some() && MAILS.is_some() && ACCOUNTS.is_some() && PLACES.is_some());
    }

    /// A pattern that looks for the end of what begins like a link would read the rest of the text for each of them: far too
    /// long for this one to end.
    #[test]
    fn what_only_begins_like_a_link_is_passed_once() {
        let cid = format!("b{}", "a".repeat(50));
        let cids = masked(&format!("{cid}.").repeat(100_000));
        assert_eq!(cids, format!("{FILE}.").repeat(100_000));
        let links = masked(&"ipfs://x:".repeat(400_000));
        assert_eq!(links, format!("{FILE}:").repeat(400_000));
    }

    #[test]
    fn identifiers_are_masked_without_their_surroundings() {
        const CID: &str = "QmUSaebDyekM1GFk7FExm2NqMBFyTUC5crTuBTTSwiPAzG";
        for (text, expected) in [
            (format!("看http://h:8088/ipfs/{CID}/6b03.x_y-z这个药"), "看[文件]这个药"),
            (format!("看 https://[::1]/a/ipfs/{CID}，谢谢"), "看 [文件]，谢谢"),
            (format!("/ipfs/{CID} 和 ipfs://{CID}/a.jpg"), "[文件] 和 [文件]"),
            (format!("编号{CID}"), "编号[文件]"),
            (format!("见git+SSH://user@h/a%20b/IPFS/{CID}。"), "见[文件]。"),
            (format!("h/a/ipfs/{CID} 和 ：//h/ipfs/{CID}"), "h/a[文件] 和 ：//h[文件]"),
            ("http://h/ipfs/x@y/ipfs/z".to_owned(), "[文件]@y[文件]"),
            ("bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi".to_owned(), "[文件]"),
            ("发到a.b+c@example.com.cn，谢谢".to_owned(), "发到[邮箱]，谢谢"),
            ("ａｂ＠ｅｘａｍｐｌｅ．ｃｏｍ a@例子.中国".to_owned(), "[邮箱] [邮箱]"),
            ("账号1a2b3c4d的记录".to_owned(), "账号[编号]的记录"),
            ("feedback 20241012".to_owned(), "feedback 20241012"),
            ("住在人民路12号3栋502，腰痛".to_owned(), "住在[地址]，腰痛"),
            ("家住上海市浦东新区张江路88号，腰痛".to_owned(), "家住[地址]，腰痛"),
            ("阳光小区6号楼2单元301室".to_owned(), "[地址]"),
            ("住在幸福里三单元".to_owned(), "住在[地址]"),
            ("住在王村3组，腰痛".to_owned(), "住在[地址]，腰痛"),
            ("走路3层楼就喘".to_owned(), "走路3层楼就喘"),
            ("不知道3楼还是4楼有药房".to_owned(), "不知道3楼还是4楼有药房"),
            ("走路3组，每组10分钟".to_owned(), "走路3组，每组10分钟"),
            ("消化道2层".to_owned(), "消化道2层"),
        ] {
            assert_eq!(masked(&text), expected);
        }
    }
}

//! Names of people. A name is masked only if it cannot be an ordinary word: a patient named 不要 or 高兴
//! would otherwise change the meaning of other people's texts.

use std::ops::Range;

use regex::Regex;

use super::dictionary::{has_words_in_it, is_within_a_word, is_word};

/// The mask of a name.
pub(super) const NAME: &str = "[姓名]";

/// Surnames of one character: those of 百家姓 in use, plus common ones it lacks.
const SURNAMES: &str = "\
赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳\
酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞\
熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓\
郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫\
宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰\
郦雍璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃\
利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖付代覃涂佟冼原佘揭苟练门仝母\
苑初卿楚芦兰旷";

/// Surnames of two characters.
const COMPOUND_SURNAMES: [&str; 16] = [
    "欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文", "司徒",
    "南宫", "端木", "轩辕",
];

/// Titles after a name, which confirm it even if its last character and the next form a word: 伟大 in 张伟大夫.
const TITLES: [&str; 20] = [
    "医生", "医师", "大夫", "主任", "教授", "护士", "护师", "药师", "院长", "所长", "老师", "先生", "女士",
    "小姐", "阿姨", "叔叔", "大爷", "大妈", "奶奶", "爷爷",
];

/// Phrases by which people introduce themselves.
const INTRODUCTIONS: [&str; 7] = ["我叫", "名叫", "我姓名", "姓名是", "姓名为", "姓名：", "姓名:"];

/// A name to search for.
#[derive(Debug, Clone)]
pub(super) struct KnownName {
    pattern: Regex,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A surname and a given name of one character each; the two characters may also be parts of two words.
    Short,
    /// Three characters or more, which rarely occur other than as the name.
    Full,
    /// Several words in an alphabet.
    Words,
}

impl KnownName {
    /// The name, if it cannot be an ordinary word.
    pub(super) fn of(name: &str) -> Option<Self> {
        let words: Vec<&str> = name.split_whitespace().collect();
        if words.len() > 1 && words.iter().all(|word| is_alphabetic_word(word)) {
            // As written, or in capitals: will may is not Will May.
            let [written, capitals] =
                [words.join(" "), words.join(" ").to_uppercase()].map(|form| spaced(&form));
            let pattern = Regex::new(&format!("{written}|{capitals}")).ok()?;
            return Some(Self { pattern, form: Form::Words });
        }
        // A number or letter that distinguishes namesakes is not part of the name.
        let name = name.trim();
        let end = name.find(|c: char| !is_han(c) && !DOTS.contains(c)).unwrap_or(name.len());
        let han = name.get(..end)?.trim_matches(|c| DOTS.contains(c));
        let form = form_of(han)?;
        // Programs write the dot differently.
        let parts: Vec<_> = han.split(|c| DOTS.contains(c)).map(spread).collect();
        let pattern = Regex::new(&parts.join(&format!("{BLANKS}[{DOTS}.．]{BLANKS}"))).ok()?;
        Some(Self { pattern, form })
    }

    /// Length in bytes.
    pub(super) fn len(&self) -> usize {
        self.pattern.as_str().len()
    }

    /// Replaces the name by its mask.
    pub(super) fn masked(&self, text: &str) -> String {
        let found = self.pattern.find_iter(text).map(|found| found.range());
        let places: Vec<_> = found.filter(|place| self.is_name_at(text, place)).collect();
        replaced(text, &places)
    }

    /// Whether these characters are the name here rather than parts of other words.
    fn is_name_at(&self, text: &str, place: &Range<usize>) -> bool {
        let (before, after) = (text.get(..place.start), text.get(place.end..));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        match self.form {
            Form::Full => true,
            Form::Short => {
                TITLES.iter().any(|title| after.starts_with(title))
                    || !(is_within_a_word(text, place.start) || is_within_a_word(text, place.end))
            }
            Form::Words => {
                let continues = |c: char| c.is_alphanumeric() && !is_han(c);
                !before.ends_with(continues) && !after.starts_with(continues)
            }
        }
    }
}

/// What forms, and programs, put between the characters of a name: 王　秀英 is the same name, as when it is stored.
const BLANKS: &str = r"[\s\p{Default_Ignorable_Code_Point}\p{Cf}]{0,3}";

/// A pattern of these characters, with blanks between them.
fn spread(characters: &str) -> String {
    let characters: Vec<_> = characters.chars().map(|c| regex::escape(c.encode_utf8(&mut [0; 4]))).collect();
    characters.join(BLANKS)
}

/// A pattern of these words, in ASCII or full-width letters.
fn spaced(words: &str) -> String {
    let letter = |c: char| match c {
        ' ' => r"\s+".to_owned(),
        'a'..='z' | 'A'..='Z' => {
            let full_width = char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c);
            format!("[{c}{full_width}]")
        }
        c => regex::escape(c.encode_utf8(&mut [0; 4])),
    };
    words.chars().map(letter).collect()
}

fn form_of(name: &str) -> Option<Form> {
    let chars = name.chars().count();
    if chars < 2 || is_word(name) {
        return None;
    }
    if name.contains(|c| DOTS.contains(c)) {
        return Some(Form::Full);
    }
    let begins_with_two = COMPOUND_SURNAMES.iter().any(|surname| name.starts_with(surname));
    let begins_with_one = name.starts_with(|first| SURNAMES.contains(first));
    match chars {
        2 if begins_with_one => Some(Form::Short),
        3 if begins_with_two || begins_with_one && !is_phrase(name) => Some(Form::Full),
        4 if begins_with_two => Some(Form::Full),
        // A name of an unusual form is only used if it contains no words that would be masked with it.
        3.. if !has_words_in_it(name) => Some(Form::Full),
        _ => None,
    }
}

/// Whether three characters may be a word and one that often follows words: 明天去.
fn is_phrase(name: &str) -> bool {
    const FOLLOWERS: &str = "去来吃喝停用服打做看说是有没在到了的过后前时再还就都要想能会可好很太不痛疼";
    let last = name.chars().next_back();
    let word = last.map(|last| name.len() - last.len_utf8()).and_then(|end| name.get(..end));
    word.is_some_and(is_word) && last.is_some_and(|last| FOLLOWERS.contains(last))
}

/// Masks the names with which people introduce themselves.
pub(super) fn introductions_masked(text: &str) -> String {
    let mut places: Vec<Range<usize>> = Vec::new();
    for introduction in INTRODUCTIONS {
        for (at, found) in text.match_indices(introduction) {
            places.extend(introduced(text, at + found.len()));
        }
    }
    places.sort_by_key(|place| place.start);
    places.dedup_by(|next, before| next.start < before.end);
    replaced(text, &places)
}

/// The name that begins here: two or three characters, or four with a two-character surname, ending on a word
/// boundary.
fn introduced(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    let start = at + (rest.len() - rest.trim_start_matches([' ', '　']).len());
    let rest = text.get(start..)?;
    let han: Vec<char> = rest.chars().take_while(|c| is_han(*c)).take(4).collect();
    let is_compound = COMPOUND_SURNAMES.iter().any(|surname| rest.starts_with(surname));
    if !is_compound && !han.first().is_some_and(|first| SURNAMES.contains(*first)) {
        return None;
    }
    let longest = if is_compound { 4 } else { 3 };
    (2..=longest.min(han.len())).rev().find_map(|chars| {
        let length: usize = han.iter().take(chars).map(|c| c.len_utf8()).sum();
        let end = start + length;
        let ends = !text.get(end..)?.starts_with(is_han) || !is_within_a_word(text, end);
        ends.then_some(start..end)
    })
}

fn replaced(text: &str, places: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for place in places {
        masked.push_str(text.get(done..place.start).unwrap_or_default());
        masked.push_str(NAME);
        done = place.end;
    }
    masked + text.get(done..).unwrap_or_default()
}

fn is_alphabetic_word(word: &str) -> bool {
    let is_part = |c: char| (c.is_alphabetic() && !is_han(c)) || "-'’.".contains(c);
    word.chars().all(is_part) && word.chars().any(char::is_alphabetic)
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' | '〇' | '々')
}

/// Variants of the dot between the parts of a name.
const DOTS: &str = "·•・‧∙";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(name: &str, text: &str) -> String {
        KnownName::of(name).map_or(text.to_owned(), |name| name.masked(text))
    }

    #[test]
    fn names_are_masked_where_they_are_names() {
        for (name, text, expected) in [
            ("王秀英", "我妈王秀英头痛", "我妈[姓名]头痛"),
            ("张伟", "张伟说血压高", "[姓名]说血压高"),
            ("张伟", "找张伟大夫看过", "找[姓名]大夫看过"),
            ("张伟", "张伟大的城市", "张伟大的城市"),
            ("于明", "由于明天要手术", "由于明天要手术"),
            ("于明", "于明，明天来", "[姓名]，明天来"),
            ("曾静", "曾静脉注射过", "曾静脉注射过"),
            ("欧阳伟", "欧阳伟来过", "[姓名]来过"),
            ("王芳2", "王芳和王芳2", "[姓名]和[姓名]2"),
            ("艾力·买买提", "艾力•买买提，艾力.买买提", "[姓名]，[姓名]"),
            ("Mary Wang", "Mary Wang and MARY  WANG", "[姓名] and [姓名]"),
            ("Mary Wang", "Ｍａｒｙ　Ｗａｎｇ来过", "[姓名]来过"),
            ("王秀英", "王 秀 英、王　秀英、王\u{200b}秀\n英", "[姓名]、[姓名]、[姓名]"),
            ("张伟", "张　伟，男", "[姓名]，男"),
            ("艾力·买买提", "艾力 · 买买提来过", "[姓名]来过"),
            (
                "Will May",
                "it will may be, Will Mayer, 说Will May好",
                "it will may be, Will Mayer, 说[姓名]好",
            ),
        ] {
            assert_eq!(masked(name, text), expected, "{name}");
        }
    }

    #[test]
    fn words_are_never_mistaken_for_names() {
        for (name, text) in [
            ("不要", "不要停药"),
            ("不", "不要停药"),
            ("不要停", "不要停药"),
            ("停药", "不要停药"),
            ("每天三次", "每天三次，不要停"),
            ("高兴", "我很高兴"),
            ("明白", "明白，不吃了"),
            ("康复", "康复以后再来"),
            ("黄连", "每天吃黄连三克"),
            ("何首乌", "吃了何首乌"),
            ("高血压", "有高血压"),
            ("任何", "任何医生都行"),
            ("马上", "马上手术"),
            ("马上停", "马上停药"),
            ("明天去社区", "明天去社区复查"),
            ("王", "王不留行"),
            ("Rose", "Rose water"),
            ("B12", "维生素B12"),
            ("CA199", "CA199 37"),
            ("120", "血压120/80"),
            ("", "头痛"),
            (" ", "头 痛"),
        ] {
            assert_eq!(masked(name, text), text, "{name}");
        }
    }

    #[test]
    fn introductions_are_found() {
        for (text, expected) in [
            ("我叫张三丰，今年60岁", "我叫[姓名]，今年60岁"),
            ("我叫张三今年60岁", "我叫[姓名]今年60岁"),
            ("姓名：李娜 电话", "姓名：[姓名] 电话"),
            ("我叫欧阳明月，头痛", "我叫[姓名]，头痛"),
            ("我叫了救护车", "我叫了救护车"),
            ("医生我叫不出名字", "医生我叫不出名字"),
            ("姓名是什么", "姓名是什么"),
            ("我叫", "我叫"),
        ] {
            assert_eq!(introductions_masked(text), expected);
        }
    }

    proptest! {
        #[test]
        fn a_full_name_is_always_masked(
            name in "[王李张刘陈][\u{4e00}-\u{9fa5}]{2}",
            before in "\\PC{0,20}",
            after in "\\PC{0,20}",
        ) {
            prop_assume!(!is_word(&name) && !is_phrase(&name));
            let masked = masked(&name, &format!("{before}{name}{after}"));
            prop_assert!(!masked.contains(&name), "{}", masked);
        }

        #[test]
        fn any_name_and_any_text_can_be_masked(name in ".{0,12}", text in ".{0,60}") {
            let _masked: String = masked(&name, &text);
            let _masked: String = introductions_masked(&text);
        }
    }
}

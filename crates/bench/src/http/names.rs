//! Names as frequent as people's: many share a surname, few a full name.

use super::dice::Dice;

/// Surnames with their share of a thousand people; the others are rarer.
const SURNAMES: [(u64, &str); 24] = [
    (72, "王"),
    (71, "李"),
    (68, "张"),
    (52, "刘"),
    (45, "陈"),
    (31, "杨"),
    (23, "黄"),
    (22, "赵"),
    (20, "吴"),
    (20, "周"),
    (14, "徐"),
    (14, "孙"),
    (14, "马"),
    (12, "朱"),
    (12, "胡"),
    (12, "郭"),
    (11, "何"),
    (10, "林"),
    (10, "高"),
    (10, "罗"),
    (9, "郑"),
    (9, "梁"),
    (8, "谢"),
    (8, "欧阳"),
];
const RARER: &str = "宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤";
/// Characters of given names, the more frequent ones first.
const GIVEN: &str = "英华玉秀明文芳兰国建桂红平金春丽军志海云伟梅荣强林敏静珍生霞香龙琴凤福勇艳德杰娟涛超刚辉燕玲雪斌洋磊娜宇浩凯健俊帆晨鑫雨婷欣怡子轩梓涵思佳博";
/// Length of each of these characters in UTF-8.
const WIDTH: usize = 3;

/// A name.
pub(crate) fn full(dice: &Dice) -> String {
    let second = if dice.below(100) < 12 { "" } else { character(GIVEN, dice, Dice::rather_low) };
    format!("{}{}{second}", surname(dice), character(GIVEN, dice, Dice::rather_low))
}

/// The surname of a random person.
pub(crate) fn surname(dice: &Dice) -> &'static str {
    let mut left = dice.below(1000);
    for (share, name) in SURNAMES {
        if left < share {
            return name;
        }
        left -= share;
    }
    character(RARER, dice, Dice::below)
}

fn character(of: &'static str, dice: &Dice, choose: fn(&Dice, u64) -> u64) -> &'static str {
    let number = choose(dice, u64::try_from(of.len() / WIDTH).unwrap_or_default());
    let start = usize::try_from(number).unwrap_or_default() * WIDTH;
    of.get(start..start + WIDTH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_surname_has_many_people_and_a_full_name_a_few() {
        let dice = Dice::new(1);
        let mut people = HashMap::<String, u32>::new();
        for _ in 0..40_000 {
            *people.entry(full(&dice)).or_default() += 1;
        }
        let with_surname: u32 =
            people.iter().filter(|(name, _)| name.starts_with('王')).map(|(_, n)| n).sum();
        assert!((2_000..4_000).contains(&with_surname), "{with_surname}");
        let namesakes = people.values().max().copied().unwrap_or_default();
        assert!((5..500).contains(&namesakes), "{namesakes}");
        assert!(people.len() > 15_000, "{} different names", people.len());
    }
}

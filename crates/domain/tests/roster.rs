//! What people make of a roster's cells, and what is understood.
use proptest::prelude::*;
use yilin_domain::account::{Age, Role, Sex};
use yilin_domain::roster::{Column, RosterPerson, RowProblem};

fn parse(cells: &[(Column, &str)]) -> Result<RosterPerson, Vec<RowProblem>> {
    let cells: Vec<_> = cells.iter().map(|(column, text)| (*column, (*text).to_owned())).collect();
    RosterPerson::parse(Some(Role::Patient), &cells)
}

/// What is wrong with a row that has this cell, besides a name and a phone number.
fn problem(column: Column, text: &str) -> Option<RowProblem> {
    let mut cells = vec![(column, text)];
    let others = [(Column::Name, "张伟"), (Column::Phone, "13800000001")];
    cells.extend(others.into_iter().filter(|(other, _)| *other != column));
    parse(&cells).err().map(|problems| {
        assert_eq!(problems.len(), 1, "{column:?} {text:?}: {problems:?}");
        problems[0]
    })
}

#[test]
fn headers_are_known_however_they_are_written() {
    for (header, column) in [
        ("姓名", Column::Name),
        (" 姓 名 *", Column::Name),
        ("名字", Column::Name),
        ("手机号（必填）", Column::Phone),
        ("电话(11位)", Column::Phone),
        ("手机", Column::Phone),
        ("ＰＨＯＮＥ", Column::Phone),
        ("住址：", Column::HomeAddress),
        ("地址", Column::HomeAddress),
        ("Home Address", Column::HomeAddress),
        ("年龄\n(岁)", Column::Age),
        ("医院", Column::Hospital),
        ("角色", Column::Role),
        ("初始密码", Column::InitialPassword),
    ] {
        assert_eq!(Column::of(header), Some(column), "{header}");
    }
    for header in ["", "备注", "姓名电话", "身份证号", "(姓名)", "错误说明"] {
        assert_eq!(Column::of(header), None, "{header}");
    }
    for column in Column::ALL {
        assert_eq!(Column::of(column.header()), Some(column));
    }
}

#[test]
fn problems_and_their_names_agree() {
    for problem in RowProblem::ALL {
        assert_eq!(RowProblem::of_slug(problem.slug()), Some(problem));
    }
}

#[test]
fn phone_numbers_are_understood_or_refused_but_never_guessed() {
    for text in [
        "13800000001",
        "138 0000 0001",
        "138-0000-0001",
        "１３８０００００００１",
        "+86 13800000001",
        "8613800000001",
        "0086-138-0000-0001",
        "(+86)13800000001",
        "13800000001.0",
        "1.3800000001E10",
        "1.3800000001e+10",
        "'13800000001",
        "\u{202a}13800000001\u{202c}",
    ] {
        let person = parse(&[(Column::Name, "张伟"), (Column::Phone, text)]).expect(text);
        assert_eq!(person.phone.as_str(), "13800000001", "{text}");
    }
    for text in [
        "1380000000",
        "138000000011",
        "23800000001",
        "1.38E+10",
        "1.38E10",
        "1.3800000001E9",
        "13800000001.5",
        "13800000001/13800000002",
        "无",
        "#N/A",
        "-13800000001a",
        "1e999999999999",
        "1.0E-5",
        ".",
        "E",
        "1.E",
    ] {
        assert_eq!(problem(Column::Phone, text), Some(RowProblem::PhoneInvalid), "{text}");
    }
    assert_eq!(problem(Column::Phone, " \u{200b} "), Some(RowProblem::PhoneMissing));
}

#[test]
fn ages_sexes_roles_and_passwords_have_their_bounds() {
    for (text, years) in
        [("0", 0), ("150", 150), ("72.0", 72), ("７２", 72), ("65岁", 65), (" 3 周岁", 3), ("7.2E1", 72)]
    {
        let person = parse(&[(Column::Name, "张伟"), (Column::Phone, "13800000001"), (Column::Age, text)])
            .expect(text);
        assert_eq!(person.age.map(Age::years), Some(years), "{text}");
    }
    for text in ["151", "-1", "72.5", "七十二", "256", "1e3", "3个月"] {
        assert_eq!(problem(Column::Age, text), Some(RowProblem::AgeInvalid), "{text}");
    }
    assert_eq!(problem(Column::Age, ""), None);
    for (text, sex) in
        [("男", Some(Sex::Male)), ("女性", Some(Sex::Female)), ("Ｍ", Some(Sex::Male)), ("", None)]
    {
        let person = parse(&[(Column::Name, "张伟"), (Column::Phone, "13800000001"), (Column::Sex, text)])
            .expect(text);
        assert_eq!(person.sex, sex, "{text}");
    }
    assert_eq!(problem(Column::Sex, "未知"), Some(RowProblem::SexInvalid));
    assert_eq!(problem(Column::Role, "系统管理员"), Some(RowProblem::RoleInvalid), "nobody becomes an admin");
    assert_eq!(problem(Column::InitialPassword, "12345"), Some(RowProblem::InitialPasswordInvalid));
    assert_eq!(problem(Column::InitialPassword, &"x".repeat(72)), Some(RowProblem::InitialPasswordInvalid));
    assert_eq!(problem(Column::InitialPassword, &"x".repeat(71)), None);
    assert_eq!(problem(Column::Name, &"张".repeat(51)), Some(RowProblem::NameTooLong));
    assert_eq!(problem(Column::HomeAddress, &"路".repeat(256)), Some(RowProblem::HomeAddressTooLong));
    assert_eq!(problem(Column::Hospital, &"院".repeat(256)), None, "a patient has none");
}

#[test]
fn everything_that_is_wrong_is_told() {
    use RowProblem::{AgeInvalid, NameMissing, PhoneMissing, RoleMissing, SexInvalid};

    let problems = RosterPerson::parse(None, &[(Column::Age, "x".to_owned()), (Column::Sex, "x".to_owned())]);
    assert_eq!(problems, Err(vec![NameMissing, SexInvalid, PhoneMissing, RoleMissing, AgeInvalid]));
}

proptest! {
    #[test]
    fn separators_do_not_change_a_phone_number(
        digits in "1[0-9]{10}",
        separators in prop::collection::vec("[ \u{3000}\u{2013}-]{0,2}", 11),
        wide in any::<bool>(),
    ) {
        let shown = |digit: char| if wide { char::from_u32(u32::from(digit) + 0xfee0).unwrap_or(digit) } else { digit };
        let mut text = String::new();
        for (digit, gap) in digits.chars().zip(&separators) {
            text.push_str(gap);
            text.push(shown(digit));
        }
        let person = parse(&[(Column::Name, "张伟"), (Column::Phone, &text)]).expect("it is one");
        prop_assert_eq!(person.phone.as_str(), digits);
    }

    #[test]
    fn a_number_cell_is_the_number_or_refused(phone in 10_000_000_000_u64..20_000_000_000, places in 0_usize..12) {
        // As programs write a number with so many decimals.
        #[expect(clippy::cast_precision_loss, reason = "eleven digits fit")]
        let text = format!("{:.places$e}", phone as f64);
        if let Ok(person) = parse(&[(Column::Name, "张伟"), (Column::Phone, &text)]) {
            prop_assert_eq!(person.phone.as_str(), phone.to_string());
        }
    }

    #[test]
    fn no_text_is_too_strange(texts in prop::collection::vec("\\PC{0,40}|.{0,10}", 8)) {
        let cells: Vec<_> = Column::ALL.into_iter().zip(texts).collect();
        if let Ok(person) = RosterPerson::parse(None, &cells) {
            prop_assert!(!person.name.as_str().is_empty() && person.phone.as_str().len() == 11);
        }
    }
}

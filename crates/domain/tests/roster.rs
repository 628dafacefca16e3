//! Interpretation of roster cells in all the forms that people use.
#![expect(clippy::expect_used, reason = "tests panic on failure")]

use chrono::NaiveDate;
use proptest::prelude::*;
use yilin_domain::account::{Age, PersonName, Role, Sex, fold_name};
use yilin_domain::roster::{Column, RosterCell, RosterFault, RosterPerson, RowProblem};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 27).expect("a day")
}

fn parse(cells: &[(Column, &str)]) -> Result<RosterPerson, Vec<RowProblem>> {
    let cells: Vec<_> = cells.iter().map(|(column, text)| (*column, RosterCell::from(*text))).collect();
    RosterPerson::parse(Some(Role::Patient), &cells, today())
}

/// A person with a name, a phone number and this cell.
fn with(column: Column, cell: RosterCell) -> Result<RosterPerson, Vec<RowProblem>> {
    let mut cells = vec![(column, cell)];
    let others = [(Column::Name, "张伟"), (Column::Phone, "13800000001")];
    let others = others.into_iter().filter(|(other, _)| *other != column);
    cells.extend(others.map(|(column, text)| (column, RosterCell::from(text))));
    RosterPerson::parse(Some(Role::Patient), &cells, today())
}

/// The problem of a row with this cell, besides a name and a phone number.
fn problem(column: Column, text: &str) -> Option<RowProblem> {
    with(column, text.into()).err().map(|problems| {
        assert_eq!(problems.len(), 1, "{column:?} {text:?}: {problems:?}");
        problems[0]
    })
}

#[test]
fn headers_are_recognised_in_any_notation() {
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
        ("電話", Column::Phone),
        ("聯絡電話", Column::Phone),
        ("手機號碼", Column::Phone),
        ("性別", Column::Sex),
        ("年齡", Column::Age),
        ("住址", Column::HomeAddress),
        ("現住地址", Column::HomeAddress),
        ("所屬醫院", Column::Hospital),
        ("醫院名稱", Column::Hospital),
        ("醫師姓名", Column::Name),
        ("初始密碼", Column::InitialPassword),
        ("本人电话", Column::Phone),
        ("本人联系电话", Column::Phone),
        ("患者手机号", Column::Phone),
        ("手机/电话", Column::Phone),
        ("电话、手机号码", Column::Phone),
        ("手机 或 电话", Column::Phone),
        ("Mobile Phone", Column::Phone),
        ("Phone No.", Column::Phone),
        ("TEL", Column::Phone),
        ("patient_name", Column::Name),
        ("姓名 Name", Column::Name),
        ("Name\n姓名", Column::Name),
        ("性别/Sex", Column::Sex),
        ("* 姓名（必填）：", Column::Name),
        ("姓名【必填】", Column::Name),
        ("姓名[必填", Column::Name),
        ("1. 姓名", Column::Name),
        ("2、联系电话", Column::Phone),
        ("出生日期", Column::BirthDate),
        ("出生日期(YYYY-MM-DD)", Column::BirthDate),
        ("Date of Birth", Column::BirthDate),
    ] {
        assert_eq!(Column::of(header), Some(column), "{header}");
    }
    for header in [
        "",
        "备注",
        "姓名电话",
        "姓名/电话",
        "姓名 Phone",
        "身份证号",
        "(姓名)",
        "错误说明",
        "家属电话",
        "紧急联系人电话",
        "联系人",
        "电话2",
        "本人",
        "/",
        "1",
    ] {
        assert_eq!(Column::of(header), None, "{header}");
    }
    for column in Column::ALL {
        assert_eq!(Column::of(column.header()), Some(column));
    }
}

#[test]
fn problems_and_their_names_agree() {
    let mut slugs = std::collections::BTreeSet::new();
    for problem in RowProblem::all() {
        assert_eq!(RowProblem::of_slug(problem.slug()), Some(problem));
        assert!(slugs.insert(problem.slug()), "{} is not unique", problem.slug());
    }
    for fault in RosterFault::EXAMPLES {
        assert_eq!(RosterFault::of_code(&fault.code()), Some(fault));
    }
    let line = RosterFault::BadQuotes { line: 12 };
    assert_eq!(RosterFault::of_code("roster.bad_quotes 12"), Some(line));
    // The stored form before faults had positions.
    assert_eq!(RosterFault::of_code("roster.not_a_spreadsheet"), Some(RosterFault::NotASpreadsheet));
    for code in ["", "roster.bad_quotes", "roster.bad_quotes x", "roster.damaged 1", "x 1"] {
        assert_eq!(RosterFault::of_code(code), None, "{code}");
    }
}

#[test]
fn phone_numbers_are_parsed_or_rejected_but_never_guessed() {
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
    for (text, years) in [
        ("0", 0),
        ("150", 150),
        ("72.0", 72),
        ("７２", 72),
        ("65岁", 65),
        ("65歲", 65),
        (" 3 周岁", 3),
        ("7.2E1", 72),
        ("3个月", 0),
        ("３個月", 0),
        ("三个月", 0),
        ("11月龄", 0),
        ("14个月", 1),
        ("1岁3个月", 1),
        ("1岁半", 1),
        ("20天", 0),
        ("出生3天", 0),
        ("新生儿", 0),
        ("新生兒", 0),
        ("婴儿", 0),
        ("半岁", 0),
        ("未满1岁", 0),
        ("不足周岁", 0),
        ("0.5", 0),
        (".25", 0),
        ("0.5岁", 0),
        ("6 months", 0),
    ] {
        let person = with(Column::Age, text.into()).expect(text);
        assert_eq!(person.age.map(Age::years), Some(years), "{text}");
    }
    for text in ["151", "-1", "72.5", "七十二", "256", "1e3", "3周", "400天", "1岁13个月", "岁", "1990-01-05"]
    {
        assert_eq!(problem(Column::Age, text), Some(RowProblem::AgeInvalid), "{text}");
    }
    assert_eq!(problem(Column::Age, ""), None);
    for (text, sex) in [
        ("男", Some(Sex::Male)),
        ("女性", Some(Sex::Female)),
        ("Ｍ", Some(Sex::Male)),
        ("", None),
        ("1", Some(Sex::Male)),
        ("２", Some(Sex::Female)),
        ("1.0", Some(Sex::Male)),
        ("1-男", Some(Sex::Male)),
        ("2.女性", Some(Sex::Female)),
        ("0", None),
        ("9", None),
        ("未知", None),
        ("未说明的性别", None),
        ("不詳", None),
        ("9 未说明", None),
    ] {
        assert_eq!(with(Column::Sex, text.into()).expect(text).sex, sex, "{text}");
    }
    for text in ["x", "3", "男女", "1-女", "11", "-"] {
        assert_eq!(problem(Column::Sex, text), Some(RowProblem::SexInvalid), "{text}");
    }
    assert_eq!(
        problem(Column::Role, "系统管理员"),
        Some(RowProblem::RoleInvalid),
        "admins cannot be imported"
    );
    assert_eq!(problem(Column::InitialPassword, "12345"), Some(RowProblem::InitialPasswordInvalid));
    assert_eq!(problem(Column::InitialPassword, &"x".repeat(72)), Some(RowProblem::InitialPasswordInvalid));
    assert_eq!(problem(Column::InitialPassword, &"x".repeat(71)), None);
    assert_eq!(problem(Column::Name, &"张".repeat(51)), Some(RowProblem::NameTooLong));
    assert_eq!(problem(Column::HomeAddress, &"路".repeat(256)), Some(RowProblem::HomeAddressTooLong));
    assert_eq!(problem(Column::Hospital, &"院".repeat(256)), None, "a patient has none");
}

#[test]
fn all_problems_are_reported() {
    use RowProblem::{AgeInvalid, NameMissing, PhoneMissing, RoleMissing, SexInvalid};

    let cells = [(Column::Age, RosterCell::from("x")), (Column::Sex, RosterCell::from("x"))];
    let problems = RosterPerson::parse(None, &cells, today());
    assert_eq!(problems, Err(vec![NameMissing, SexInvalid, PhoneMissing, RoleMissing, AgeInvalid]));
}

#[test]
fn birth_dates_determine_the_age_within_a_tolerance() {
    for text in [
        "1990-1-5",
        "1990-01-05",
        "1990/01/05",
        "1990.1.5",
        "1990年1月5日",
        "1990 年 1 月 5 日",
        "1990年1月5号",
        "19900105",
        "19900105.0",
        "１９９０－０１－０５",
        "1990-01-05 00:00:00",
        "1990/1/5 0:00",
        "1990-01-05T08:30:00Z",
    ] {
        let person = with(Column::BirthDate, text.into()).expect(text);
        assert_eq!(
            person.birth_date.map(|birth| birth.date().to_string()).as_deref(),
            Some("1990-01-05"),
            "{text}"
        );
        assert_eq!(person.age.map(Age::years), Some(36), "{text}");
    }
    for text in [
        "1990",
        "1990-01",
        "199001",
        "1990年1月",
        "5/1/1990",
        "05-01-1990",
        "90-1-5",
        "1990-02-30",
        "1990-13-01",
        "2026-11-28",
        "1876-11-26",
        "32878",
        "不详",
        "1990-01-05 下午",
        "1990-1-5-6",
    ] {
        assert_eq!(problem(Column::BirthDate, text), Some(RowProblem::BirthDateInvalid), "{text}");
    }
    let date = |year, month, day| {
        let date = NaiveDate::from_ymd_opt(year, month, day).expect("a day");
        with(Column::BirthDate, RosterCell::Date { date, shown: None })
    };
    assert_eq!(date(2026, 11, 27).expect("it is today").age.map(Age::years), Some(0));
    assert_eq!(date(1876, 11, 27).expect("it is possible").age.map(Age::years), Some(150));
    assert_eq!(date(2026, 11, 28), Err(vec![RowProblem::BirthDateInvalid]));
    for (age, agrees) in [("34", true), ("38", true), ("33", false), ("39", false), ("", true)] {
        let parsed = parse(&[
            (Column::Name, "张伟"),
            (Column::Phone, "13800000001"),
            (Column::Age, age),
            (Column::BirthDate, "1990-01-05"),
        ]);
        match parsed {
            Ok(person) => assert!(agrees && person.age.map(Age::years) == Some(36), "{age}"),
            Err(problems) => {
                assert!(!agrees, "{age}");
                assert_eq!(problems, [RowProblem::BirthDateContradictsAge]);
            }
        }
    }
}

#[test]
fn the_displayed_value_counts_and_is_never_guessed() {
    let number = |value: &str, shown: Option<&str>| RosterCell::Number {
        value: value.to_owned(),
        shown: shown.map(str::to_owned),
    };
    let password = |cell| with(Column::InitialPassword, cell).map(|person| person.password);
    let shown = password(number("123456", Some("0123456"))).expect("it is shown").expect("it is there");
    assert_eq!(shown.reveal(), "0123456");
    assert_eq!(
        password(number("13800000001", None)),
        Err(vec![RowProblem::NotShown(Column::InitialPassword)])
    );
    // The digits of a phone number are the same in any number format.
    for shown in [Some("138 0000 0001"), Some("13,800,000,001"), Some("1.38E+10"), None] {
        let person = with(Column::Phone, number("13800000001", shown)).expect("it is a number");
        assert_eq!(person.phone.as_str(), "13800000001", "{shown:?}");
    }
    for (value, shown, age) in
        [("72.4", Some("72"), 72), ("72", Some("72岁"), 72), ("72", None, 72), ("0.5", Some("0.5"), 0)]
    {
        let person = with(Column::Age, number(value, shown)).expect("it is a number");
        assert_eq!(person.age.map(Age::years), Some(age), "{shown:?}");
    }
    assert_eq!(with(Column::Sex, number("1", None)).expect("it is a code").sex, Some(Sex::Male));

    let date = || RosterCell::Date { date: today(), shown: None };
    assert_eq!(with(Column::HomeAddress, date()), Err(vec![RowProblem::NotShown(Column::HomeAddress)]));
    assert_eq!(with(Column::Age, date()), Err(vec![RowProblem::AgeInvalid]));
    assert_eq!(with(Column::Phone, date()), Err(vec![RowProblem::PhoneInvalid]));
    let shown = RosterCell::Date { date: today(), shown: Some("3-2".to_owned()) };
    assert_eq!(with(Column::HomeAddress, shown).expect("it is shown").home_address.as_str(), "3-2");
}

#[test]
fn errors_and_formulas_without_results_are_invalid_in_any_column() {
    for column in Column::ALL {
        if column == Column::Hospital {
            continue;
        }
        assert_eq!(with(column, RosterCell::NoResult), Err(vec![RowProblem::NoResult(column)]));
        for text in ["#N/A", "#REF!", "#VALUE!", "TRUE", "FALSE", "Err:502", "########", " ＃N/A "] {
            let expected = Err(vec![RowProblem::NotAValue(column)]);
            assert_eq!(with(column, text.into()), expected, "{column:?} {text}");
            assert_eq!(with(column, RosterCell::NotAValue(text.to_owned())), expected);
        }
    }
    // A patient has no hospital, so the cell is ignored.
    assert!(with(Column::Hospital, RosterCell::NoResult).is_ok());
    for name in ["#", "True", "N/A李"] {
        assert_eq!(problem(Column::Name, name), None, "{name}");
    }
}

#[test]
fn duplicate_columns_must_agree() {
    let with_phones = |one, other| {
        parse(&[(Column::Name, "张伟"), (Column::Phone, one), (Column::Phone, other)])
            .map(|person| person.phone.as_str().to_owned())
    };
    let phone = Ok("13800000001".to_owned());
    assert_eq!(with_phones("13800000001", ""), phone);
    assert_eq!(with_phones("", "138 0000 0001"), phone);
    assert_eq!(with_phones("13800000001", "138-0000-0001"), phone);
    assert_eq!(with_phones("13800000001", "13800000002"), Err(vec![RowProblem::TwoValues(Column::Phone)]));
}

#[test]
fn names_have_one_spelling() {
    for (written, name) in [
        ("张　三", "张三"),
        (" 张 三 ", "张三"),
        ("张\u{a0}\u{2002}三", "张三"),
        ("欧阳 娜 娜", "欧阳娜娜"),
        ("张\u{200b}三", "张三"),
        ("艾力•买买提", "艾力·买买提"),
        ("艾力・买买提", "艾力·买买提"),
        ("艾力‧买买提", "艾力·买买提"),
        ("艾力·买买提", "艾力·买买提"),
        ("艾力 · 买买提", "艾力·买买提"),
        ("John Smith", "John Smith"),
        ("李 John", "李 John"),
        ("𠮷 田", "𠮷田"),
        ("　", ""),
    ] {
        assert_eq!(fold_name(written), name, "{written:?}");
        assert_eq!(PersonName::parse(written).expect("it is short").as_str(), name);
        assert_eq!(fold_name(name), name);
    }
    assert_eq!(
        parse(&[(Column::Name, "张　三"), (Column::Phone, "13800000001")])
            .expect("it is a name")
            .name
            .as_str(),
        "张三"
    );
    let spaced = vec!["张"; 50].join(" ");
    assert!(PersonName::parse(&spaced).is_ok());
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
    fn a_number_cell_is_exact_or_rejected(phone in 10_000_000_000_u64..20_000_000_000, places in 0_usize..12) {
        // As programs write a number with this many decimals.
        #[expect(clippy::cast_precision_loss, reason = "eleven digits fit")]
        let text = format!("{:.places$e}", phone as f64);
        if let Ok(person) = parse(&[(Column::Name, "张伟"), (Column::Phone, &text)]) {
            prop_assert_eq!(person.phone.as_str(), phone.to_string());
        }
    }

    #[test]
    fn any_text_is_accepted_or_rejected(texts in prop::collection::vec("\\PC{0,40}|.{0,10}", 9)) {
        let cells: Vec<_> = Column::ALL.into_iter().zip(texts.into_iter().map(RosterCell::Text)).collect();
        for (_, cell) in &cells {
            Column::of(&cell.to_text());
        }
        if let Ok(person) = RosterPerson::parse(None, &cells, today()) {
            prop_assert!(!person.name.as_str().is_empty() && person.phone.as_str().len() == 11);
        }
    }
}

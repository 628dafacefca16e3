//! What is wrong with a row of a roster, or with a roster, in words.

use yilin_domain::account::{Age, HomeAddress, Hospital, NewPassword, PersonName};
use yilin_domain::roster::{Column, RosterFault, RowProblem};

use crate::error::Language;

/// Everything that is wrong with a row, in Chinese and English: for whoever has no `Accept-Language`.
pub fn row_problems(problems: &[RowProblem]) -> String {
    format!("{} / {}", all_of(problems, Language::Chinese), all_of(problems, Language::English))
}

/// What is wrong with a roster, in Chinese and English.
pub fn roster_fault(fault: RosterFault) -> (&'static str, &'static str) {
    match fault {
        RosterFault::NotASpreadsheet => (
            "文件不是可以识别的电子表格，请上传 .xlsx、.xls 或 .csv 文件，首行为表头（姓名、性别、电话……）",
            "The file is not a spreadsheet: send .xlsx, .xls or .csv, with the headers in the first row",
        ),
        RosterFault::Encrypted => (
            "电子表格设有密码，请取消密码后重新上传",
            "The spreadsheet is protected by a password; remove it and send the file again",
        ),
        RosterFault::Damaged => (
            "电子表格已损坏或不完整，请在表格软件中打开并另存为 .xlsx 后重新上传",
            "The spreadsheet is damaged or incomplete; open it, save it as .xlsx and send it again",
        ),
        RosterFault::TooLargeInside => (
            "电子表格解压后过大或单元格分布过广，请只保留名单内容后重新上传",
            "The spreadsheet is too large inside; keep nothing but the roster in it and send it again",
        ),
        RosterFault::TooManyRows => (
            "名单超过10万行，请拆分后分批上传",
            "The roster has more than 100,000 rows; split it and send the parts",
        ),
        RosterFault::NoColumns => (
            "没有找到可以识别的列，请在首行填写表头：姓名、性别、电话等，可下载模板填写",
            "No column is known: the first row must hold headers such as 姓名, 性别, 电话; see the template",
        ),
    }
}

/// The header of the column that says what is wrong.
pub(crate) fn told_header(language: Language) -> &'static str {
    match language {
        Language::Chinese => "错误说明",
        Language::English => "What to mend",
    }
}

/// Everything that is wrong with a row.
pub(crate) fn all_of(problems: &[RowProblem], language: Language) -> String {
    let separator = if language == Language::Chinese { "；" } else { "; " };
    problems.iter().map(|problem| words(*problem, language)).collect::<Vec<_>>().join(separator)
}

/// The column, what is wrong in it, and what to do.
fn words(problem: RowProblem, language: Language) -> String {
    let (chinese, english) = match problem {
        RowProblem::NameMissing | RowProblem::PhoneMissing => ("未填写，请补充".into(), "is empty; fill it in".into()),
        RowProblem::NameTooLong => too_long(PersonName::MAX_CHARS),
        RowProblem::HomeAddressTooLong => too_long(HomeAddress::MAX_CHARS),
        RowProblem::HospitalTooLong => too_long(Hospital::MAX_CHARS),
        RowProblem::PhoneInvalid => (
            "不是以1开头的11位手机号，请核对；若显示为科学计数，请把该列设为文本后重填".into(),
            "is not 11 digits starting with 1; if it is shown as 1.38E+10, make the column text and fill it in anew".into(),
        ),
        RowProblem::SexInvalid => ("只能填写男或女，或留空".into(), "must be 男 or 女, or empty".into()),
        RowProblem::AgeInvalid => (
            format!("必须是0到{}之间的整数，或留空", Age::MAX),
            format!("must be a whole number from 0 to {}, or empty", Age::MAX),
        ),
        RowProblem::RoleMissing => (
            "未填写，请填写患者或医师，或把工作表命名为患者或医师".into(),
            "is empty; fill in 患者 or 医师, or name the sheet so".into(),
        ),
        RowProblem::RoleInvalid => ("只能填写患者或医师".into(), "must be 患者 or 医师".into()),
        RowProblem::InitialPasswordInvalid => (
            format!("长度必须为{}到{}个字节", NewPassword::MIN_BYTES, NewPassword::MAX_BYTES),
            format!("must have {} to {} bytes", NewPassword::MIN_BYTES, NewPassword::MAX_BYTES),
        ),
        RowProblem::PhoneTaken => (
            "已有账户使用，已跳过；若是同一人则无需处理".into(),
            "belongs to an account already; skipped. If it is the same person, nothing is to be done".into(),
        ),
        RowProblem::PhoneRepeated => (
            "与文件中前面的行重复，已跳过；请核对".into(),
            "stands in an earlier row of the file too; skipped. Check which is right".into(),
        ),
    };
    let header = problem.column().header();
    match language {
        Language::Chinese => format!("{header}{chinese}"),
        Language::English => format!("{header} ({}) {english}", name(problem.column())),
    }
}

fn too_long(max: usize) -> (String, String) {
    (format!("不能超过{max}个字，请缩短"), format!("must not exceed {max} characters"))
}

/// What a column is called in English.
const fn name(column: Column) -> &'static str {
    match column {
        Column::Name => "name",
        Column::Sex => "sex",
        Column::Phone => "phone",
        Column::HomeAddress => "home address",
        Column::Age => "age",
        Column::Hospital => "hospital",
        Column::Role => "role",
        Column::InitialPassword => "initial password",
    }
}

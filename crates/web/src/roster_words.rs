//! Messages for the problems of rosters and their rows.

use yilin_domain::account::{Age, HomeAddress, Hospital, NewPassword, PersonName};
use yilin_domain::roster::{Column, HEADER_ROWS, OtherKind, RosterFault, RowProblem};

use crate::error::Language;

/// All problems of a row in Chinese and English, where there is no `Accept-Language`.
pub fn row_problems(problems: &[RowProblem]) -> String {
    format!("{} / {}", all_of(problems, Language::Chinese), all_of(problems, Language::English))
}

/// The fault of a roster in Chinese and English.
pub fn roster_fault(fault: RosterFault) -> String {
    format!("{} / {}", fault_words(fault, Language::Chinese), fault_words(fault, Language::English))
}

/// The fault of a roster and how to correct it.
pub fn fault_words(fault: RosterFault, language: Language) -> String {
    let (chinese, english) = match fault {
        RosterFault::OtherKind(kind) => other_kind(kind),
        RosterFault::SheetWithoutHeader(role) => {
            let sheet = role.as_str();
            return match language {
                Language::Chinese => format!(
                    "名为“{sheet}”的工作表前{HEADER_ROWS}行中没有表头，请加上表头（姓名、性别、电话……）；若不是名单，请删除该表或改名"
                ),
                Language::English => format!(
                    "The sheet of {sheet} has no header in its first {HEADER_ROWS} rows: add one (姓名, 性别, 电话 …), or delete or rename the sheet if it is not a list of people"
                ),
            };
        }
        RosterFault::BadEncoding { line } => {
            return match language {
                Language::Chinese => format!(
                    "第{line}行有无法识别的字符：文件编码混乱或被截断。请在表格软件中打开原文件，另存为 .xlsx 或“CSV UTF-8”后重新上传"
                ),
                Language::English => format!(
                    "Line {line} contains invalid characters: the file was truncated or mixes encodings. Open the original, save it as .xlsx or CSV UTF-8, and upload it again"
                ),
            };
        }
        RosterFault::BadQuotes { line } => {
            return match language {
                Language::Chinese => format!(
                    "第{line}行的双引号不配对，或一个单元格里混入了其他行。请改正该行的引号，或在表格软件中另存为 .xlsx 后重新上传"
                ),
                Language::English => format!(
                    "Unbalanced double quotes in line {line}, or one of its cells contains other rows: correct them, or save the list as .xlsx and upload it again"
                ),
            };
        }
        RosterFault::NotASpreadsheet => (
            "文件不是可以识别的电子表格，请上传 .xlsx、.xls、.ods 或 .csv 文件，须有表头（姓名、性别、电话……）",
            "The file is not a supported spreadsheet: upload .xlsx, .xls, .ods or .csv with a header (姓名, 性别, 电话 …)",
        ),
        RosterFault::Encrypted => (
            "电子表格设有密码，请取消密码后重新上传",
            "The spreadsheet is password-protected; remove the password and upload it again",
        ),
        RosterFault::Damaged => (
            "电子表格已损坏或不完整，请在表格软件中打开并另存为 .xlsx 后重新上传",
            "The spreadsheet is damaged or incomplete; open it, save it as .xlsx and upload it again",
        ),
        RosterFault::TooLargeInside => (
            "电子表格解压后过大或单元格分布过广，请只保留名单内容后重新上传",
            "The spreadsheet is too large when unpacked, or its cells are too far apart; keep only the roster and upload it again",
        ),
        RosterFault::TooManyRows => (
            "名单超过10万行，请拆分后分批上传",
            "The roster has more than 100,000 rows; split it and upload the parts",
        ),
        RosterFault::NoColumns => (
            "没有找到可以识别的列，请在前20行内填写表头：姓名、性别、电话等，可下载模板填写",
            "No column was recognised: one of the first 20 rows must contain headers such as 姓名, 性别, 电话; see the template",
        ),
    };
    match language {
        Language::Chinese => chinese.to_owned(),
        Language::English => english.to_owned(),
    }
}

fn other_kind(kind: OtherKind) -> (&'static str, &'static str) {
    match kind {
        OtherKind::Empty => {
            ("文件是空的，请检查后重新上传", "The file is empty; check it and upload it again")
        }
        OtherKind::WebPage => (
            "文件其实是网页（HTML），只是扩展名像表格。请用表格软件打开，另存为 .xlsx 后上传",
            "The file is a web page (HTML) with a spreadsheet's extension: open it in a spreadsheet program, save it as .xlsx and upload that",
        ),
        OtherKind::Xml2003 => (
            "文件是 Excel 2003 XML 表格。请用表格软件打开，另存为 .xlsx 后上传",
            "The file is an Excel 2003 XML spreadsheet: open it in a spreadsheet program, save it as .xlsx and upload that",
        ),
        OtherKind::BinaryWorkbook => (
            "文件是 .xlsb 二进制工作簿。请用 Excel 打开，另存为 .xlsx 后上传",
            "The file is a binary workbook (.xlsb): open it in Excel, save it as .xlsx and upload that",
        ),
        OtherKind::OldWorkbook => (
            "文件是 Excel 4 或更早的工作簿。请用表格软件打开，另存为 .xlsx 后上传",
            "The file is an Excel 4 or older workbook: open it in a spreadsheet program, save it as .xlsx and upload that",
        ),
        OtherKind::Document => (
            "文件是文档（Word、PDF 或演示文稿），不是电子表格。请把名单放进表格，存为 .xlsx 后上传",
            "The file is a document (Word, PDF or a presentation), not a spreadsheet: put the list into a spreadsheet, save it as .xlsx and upload that",
        ),
        OtherKind::Picture => (
            "文件是图片，不是电子表格。请把名单录入表格，存为 .xlsx 后上传",
            "The file is an image, not a spreadsheet: enter the list into a spreadsheet, save it as .xlsx and upload that",
        ),
        OtherKind::Archive => (
            "文件是压缩包，不是电子表格。请解压后上传其中的 .xlsx、.xls、.ods 或 .csv 文件",
            "The file is an archive, not a spreadsheet: unpack it and upload the .xlsx, .xls, .ods or .csv file",
        ),
    }
}

/// The header of the column with the problems.
pub fn told_header(language: Language) -> &'static str {
    match language {
        Language::Chinese => "错误说明",
        Language::English => "What to correct",
    }
}

/// All problems of a row.
pub fn all_of(problems: &[RowProblem], language: Language) -> String {
    let separator = if language == Language::Chinese { "；" } else { "; " };
    problems.iter().map(|problem| words(*problem, language)).collect::<Vec<_>>().join(separator)
}

/// The column, the problem and how to correct it.
fn words(problem: RowProblem, language: Language) -> String {
    let (chinese, english) = match problem {
        RowProblem::NameMissing | RowProblem::PhoneMissing => ("未填写，请补充".into(), "is empty; fill it in".into()),
        RowProblem::NameTooLong => too_long(PersonName::MAX_CHARS),
        RowProblem::HomeAddressTooLong => too_long(HomeAddress::MAX_CHARS),
        RowProblem::HospitalTooLong => too_long(Hospital::MAX_CHARS),
        RowProblem::PhoneInvalid => (
            "不是以1开头的11位手机号，请核对；若显示为科学计数，请把该列设为文本后重填".into(),
            "is not 11 digits starting with 1; if it is displayed as 1.38E+10, format the column as text and enter it again".into(),
        ),
        RowProblem::SexInvalid => (
            "只能填写男或女（或国标代码1、2），未知请留空".into(),
            "must be 男 or 女 (or the GB/T 2261.1 codes 1 or 2), or empty".into(),
        ),
        RowProblem::AgeInvalid => (
            format!("必须是0到{}之间的整数，或婴儿的月龄（3个月），或留空", Age::MAX),
            format!("must be a whole number from 0 to {}, or an infant's age (3个月), or empty", Age::MAX),
        ),
        RowProblem::BirthDateInvalid => (
            format!("不是有效日期：请写明年月日（如1990-01-05），不得晚于今天，也不得早于{}年前", Age::MAX),
            format!(
                "is not a valid date with year, month and day (1990-01-05), or is in the future or more than {} years ago",
                Age::MAX
            ),
        ),
        RowProblem::BirthDateContradictsAge => (
            "与年龄不符，请核对；以出生日期为准时请清空年龄".into(),
            "contradicts the age; correct one of them, or clear the age".into(),
        ),
        RowProblem::NotAValue(_) => (
            "是错误值或逻辑值（如#N/A、TRUE），请改为实际内容".into(),
            "is an error or boolean value (such as #N/A, TRUE); enter the actual value".into(),
        ),
        RowProblem::NoResult(_) => (
            "是没有计算结果的公式，请用表格软件打开并保存文件后重新上传，或直接填写内容".into(),
            "is a formula without a result; open the file in a spreadsheet program, save it and upload it again, or enter the value".into(),
        ),
        RowProblem::NotShown(_) => (
            "的数字格式无法识别，不能确定显示的内容，请把该列设为文本后重填".into(),
            "has an unsupported number format, so the displayed value is unknown; format the column as text and enter it again".into(),
        ),
        RowProblem::TwoValues(_) => (
            "有两列，且内容不同，请只保留一个".into(),
            "occurs in two columns with different values; keep one of them".into(),
        ),
        RowProblem::MergedAcross(_) => (
            "与左边的列合并成了一个单元格，请取消合并后分别填写".into(),
            "is merged with a column to its left; unmerge the cells and fill in each".into(),
        ),
        RowProblem::MoreCellsThanColumns => {
            return match language {
                Language::Chinese => {
                    "单元格比表头的列多，内容可能错位：请核对该行（如地址中的逗号），或给多出的列加上表头".to_owned()
                }
                Language::English => {
                    "There are more cells than headers, so values may be in the wrong columns: check the row (a comma in the address?), or give the column a header".to_owned()
                }
            };
        }
        RowProblem::RoleMissing => (
            "未填写，请填写患者或医师，或把工作表命名为患者或医师".into(),
            "is empty; enter 患者 or 医师, or name the sheet accordingly".into(),
        ),
        RowProblem::RoleInvalid => ("只能填写患者或医师".into(), "must be 患者 or 医师".into()),
        RowProblem::InitialPasswordInvalid => (
            format!("长度必须为{}到{}个字节", NewPassword::MIN_BYTES, NewPassword::MAX_BYTES),
            format!("must be {} to {} bytes long", NewPassword::MIN_BYTES, NewPassword::MAX_BYTES),
        ),
        RowProblem::InitialPasswordDefault => (
            "不能是众所周知的默认密码".into(),
            "must not be a well-known default password".into(),
        ),
        RowProblem::PhoneTaken => (
            "已有账户使用，已跳过；若是同一人则无需处理".into(),
            "already belongs to an account; skipped. If it is the same person, nothing needs to be done".into(),
        ),
        RowProblem::PhoneRepeated => (
            "与文件中前面的行重复，已跳过；请核对".into(),
            "also occurs in an earlier row of the file; skipped. Check which one is correct".into(),
        ),
    };
    let header = problem.column().map_or("", Column::header);
    match language {
        Language::Chinese => format!("{header}{chinese}"),
        Language::English => format!("{header} ({}) {english}", problem.column().map_or("", name)),
    }
}

fn too_long(max: usize) -> (String, String) {
    (format!("不能超过{max}个字，请缩短"), format!("must not exceed {max} characters"))
}

/// The English name of a column.
const fn name(column: Column) -> &'static str {
    match column {
        Column::Name => "name",
        Column::Sex => "sex",
        Column::Phone => "phone",
        Column::HomeAddress => "home address",
        Column::Age => "age",
        Column::BirthDate => "birth date",
        Column::Hospital => "hospital",
        Column::Role => "role",
        Column::InitialPassword => "initial password",
    }
}

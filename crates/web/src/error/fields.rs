//! The messages for invalid fields of a 422.

use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::validation::{FieldError, FieldProblem};

use super::Language;

/// An invalid field of a 422.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FieldError)]
pub struct FieldBody {
    /// The field's name in the request.
    #[schema(example = "phone")]
    pub field: &'static str,
    /// The stable machine-readable code.
    #[schema(example = "missing")]
    pub error: &'static str,
    /// The message in the caller's language.
    pub msg: String,
}

pub(super) fn describe(error: &FieldError, language: Language) -> FieldBody {
    let (slug, chinese, english) = problem(&error.problem);
    let msg = match language {
        Language::Chinese => match field_label(error.field) {
            Some(label) => format!("{label}（{}）{chinese}", error.field),
            None => format!("{}：{chinese}", error.field),
        },
        Language::English => format!("{} {english}", error.field),
    };
    FieldBody { field: error.field, error: slug, msg }
}

/// A problem in words, which follow the field's label.
pub fn problem_words(of: &FieldProblem, language: Language) -> String {
    let (_, chinese, english) = problem(of);
    match language {
        Language::Chinese => chinese,
        Language::English => english,
    }
}

/// The file field of a roster that cannot be imported.
pub(super) fn of_roster(slug: &'static str, msg: String) -> FieldBody {
    FieldBody { field: "file", error: slug.strip_prefix("roster.").unwrap_or(slug), msg }
}

/// The Chinese label of a request's field, in its messages.
pub fn field_label(field: &str) -> Option<&'static str> {
    Some(match field {
        "Idempotency-Key" => "幂等键",
        "Last-Event-ID" => "上次事件编号",
        "age" => "年龄",
        "agent" => "操作人",
        "appointment_time" => "预约时间",
        "birth_date" => "出生日期",
        "bind_inquiry_id" | "inquiryId" => "问诊编号",
        "body" => "请求内容",
        "certificate" => "配送凭证",
        "cid" => "文件标识",
        "cond" => "查询条件",
        "dryRun" => "是否试运行",
        "day" => "天数",
        "diagnostic_description" => "病情描述",
        "file" => "文件",
        "from" => "从",
        "goroutineNumber" => "并发数",
        "home_addr" => "家庭住址",
        "hospital" => "所属医院",
        "id" => "编号",
        "inquiry_detail" => "问诊详情",
        "inquiry_video" => "问诊视频",
        "isInquiry" | "raw" => "查询选项",
        "isPatient" => "是否按患者查询",
        "isReception" => "是否接诊",
        "is_need_by_drug" => "是否需要代买药品",
        "medicalId" | "medical_id" => "病历编号",
        "medical_img" => "病历图片",
        "mode" => "导入方式",
        "model" => "模型",
        "max_completion_tokens" | "max_tokens" => "最大词元数",
        "messages" => "对话内容",
        "n" => "回答数",
        "nickname" => "昵称",
        "number" => "数量",
        "operation" => "操作",
        "outcome" => "结果",
        "page" => "页码",
        "password" => "密码",
        "patient" => "患者",
        "phone" => "手机号",
        "reason" => "原因",
        "reserved_phone" => "预留电话",
        "role" => "角色",
        "sex" => "性别",
        "size" => "每页条数",
        "stream" => "是否流式",
        "text" => "补充内容",
        "to" => "到",
        "token" => "令牌",
        "type" => "就诊方式",
        "userUUID" => "医师",
        "username" => "用户名",
        "uuid" => "用户标识",
        "val" => "查询内容",
        _ => return None,
    })
}

/// The code and the messages, which follow the field's label.
#[expect(clippy::too_many_lines, reason = "a table with a row for each problem")]
fn problem(problem: &FieldProblem) -> (&'static str, String, String) {
    match problem {
        FieldProblem::Missing => ("missing", "不能为空".into(), "is required".into()),
        FieldProblem::WrongType => ("wrong_type", "类型不正确".into(), "has the wrong type".into()),
        FieldProblem::TooMany => ("too_many", "只能提交一个".into(), "must be given only once".into()),
        FieldProblem::UnreadableForm => (
            "unreadable_form",
            "表单格式不正确：缺少 boundary，或文件名不是 UTF-8 编码".into(),
            "is in a malformed form: the boundary is missing, or the file name is not UTF-8".into(),
        ),
        FieldProblem::Misspelled => (
            "misspelled",
            "参数名的大小写不正确".into(),
            "has the wrong capitalisation; parameter names are case-sensitive".into(),
        ),
        FieldProblem::NotPrintable => (
            "not_printable",
            "只能包含可打印的 ASCII 字符".into(),
            "must consist of printable ASCII characters".into(),
        ),
        FieldProblem::NotANumber => ("not_a_number", "必须是整数".into(), "must be a whole number".into()),
        FieldProblem::OutOfRange { min, max: i64::MAX } => {
            ("out_of_range", format!("不能小于{min}"), format!("must be at least {min}"))
        }
        FieldProblem::OutOfRange { min, max } => {
            ("out_of_range", format!("必须在{min}到{max}之间"), format!("must be between {min} and {max}"))
        }
        FieldProblem::TooLong { max } => {
            ("too_long", format!("不能超过{max}个字"), format!("must not exceed {max} characters"))
        }
        FieldProblem::CharacterCount { min, max } => (
            "character_count",
            format!("长度必须为{min}到{max}个字"),
            format!("must have {min} to {max} characters"),
        ),
        FieldProblem::TooManyBytes { max } => {
            ("too_many_bytes", format!("不能超过{max}字节"), format!("must not exceed {max} bytes"))
        }
        FieldProblem::NotOneOf(allowed) => (
            "not_allowed",
            format!("只能是：{}", allowed.join("、")),
            format!("must be one of: {}", allowed.join(", ")),
        ),
        FieldProblem::NotWithinDays { max } => (
            "not_within_days",
            format!("不能早于开始日期，且总共不能超过{max}天"),
            format!("must not be before the first day, and there must be at most {max} days"),
        ),
        FieldProblem::ContainsNul => {
            ("contains_nul", "不能包含空字符".into(), "must not contain a NUL character".into())
        }
        FieldProblem::NotAPhoneNumber => (
            "not_a_phone_number",
            "必须是以1开头的11位手机号".into(),
            "must be 11 digits starting with 1".into(),
        ),
        FieldProblem::NotElevenDigits => {
            ("not_eleven_digits", "必须是11位数字".into(), "must be 11 digits".into())
        }
        FieldProblem::NotAUuid => {
            ("not_a_uuid", "格式不正确，应为8位十六进制字符".into(), "must be 8 hexadecimal digits".into())
        }
        FieldProblem::NotAnImportId => {
            ("not_an_import_id", "格式不正确，应为导入结果中的 job".into(), "must be an import job id".into())
        }
        FieldProblem::NotAnEventId => {
            ("not_an_event_id", "格式不正确，应为事件的 id".into(), "must be the id of an event".into())
        }
        FieldProblem::UnknownEvent => {
            ("unknown_event", "没有这个事件".into(), "is not the id of any event".into())
        }
        FieldProblem::UnknownPhysician => {
            ("unknown_physician", "不是任何医师的标识".into(), "is not a physician".into())
        }
        FieldProblem::UnknownPatient => {
            ("unknown_patient", "不是任何患者的标识".into(), "is not a patient".into())
        }
        FieldProblem::SamePhysician => {
            ("same_physician", "不能是同一位医师".into(), "must be another physician".into())
        }
        FieldProblem::NotADay => {
            ("not_a_day", "格式不正确，例如 1950-03-08".into(), "must be a day such as 1950-03-08".into())
        }
        FieldProblem::ImpossibleBirthDate { years } => (
            "impossible_birth_date",
            format!("不能晚于今天，也不能早于{years}年前"),
            format!("must not lie in the future, or more than {years} years ago"),
        ),
        FieldProblem::NotATime => (
            "not_a_time",
            "格式不正确，例如 2024-10-02 20:30".into(),
            "must be a time such as 2024-10-02 20:30".into(),
        ),
        FieldProblem::NoSuchTime => (
            "no_such_time",
            "没有这一天或这一时刻（24:00 请写作次日 00:00）".into(),
            "does not exist as a date or time (write 24:00 as 00:00 of the next day)".into(),
        ),
        FieldProblem::YearOutOfRange { min, max } => (
            "year_out_of_range",
            format!("年份必须在{min}到{max}之间"),
            format!("must be in the years {min} to {max}"),
        ),
        FieldProblem::NotAFile => (
            "not_a_file",
            "必须是上传后得到的文件地址".into(),
            "must be a CID, or an http(s) URL that ends in /ipfs/<CID>".into(),
        ),
        FieldProblem::PasswordLength { min, max } => (
            "password_length",
            format!("长度必须为{min}到{max}个字节"),
            format!("must be {min} to {max} bytes long"),
        ),
        FieldProblem::DefaultPassword => (
            "default_password",
            "不能是默认密码或初始密码".into(),
            "must not be a default or the initial password".into(),
        ),
        FieldProblem::NotRepeated => {
            ("not_repeated", "两次输入的密码不一致".into(), "is not the same as the first".into())
        }
    }
}

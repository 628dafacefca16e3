//! The table of slugs, statuses and messages. Slugs are stable; messages may be improved.

use actix_web::http::StatusCode;
use yilin_domain::error::{ChatRefused, Error, IllegalStep, LoginRefused, UploadRefused};
use yilin_domain::port::{Part, PortError};
use yilin_domain::roster::RosterFault;
use yilin_domain::validation::Invalid;

use super::{ApiError, Language, fields};
use crate::roster_words::fault_words as roster_fault;

/// The slug, status and messages of an error.
pub(super) struct Words<'a> {
    pub(super) status: StatusCode,
    pub(super) slug: &'static str,
    chinese: &'static str,
    pub(super) english: &'static str,
    /// The invalid fields, whose messages are more specific.
    invalid: Option<&'a Invalid>,
    /// The fault of a roster, whose message includes the position.
    roster: Option<RosterFault>,
}

impl<'a> Words<'a> {
    pub(super) fn of(error: &'a ApiError) -> Self {
        let (status, slug, chinese, english) = match error.plain() {
            ApiError::Domain(error) => domain(error),
            ApiError::UnparsableBody => (
                StatusCode::BAD_REQUEST,
                "request.unparsable",
                "请求内容无法解析",
                "The request body cannot be parsed",
            ),
            ApiError::Unauthenticated => (
                StatusCode::UNAUTHORIZED,
                "session.required",
                "尚未登录或登录已失效，请重新登录",
                "You are not logged in, or your session has ended; please log in",
            ),
            ApiError::PasswordDue => (
                StatusCode::FORBIDDEN,
                "session.password_due",
                "请先修改密码",
                "Please change your password first",
            ),
            ApiError::ForeignOrigin => (
                StatusCode::FORBIDDEN,
                "request.foreign_origin",
                "请求来自其他网站，已被拒绝",
                "The request comes from another site and was rejected",
            ),
            ApiError::ForeignHost => (
                StatusCode::FORBIDDEN,
                "request.foreign_host",
                "不能用这个地址访问本机服务：请使用 127.0.0.1 或 localhost，或在设置 YILIN_PUBLIC_URL、YILIN_WEB_ORIGINS 中加入该地址",
                "This service cannot be called by this host name: use 127.0.0.1 or localhost, or add the name to \
                 the settings YILIN_PUBLIC_URL or YILIN_WEB_ORIGINS",
            ),
            ApiError::Busy => overloaded(),
            ApiError::NoSuchRoute => {
                (StatusCode::NOT_FOUND, "route.not_found", "没有这个接口", "There is no such route")
            }
            ApiError::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "route.method_not_allowed",
                "该接口不支持这种请求方法",
                "This route does not support this method",
            ),
            ApiError::BodyTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "request.too_large",
                "提交的内容过大",
                "The request body is too large",
            ),
            ApiError::RequestTimeout => (
                StatusCode::REQUEST_TIMEOUT,
                "request.timeout",
                "请求发送超时",
                "The request was not received in time",
            ),
            ApiError::Roster(fault) => (roster_status(*fault), fault.slug(), "", ""),
            ApiError::Internal(_) | ApiError::Urgent(_) => internal(),
        };
        let invalid = match error.plain() {
            ApiError::Domain(Error::Invalid(invalid)) => Some(invalid),
            _ => None,
        };
        let roster = match error.plain() {
            ApiError::Roster(fault) => Some(*fault),
            _ => None,
        };
        Self { status, slug, chinese, english, invalid, roster }
    }

    /// The message in this language, listing all invalid fields, because clients show nothing else.
    pub(super) fn message(&self, language: Language) -> String {
        if let Some(Invalid(errors)) = self.invalid.filter(|invalid| !invalid.0.is_empty()) {
            let separator = if language == Language::Chinese { "；" } else { "; " };
            let all: Vec<String> = errors.iter().map(|error| fields::describe(error, language).msg).collect();
            return all.join(separator);
        }
        if let Some(fault) = self.roster {
            return roster_fault(fault, language);
        }
        match language {
            Language::Chinese => self.chinese.to_owned(),
            Language::English => self.english.to_owned(),
        }
    }
}

type Row = (StatusCode, &'static str, &'static str, &'static str);

fn domain(error: &Error) -> Row {
    match error {
        Error::Invalid(_) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "request.invalid",
            "提交的内容不正确",
            "The request is invalid",
        ),
        Error::Forbidden => (
            StatusCode::FORBIDDEN,
            "access.forbidden",
            "您没有权限进行此操作",
            "You do not have permission to do this",
        ),
        Error::NotFound => (StatusCode::NOT_FOUND, "record.not_found", "没有找到相关记录", "No such record"),
        Error::IllegalStep(step) => illegal_step(*step),
        Error::PhoneTaken => (
            StatusCode::CONFLICT,
            "account.phone_taken",
            "该手机号已被其他账户使用",
            "The phone number is already used by another account",
        ),
        Error::AdminNameTaken => (
            StatusCode::CONFLICT,
            "account.admin_name_taken",
            "已有管理员使用该用户名",
            "Another admin has this name",
        ),
        Error::PersonMayExist => (
            StatusCode::CONFLICT,
            "account.may_exist",
            "此人可能已有账号，请先核对",
            "The person may have an account already; please check first",
        ),
        Error::KeyMismatch => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "request.idempotency_mismatch",
            "该 Idempotency-Key 已用于另一个请求",
            "This Idempotency-Key was used for another request",
        ),
        Error::KeyInUse | Error::KeyUsed(_) => (
            StatusCode::CONFLICT,
            "request.idempotency_in_progress",
            "相同的请求正在处理，请稍后再试",
            "The same request is under way; please try again shortly",
        ),
        Error::CallerDisabled => (
            StatusCode::UNAUTHORIZED,
            "session.required",
            "您的账户已被停用",
            "Your account has been disabled",
        ),
        Error::LastAdmin => (
            StatusCode::CONFLICT,
            "account.last_admin",
            "这是最后一个可用的管理员账户，不能停用",
            "This is the last admin who can log in, and cannot be disabled",
        ),
        Error::TooManyPhoneChanges { .. } => (
            StatusCode::TOO_MANY_REQUESTS,
            "account.too_many_phone_changes",
            "今天修改手机号的次数已用完，请明天再试",
            "Too many phone number changes today; please try again tomorrow",
        ),
        Error::Changed => (
            StatusCode::CONFLICT,
            "record.changed",
            "该记录刚刚被他人修改，请刷新后重试",
            "The record has just been changed by another user; please reload and try again",
        ),
        Error::Contended => (
            StatusCode::CONFLICT,
            "record.contended",
            "该记录正在被他人修改，请刷新后重试",
            "The record is being changed by another user; please reload and try again",
        ),
        Error::LoginRefused(refused) => login_refused(*refused),
        Error::ChatRefused(refused) => chat_refused(*refused),
        Error::UploadRefused(refused) => upload_refused(*refused),
        Error::TooManyListeners => (
            StatusCode::SERVICE_UNAVAILABLE,
            "event.too_many_listeners",
            "接收事件的连接过多，请稍后再试",
            "Too many are listening to events; please try again later",
        ),
        Error::SessionWithoutAccount => (
            StatusCode::UNAUTHORIZED,
            "session.required",
            "账户不存在，请重新登录",
            "The account does not exist; please log in again",
        ),
        Error::Port(error) => port(error),
    }
}

fn roster_status(fault: RosterFault) -> StatusCode {
    if fault.is_other_kind() { StatusCode::UNSUPPORTED_MEDIA_TYPE } else { StatusCode::UNPROCESSABLE_ENTITY }
}

fn login_refused(refused: LoginRefused) -> Row {
    match refused {
        LoginRefused::WrongCredentials => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "session.wrong_credentials",
            "账号或密码错误",
            "Wrong account or password",
        ),
        LoginRefused::AccountDisabled => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "session.account_disabled",
            "该账户已被停用，请联系管理员",
            "This account has been disabled; please ask the administrator",
        ),
        LoginRefused::DefaultPassword => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "session.default_password",
            "默认密码只能在本机使用，请联系管理员重设密码",
            "Default passwords are only accepted on the server itself; ask an administrator to reset your password",
        ),
        LoginRefused::TooManyAtOnce => (
            StatusCode::TOO_MANY_REQUESTS,
            "session.too_many_at_once",
            "正在处理的登录请求过多，请稍后再试",
            "Too many log-ins at the same time; please try again in a moment",
        ),
        LoginRefused::TooManyAttempts { .. } => (
            StatusCode::TOO_MANY_REQUESTS,
            "session.too_many_attempts",
            "登录尝试次数过多，请稍后再试",
            "Too many log-in attempts; please try again later",
        ),
    }
}

fn chat_refused(refused: ChatRefused) -> Row {
    let (slug, chinese, english) = match refused {
        ChatRefused::TooManyAtOnce { .. } => (
            "chat.too_many_at_once",
            "上一个问题还在回答，请稍候",
            "Your previous questions are still being answered; please wait",
        ),
        ChatRefused::TooManyToday { .. } => (
            "chat.too_many_today",
            "今天的提问次数已用完，请明天再来",
            "You have reached today's limit of questions; please try again tomorrow",
        ),
    };
    (StatusCode::TOO_MANY_REQUESTS, slug, chinese, english)
}

const fn upload_refused(refused: UploadRefused) -> Row {
    match refused {
        UploadRefused::TooMuchToday { .. } => (
            StatusCode::TOO_MANY_REQUESTS,
            "file.too_much_today",
            "今天上传的文件已达到限额，请明天再传",
            "You have reached today's upload limit; please try again tomorrow",
        ),
        UploadRefused::StorageFull => (
            StatusCode::SERVICE_UNAVAILABLE,
            "storage.full",
            "存储空间不足，暂时不能上传，请联系管理员",
            "The storage is full, so files cannot be uploaded; please contact the administrator",
        ),
    }
}

fn illegal_step(step: IllegalStep) -> Row {
    let (slug, chinese, english) = match step {
        IllegalStep::InquiryNotAssigned => (
            "inquiry.not_assigned",
            "该问诊还没有指派医师，请先指派医师",
            "No physician has been appointed yet; appoint one first",
        ),
        IllegalStep::InquiryNotAccepted => (
            "inquiry.not_accepted",
            "医师还没有接诊，请先接诊",
            "The physician has not accepted the inquiry yet; it must be accepted first",
        ),
        IllegalStep::InquiryNotRegistered => (
            "inquiry.not_registered",
            "医师还没有进行就诊登记，登记之后才能审核",
            "The consultation has not been registered yet; it must be registered before approval",
        ),
        IllegalStep::InquiryAlreadyAccepted => (
            "inquiry.already_accepted",
            "该问诊已经有医师接诊",
            "A physician has already accepted this inquiry",
        ),
        IllegalStep::InquiryAlreadyRegistered => (
            "inquiry.already_registered",
            "该问诊已经完成就诊登记",
            "This consultation has already been registered",
        ),
        IllegalStep::InquiryAlreadyApproved => {
            ("inquiry.already_approved", "该问诊已经审核通过", "This inquiry has already been approved")
        }
        IllegalStep::InquiryAlreadyCancelled => {
            ("inquiry.already_cancelled", "该问诊已经取消", "This inquiry has already been cancelled")
        }
        IllegalStep::InquiryNotAmended => (
            "inquiry.not_amended",
            "病历已退回补正，医师补充之后才能审核",
            "The record was returned to the physician and needs an addendum before approval",
        ),
        IllegalStep::InquiryAlreadyReturned => (
            "inquiry.already_returned",
            "病历已经退回补正",
            "The record has already been returned to the physician",
        ),
        IllegalStep::InquiryOfSamePhysician => (
            "inquiry.same_physician",
            "该问诊已经由这位医师接诊，请改派其他医师",
            "The inquiry is already assigned to this physician; name another one",
        ),
        IllegalStep::InquiryInPhysiciansHands => (
            "inquiry.in_physicians_hands",
            "医师已经接诊，您不能再自行取消或改期，请联系医院办理",
            "A physician has accepted the visit, so you can no longer cancel or reschedule it yourself; please ask the hospital",
        ),
        IllegalStep::DrugOrderNotPurchased => (
            "drug_order.not_purchased",
            "药品还没有购买，请先购买",
            "The drugs have not been purchased yet; they must be purchased first",
        ),
        IllegalStep::DrugOrderNotDispatched => (
            "drug_order.not_dispatched",
            "药品还没有派送，派送之后才能确认收货",
            "The drugs have not been dispatched yet; receipt can only be confirmed afterwards",
        ),
        IllegalStep::DrugOrderAlreadyPurchased => {
            ("drug_order.already_purchased", "药品已经购买", "The drugs have already been purchased")
        }
        IllegalStep::DrugOrderAlreadyDispatched => {
            ("drug_order.already_dispatched", "药品已经派送", "The drugs have already been dispatched")
        }
        IllegalStep::DrugOrderAlreadyReceived => (
            "drug_order.already_received",
            "药品已经确认收货",
            "Receipt of the drugs has already been confirmed",
        ),
    };
    (StatusCode::CONFLICT, slug, chinese, english)
}

fn port(error: &PortError) -> Row {
    match error {
        PortError::Overloaded { .. } => overloaded(),
        PortError::Unavailable { part, .. } => {
            let (slug, chinese, english) = unavailable(*part);
            (StatusCode::SERVICE_UNAVAILABLE, slug, chinese, english)
        }
        PortError::Failed { part: Part::LanguageModel, .. } => (
            StatusCode::BAD_GATEWAY,
            "service.model_failed",
            "智能助手没能回答，请稍后再试",
            "The assistant could not answer; please try again later",
        ),
        PortError::Corrupt { .. } | PortError::Failed { .. } => internal(),
    }
}

const fn unavailable(part: Part) -> (&'static str, &'static str, &'static str) {
    match part {
        Part::Database => (
            "service.database_unavailable",
            "数据库暂时不可用，请稍后再试",
            "The database is temporarily unavailable; please try again later",
        ),
        Part::FileStore => (
            "service.file_store_unavailable",
            "文件服务暂时不可用，请稍后再试",
            "The file store is temporarily unavailable; please try again later",
        ),
        Part::LanguageModel => (
            "service.model_unavailable",
            "智能助手暂时不可用，请稍后再试",
            "The assistant is temporarily unavailable; please try again later",
        ),
        Part::Spreadsheets => (
            "service.spreadsheets_unavailable",
            "表格服务暂时不可用，请稍后再试",
            "Spreadsheet processing is temporarily unavailable; please try again later",
        ),
        Part::PasswordHasher => (
            "service.login_unavailable",
            "登录服务暂时不可用，请稍后再试",
            "Log-in is temporarily unavailable; please try again later",
        ),
    }
}

const fn overloaded() -> Row {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "service.overloaded",
        "当前请求过多，请稍后再试",
        "The service is busy; please try again shortly",
    )
}

const fn internal() -> Row {
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "service.internal",
        "服务器内部错误，请联系管理员并提供请求编号",
        "Internal server error; please contact the administrator with the request id",
    )
}

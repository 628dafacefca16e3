//! Request bodies and shared parameters as the description shows them. Requests are read by
//! `crate::input`, which reports every bad field at once; these types only describe.
#![expect(dead_code, reason = "the fields are read by the derive, for the description")]

use serde::Serialize;
use utoipa::openapi::schema::{Array, Object, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::{IntoParams, ToSchema};

/// No payload.
#[derive(Serialize, ToSchema)]
pub(crate) struct Nothing {}

/// Which page of a list. With neither parameter the list is complete.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParameters {
    /// The page's number, from 1. A page past the end is empty.
    #[param(schema_with = page_number)]
    page: Option<i64>,
    /// How many records make a page; 10 if only `page` is given.
    #[param(minimum = 1, maximum = 1000)]
    size: Option<i64>,
}

/// However large: no integer type bounds it.
fn page_number() -> Object {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build()
}

/// What a patient or physician logs in with.
#[derive(ToSchema)]
pub(crate) struct PhoneCredentials {
    #[schema(example = "12345671901", min_length = 1)]
    phone: String,
    #[schema(example = "123456", min_length = 1)]
    password: String,
}

/// What an admin logs in with.
#[derive(ToSchema)]
pub(crate) struct Credentials {
    #[schema(example = "admin", min_length = 1)]
    username: String,
    #[schema(example = "admin", min_length = 1)]
    password: String,
}

/// What to change about an account. Whatever is absent or empty stays as it is, but an empty nickname
/// clears it.
#[derive(ToSchema)]
pub(crate) struct AccountUpdateBody {
    /// Whose account.
    #[schema(example = "d59aa28a", pattern = "^[0-9a-fA-F]{8}$")]
    uuid: String,
    #[schema(max_length = 50)]
    nickname: Option<String>,
    /// 6 to 71 bytes.
    #[schema(example = "1234567", pattern = "^(.{6,71})?$")]
    password: Option<String>,
    /// 11 digits starting with 1.
    #[schema(example = "19081309823", pattern = "^(1[0-9]{10})?$")]
    phone: Option<String>,
    /// 男 or 女.
    #[schema(pattern = "^(男|女)?$")]
    sex: Option<String>,
    /// For a patient.
    #[schema(max_length = 255)]
    home_addr: Option<String>,
    /// For a physician.
    #[schema(max_length = 255)]
    hospital: Option<String>,
}

/// A form with a file.
#[derive(ToSchema)]
pub(crate) struct UploadBody {
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// A request for a visit.
#[derive(ToSchema)]
pub(crate) struct InquiryBody {
    /// 在家就医 (home visit; 居家就医 means the same) or 社区就医 (community visit).
    #[schema(rename = "type", example = "在家就医", pattern = "^(在家就医|居家就医|社区就医)$")]
    visit_type: String,
    /// `YYYY-MM-DD HH:MM`, with seconds, or RFC 3339; years 2000 to 2100.
    #[schema(example = "2024-10-02 20:30")]
    appointment_time: String,
    /// 11 digits; the patient's own number if absent or empty.
    #[schema(example = "12345671901", pattern = "^([0-9]{11})?$")]
    reserved_phone: Option<String>,
    #[schema(example = "经常感到头痛", min_length = 1, max_length = 4000)]
    inquiry_detail: String,
}

/// What a physician records at the end of a consultation.
#[derive(ToSchema)]
pub(crate) struct MedicalRegistrationBody {
    #[schema(example = "病人有高血压", max_length = 4000)]
    diagnostic_description: Option<String>,
    /// The inquiry's id.
    #[schema(example = 2)]
    bind_inquiry_id: i64,
    /// A CID, or an http(s) URL that ends in `/ipfs/<CID>`.
    #[schema(example = "QmUSaebDyekM1GFk7FExm2NqMBFyTUC5crTuBTTSwiPAzG", min_length = 1)]
    inquiry_video: String,
    /// A CID, or an http(s) URL that ends in `/ipfs/<CID>`.
    #[schema(example = "QmQ64xb95NwKS3EpeUA9HEp3wYvi919FY936gJVt4mi9D5", min_length = 1)]
    medical_img: String,
    is_need_by_drug: bool,
}

/// A chat completion request in the form of OpenAI. Members that are not listed here are passed on.
#[derive(ToSchema)]
pub(crate) struct ChatCompletionBody {
    /// Ignored: the installation's model answers.
    #[schema(example = "glm4")]
    model: Option<serde_json::Value>,
    #[schema(min_items = 1)]
    messages: Vec<ChatMessage>,
    /// Whether the answer is to come in parts, as server-sent events.
    stream: Option<bool>,
    #[schema(minimum = 1)]
    max_tokens: Option<i64>,
    #[schema(minimum = 1)]
    max_completion_tokens: Option<i64>,
    #[schema(minimum = 1, maximum = 4)]
    n: Option<i64>,
}

/// An event of a stream.
#[derive(ToSchema)]
pub(crate) struct ServerSentEvent {
    /// A JSON text. Of a chat: a chunk, an `error` if the answer breaks off, and `[DONE]` at the end.
    /// Of an import: the import.
    data: String,
}

/// What was said so far.
#[derive(ToSchema)]
pub(crate) struct ChatMessage {
    #[schema(example = "user")]
    role: String,
    /// A text, or parts, which are passed on.
    #[schema(schema_with = message_content)]
    content: Option<()>,
}

fn message_content() -> Schema {
    let content = OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::String))
        .item(Array::new(ObjectBuilder::new().schema_type(SchemaType::AnyValue)))
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .examples(["我头痛三天了"])
        .build();
    content.into()
}

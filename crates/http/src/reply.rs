//! Responses of handlers. A reply's type determines its description.

use std::marker::PhantomData;

use actix_web::body::BoxBody;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, RefOr};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::error::ApiError;
use yilin_web::route::{DescribeAnswer, Output, Schemas, reference};

use crate::list::ListView;

/// The result of a handler.
pub(crate) type Answer<D> = Result<Reply<D>, ApiError>;

/// A response of the form `D`.
pub(crate) struct Reply<D> {
    response: HttpResponse,
    form: PhantomData<D>,
}

impl<D> Reply<D> {
    /// A response built elsewhere, of the form `D`.
    pub(crate) fn of(response: HttpResponse) -> Self {
        Self { response, form: PhantomData }
    }

    /// Sets what the response discloses, for the audit log.
    pub(crate) fn disclosing(mut self, disclosure: Disclosure) -> Self {
        self.response.extensions_mut().insert(disclosure);
        self
    }

    /// The same response, described as another form.
    pub(crate) fn described_as<E>(self) -> Reply<E> {
        Reply::of(self.response)
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        let name = actix_web::http::header::HeaderName::from_static(name);
        let value = actix_web::http::header::HeaderValue::from_static(value);
        self.response.headers_mut().insert(name, value);
        self
    }
}

impl<D> Responder for Reply<D> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.response
    }
}

/// The format of every JSON response: `{code, msg, data: […]}`, where `data` contains the payload as its only
/// element, or nothing.
#[derive(Debug, Serialize)]
pub(crate) struct Envelope<T> {
    code: u16,
    msg: &'static str,
    data: Vec<T>,
}

pub(crate) fn envelope<T>(data: Vec<T>) -> Envelope<T> {
    Envelope { code: 200, msg: "success", data }
}

/// A success with a payload that knows whose data it discloses.
pub(crate) fn success<T: Serialize + Discloses>(payload: T) -> Reply<One<T>> {
    let disclosure = payload.disclosure();
    success_about(payload, disclosure)
}

/// A success with a payload whose disclosure is given separately.
pub(crate) fn success_about<T: Serialize>(payload: T, disclosure: Disclosure) -> Reply<One<T>> {
    Reply::of(HttpResponse::Ok().json(envelope(vec![payload]))).disclosing(disclosure)
}

/// A success without a payload.
pub(crate) fn done<D: MayBeEmpty>() -> Reply<D> {
    Reply::of(HttpResponse::Ok().json(envelope(Vec::<()>::new())))
}

/// A form of responses.
pub(crate) trait Describes {
    fn describe(output: &mut Output);
}

impl<D: Describes> DescribeAnswer for Reply<D> {
    fn describe() -> Output {
        let mut output = Output::default();
        D::describe(&mut output);
        output
    }
}

/// A form with an optional payload.
pub(crate) trait MayBeEmpty: Describes {}

/// An envelope with one payload.
pub(crate) struct One<T>(PhantomData<T>);

/// An envelope with one payload, or none.
pub(crate) struct Maybe<T>(PhantomData<T>);

/// An envelope with a list.
pub(crate) struct List<T>(PhantomData<T>);

/// An envelope without a payload.
pub(crate) struct Nothing;

/// Binary content.
pub(crate) struct Binary<M>(PhantomData<M>);

/// Server-sent events with JSON data.
pub(crate) struct Events<T>(PhantomData<T>);

/// An event of a stream (HTML Living Standard, Server-sent events).
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the derived schema uses the fields")]
struct ServerSentEvent {
    /// The event type; `message` if the stream does not set it.
    event: Option<String>,
    /// The id to continue after, as `Last-Event-ID`, if the stream sets it.
    id: Option<String>,
    /// A JSON text. For chat: a `ChatCompletionChunk`, a `ChatError` if the answer is interrupted, and
    /// `[DONE]` at the end. For an import: an `ImportJob`. For `/api/events`: an `Event`, or a `reset`.
    data: String,
}

/// A text.
pub(crate) struct PlainText;

impl MayBeEmpty for Nothing {}
impl<T: ToSchema> MayBeEmpty for Maybe<T> {}

impl<T: ToSchema> Describes for One<T> {
    fn describe(output: &mut Output) {
        let payload = payload::<T>(&mut output.schemas);
        describe_json(output, enveloped(payload, 1, 1));
    }
}

impl<T: ToSchema> Describes for Maybe<T> {
    fn describe(output: &mut Output) {
        let payload = payload::<T>(&mut output.schemas);
        describe_json(output, enveloped(payload, 0, 1));
    }
}

impl<T: ToSchema> Describes for List<T> {
    fn describe(output: &mut Output) {
        reference::<T>(&mut output.schemas);
        let list = reference::<ListView<T>>(&mut output.schemas);
        describe_json(output, enveloped(list.into(), 1, 1));
    }
}

impl Describes for Nothing {
    fn describe(output: &mut Output) {
        describe_json(output, enveloped(ObjectBuilder::new().into(), 0, 0));
    }
}

impl<M: MediaTypes> Describes for Binary<M> {
    fn describe(output: &mut Output) {
        for status in M::STATUSES {
            let bytes = ObjectBuilder::new().schema_type(Type::String).content_media_type(M::MEDIA_TYPE);
            let bytes = bytes.format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                utoipa::openapi::KnownFormat::Binary,
            )));
            let content = ContentBuilder::new().schema(Some(bytes)).build();
            output.response(*status, M::MEDIA_TYPE, content);
        }
    }
}

/// The media types of a binary response.
pub(crate) trait MediaTypes {
    const MEDIA_TYPE: &'static str;
    const STATUSES: &'static [u16] = &[200];
}

impl<T: ToSchema> Describes for Events<T> {
    fn describe(output: &mut Output) {
        reference::<T>(&mut output.schemas);
        describe_events(output);
    }
}

impl Describes for PlainText {
    fn describe(output: &mut Output) {
        let text = ObjectBuilder::new().schema_type(Type::String);
        output.response(200, "text/plain", ContentBuilder::new().schema(Some(text)).build());
    }
}

/// Describes successful responses with server-sent events.
pub(crate) fn describe_events(output: &mut Output) {
    let event = reference::<ServerSentEvent>(&mut output.schemas);
    output.response(200, "text/event-stream", ContentBuilder::new().schema(Some(event)).build());
}

fn describe_json(output: &mut Output, schema: Schema) {
    output.response(200, "application/json", ContentBuilder::new().schema(Some(schema)).build());
}

/// The schema of a payload: a reference if it has its own name, otherwise inline.
fn payload<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    match T::schema() {
        // Texts and numbers.
        RefOr::T(Schema::Object(object)) if object.properties.is_empty() => RefOr::T(Schema::Object(object)),
        _ => reference::<T>(schemas).into(),
    }
}

fn enveloped(payload: RefOr<Schema>, least: usize, most: usize) -> Schema {
    let code = ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some([200]));
    let msg = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["success"]));
    let data = ArrayBuilder::new().items(payload).min_items(Some(least)).max_items(Some(most));
    let members = [("code", code.into()), ("msg", msg.into()), ("data", RefOr::from(data))];
    members
        .into_iter()
        .fold(ObjectBuilder::new(), |object, (name, schema): (_, RefOr<Schema>)| {
            object.property(name, schema).required(name)
        })
        .into()
}

//! Streaming multipart forms.

use std::io;

use actix_multipart::{Multipart as Parts, MultipartError};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures_channel::mpsc::{self, Sender};
use futures_util::future::{LocalBoxFuture, Ready, ready};
use futures_util::{SinkExt as _, StreamExt as _, TryStreamExt as _, stream};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, KnownFormat, SchemaFormat};
use yilin_domain::port::ByteStream;
use yilin_domain::validation::{FieldProblem, Invalid};

use super::unreadable;
use crate::auth::ensure_still_running;
use crate::context::RequestContext;
use crate::error::ApiError;
use crate::route::{Describe, Input};
use crate::service::Service;
use crate::transport::Held;

/// Maximum number of parts of a form: clients send one file and a field or two.
const MAX_PARTS: usize = 16;

/// Maximum number of chunks of a file buffered between the connection and the store.
const WAITING_PIECES: usize = 4;

/// Maximum size of a form's framing, in addition to its file.
const FRAMING_BYTES: u64 = 64 * 1024;

/// Memory held by a form while it is read, in bytes: the parser's buffer and the chunks that wait.
const HELD_BYTES: usize = 128 * 1024;

/// A form with a file, read as it arrives.
pub struct Multipart {
    parts: Option<Parts>,
    announced: Option<u64>,
    memory: Option<Held>,
    request: HttpRequest,
}

impl FromRequest for Multipart {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers();
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let is_form = header(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data"));
        let announced = header(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
        let parts = is_form.then(|| Parts::new(headers, payload.take()));
        let account = RequestContext::of(request).and_then(|context| context.actor()).map(|actor| actor.uuid);
        let memory = Service::of(request).map(|service| service.bodies.begin(account));
        ready(Ok(Self { parts, announced, memory, request: request.clone() }))
    }
}

impl Describe for Multipart {
    fn describe(input: &mut Input) {
        let file = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .content_media_type("application/octet-stream");
        let form = ObjectBuilder::new().property("file", file).required("file");
        let content = ContentBuilder::new().schema(Some(form)).build();
        input.body_of("multipart/form-data", content, "A form with a file");
        input.error(Invalid::one("file", FieldProblem::Missing));
        for error in [ApiError::UnparsableBody, ApiError::BodyTooLarge, ApiError::RequestTimeout] {
            input.error(error);
        }
    }
}

/// The reading of a form, to be polled together with the consumer of the file.
pub type FormRead = LocalBoxFuture<'static, Result<(), ApiError>>;

impl Multipart {
    /// The form's file with this name as a stream, and the reading that feeds it. The stream only ends
    /// without an error if the whole form was read and contains the file once, and the caller's session still runs.
    pub fn file(self, name: &'static str, limit: u64) -> Result<(FormRead, ByteStream), ApiError> {
        let parts = self.parts.ok_or_else(|| missing(name))?;
        if self.announced.is_some_and(|announced| announced > limit.saturating_add(FRAMING_BYTES)) {
            return Err(ApiError::BodyTooLarge);
        }
        let (mut memory, request) = (self.memory, self.request);
        if memory.as_mut().is_some_and(|memory| !memory.grows_by(HELD_BYTES)) {
            return Err(ApiError::Busy);
        }
        let (sender, pieces) = mpsc::channel(WAITING_PIECES);
        let reading = Box::pin(async move {
            let (mut sender, _memory) = (sender, memory);
            let read =
                read_form(parts, name, &mut sender).await.and_then(|()| ensure_still_running(&request));
            let last = if read.is_ok() { Chunk::End } else { Chunk::Broken };
            // If the receiver was dropped, the consumer reports why.
            let _taken = sender.send(last).await.is_ok();
            read
        });
        Ok((reading, content(pieces)))
    }
}

enum Chunk {
    Bytes(Bytes),
    End,
    Broken,
}

/// The chunks as a stream that only ends without an error after [`Chunk::End`]: an aborted form must not look
/// like a complete file.
fn content(pieces: mpsc::Receiver<Chunk>) -> ByteStream {
    stream::try_unfold(pieces, |mut pieces| async move {
        match pieces.next().await {
            Some(Chunk::Bytes(bytes)) => Ok(Some((bytes, pieces))),
            Some(Chunk::End) => Ok(None),
            Some(Chunk::Broken) | None => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        }
    })
    .boxed()
}

async fn read_form(mut parts: Parts, name: &'static str, sender: &mut Sender<Chunk>) -> Result<(), ApiError> {
    let (mut number, mut found) = (0, false);
    while let Some(mut part) = parts.try_next().await.map_err(|error| broken(name, &error))? {
        number += 1;
        let wanted = part.name() == Some(name);
        if number > MAX_PARTS || (wanted && found) {
            return Err(Invalid::one(name, FieldProblem::TooMany).into());
        }
        found |= wanted;
        while let Some(bytes) = part.try_next().await.map_err(|error| broken(name, &error))? {
            if wanted && sender.send(Chunk::Bytes(bytes)).await.is_err() {
                // The consumer has stopped, and reports why.
                return Ok(());
            }
        }
    }
    if found { Ok(()) } else { Err(missing(name)) }
}

fn missing(name: &'static str) -> ApiError {
    Invalid::one(name, FieldProblem::Missing).into()
}

/// The error for a malformed form with a file field `name`.
fn broken(name: &'static str, error: &MultipartError) -> ApiError {
    tracing::debug!(%error, "malformed form");
    match error {
        MultipartError::Payload(error) => unreadable(error),
        // The form's own headers: a missing boundary, or a file name that is not UTF-8. Not a 400, at which
        // one of the clients logs its user out.
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible
        | MultipartError::BoundaryMissing
        | MultipartError::ContentDispositionMissing
        | MultipartError::ContentDispositionNameMissing
        | MultipartError::Nested => Invalid::one(name, FieldProblem::UnreadableForm).into(),
        _ => ApiError::UnparsableBody,
    }
}

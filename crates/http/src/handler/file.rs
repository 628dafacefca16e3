//! Files: uploading them, and serving them to those who may have them.

use actix_web::body::SizedStream;
use actix_web::http::header::{self, EntityTag, IfNoneMatch, IfRange, Range};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::TryStreamExt as _;
use futures_util::future::join;
use futures_util::stream;
use yilin_domain::error::Error;
use yilin_domain::file::{ContentId, FileToken, StoredFile};
use yilin_domain::port::AddFileError;
use yilin_domain::usecase::{UploadError, Uploaded};

use super::Answer;
use crate::audit::Disclosure;
use crate::auth::{AnyRole, CookieFor, OptionalCaller, Uploading};
use crate::envelope::{Envelope, success_about};
use crate::error::ApiError;
use crate::input::Multipart;
use crate::media_type::{FirstBytes, MediaType};
use crate::request_schema::UploadBody;
use crate::service::Service;

/// Store a file
///
/// The answer is the file's URL, which whoever has it can read for a while. The header `x-yilin-notice: heic`
/// says that it is a picture in a form (HEIC, HEIF) that browsers do not show.
#[utoipa::path(post, path = "/api/upload", tag = "file", operation_id = "upload",
    request_body(content = UploadBody, content_type = "multipart/form-data"),
    responses((status = 200, description = "The file's URL", body = Envelope<String>,
        headers(("x-yilin-notice" = String, description = "heic: a picture that browsers do not show")))))]
pub(crate) async fn upload(
    service: web::Data<Service>,
    caller: CookieFor<Uploading, AnyRole>,
    multipart: Multipart,
) -> Answer {
    let limit = service.options.max_upload;
    let (reading, content) = multipart.file("file", limit)?;
    let (first_bytes, content) = FirstBytes::of(content);
    let (read, stored) = join(reading, service.use_cases.files.upload(&caller.actor, content, limit)).await;
    match (read, stored) {
        (_, Ok(Uploaded { cid, url })) => {
            let mut response = success_about(url, Disclosure::of("file", &cid, None));
            if first_bytes.are_of_heif() {
                let notice = header::HeaderName::from_static("x-yilin-notice");
                response.headers_mut().insert(notice, header::HeaderValue::from_static("heic"));
            }
            Ok(response)
        }
        // What was wrong with the form says more than that the file did not arrive whole.
        (Err(error), Err(UploadError::Add(AddFileError::Interrupted(_)))) => Err(error),
        (_, Err(error)) => Err(error.into()),
    }
}

/// A file, by a link
#[utoipa::path(get, path = "/ipfs/{cid}/{token}", tag = "file", operation_id = "fileByToken",
    params(("cid" = String, Path, description = "The file's CID"),
        ("token" = String, Path, description = "The link's token")),
    responses((status = 200, description = "The file", content_type = "*/*", body = Vec<u8>),
        (status = 206, description = "The part that was asked for", content_type = "*/*", body = Vec<u8>)))]
pub(crate) async fn by_token(
    service: web::Data<Service>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Answer {
    let (cid, token) = path.into_inner();
    let parsed = ContentId::parse(&cid).ok().zip(FileToken::parse(&token));
    let (cid, token) = parsed.ok_or(Error::Forbidden)?;
    let file = service.use_cases.files.by_token(&cid, &token).await?;
    serve(&service, &request, file).await
}

/// A file, for whoever uploaded the same bytes, and for the admin
#[utoipa::path(get, path = "/ipfs/{cid}", tag = "file", operation_id = "fileByAccount",
    params(("cid" = String, Path, description = "The file's CID")),
    responses((status = 200, description = "The file", content_type = "*/*", body = Vec<u8>),
        (status = 206, description = "The part that was asked for", content_type = "*/*", body = Vec<u8>)))]
pub(crate) async fn by_account(
    service: web::Data<Service>,
    request: HttpRequest,
    caller: OptionalCaller,
    path: web::Path<String>,
) -> Answer {
    let cid = ContentId::parse(&path).map_err(|_| Error::Forbidden)?;
    let file = service.use_cases.files.by_account(caller.0.as_ref(), &cid).await?;
    serve(&service, &request, file).await
}

/// Answers with a file or the part of it that is asked for (RFC 9110 §13 and §14).
async fn serve(service: &Service, request: &HttpRequest, file: StoredFile) -> Answer {
    let tag = EntityTag::new_strong(file.cid.to_string());
    let mut response = HttpResponse::Ok();
    response
        .insert_header(header::ETag(tag.clone()))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        // Only who may read it now may read it from a cache, so each use is asked for again; the tag
        // makes that cheap.
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .insert_header((header::CONTENT_SECURITY_POLICY, MediaType::UNKNOWN.security_policy()));
    if is_fresh(request, &tag) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    let range = match requested_range(request, &tag, file.size) {
        Requested::All => 0..file.size,
        Requested::Part(first, last) => {
            response
                .status(StatusCode::PARTIAL_CONTENT)
                .insert_header((header::CONTENT_RANGE, format!("bytes {first}-{last}/{}", file.size)));
            first..last + 1
        }
        Requested::Nothing => {
            return Ok(response
                .status(StatusCode::RANGE_NOT_SATISFIABLE)
                .insert_header((header::CONTENT_RANGE, format!("bytes */{}", file.size)))
                .finish());
        }
    };
    let files = &service.use_cases.files;
    let start: Vec<_> = files
        .read(&file, 0..MediaType::BYTES_NEEDED)
        .await?
        .try_collect()
        .await
        .map_err(ApiError::internal)?;
    let media_type = MediaType::of(&start.concat());
    response
        .insert_header((header::CONTENT_TYPE, media_type.name()))
        .insert_header((header::CONTENT_DISPOSITION, media_type.disposition()))
        .insert_header((header::CONTENT_SECURITY_POLICY, media_type.security_policy()));
    let length = range.end - range.start;
    if request.method() == Method::HEAD {
        let nothing = stream::empty::<Result<web::Bytes, std::io::Error>>();
        return Ok(response.body(SizedStream::new(length, nothing)));
    }
    let content = files.read(&file, range).await?;
    Ok(response.body(SizedStream::new(length, content)))
}

fn is_fresh(request: &HttpRequest, tag: &EntityTag) -> bool {
    use actix_web::http::header::Header as _;
    if !request.headers().contains_key(header::IF_NONE_MATCH) {
        return false;
    }
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

/// What part of a file is asked for.
enum Requested {
    All,
    /// From one byte to another, both included.
    Part(u64, u64),
    /// None of the bytes that there are.
    Nothing,
}

/// One range is served as a part; several, or something that is no range, as the whole file, which
/// is always allowed.
fn requested_range(request: &HttpRequest, tag: &EntityTag, size: u64) -> Requested {
    use actix_web::http::header::Header as _;
    let unchanged = match IfRange::parse(request) {
        _ if !request.headers().contains_key(header::IF_RANGE) => true,
        Ok(IfRange::EntityTag(known)) => known.strong_eq(tag),
        Ok(IfRange::Date(_)) | Err(_) => false,
    };
    let Some(Range::Bytes(ranges)) = Range::parse(request).ok().filter(|_| unchanged) else {
        return Requested::All;
    };
    let [range] = ranges.as_slice() else { return Requested::All };
    match range.to_satisfiable_range(size) {
        Some((first, last)) => Requested::Part(first, last),
        None => Requested::Nothing,
    }
}

//! Files: uploads and downloads.

use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::dev::Payload;
use actix_web::http::header::{self, EntityTag, IfNoneMatch, IfRange, Range};
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use futures_util::TryStreamExt as _;
use futures_util::future::join;
use futures_util::stream;
use yilin_domain::audit::AuditAction::{Create, Read};
use yilin_domain::error::{Error, UploadRefused};
use yilin_domain::file::{ContentId, FileToken, StoredFile};
use yilin_domain::port::{AddFileError, Part};
use yilin_domain::usecase::{UploadError, Uploaded};
use yilin_web::Service;
use yilin_web::audit::Disclosure;
use yilin_web::auth::{AnyRole, CookieFor, OptionalCaller, Uploading};
use yilin_web::context::RequestContext;
use yilin_web::error::ApiError;
use yilin_web::input::Multipart;
use yilin_web::route::{Describe, Input, Output, Record, Route, get, post, tagged};

use crate::media_type::{FirstBytes, MediaType};
use crate::reply::{Answer, Binary, Describes, MediaTypes, One, Reply, success_about};

pub(crate) fn routes() -> Vec<Route> {
    let store_down = || [ApiError::unavailable(Part::FileStore)];
    tagged(
        "file",
        [
            post("/api/upload", "upload", upload)
                .summary("Store a file")
                .details("Returns the file's URL, which expires.")
                .errors([
                    UploadRefused::TooMuchToday { retry_after: Duration::from_secs(3600) },
                    UploadRefused::StorageFull,
                ])
                .errors(store_down())
                .audited(Create, "file", Record::Search),
            get("/ipfs/{cid}/{token}", "fileByToken", by_token)
                .summary("A file, by link")
                .details(
                    "The link is the URL in a record or in the response to an upload. It expires; no log-in is needed.",
                )
                .errors([Error::Forbidden, Error::NotFound])
                .errors(store_down())
                .audited(Read, "file", Record::Field("cid")),
            get("/ipfs/{cid}", "fileByAccount", by_account)
                .summary("A file, for accounts that uploaded the same bytes and for admins")
                .callers("accounts that uploaded the same bytes, admin")
                .errors([Error::Forbidden, Error::NotFound])
                .errors(store_down())
                .audited(Read, "file", Record::Field("cid")),
        ],
    )
}

/// A file's URL, and a notice about the file.
struct UploadedUrl;

impl Describes for UploadedUrl {
    fn describe(output: &mut Output) {
        One::<String>::describe(output);
        output.header(
            "x-yilin-notice",
            "`heic`: an image in a format (HEIC, HEIF) that browsers do not display",
        );
    }
}

async fn upload(
    service: web::Data<Service>,
    caller: CookieFor<Uploading, AnyRole>,
    multipart: Multipart,
) -> Answer<UploadedUrl> {
    let limit = service.options.max_upload;
    let (reading, content) = multipart.file("file", limit)?;
    let (first_bytes, content) = FirstBytes::of(content);
    let (read, stored) = join(reading, service.use_cases.files.upload(&caller.actor, content, limit)).await;
    match (read, stored) {
        (_, Ok(Uploaded { cid, url })) => {
            let answer = success_about(url, Disclosure::of("file", &cid, None));
            let answer =
                if first_bytes.are_of_heif() { answer.header("x-yilin-notice", "heic") } else { answer };
            Ok(answer.described_as())
        }
        // The form's error is more specific than that the upload was incomplete.
        (Err(error), Err(UploadError::Add(AddFileError::Interrupted(_)))) => Err(error),
        (_, Err(error)) => Err(error.into()),
    }
}

/// A path parameter. An invalid CID or token is treated like one without access.
fn segment(request: &HttpRequest, name: &str) -> String {
    request.match_info().get(name).unwrap_or_default().to_owned()
}

/// The CID in a path; recorded for the audit log.
struct CidInPath(ContentId);

impl FromRequest for CidInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let cid = ContentId::parse(&segment(request, "cid")).map_err(|_| Error::Forbidden.into());
        if let (Ok(cid), Some(context)) = (&cid, RequestContext::of(request)) {
            context.concerns(cid.as_str());
        }
        ready(cid.map(Self))
    }
}

impl Describe for CidInPath {
    fn describe(input: &mut Input) {
        input.path_parameter("cid", "The file's CID");
    }
}

/// The token of a link.
struct TokenInPath(FileToken);

impl FromRequest for TokenInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(FileToken::parse(&segment(request, "token")).map(Self).ok_or(Error::Forbidden.into()))
    }
}

impl Describe for TokenInPath {
    fn describe(input: &mut Input) {
        input.path_parameter("token", "The link's token");
    }
}

/// The content of a file, or a range of it.
struct FileBytes;

impl MediaTypes for FileBytes {
    const MEDIA_TYPE: &'static str = "*/*";
    const STATUSES: &'static [u16] = &[200, 206];
}

async fn by_token(
    service: web::Data<Service>,
    request: HttpRequest,
    CidInPath(cid): CidInPath,
    TokenInPath(token): TokenInPath,
) -> Answer<Binary<FileBytes>> {
    let grant = service.use_cases.files.grant(&cid, &token)?;
    if let Some(context) = RequestContext::of(&request) {
        context.by_link(grant);
    }
    let file = service.use_cases.files.by_token(&cid, &token).await?;
    serve(&service, &request, file).await
}

async fn by_account(
    service: web::Data<Service>,
    request: HttpRequest,
    OptionalCaller(caller): OptionalCaller,
    CidInPath(cid): CidInPath,
) -> Answer<Binary<FileBytes>> {
    let file = service.use_cases.files.by_account(caller.as_ref(), &cid).await?;
    serve(&service, &request, file).await
}

/// Responds with a file or the requested range (RFC 9110 §13 and §14).
async fn serve(service: &Service, request: &HttpRequest, file: StoredFile) -> Answer<Binary<FileBytes>> {
    let tag = EntityTag::new_strong(file.cid.to_string());
    let mut response = HttpResponse::Ok();
    response
        .insert_header(header::ETag(tag.clone()))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        // Access must be checked again for each use of a cached file; the tag makes that cheap.
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .insert_header((header::CONTENT_SECURITY_POLICY, MediaType::UNKNOWN.security_policy()));
    if is_fresh(request, &tag) {
        return Ok(Reply::of(response.status(StatusCode::NOT_MODIFIED).finish()));
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
            response
                .status(StatusCode::RANGE_NOT_SATISFIABLE)
                .insert_header((header::CONTENT_RANGE, format!("bytes */{}", file.size)));
            return Ok(Reply::of(response.finish()));
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
        return Ok(Reply::of(response.body(SizedStream::new(length, nothing))));
    }
    let content = files.read(&file, range).await?;
    Ok(Reply::of(response.body(SizedStream::new(length, content))))
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

/// The requested part of a file.
enum Requested {
    All,
    /// From one byte to another, both inclusive.
    Part(u64, u64),
    /// A range outside the file.
    Nothing,
}

/// A single range is served as a part; several ranges, or an invalid one, as the whole file, which is always
/// allowed.
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

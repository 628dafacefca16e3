//! Files of the pages, embedded in the binary. Their names contain a digest of their content, so that browsers may keep
//! them for ever.

use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest as _, Sha256};
use yilin_web::error::ApiError;
use yilin_web::route::{Route, get};

use crate::answer::{Answer, PageResult};

/// A file under its name.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static [u8],
}

macro_rules! assets {
    ($($name:literal: $media_type:literal),* $(,)?) => {
        &[$(Asset {
            name: $name,
            media_type: $media_type,
            content: include_bytes!(concat!("../assets/", $name)),
        }),*]
    };
}

static FILES: &[Asset] = assets! {
    "console.css": "text/css; charset=utf-8",
    "live.js": "text/javascript; charset=utf-8",
    "form.js": "text/javascript; charset=utf-8",
    "follow.js": "text/javascript; charset=utf-8",
    "upload.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
};

/// The files' paths.
static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| FILES.iter().map(Asset::path).collect());

impl Asset {
    fn path(&self) -> String {
        let digest = Sha256::digest(self.content);
        let digest = digest.iter().take(6).fold(0, |sum: u64, byte| (sum << 8) | u64::from(*byte));
        let (stem, extension) = self.name.rsplit_once('.').unwrap_or((self.name, ""));
        format!("/console/assets/{stem}.{digest:012x}.{extension}")
    }
}

/// The path of the file with this name.
pub(crate) fn path(name: &str) -> &'static str {
    let place = FILES.iter().position(|file| file.name == name);
    place.and_then(|place| PATHS.get(place)).map_or("", String::as_str)
}

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/console/assets/{name}", "consoleAsset", asset).not_audited()]
}

async fn asset(request: HttpRequest) -> PageResult {
    let place = PATHS.iter().position(|path| path == request.path());
    let file = place.and_then(|place| FILES.get(place)).ok_or(ApiError::NoSuchRoute)?;
    let response = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static(file.media_type)))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(file.content);
    Ok(Answer::of(response))
}

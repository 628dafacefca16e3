//! The export of one's own data: a ZIP with `data.json` for programs, `index.html` for people, and the files
//! that the records show.
//!
//! It is written while it is read, in three passes over the data: the files first, so that the other two know
//! which of them could be read. Memory holds a batch of records and the names of the files.

mod archive;
mod content;
mod links;
mod page;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_channel::mpsc;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;
use yilin_domain::port::ByteStream;
use yilin_domain::usecase::Export;

use crate::media_type::MediaType;
use crate::reply::{Binary, MediaTypes, Reply};
use archive::Archive;
use content::{Content, Section};
use links::Links;
use yilin_web::Service;
use yilin_web::error::ApiError;

/// A ZIP.
pub(crate) struct Zip;

impl MediaTypes for Zip {
    const MEDIA_TYPE: &'static str = "application/zip";
}

/// Answers with the export. A failure while it is sent ends the connection without a valid ending.
pub(crate) fn answer(service: Service, export: Export) -> Reply<Binary<Zip>> {
    let (sender, pieces) = mpsc::channel::<Bytes>(0);
    let writing = Box::pin(async move { Box::pin(write(&service, &export, Archive::new(sender))).await });
    let failure = writing.into_stream().filter_map(|written| async { written.err().map(Err) });
    let body = stream::select(pieces.map(Ok), failure)
        .inspect_err(|error| tracing::error!(%error, "an export was cut off while it was being sent"));
    let response = HttpResponse::Ok()
        .content_type(Zip::MEDIA_TYPE)
        .insert_header((header::CONTENT_DISPOSITION, r#"attachment; filename="yilin-export.zip""#))
        .streaming(body);
    Reply::of(response)
}

async fn write(service: &Service, export: &Export, mut archive: Archive) -> Result<(), ApiError> {
    let content = Content::new(service, export.actor());
    let mut links = Links::default();
    for section in [Section::Inquiries, Section::MedicalRecords, Section::DrugOrders] {
        let (archive, links) = (&mut archive, &mut links);
        content.each(section, async |record| add_files(export, archive, links, &record).await).await?;
    }
    write_data(export, content, &links, &mut archive).await?;
    write_page(export, content, &links, &mut archive).await?;
    archive.finish().await
}

/// Adds the files that a record shows and that are not there yet. One that cannot be read is noted.
async fn add_files(
    export: &Export,
    archive: &mut Archive,
    links: &mut Links,
    record: &Value,
) -> Result<(), ApiError> {
    for mention in links::shown_in(export, record) {
        if links.knows(&mention.cid) {
            continue;
        }
        match export.file(&mention).await {
            Ok(Some(bytes)) => add_file(archive, links, &mention.cid, bytes).await?,
            Ok(None) => links.missing(&mention.cid),
            Err(error) => {
                tracing::warn!(cid = mention.cid.as_str(), %error, "a file is missing in an export");
                links.missing(&mention.cid);
            }
        }
    }
    Ok(())
}

async fn add_file(
    archive: &mut Archive,
    links: &mut Links,
    cid: &yilin_domain::file::ContentId,
    mut bytes: ByteStream,
) -> Result<(), ApiError> {
    // The first piece says which kind of file it is, and that it can be read at all.
    let first = match bytes.try_next().await {
        Ok(first) => first.unwrap_or_default(),
        Err(error) => {
            tracing::warn!(cid = cid.as_str(), %error, "a file is missing in an export");
            links.missing(cid);
            return Ok(());
        }
    };
    let path = links.add(cid, extension(MediaType::of(&first)));
    archive.begin_file(&path)?;
    archive.write(&first).await?;
    while let Some(piece) = bytes.try_next().await.map_err(ApiError::internal)? {
        archive.write(&piece).await?;
    }
    Ok(())
}

/// What the name of such a file ends in, so that a browser opens it from a folder.
fn extension(kind: MediaType) -> &'static str {
    match kind.name() {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "video/mp4" => "mp4",
        "video/webm" => "webm",
        "video/quicktime" => "mov",
        "audio/mpeg" => "mp3",
        "application/pdf" => "pdf",
        _ => "bin",
    }
}

async fn write_data(
    export: &Export,
    content: Content<'_>,
    links: &Links,
    archive: &mut Archive,
) -> Result<(), ApiError> {
    archive.begin_text("data.json")?;
    let mut separator = "{";
    for section in Section::ALL {
        let is_list = section != Section::Account;
        let open = if is_list { "[" } else { "" };
        archive.write(format!("{separator}\n\"{}\":{open}", section.name()).as_bytes()).await?;
        let mut comma = "";
        let archive = &mut *archive;
        content
            .each(section, async |mut record| {
                links.localise(export, &mut record);
                let json = serde_json::to_string(&record).map_err(ApiError::internal)?;
                archive.write(format!("{comma}\n{json}").as_bytes()).await?;
                comma = ",";
                Ok(())
            })
            .await?;
        archive.write(if is_list { b"]" } else { b"" }).await?;
        separator = ",";
    }
    let missing = serde_json::to_string(&links.all_missing()).map_err(ApiError::internal)?;
    archive.write(format!(",\n\"missing_files\":{missing}\n}}\n").as_bytes()).await
}

async fn write_page(
    export: &Export,
    content: Content<'_>,
    links: &Links,
    archive: &mut Archive,
) -> Result<(), ApiError> {
    archive.begin_text("index.html")?;
    archive.write(page::HEAD.as_bytes()).await?;
    for section in Section::ALL {
        archive.write(page::heading(section).as_bytes()).await?;
        let archive = &mut *archive;
        content
            .each(section, async |mut record| {
                links.localise(export, &mut record);
                archive.write(page::record(&record).as_bytes()).await
            })
            .await?;
    }
    archive.write(page::missing(&links.all_missing()).as_bytes()).await?;
    archive.write(page::TAIL.as_bytes()).await
}

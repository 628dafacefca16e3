//! Importing rosters, and following how that goes.

use std::time::Duration;

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, rt, web};
use futures_util::future::join;
use futures_util::stream;
use yilin_domain::account::Actor;
use yilin_domain::port::ReadRosterError;
use yilin_domain::roster::{ImportJob, ImportJobId, ImportOptions, ImportState};
use yilin_domain::usecase::{ArrivedImport, ImportError, ImportReport, RosterImport};
use yilin_domain::validation::FieldProblem;

use super::Answer;
use crate::auth::{AdminOnly, Caller, CookieFor, Uploading};
use crate::envelope::{Envelope, success};
use crate::error::{ApiError, Language};
use crate::input::{Multipart, Query};
use crate::request_schema::{ServerSentEvent, UploadBody};
use crate::roster_words;
use crate::service::Service;
use crate::view::{ImportJobView, ImportReportView};

/// The type of a workbook.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// How often it is looked how far an import has got.
const LOOK: Duration = Duration::from_millis(500);

/// Import a roster
///
/// `.xlsx`, `.xls` or CSV, told apart by the content. Rows that are valid are imported, the others are
/// reported. The answer comes when all is done; a client that does not wait stops nothing.
#[utoipa::path(post, path = "/api/user/uploadUserMessage", tag = "roster", operation_id = "uploadUserMessage",
    params(("dryRun" = Option<bool>, Query, description = "Only report what would happen"),
        ("mode" = Option<String>, Query, description = "`atomic`: all rows or none", pattern = "^(atomic)?$")),
    request_body(content = UploadBody, content_type = "multipart/form-data"),
    responses((status = 200, description = "How it went", body = Envelope<ImportReportView>)))]
pub(crate) async fn import(
    service: web::Data<Service>,
    request: HttpRequest,
    caller: CookieFor<Uploading, AdminOnly>,
    query: Query,
    multipart: Multipart,
) -> Answer {
    let options = options(query)?;
    let limit = service.options.max_upload.min(RosterImport::MAX_BYTES);
    let (reading, content) = multipart.file("file", limit)?;
    let imports = &service.use_cases.roster_import;
    let (read, arrived) = join(reading, imports.receive(&caller.actor, content, limit, options)).await;
    let arrived = match (read, arrived) {
        (_, Ok(arrived)) => arrived,
        // What was wrong with the form says more than that the file did not arrive whole.
        (Err(error), Err(ImportError::Read(ReadRosterError::Interrupted(_)))) => return Err(error),
        (_, Err(error)) => return Err(error.into()),
    };
    // In a task of its own: a client that gives up drops this handler, not the import.
    let task = rt::spawn(run(imports.clone(), arrived));
    let report = task.await.map_err(ApiError::internal)??;
    ImportReportView::answer(report, Language::of(request.headers()))
}

fn options(mut query: Query) -> Result<ImportOptions, ApiError> {
    let dry_run = query.optional("dryRun", |text| match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(FieldProblem::NotOneOf(vec!["true", "false"])),
    });
    let atomic = query.optional("mode", |text| match text {
        "atomic" => Ok(true),
        _ => Err(FieldProblem::NotOneOf(vec!["atomic"])),
    });
    let options = ImportOptions { dry_run: dry_run.unwrap_or_default(), atomic: atomic.unwrap_or_default() };
    Ok(query.finish(Some(options))?)
}

/// Runs an import to its end.
async fn run(imports: RosterImport, arrived: ArrivedImport) -> Result<ImportReport, ImportError> {
    let id = arrived.job.id;
    let outcome = imports.run(arrived, &|_| {}).await;
    if let Err(error @ ImportError::Domain(_)) = &outcome {
        tracing::error!(%error, import = %id, "an import failed");
    }
    outcome
}

/// How far an import has got
#[utoipa::path(get, path = "/api/user/importJob", tag = "roster", operation_id = "importJob",
    params(("id" = Option<String>, Query, pattern = "^([0-9a-fA-F]{32})?$", description = "The import; the caller's newest one if absent")),
    responses((status = 200, description = "The import", body = Envelope<ImportJobView>)))]
pub(crate) async fn job(
    service: web::Data<Service>,
    request: HttpRequest,
    caller: Caller<AdminOnly>,
    query: Query,
) -> Answer {
    let job = asked(&service, &caller.actor, query).await?;
    Ok(success(ImportJobView::new(&job, Language::of(request.headers()), service.options.zone)))
}

/// How far an import gets, as server-sent events
///
/// An event `progress` with the import whenever something has changed; the stream ends when the import
/// has.
#[utoipa::path(get, path = "/api/user/importJob/events", tag = "roster", operation_id = "importJobEvents",
    params(("id" = Option<String>, Query, pattern = "^([0-9a-fA-F]{32})?$", description = "The import; the caller's newest one if absent")),
    responses((status = 200, description = "The import, again and again", content_type = "text/event-stream", body = ServerSentEvent)))]
pub(crate) async fn events(
    service: web::Data<Service>,
    request: HttpRequest,
    caller: Caller<AdminOnly>,
    query: Query,
) -> Answer {
    let first = asked(&service, &caller.actor, query).await?;
    let follow = Following {
        service,
        actor: caller.actor,
        language: Language::of(request.headers()),
        next: Some(first),
        told: None,
    };
    let events = stream::unfold(follow, |mut follow| async move {
        let event = follow.next_event().await?;
        Some((Ok::<_, ApiError>(event), follow))
    });
    Ok(HttpResponse::Ok().content_type("text/event-stream").streaming(events))
}

/// The import with this id, or the caller's newest one.
async fn asked(service: &Service, actor: &Actor, mut query: Query) -> Result<ImportJob, ApiError> {
    let id = query.optional("id", parse_id);
    let id = query.finish(Some(id))?;
    Ok(service.use_cases.roster_import.find(actor, id).await?)
}

/// Somebody who follows an import.
struct Following {
    service: web::Data<Service>,
    actor: Actor,
    language: Language,
    /// What is known and perhaps to be told; `None` after the end.
    next: Option<ImportJob>,
    told: Option<ImportJobView>,
}

impl Following {
    /// The next event. One that cannot be read ends the stream; the client then connects again.
    async fn next_event(&mut self) -> Option<web::Bytes> {
        loop {
            let job = self.next.take()?;
            let view = ImportJobView::new(&job, self.language, self.service.options.zone);
            let is_new = self.told.as_ref() != Some(&view);
            if is_new {
                self.next = (job.state == ImportState::Running).then_some(job);
                let json = serde_json::to_string(&view).ok()?;
                self.told = Some(view);
                return Some(web::Bytes::from(format!("event: progress\ndata: {json}\n\n")));
            }
            rt::time::sleep(LOOK).await;
            self.next = self.service.use_cases.roster_import.find(&self.actor, Some(job.id)).await.ok();
        }
    }
}

/// A workbook to fill in
#[utoipa::path(get, path = "/api/user/importTemplate", tag = "roster", operation_id = "importTemplate",
    responses((status = 200, description = "The workbook", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
pub(crate) async fn template(service: web::Data<Service>, caller: Caller<AdminOnly>) -> Answer {
    let workbook = service.use_cases.roster_import.template(&caller.actor).await?;
    Ok(download(workbook, "yilin-roster.xlsx"))
}

/// The rows of an import that have to be mended, as a workbook
///
/// In the form of the template, with a column that says what is wrong: mended, it can be sent as it
/// is. The rows are kept for a day, without passwords, 5,000 of them at most.
#[utoipa::path(get, path = "/api/user/importReport", tag = "roster", operation_id = "importReport",
    params(("id" = String, Query, pattern = "^[0-9a-fA-F]{32}$", description = "The import")),
    responses((status = 200, description = "The workbook", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
pub(crate) async fn report(
    service: web::Data<Service>,
    request: HttpRequest,
    caller: Caller<AdminOnly>,
    mut query: Query,
) -> Answer {
    let id = query.required("id", parse_id);
    let id = query.finish(id)?;
    let language = Language::of(request.headers());
    let tell = move |problems: &[_]| roster_words::all_of(problems, language);
    let header = roster_words::told_header(language);
    let imports = &service.use_cases.roster_import;
    let workbook = imports.report_workbook(&caller.actor, id, header, &tell).await?;
    Ok(download(workbook, "yilin-roster-report.xlsx"))
}

fn parse_id(text: &str) -> Result<ImportJobId, FieldProblem> {
    ImportJobId::parse(text.trim()).ok_or(FieldProblem::NotAnImportId)
}

fn download(workbook: Vec<u8>, name: &str) -> HttpResponse {
    let kind = XLSX.parse().map_or(ContentType::octet_stream(), ContentType);
    let disposition = format!("attachment; filename=\"{name}\"");
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .body(workbook)
}

//! Roster imports and their progress.

use std::time::Duration;

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, rt, web};
use futures_util::future::join;
use futures_util::stream;
use yilin_domain::account::{Actor, Role};
use yilin_domain::audit::AuditAction::{Create, Read};
use yilin_domain::error::Error;
use yilin_domain::port::{Part, ReadRosterError};
use yilin_domain::roster::{ImportJob, ImportJobId, ImportOptions, ImportState, OtherKind, RosterFault};
use yilin_domain::usecase::{ArrivedImport, ImportError, ImportReport, RosterImport};
use yilin_web::Service;
use yilin_web::auth::{AdminOnly, Caller, CookieFor, Uploading};
use yilin_web::error::{ApiError, Language};
use yilin_web::input::{Choice, Choices, Flag, Multipart, Query, Selected, request};
use yilin_web::roster_words;
use yilin_web::route::{Record, Route, get, post, tagged};

use crate::reply::{Answer, Binary, Events, MediaTypes, One, Reply, success};
use crate::view::{ImportJobView, ImportReportView};

/// Interval of polling the progress of an import.
const LOOK: Duration = Duration::from_millis(500);

pub(crate) fn routes() -> Vec<Route> {
    let id = Record::Field("id");
    tagged("roster", [
        post("/api/user/uploadUserMessage", "uploadUserMessage", import)
            .summary("Import a roster")
            .details(
                "`.xlsx`, `.xls`, `.ods` or CSV, detected by content. Valid rows are imported, the others are reported. \
                Responds when the import is complete; it continues if the client disconnects.",
            )
            .errors(
                [
                    RosterFault::NotASpreadsheet,
                    RosterFault::OtherKind(OtherKind::WebPage),
                    RosterFault::Encrypted,
                    RosterFault::Damaged,
                    RosterFault::TooLargeInside,
                    RosterFault::TooManyRows,
                    RosterFault::NoColumns,
                    RosterFault::SheetWithoutHeader(Role::Patient),
                    RosterFault::BadEncoding { line: 7 },
                    RosterFault::BadQuotes { line: 7 },
                ]
                .map(ApiError::Roster),
            )
            .errors([ApiError::unavailable(Part::Spreadsheets), ApiError::unavailable(Part::PasswordHasher)])
            .audited(Create, "account", Record::Search),
        get("/api/user/importJob", "importJob", job)
            .summary("The progress of an import")
            .errors([Error::NotFound])
            .audited(Read, "import", id),
        get("/api/user/importJob/events", "importJobEvents", events)
            .summary("The progress of an import, as server-sent events")
            .details(
                "An event `progress` with the import whenever it has changed; the stream ends with the import.",
            )
            .errors([Error::NotFound])
            .audited(Read, "import", id),
        get("/api/user/importTemplate", "importTemplate", template)
            .summary("A workbook to fill in")
            .errors([ApiError::unavailable(Part::Spreadsheets)])
            .not_audited(),
        get("/api/user/importReport", "importReport", report)
            .summary("The rows of an import to correct, as a workbook")
            .details(
                "In the template's layout, with a column for the problems: once corrected, it can be uploaded as it is. \
                At most 5,000 rows are kept, for a day and without passwords.",
            )
            .errors([Error::NotFound])
            .errors([ApiError::unavailable(Part::Spreadsheets)])
            .audited(Read, "import", id),
    ])
}

/// `mode` of an import.
pub(crate) struct Mode;

impl Choices for Mode {
    /// Whether the import is atomic.
    type Value = bool;
    const CHOICES: &'static [Choice<bool>] =
        &[("partial", "the rows that are valid", || false), ("atomic", "all rows or none", || true)];
}

request! {
    /// Options of an import.
    pub(crate) struct ImportQuery {
        /// Only report what would happen.
        dry_run: Flag = "dryRun",
        /// What is imported of a file with invalid rows.
        atomic: Selected<Mode> = "mode",
    }
}

async fn import(
    service: web::Data<Service>,
    request: HttpRequest,
    caller: CookieFor<Uploading, AdminOnly>,
    Query(query): Query<ImportQuery>,
    multipart: Multipart,
) -> Answer<One<ImportReportView>> {
    let options = ImportOptions { dry_run: query.dry_run.0, atomic: query.atomic.0 };
    let limit = service.options.max_upload.min(RosterImport::MAX_BYTES);
    let (reading, content) = multipart.file("file", limit)?;
    let imports = &service.use_cases.roster_import;
    let (read, arrived) = join(reading, imports.receive(&caller.actor, content, limit, options)).await;
    let arrived = match (read, arrived) {
        (_, Ok(arrived)) => arrived,
        // The form's error is more specific than that the upload was incomplete.
        (Err(error), Err(ImportError::Read(ReadRosterError::Interrupted(_)))) => return Err(error),
        (_, Err(error)) => return Err(error.into()),
    };
    // In a separate task: if the client disconnects, this handler is dropped, but not the import.
    let task = rt::spawn(run(imports.clone(), arrived));
    let report = task.await.map_err(ApiError::internal)??;
    ImportReportView::answer(report, Language::of(request.headers()))
}

/// Runs an import to completion.
async fn run(imports: RosterImport, arrived: ArrivedImport) -> Result<ImportReport, ImportError> {
    let id = arrived.job.id;
    let outcome = imports.run(arrived, &|_| {}).await;
    if let Err(error @ ImportError::Domain(_)) = &outcome {
        tracing::error!(%error, import = %id, "an import failed");
    }
    outcome
}

request! {
    /// An import.
    pub(crate) struct ImportJobQuery {
        /// The import; the caller's newest one if absent.
        id: Option<ImportJobId>,
    }
}

async fn job(
    service: web::Data<Service>,
    request: HttpRequest,
    caller: Caller<AdminOnly>,
    Query(query): Query<ImportJobQuery>,
) -> Answer<One<ImportJobView>> {
    let job = service.use_cases.roster_import.find(&caller.actor, query.id).await?;
    Ok(success(ImportJobView::new(&job, Language::of(request.headers()), service.options.zone)))
}

async fn events(
    service: web::Data<Service>,
    request: HttpRequest,
    caller: Caller<AdminOnly>,
    Query(query): Query<ImportJobQuery>,
) -> Answer<Events<ImportJobView>> {
    let first = service.use_cases.roster_import.find(&caller.actor, query.id).await?;
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
    Ok(Reply::of(HttpResponse::Ok().content_type("text/event-stream").streaming(events)))
}

/// A client that follows an import.
struct Following {
    service: web::Data<Service>,
    actor: Actor,
    language: Language,
    /// The last known state, which may have to be sent; `None` after the end.
    next: Option<ImportJob>,
    told: Option<ImportJobView>,
}

impl Following {
    /// The next event. If the state cannot be read, the stream ends; the client then reconnects.
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

/// A workbook.
struct Xlsx;

impl MediaTypes for Xlsx {
    const MEDIA_TYPE: &'static str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
}

async fn template(service: web::Data<Service>, caller: Caller<AdminOnly>) -> Answer<Binary<Xlsx>> {
    let workbook = service.use_cases.roster_import.template(&caller.actor).await?;
    Ok(download(workbook, "yilin-roster.xlsx"))
}

request! {
    /// An import.
    pub(crate) struct ImportReportQuery {
        /// The import.
        id: ImportJobId,
    }
}

async fn report(
    service: web::Data<Service>,
    request: HttpRequest,
    caller: Caller<AdminOnly>,
    Query(ImportReportQuery { id }): Query<ImportReportQuery>,
) -> Answer<Binary<Xlsx>> {
    let language = Language::of(request.headers());
    let tell = move |problems: &[_]| roster_words::all_of(problems, language);
    let header = roster_words::told_header(language);
    let imports = &service.use_cases.roster_import;
    let workbook = imports.report_workbook(&caller.actor, id, header, &tell).await?;
    Ok(download(workbook, "yilin-roster-report.xlsx"))
}

fn download(workbook: Vec<u8>, name: &str) -> Reply<Binary<Xlsx>> {
    let kind = Xlsx::MEDIA_TYPE.parse().map_or(ContentType::octet_stream(), ContentType);
    let disposition = format!("attachment; filename=\"{name}\"");
    let mut response = HttpResponse::Ok();
    response.content_type(kind).insert_header((header::CONTENT_DISPOSITION, disposition));
    Reply::of(response.body(workbook))
}

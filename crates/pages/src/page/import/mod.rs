//! Imports of rosters: the choice of a file, what would become of its rows, and the import itself.
//!
//! A chosen file is checked first (a dry run), and held while somebody decides; `job` has the pages of both.

mod job;
mod report;
mod table;

use std::pin::Pin;

use actix_web::http::StatusCode;
use actix_web::{ResponseError as _, rt};
use askama::Template;
use futures_util::StreamExt as _;
use futures_util::future::join;
use yilin_domain::account::Actor;
use yilin_domain::audit::AuditAction::{Execute, Read};
use yilin_domain::error::Error;
use yilin_domain::port::{ByteStream, ReadRosterError};
use yilin_domain::usecase::{HeldImport, ImportActivity, ImportError, RosterImport};
use yilin_domain::validation::{FieldProblem, Invalid};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::error::{ApiError, problem_words};
use yilin_web::input::Multipart;
use yilin_web::route::{Record, Route, get, post};

use crate::answer::{PageResult, View, WORKBOOK, file, page_with, see_other};
use crate::console::Console;
use crate::form::{Field, Form, Sent};
use crate::parts::{Empty, size};
use crate::texts::Texts;
use crate::ui::{Section, Ui};
pub(super) use table::ImportTable;

pub(super) const PATH: &str = "/console/import";
const TEMPLATE: &str = "/console/import/template";
/// The field with the file.
const FILE: &str = "file";
/// What browsers offer.
const ACCEPT: &str = ".xlsx,.xls,.ods,.csv";

pub(crate) fn routes() -> Vec<Route> {
    let mut routes = vec![
        get(PATH, "consoleImports", show).audited(Read, "import", Record::Search),
        post(PATH, "consoleImportCheck", receive).audited(Execute, "import", Record::Search),
        get(TEMPLATE, "consoleImportTemplate", template).not_audited(),
    ];
    routes.extend(job::routes());
    routes
}

/// The choice of a file.
#[derive(Template)]
#[template(path = "page/imports.html")]
struct ImportsPage {
    ui: Ui,
    form: Form,
    /// Whether another import is in progress.
    is_busy: bool,
    imports: ImportTable,
    empty: Empty,
}

impl ImportsPage {
    const TEMPLATE: &'static str = TEMPLATE;
}

impl Discloses for ImportsPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}

impl View for ImportsPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(console: Console) -> PageResult {
    ask(&console, None).await
}

/// The page with the form, and why a file was refused.
async fn ask(console: &Console, refused: Option<&ApiError>) -> PageResult {
    let texts = console.texts;
    let activity: ImportActivity = console.use_cases().overview.imports(&console.actor).await?;
    let form = Form::of(console, PATH, &Sent::default(), texts.text("import-check"));
    let form = match refused {
        None => form,
        Some(ApiError::BodyTooLarge) => {
            form.problem(FILE, texts.with("import-too-large", "size", size(limit(console))))
        }
        Some(ApiError::Domain(Error::Invalid(Invalid(errors)))) => {
            let is_missing = errors.iter().any(|error| error.problem == FieldProblem::Missing);
            let words = errors.first().map(|error| problem_words(&error.problem, texts.0));
            let none = texts.text("import-no-file");
            form.problem(FILE, if is_missing { none } else { words.map_or(none, Into::into) })
        }
        Some(error) => form.problem(FILE, error.message(texts.0).into()),
    };
    let help = texts.with("import-file-help", "size", size(limit(console)));
    let field = Field::file(FILE, texts.text("import-file"), ACCEPT).help(help);
    let status = refused.map_or(StatusCode::OK, ApiError::status_code);
    let view = ImportsPage {
        ui: console.ui(Section::People, "import-title"),
        form: form.field(field),
        is_busy: !activity.running.is_empty(),
        imports: ImportTable::new(&activity, usize::MAX, console),
        empty: Empty { why: texts.text("import-none"), way: None },
    };
    page_with(status, &view)
}

/// Maximum size of a file in bytes.
fn limit(console: &Console) -> u64 {
    console.service.options.max_upload.min(RosterImport::MAX_BYTES)
}

async fn receive(console: Console, multipart: Multipart) -> PageResult {
    let limit = limit(&console);
    let received = match multipart.file(FILE, limit) {
        Ok((reading, content)) => {
            let imports = &console.use_cases().roster_import;
            match join(reading, hold(imports, &console.actor, content, limit)).await {
                (_, Ok(Some(held))) => Ok(held),
                // The form's error is more specific than that the upload was incomplete.
                (Err(error), Err(ImportError::Read(ReadRosterError::Interrupted(_))) | Ok(None)) => {
                    Err(error)
                }
                (Ok(()), Ok(None)) => return nothing_chosen(&console).await,
                (_, Err(error)) => Err(error.into()),
            }
        }
        Err(error) => Err(error),
    };
    match received {
        Ok(held) => {
            let path = job::path(held.job.id);
            // In a separate task: it goes on when the browser goes away.
            rt::spawn(check(console.use_cases().roster_import.clone(), held));
            Ok(see_other(path))
        }
        Err(error) if is_about_the_file(&error) => ask(&console, Some(&error)).await,
        Err(error) => Err(error),
    }
}

/// Receives a file; `None` if none was chosen, for which browsers send an empty one.
async fn hold(
    imports: &RosterImport,
    actor: &Actor,
    content: ByteStream,
    limit: u64,
) -> Result<Option<HeldImport>, ImportError> {
    let mut content = content.peekable();
    if Pin::new(&mut content).peek().await.is_none() {
        return Ok(None);
    }
    imports.receive_to_hold(actor, content.boxed(), limit).await.map(Some)
}

async fn nothing_chosen(console: &Console) -> PageResult {
    ask(console, Some(&Invalid::one(FILE, FieldProblem::Missing).into())).await
}

/// Whether another file would help.
fn is_about_the_file(error: &ApiError) -> bool {
    matches!(error, ApiError::BodyTooLarge | ApiError::Roster(_) | ApiError::Domain(Error::Invalid(_)))
}

/// Checks a file and holds it until its import.
async fn check(imports: RosterImport, held: HeldImport) {
    let id = held.job.id;
    if let Err(error @ ImportError::Domain(_)) = imports.check_and_hold(held).await {
        tracing::error!(%error, import = %id, "an import failed");
    }
}

async fn template(console: Console) -> PageResult {
    let workbook = console.use_cases().roster_import.template(&console.actor).await?;
    Ok(file("yilin-roster.xlsx", WORKBOOK, workbook, Disclosure::nothing()))
}

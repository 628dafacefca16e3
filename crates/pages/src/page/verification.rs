//! The verification of the audit log: the last one, the one that is running, and the start of another.

use std::borrow::Cow;
use std::fmt::Write as _;

use actix_web::rt;
use askama::Template;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::AuditAction::{Execute, Read};
use yilin_domain::audit::{FaultName, FaultSummary, VerificationResult, VerificationRun};
use yilin_domain::error::Error;
use yilin_domain::usecase::AuditLog;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::NoFields;
use yilin_web::route::{Record, Route, get, post};

use crate::answer::{Answer, PageResult, View, page, see_other, text_file};
use crate::console::Console;
use crate::form::{Form, Posted, Sent};
use crate::parts::When;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(super) const PATH: &str = "/console/audit/verification";
const HEADS: &str = "/console/audit/heads";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(PATH, "consoleVerificationPage", show).audited(Read, "audit_event", Record::Search),
        post(PATH, "consoleVerification", start).audited(Execute, "audit_event", Record::Search),
        get(HEADS, "consoleAuditHeads", heads).errors([Error::NotFound]).audited(
            Read,
            "audit_event",
            Record::Search,
        ),
    ]
}

/// A verification that is running.
struct Running {
    started: When,
    by: String,
    chains: u64,
    of_chains: u64,
    about: Cow<'static, str>,
}

/// The result of one.
struct Outcome {
    ended: When,
    by: Cow<'static, str>,
    is_intact: bool,
    facts: Vec<(Cow<'static, str>, u64)>,
    faults: Vec<FaultRow>,
    more_faults: bool,
    has_heads: bool,
}

/// Where a chain is faulty.
struct FaultRow {
    chain: String,
    sequence: u64,
    what: Cow<'static, str>,
}

#[derive(Template)]
#[template(path = "page/verification.html")]
struct VerificationPage {
    ui: Ui,
    running: Option<Running>,
    last: Option<Outcome>,
    form: Form,
}

impl VerificationPage {
    const HEADS: &'static str = HEADS;
    const PATH: &'static str = PATH;
}

impl Discloses for VerificationPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}

impl View for VerificationPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(console: Console) -> PageResult {
    let state = console.use_cases().audit.verification(&console.actor).await?;
    let running = match &state.running {
        Some(run) => Some(running(run, &console).await?),
        None => None,
    };
    let last = match &state.last {
        Some(result) => Some(outcome(result, &console).await?),
        None => None,
    };
    let form = Form::of(&console, PATH, &Sent::default(), console.texts.text("audit-verify"));
    page(&VerificationPage { ui: console.ui(Section::Audit, "audit-verification"), running, last, form })
}

async fn start(posted: Posted<NoFields>) -> PageResult {
    let console = posted.console;
    let audit = console.use_cases().audit.clone();
    // If one is running already, the page shows it.
    if let Ok(run) = audit.begin_verification(&console.actor).await? {
        // In a task of its own: it continues when the browser goes away.
        rt::spawn(verify(audit, run));
    }
    Ok(see_other(PATH))
}

async fn verify(audit: AuditLog, run: VerificationRun) {
    if let Err(error) = audit.run_verification(run).await {
        tracing::error!(%error, "a verification of the audit log failed");
    }
}

/// The heads of the chains, for a place that nobody who can change the database can change.
async fn heads(console: Console) -> PageResult {
    let state = console.use_cases().audit.verification(&console.actor).await?;
    let last = state.last.ok_or(Error::NotFound)?;
    let mut text = String::new();
    for head in &last.heads {
        writeln!(text, "{head}").map_err(yilin_web::error::ApiError::internal)?;
    }
    let name = format!("yilin-audit-heads-{}.txt", console.time().zone.day(last.ended_at));
    let file: Answer = text_file(&name, text);
    Ok(file)
}

async fn running(run: &VerificationRun, console: &Console) -> Result<Running, Error> {
    let progress = run.progress;
    Ok(Running {
        started: console.clock().moment(run.started_at),
        by: name(run.started_by, console).await?,
        chains: progress.chains,
        of_chains: progress.chains_to_verify,
        about: console.texts.with_all(
            "audit-progress",
            &[("chains", &progress.chains), ("all", &progress.chains_to_verify), ("n", &progress.entries)],
        ),
    })
}

async fn outcome(result: &VerificationResult, console: &Console) -> Result<Outcome, Error> {
    let texts = console.texts;
    let by = match result.started_by {
        Some(uuid) => name(uuid, console).await?.into(),
        None => texts.text("audit-by-command"),
    };
    let shown = u64::try_from(result.first_faults.len()).unwrap_or(u64::MAX);
    Ok(Outcome {
        ended: console.clock().moment(result.ended_at),
        by,
        is_intact: result.is_intact(),
        facts: vec![
            (texts.text("audit-chains"), result.chains),
            (texts.text("audit-entries"), result.entries),
            (texts.text("audit-faults"), result.faults),
            (texts.text("audit-unlinked"), result.unlinked),
            (texts.text("audit-removed"), result.removed),
        ],
        faults: result.first_faults.iter().map(|fault| FaultRow::new(fault, texts)).collect(),
        more_faults: result.faults > shown,
        has_heads: !result.heads.is_empty(),
    })
}

/// The name of who started it.
async fn name(uuid: AccountUuid, console: &Console) -> Result<String, Error> {
    match console.use_cases().people.find(&console.actor, uuid).await {
        Ok(account) => Ok(account.username.as_str().to_owned()),
        Err(Error::NotFound) => Ok(uuid.to_string()),
        Err(error) => Err(error),
    }
}

impl FaultRow {
    fn new(fault: &FaultSummary, texts: Texts) -> Self {
        let what = match fault.name {
            FaultName::Missing => "audit-fault-missing",
            FaultName::Unlinked => "audit-fault-unlinked",
            FaultName::Changed => "audit-fault-changed",
            FaultName::Unreadable => "audit-fault-unreadable",
            FaultName::Misfiled => "audit-fault-misfiled",
            FaultName::NotTheKeptHead => "audit-fault-head",
            FaultName::CutOff => "audit-fault-cut-off",
            FaultName::NoOpening => "audit-fault-opening",
            FaultName::NoSuchChain => "audit-fault-chain",
        };
        Self { chain: fault.chain.to_string(), sequence: fault.sequence, what: texts.text(what) }
    }
}

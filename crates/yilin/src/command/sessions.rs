//! `yilin admin sessions` and `yilin admin end-sessions`.

use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{AuditAction, session_digest};
use yilin_domain::port::Clock as _;
use yilin_domain::session::{SessionId, SessionSelection};

use crate::audit::{CommandLog, record_command};
use crate::error::StartError;
use crate::output::say;
use crate::parts::{Parts, database_error};
use crate::settings::Settings;

/// Maximum number of sessions listed.
const LISTED: u16 = 1000;

/// Lists the active sessions of an account, or of all accounts, newest first.
pub(crate) async fn list_sessions(
    settings: &Settings,
    account: Option<AccountUuid>,
) -> Result<(), StartError> {
    let opened = Parts::open(settings).await?;
    let selection = account.map_or(SessionSelection::All, SessionSelection::Of);
    let entity = entity(selection);
    record_command(settings, &opened, "admin sessions", AuditAction::Read, entity).await?;
    let running = opened.storage.sessions().running(selection, opened.clock.now(), LISTED).await;
    let running = running.map_err(|source| database_error(settings, source))?;
    let mut accounts: Vec<_> = running.iter().map(|session| session.account).collect();
    accounts.dedup();
    let accounts = opened.storage.accounts().find_all(&accounts).await;
    let accounts = accounts.map_err(|source| database_error(settings, source))?;
    for session in &running {
        let owner = accounts.iter().find(|account| account.uuid == session.account);
        let (name, role) = owner.map_or(("?", "?"), |owner| (owner.username.as_str(), owner.role.as_str()));
        let (began, ends) =
            (settings.zone.render(session.started_at), settings.zone.render(session.expires_at));
        say!(
            "{}  {}  {role} {name}  {began} – {ends}  {}",
            session.id,
            session.account,
            session.client_address
        );
    }
    let many = if running.len() == usize::from(LISTED) { "最新的 / the newest " } else { "" };
    say!("{many}{0} 个会话 / {0} sessions", running.len());
    Ok(())
}

/// Ends a session, an account's sessions, or all of them. Running instances reject them within 2 seconds.
pub(crate) async fn end_sessions(settings: &Settings, selection: SessionSelection) -> Result<(), StartError> {
    let opened = Parts::open(settings).await?;
    let entity = entity(selection);
    let log = CommandLog::open(settings, &opened, "admin end-sessions", AuditAction::Update, entity).await?;
    let (now, entry) = (opened.clock.now(), Some(log.entry(&opened)));
    let ended = opened.storage.sessions().end_running(selection, now, entry).await;
    log.close().await;
    let ended = ended.map_err(|source| database_error(settings, source))?;
    say!("已结束 {ended} 个会话 / ended {ended} sessions");
    Ok(())
}

/// What the audit log calls the selected sessions.
fn entity(selection: SessionSelection) -> (&'static str, String) {
    match selection {
        SessionSelection::All => ("session", "all".to_owned()),
        SessionSelection::Of(account) => ("account", account.to_string()),
        SessionSelection::One(session) => ("session", session_digest(session)),
    }
}

/// Parses the selection of `yilin admin end-sessions`: a session id, an account id, or `all`.
pub(crate) fn parse_selection(text: &str) -> Result<SessionSelection, NoSelection> {
    if text == "all" {
        return Ok(SessionSelection::All);
    }
    let session = SessionId::parse(text).map(SessionSelection::One);
    let account = || AccountUuid::parse(text).ok().map(SessionSelection::Of);
    session.or_else(account).ok_or(NoSelection)
}

/// Parses an account id.
pub(crate) fn parse_account(text: &str) -> Result<AccountUuid, NoAccount> {
    AccountUuid::parse(text).map_err(|_| NoAccount)
}

/// The text is not a valid selection of sessions.
#[derive(Debug, thiserror::Error)]
#[error(
    "须为会话标识（32 位十六进制）、账号标识（8 位）或 all / must be a session id (32 hexadecimal digits), an account id (8), or all"
)]
pub(crate) struct NoSelection;

/// The text is not an account id.
#[derive(Debug, thiserror::Error)]
#[error("须为账号标识：8 位十六进制 / must be an account id of 8 hexadecimal digits")]
pub(crate) struct NoAccount;

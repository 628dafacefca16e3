//! `yilin admin reset-password`.

use yilin_domain::account::{AccountChanges, NewPassword, PasswordChange};
use yilin_domain::audit::AuditAction;
use yilin_domain::error::Error;
use yilin_domain::port::Clock as _;

use crate::audit::CommandLog;
use crate::error::StartError;
use crate::output::say;
use crate::parts::{Parts, database_error};
use crate::settings::Settings;

/// Sets the password of the configured admin to the configured one, and ends the admin's sessions: for
/// operators who have lost access, or whose password is not allowed.
pub(crate) async fn reset_password(settings: &Settings) -> Result<(), StartError> {
    let password = settings.admin_password.reveal();
    NewPassword::chosen(password, settings.initial_password.reveal())
        .map_err(|_| StartError::NoNewPassword)?;
    let opened = Parts::open(settings).await?;
    let ports = opened.usual_ports();
    let name = &settings.admin_username;
    let no_such_admin = || StartError::NoSuchAdmin { name: name.as_str().to_owned() };
    let admin = ports.accounts.credentials_by_admin_name(name).await;
    let admin = admin.map_err(|source| database_error(settings, source))?.ok_or_else(no_such_admin)?;
    let account = ("account", admin.account.uuid.to_string());
    let log =
        CommandLog::open(settings, &opened, "admin reset-password", AuditAction::Update, account).await?;
    let hash = ports.hasher.turn().await.map_err(Error::from)?.hash(password).await.map_err(Error::from)?;
    let password = PasswordChange { hash, must_change: false, keep_session: None };
    let changes = AccountChanges { password: Some(password), ..AccountChanges::default() };
    let (now, entry) = (opened.clock.now(), Some(log.entry(&opened)));
    let updated = ports.accounts.update(admin.account.uuid, changes, now, entry).await;
    log.close().await;
    let account = updated.map_err(|source| database_error(settings, source))?.ok().flatten();
    let account = account.ok_or_else(no_such_admin)?;
    say!("管理员 {0} 的密码已重设 / the password of {0} has been reset", name.as_str());
    if account.disabled {
        say!("该账户已停用，须由其他管理员启用 / the account is disabled; another admin has to enable it");
    }
    Ok(())
}

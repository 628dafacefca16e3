//! Checks before the service is exposed to other machines: well-known passwords and public IPFS nodes.

use yilin_domain::account::PersonName;
use yilin_domain::port::Ports;
use yilin_domain::usecase::{UseCases, is_default_password};
use yilin_ipfs::{KuboStore, NodeError, OpenStoreError};

use crate::parts::{DatabaseError, Parts, database_error, embedded_store};
use crate::settings::{ADMIN_PASSWORD, Settings, Words};
use crate::text::{indented, with_causes};

/// Why the service must not start, or not with this Kubo node.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GuardError {
    /// The service would be open to anyone.
    #[error(transparent)]
    Refused(#[from] Refusals),
    /// The Kubo node would publish patients' files.
    #[error(
        "该 Kubo 节点有引导节点并开启了路由，患者文件会暴露到公共网络；请改用私有网络（见 docs/operations.md），若确在\
         私有网络中，请设置 YILIN_IPFS_PRIVATE=yes / the Kubo node has bootstrap peers and routing, so it would offer \
         patients' files to the public network: put it into a private one (docs/operations.md), or set \
         YILIN_IPFS_PRIVATE=yes if it is in one"
    )]
    PublicNode,
    /// The node does not accept files.
    #[error("Kubo 节点不可用 / the Kubo node is not usable (YILIN_IPFS_API)")]
    Node(#[source] NodeError),
    /// The file store cannot be opened.
    #[error("无法打开文件库 / cannot open the file store (YILIN_DATA_DIR)")]
    Files(#[from] OpenStoreError),
    /// The files folder cannot be read.
    #[error("无法读取文件夹 / cannot read the files folder")]
    ListFiles(#[source] std::io::Error),
    /// A database operation failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Passwords could not be checked.
    #[error("无法检查默认密码 / default passwords cannot be checked")]
    UseCase(#[from] yilin_domain::error::Error),
}

/// Why the service does not start outside a private installation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// Imported accounts would get a well-known password.
    #[error(
        "初始密码仍是默认值，请设置 YILIN_INITIAL_PASSWORD / the initial password is the default: set \
         YILIN_INITIAL_PASSWORD"
    )]
    InitialPassword,
    /// The admin would be created with a password that the API does not allow.
    #[error(
        "管理员密码仍是默认值或初始密码，或不足 6 字节，请设置 YILIN_ADMIN_PASSWORD / the admin's password is the default or \
         the initial password, or has fewer than 6 bytes: set YILIN_ADMIN_PASSWORD"
    )]
    NewAdmin,
    /// An admin has a password that the API does not allow.
    #[error(
        "管理员 {0} 的密码仍是默认值或初始密码，或不足 6 字节，请设置 YILIN_ADMIN_PASSWORD 并运行 yilin admin reset-password / \
         the password of the admin {0} is still a default or the initial password, or has fewer than 6 bytes: set \
         YILIN_ADMIN_PASSWORD and run `yilin admin reset-password` (YILIN_ADMIN_USERNAME={0})"
    )]
    StoredAdmin(String),
}

/// All reasons; never empty.
#[derive(Debug, thiserror::Error)]
#[error(
    "服务对外开放（监听地址或对外网址不是回环地址），不能这样启动 / the service would be reachable from outside \
     (YILIN_BIND or YILIN_PUBLIC_URL is not loopback), so it does not start:{}", indented(.0)
)]
pub(crate) struct Refusals(Vec<Refusal>);

/// Rejects passwords that the API does not allow, outside a private installation. Called before the first
/// admin is created, so that no account with such a password is left behind.
pub(crate) async fn refuse_default_passwords(
    settings: &Settings,
    ports: &Ports,
    use_cases: &UseCases,
) -> Result<(), GuardError> {
    if settings.is_private() {
        return Ok(());
    }
    let mut refusals = Vec::new();
    if is_default_password(settings.initial_password.reveal()) {
        refusals.push(Refusal::InitialPassword);
    }
    let configured = settings.admin_password.reveal();
    let has_admin = !ports.accounts.admins().await.map_err(yilin_domain::error::Error::from)?.is_empty();
    if !has_admin && use_cases.setup.refuses(configured) {
        refusals.push(Refusal::NewAdmin);
    }
    let stored = use_cases.setup.admins_with_refused_password(configured).await?;
    refusals.extend(stored.iter().map(|name| Refusal::StoredAdmin(name.as_str().to_owned())));
    if refusals.is_empty() { Ok(()) } else { Err(Refusals(refusals).into()) }
}

/// Rejects a Kubo node that belongs to the public network. An unreachable one is checked again before it gets
/// any file.
pub(crate) async fn refuse_public_node(kubo: &KuboStore) -> Result<(), GuardError> {
    match check_node(kubo).await {
        Err(GuardError::Node(error)) => {
            let error = with_causes(&error);
            tracing::warn!(error, "the Kubo node is not usable; uploads are queued locally");
            Ok(())
        }
        checked => checked,
    }
}

/// Checks whether the Kubo node may store files.
pub(crate) async fn check_node(kubo: &KuboStore) -> Result<(), GuardError> {
    kubo.check().await.map_err(|error| match error {
        NodeError::Public => GuardError::PublicNode,
        error => GuardError::Node(error),
    })
}

/// Warns if the embedded store has files that the Kubo node lacks.
pub(crate) async fn warn_of_files_left_behind(settings: &Settings, opened: &Parts) -> Result<(), GuardError> {
    /// Number of files checked: usually either all or none are in the node.
    const SAMPLE: usize = 100;
    let pins = opened.storage.pins();
    for cid in embedded_store(settings)?.list(SAMPLE).await.map_err(GuardError::ListFiles)? {
        if pins.pin(&cid).await.map_err(|source| database_error(settings, source))?.is_none() {
            tracing::warn!("files of the embedded store are not in the Kubo node: run `yilin files push`");
            break;
        }
    }
    Ok(())
}

/// Warns about settings that are allowed but problematic.
pub(crate) fn warn(settings: &Settings) {
    for name in &settings.without_effect {
        tracing::warn!(setting = name, "this setting has no effect: one that it requires is missing");
    }
    for (setting, chars) in [
        ("YILIN_ADMIN_USERNAME", length_of(&settings.admin_username)),
        ("YILIN_ADMIN_PASSWORD", settings.admin_password.reveal().chars().count()),
    ] {
        if !(5..=16).contains(&chars) {
            tracing::warn!(setting, chars, "the console's form only accepts 5 to 16 characters");
        }
    }
    if settings.bcrypt_cost < 10 && !settings.is_private() {
        tracing::warn!(cost = settings.bcrypt_cost, "YILIN_BCRYPT_COST is too low for real passwords");
    }
}

fn length_of(name: &PersonName) -> usize {
    name.as_str().chars().count()
}

/// A hint to the admin's password.
pub(crate) fn password_hint(settings: &Settings) -> String {
    if settings.is_private() && is_default_password(settings.admin_password.reveal()) {
        return format!("初始密码 initial password: {}", settings.admin_password.reveal());
    }
    let set = Words { zh: "密码由管理员设定", en: "password as set" };
    format!("{set} ({})", ADMIN_PASSWORD.variable())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::INITIAL_PASSWORD;

    #[test]
    fn every_refusal_says_what_to_set() {
        let refusals = Refusals(vec![Refusal::InitialPassword, Refusal::StoredAdmin("admin".to_owned())]);
        let message = refusals.to_string();
        assert!(message.contains(&INITIAL_PASSWORD.variable()), "{message}");
        assert!(message.contains(&ADMIN_PASSWORD.variable()), "{message}");
        assert_eq!(message.lines().count(), 3, "{message}");
    }
}

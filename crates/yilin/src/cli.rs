//! The command line.

use std::path::PathBuf;

use yilin_domain::account::AccountUuid;
use yilin_domain::audit::ChainHead;
use yilin_domain::session::SessionSelection;

use crate::command::{self, EventSelection, ImportArguments};
use crate::settings::Flags;

/// 医邻助手：社区家庭医生服务 / Yilin: the service behind community family-doctor care
#[derive(Debug, clap::Parser)]
#[command(name = "yilin", version, max_term_width = 110)]
pub(crate) struct Cli {
    /// The command; `serve` by default.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Settings given as flags.
    #[command(flatten)]
    pub(crate) flags: Flags,
}

/// The commands.
#[derive(Debug, Default, Clone, clap::Subcommand)]
pub(crate) enum Command {
    /// 启动服务（默认） / start the service (the default)
    #[default]
    Serve,
    /// 填充演示数据，仅限空库 / fill an empty database with demo data
    Demo,
    /// 导入名单 / import a roster of patients and physicians
    Import(ImportArguments),
    /// 管理员密码与登录会话 / admin password and sessions
    #[command(subcommand)]
    Admin(AdminCommand),
    /// 管理文件 / manage files
    #[command(subcommand)]
    Files(FilesCommand),
    /// 审计日志 / the audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// 未能送达的事件 / events that were not delivered to `YILIN_WEBHOOK_URL`
    #[command(subcommand)]
    Webhooks(WebhooksCommand),
    /// 输出 OpenAPI 文档 / print the OpenAPI document
    Openapi,
}

/// Commands for operators to recover and revoke access.
#[derive(Debug, Clone, Copy, clap::Subcommand)]
#[expect(clippy::doc_markdown, reason = "clap prints these comments")]
pub(crate) enum AdminCommand {
    /// 用 YILIN_ADMIN_PASSWORD 重设管理员密码 / set the admin password to YILIN_ADMIN_PASSWORD
    ResetPassword,
    /// 列出登录会话 / list active sessions
    Sessions {
        /// 只列此账号（8 位标识） / only of this account (8 hexadecimal digits)
        #[arg(long, value_parser = command::parse_account)]
        account: Option<AccountUuid>,
    },
    /// 结束登录会话，两秒内生效 / end sessions, effective within two seconds
    EndSessions {
        /// 会话标识、账号标识或 all / session id, account id, or all
        #[arg(value_parser = command::parse_selection)]
        selection: SessionSelection,
    },
}

/// Commands for files.
#[derive(Debug, Clone, Copy, clap::Subcommand)]
pub(crate) enum FilesCommand {
    /// 把本机文件夹中的文件全部添加到 Kubo 并核对 CID / add every file of the data folder to Kubo and verify its CID
    Push {
        /// 已添加过的也重新添加 / also files that were added before
        #[arg(long)]
        again: bool,
    },
}

/// Commands for the audit log.
#[derive(Debug, Clone, clap::Subcommand)]
pub(crate) enum AuditCommand {
    /// 校验每条哈希链并输出链头 / verify every hash chain and print the heads, to be stored elsewhere
    Verify {
        /// 以前输出并另行保存的链头，可重复 / a head printed earlier and stored elsewhere; may be repeated
        #[arg(long, value_name = "CHAIN:SEQUENCE:HASH", value_parser = head, num_args = 1..)]
        head: Vec<ChainHead>,
    },
    /// 导出并移除超过 `YILIN_AUDIT_KEEP` 的整条链 / export and remove whole chains older than `YILIN_AUDIT_KEEP`
    Expire {
        /// 导出到此新文件（JSON 行） / new file for the export (JSON lines)
        #[arg(long, value_name = "FILE")]
        export: PathBuf,
    },
}

/// Operations on given-up webhook deliveries.
#[derive(Debug, Clone, Copy, clap::Subcommand)]
pub(crate) enum WebhooksCommand {
    /// 列出已放弃的事件 / list the events that were given up
    List,
    /// 重新发送 / send them again
    Retry {
        /// 事件编号或 all / an event's id, or all
        #[arg(value_parser = command::parse_event)]
        which: EventSelection,
    },
}

fn head(text: &str) -> Result<ChainHead, NotAHead> {
    ChainHead::parse(text).ok_or(NotAHead)
}

/// The text is not a head.
#[derive(Debug, thiserror::Error)]
#[error("须为 链:序号:哈希 / must be CHAIN:SEQUENCE:HASH, as printed by `yilin audit verify`")]
struct NotAHead;

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;

    #[test]
    fn flags_go_before_or_after_the_command_and_serve_is_the_default() {
        Cli::command().debug_assert();
        assert!(Cli::parse_from(["yilin", "--bind", "[::1]:1"]).command.is_none());
        assert!(matches!(Cli::parse_from(["yilin", "demo", "--data-dir", "x"]).command, Some(Command::Demo)));
        assert!(Cli::try_parse_from(["yilin", "--jwt-secret", "x"]).is_err());
    }
}

use std::path::PathBuf;

use yilin_domain::account::AccountUuid;
use yilin_domain::audit::ChainHead;
use yilin_domain::session::SessionSelection;

use crate::command::{self, ImportArguments};
use crate::settings::Flags;

/// 医邻助手：社区家庭医生服务 / Yilin: the service behind community family-doctor care
#[derive(Debug, clap::Parser)]
#[command(name = "yilin", version, max_term_width = 110)]
pub(crate) struct Cli {
    /// What to do; `serve` if nothing is said.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// The settings that were given as flags.
    #[command(flatten)]
    pub(crate) flags: Flags,
}

/// What the binary can do.
#[derive(Debug, Default, Clone, clap::Subcommand)]
pub(crate) enum Command {
    /// 启动服务（默认） / start the service (the default)
    #[default]
    Serve,
    /// 填充演示数据，仅限空库 / fill an empty database with a small hospital
    Demo,
    /// 导入名单 / import a roster of patients and physicians
    Import(ImportArguments),
    /// 管理员密码与登录会话 / the admin's password, and sessions
    #[command(subcommand)]
    Admin(AdminCommand),
    /// 管理文件 / manage files
    #[command(subcommand)]
    Files(FilesCommand),
    /// 审计日志 / the audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// 输出 OpenAPI 文档 / print the OpenAPI document
    Openapi,
}

/// What whoever runs the machine can do about access.
#[derive(Debug, Clone, Copy, clap::Subcommand)]
#[expect(clippy::doc_markdown, reason = "clap prints these comments")]
pub(crate) enum AdminCommand {
    /// 用 YILIN_ADMIN_PASSWORD 重设管理员密码 / set the admin's password to YILIN_ADMIN_PASSWORD
    ResetPassword,
    /// 列出登录会话 / list the running sessions
    Sessions {
        /// 只列此账号（8 位标识） / of this account alone (8 hexadecimal digits)
        #[arg(long, value_parser = command::parse_account)]
        account: Option<AccountUuid>,
    },
    /// 结束登录会话，两秒内生效 / end sessions, within two seconds
    EndSessions {
        /// 会话标识、账号标识或 all / a session's id, an account's, or all
        #[arg(value_parser = command::parse_selection)]
        selection: SessionSelection,
    },
}

/// What can be done with files.
#[derive(Debug, Clone, Copy, clap::Subcommand)]
pub(crate) enum FilesCommand {
    /// 把本机文件夹中的文件全部添加到 Kubo 并核对 CID / add every file of the data folder to Kubo and verify its CID
    Push {
        /// 已添加过的也重新添加 / also those that were added before
        #[arg(long)]
        again: bool,
    },
}

/// What can be done with the audit log.
#[derive(Debug, Clone, clap::Subcommand)]
pub(crate) enum AuditCommand {
    /// 校验每条哈希链并输出链头 / verify every hash chain; print the heads, to be kept elsewhere
    Verify {
        /// 以前输出并另行保存的链头，可重复 / a head that was printed earlier and kept elsewhere; may be repeated
        #[arg(long, value_name = "CHAIN:SEQUENCE:HASH", value_parser = head, num_args = 1..)]
        head: Vec<ChainHead>,
    },
    /// 导出并移除超过 `YILIN_AUDIT_KEEP` 的整条链 / export and remove whole chains that are older than `YILIN_AUDIT_KEEP`
    Expire {
        /// 导出到此新文件（JSON 行） / the new file that they are exported to, as lines of JSON
        #[arg(long, value_name = "FILE")]
        export: PathBuf,
    },
}

fn head(text: &str) -> Result<ChainHead, NotAHead> {
    ChainHead::parse(text).ok_or(NotAHead)
}

/// The text is no head.
#[derive(Debug, thiserror::Error)]
#[error("须为 链:序号:哈希 / must be CHAIN:SEQUENCE:HASH, as `yilin audit verify` prints it")]
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

//! The command line.

mod language;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{CommandFactory as _, FromArgMatches as _};
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::ChainHead;
use yilin_domain::session::SessionSelection;

use crate::command::{
    self, BackupArguments, DoctorArguments, EventSelection, HeadsArguments, ImportArguments, RestoreArguments,
};
use crate::settings::{Database, Flags};

pub(crate) use language::Language;

/// 医邻助手：社区家庭医生服务 / Yilin: the service behind community family-doctor care
#[derive(Debug, clap::Parser)]
#[command(name = "yilin", version, max_term_width = 80, disable_help_subcommand = true)]
#[command(
    after_help = "每个设置也是一个参数，如 --bind；yilin config --explain 列出全部设置。 / Every setting is a flag, too, as --bind is: \
`yilin config --explain` lists all."
)]
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
    /// 备份数据库、文件和密钥，服务无需停止 / back up database, files and secrets while the service runs
    Backup(BackupArguments),
    /// 将备份恢复到空库 / restore a backup into an empty database
    Restore(RestoreArguments),
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
    /// 检查设置、数据库、文件、模型、磁盘等 / examine settings, database, files, model, disk and more
    Doctor(DoctorArguments),
    /// 升级数据库的表，或迁移到另一数据库 / bring the database's tables up to date, or move it elsewhere
    Migrate(MigrateArguments),
    /// 列出生效的设置及其来源 / show the settings in effect and where each comes from
    Config {
        /// 同时说明每个设置 / with what each setting is, and its variable and flag
        #[arg(long)]
        explain: bool,
    },
    /// 输出命令补全脚本 / print a completion script
    Completions {
        /// 命令行解释器 / for this shell
        shell: clap_complete::Shell,
    },
    /// 输出 OpenAPI 文档 / print the OpenAPI document
    #[command(hide = true)]
    Openapi,
}

/// How tables are brought up to date.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct MigrateArguments {
    /// 只检查；需要升级时退出码为 1 / only look; exit code 1 if there is something to do
    #[arg(long)]
    pub(crate) check: bool,
    /// 从此数据库迁移全部数据（先停止服务） / move all from this database (stop the service first)
    #[arg(long, value_name = "URL", value_parser = parse_database, conflicts_with = "check")]
    pub(crate) from: Option<Database>,
    /// 到此空库，默认为设置中的数据库 / to this empty one, by default the one of the settings
    #[arg(long, value_name = "URL", value_parser = parse_database, requires = "from")]
    pub(crate) to: Option<Database>,
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
    /// 校验并将链头保存到别处 / verify, and keep the heads elsewhere
    Heads(HeadsArguments),
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

impl Cli {
    /// Reads the command line, or ends the process with help or what is wrong.
    pub(crate) fn read() -> Self {
        let parsed = Self::parse_in(Language::of_environment(), std::env::args_os());
        parsed.unwrap_or_else(|error| error.exit())
    }

    fn parse_in(
        language: Language,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, clap::Error> {
        let matches = language.speak(Self::command()).try_get_matches_from(arguments)?;
        Self::from_arg_matches(&matches)
    }
}

fn parse_database(text: &str) -> Result<Database, NotADatabase> {
    Database::parse(text).map_err(|_| NotADatabase)
}

/// The text is not a database URL.
#[derive(Debug, thiserror::Error)]
#[error(
    "须为 sqlite:文件 或 mysql://用户:密码@主机:端口/库名 / must be sqlite:FILE or mysql://user:pass@host:port/db"
)]
struct NotADatabase;

fn head(text: &str) -> Result<ChainHead, NotAHead> {
    ChainHead::parse(text).ok_or(NotAHead)
}

/// The text is not a head.
#[derive(Debug, thiserror::Error)]
#[error("须为 链:序号:哈希 / must be CHAIN:SEQUENCE:HASH, as printed by `yilin audit verify`")]
struct NotAHead;

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[test]
    fn flags_go_before_or_after_the_command_and_serve_is_the_default() {
        Cli::command().debug_assert();
        assert!(Cli::parse_from(["yilin", "--bind", "[::1]:1"]).command.is_none());
        assert!(matches!(Cli::parse_from(["yilin", "demo", "--data-dir", "x"]).command, Some(Command::Demo)));
        assert!(Cli::try_parse_from(["yilin", "--jwt-secret", "x"]).is_err());
    }

    /// The help of a command and of all below it, each with its name.
    fn helps(command: &clap::Command, language: Language, path: &[&str], found: &mut Vec<(String, String)>) {
        let path = [path, &[command.get_name()]].concat();
        let arguments = path.iter().skip(1).chain(&["--help"]).map(OsString::from);
        let arguments = std::iter::once(OsString::from("yilin")).chain(arguments);
        let help = Cli::parse_in(language, arguments).unwrap_err().to_string();
        found.push((path.join(" "), help));
        for below in command.get_subcommands() {
            helps(below, language, &path, found);
        }
    }

    /// How many columns of a terminal a line takes.
    fn width(line: &str) -> usize {
        line.chars().map(|c| if ('\u{2e80}'..='\u{ffef}').contains(&c) { 2 } else { 1 }).sum()
    }

    #[test]
    fn every_help_fits_a_terminal_of_80_by_24_and_is_in_one_language() {
        for language in [Language::Chinese, Language::English] {
            let mut found = Vec::new();
            helps(&Cli::command(), language, &[], &mut found);
            assert!(found.len() > 10);
            for (command, help) in found {
                // One is for the next prompt.
                assert!(help.lines().count() < 24, "{command}: {} lines\n{help}", help.lines().count());
                for line in help.lines() {
                    assert!(width(line) <= 80, "{command}: {} columns: {line}", width(line));
                }
                assert!(!help.contains(" / "), "{command} speaks two languages: {help}");
                let is_chinese = help.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                assert_eq!(is_chinese, language == Language::Chinese, "{command}: {help}");
            }
        }
    }
}

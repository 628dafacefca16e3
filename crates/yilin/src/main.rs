//! The binary: settings, command line, choice of adapters, start and stop.
//!
//! This crate only wires components. Rules belong to the domain, routes to the HTTP crate, SQL to the storage
//! crate.

#![deny(clippy::print_stderr, clippy::print_stdout)]

mod adapters;
mod audit;
mod background;
mod backup;
mod cli;
mod command;
mod descriptors;
mod error;
mod guard;
mod instance_lock;
mod logging;
mod output;
mod owner;
mod panics;
mod parts;
mod progress;
mod prompts;
mod secret;
mod settings;
mod steadiness;
mod stop;
mod supervisor;
mod text;

use std::path::Path;
use std::process::ExitCode;

use cli::{AdminCommand, AuditCommand, Cli, Command, FilesCommand, WebhooksCommand};
use error::StartError;
use output::tell;
use settings::{Places, Settings};
use text::with_causes;

fn main() -> ExitCode {
    let cli = Cli::read();
    let failures: Vec<_> = [run(&cli), output::finish()].into_iter().filter_map(Result::err).collect();
    for failure in &failures {
        tell!("yilin: {}", with_causes(failure));
    }
    failures.first().map_or(ExitCode::SUCCESS, StartError::exit_code)
}

fn run(cli: &Cli) -> Result<(), StartError> {
    let command = cli.command.clone().unwrap_or_default();
    match command {
        Command::Openapi => return command::openapi(),
        Command::Completions { shell } => {
            command::completions(shell);
            return Ok(());
        }
        _ => {}
    }
    let settings = settings(cli)?;
    if let Command::Config { explain } = command {
        command::config(&settings, explain);
        return Ok(());
    }
    logging::start(&settings);
    owner::become_owner(&settings.data_dir)?;
    panics::hide_messages();
    // actix needs its own kind of runtime; the storage brings another.
    actix_web::rt::System::new().block_on(async {
        match command {
            Command::Serve => command::serve(&settings).await,
            Command::Demo => command::demo(&settings).await,
            Command::Import(arguments) => command::import(&settings, &arguments).await,
            Command::Files(FilesCommand::Push { again }) => command::push_files(&settings, again).await,
            Command::Admin(admin) => match admin {
                AdminCommand::ResetPassword => command::reset_password(&settings).await,
                AdminCommand::Sessions { account } => command::list_sessions(&settings, account).await,
                AdminCommand::EndSessions { selection } => command::end_sessions(&settings, selection).await,
            },
            Command::Audit(AuditCommand::Verify { head }) => command::verify_audit(&settings, &head).await,
            Command::Audit(AuditCommand::Expire { export }) => {
                command::expire_audit(&settings, &export).await
            }
            Command::Webhooks(WebhooksCommand::List) => command::list_webhooks(&settings).await,
            Command::Webhooks(WebhooksCommand::Retry { which }) => {
                command::retry_webhooks(&settings, which).await
            }
            Command::Backup(arguments) => command::backup(&settings, &arguments).await,
            Command::Restore(arguments) => command::restore(&settings, &arguments).await,
            Command::Doctor(arguments) => command::doctor(&settings, arguments).await,
            Command::Audit(AuditCommand::Heads(arguments)) => {
                command::keep_heads(&settings, &arguments).await
            }
            Command::Migrate(arguments) => command::migrate(&settings, arguments).await,
            Command::Config { .. } | Command::Completions { .. } | Command::Openapi => Ok(()),
        }
    })
}

fn settings(cli: &Cli) -> Result<Settings, StartError> {
    // Invalid UTF-8 becomes replacement characters, which no setting allows, so that it is reported.
    let environment: Vec<_> = std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .collect();
    // Relative paths stay relative: they read better in messages.
    let places = Places { directory: Path::new(""), system_file: Path::new("/etc/yilin/yilin.toml") };
    Ok(Settings::load(&cli.flags, &environment, places)?)
}

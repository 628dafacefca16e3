//! `yilin completions`.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::{Cli, Language};
use crate::output;

/// Prints the script that completes this program's command line in a shell.
pub(crate) fn completions(shell: Shell) {
    let mut command = Language::of_environment().speak(Cli::command());
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "yilin", &mut script);
    output::write_all(&script);
}

//! The language of the help. Every text of the command line is written as `中文 / English`.

use clap::builder::StyledStr;

/// What stands between the two languages of a text.
const BETWEEN: &str = " / ";

/// A language of the people who run the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Chinese,
    English,
}

impl Language {
    /// What the environment asks for: Chinese where it says so, English otherwise.
    pub(crate) fn of_environment() -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).unwrap_or_default();
        Self::of_locale(&locale.to_string_lossy())
    }

    fn of_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("zh") { Self::Chinese } else { Self::English }
    }

    /// The part of a text that is in this language.
    pub(crate) fn of(self, text: &str) -> &str {
        match (text.split_once(BETWEEN), self) {
            (Some((chinese, _)), Self::Chinese) => chinese,
            (Some((_, english)), Self::English) => english,
            (None, _) => text,
        }
    }

    /// The command with its help, and that of all commands below it, in this language.
    pub(crate) fn speak(self, mut command: clap::Command) -> clap::Command {
        let styled = |text: Option<&StyledStr>| text.map(|text| self.of(&text.to_string()).to_owned());
        if let Some(about) = styled(command.get_about()) {
            command = command.about(about);
        }
        if let Some(after) = styled(command.get_after_help()) {
            command = command.after_help(after);
        }
        let command = command.mut_args(|argument| match styled(argument.get_help()) {
            Some(help) => argument.help(help),
            None => argument,
        });
        let (command, usage) = match self {
            Self::Chinese => (speak_chinese(command), "用法"),
            Self::English => (command, "Usage"),
        };
        let command = without_version(command);
        let command =
            command.help_template(format!("{{about}}\n{usage}: {{usage}}\n\n{{all-args}}{{after-help}}"));
        command.mut_subcommands(|below| self.speak(below))
    }
}

/// Gives the words that clap brings along in Chinese.
fn speak_chinese(command: clap::Command) -> clap::Command {
    let help = clap::Arg::new("help").short('h').long("help").help("显示帮助").action(clap::ArgAction::Help);
    let command = command.disable_help_flag(true).arg(help);
    command.subcommand_help_heading("命令").mut_args(|argument| {
        let heading = if argument.is_positional() { "参数" } else { "选项" };
        argument.help_heading(heading)
    })
}

/// Leaves `--version` out of the help, which has no line to spare.
fn without_version(command: clap::Command) -> clap::Command {
    if command.get_version().is_none() {
        return command;
    }
    let version =
        clap::Arg::new("version").short('V').long("version").action(clap::ArgAction::Version).hide(true);
    command.disable_version_flag(true).arg(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_picks_the_language() {
        for (locale, language) in [
            ("zh_CN.UTF-8", Language::Chinese),
            ("zh_TW", Language::Chinese),
            ("en_GB.UTF-8", Language::English),
            ("C.UTF-8", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
        assert_eq!(Language::Chinese.of("启动 / start"), "启动");
        assert_eq!(Language::English.of("启动 / start"), "start");
        assert_eq!(Language::English.of("Kubo RPC"), "Kubo RPC");
    }
}

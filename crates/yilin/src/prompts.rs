//! Prompts for the language model: the built-in ones, or the operator's.

use std::io;
use std::path::{Path, PathBuf};

use yilin_domain::usecase::ChatPolicy;

use crate::settings::LlmUse;

/// Maximum size of a prompt in bytes: every call sends it.
const MAX_BYTES: usize = 64 * 1024;

/// A prompt file is unusable.
#[derive(Debug, thiserror::Error)]
#[error("无法使用提示词文件 / cannot use the prompt {} (YILIN_LLM_PROMPTS)", .path.display())]
pub(crate) struct PromptError {
    path: PathBuf,
    source: io::Error,
}

/// The chat policy from the settings. In the prompts folder, `chat.txt` is the system prompt for
/// conversations without one, and `summary.txt` the prompt for summaries; both are optional.
pub(crate) fn chat_policy(settings: &LlmUse) -> Result<ChatPolicy, PromptError> {
    let policy = ChatPolicy {
        at_once: settings.calls_at_once,
        per_day: settings.calls_per_day,
        ..ChatPolicy::default()
    };
    let Some(folder) = &settings.prompts else { return Ok(policy) };
    let failed = |source| PromptError { path: folder.clone(), source };
    if !folder.metadata().map_err(failed)?.is_dir() {
        return Err(failed(io::ErrorKind::NotADirectory.into()));
    }
    Ok(ChatPolicy {
        prompt: read(&folder.join("chat.txt"))?,
        summary_prompt: read(&folder.join("summary.txt"))?.unwrap_or(policy.summary_prompt),
        ..policy
    })
}

/// The text of a prompt; `None` if the file is missing or empty.
fn read(path: &Path) -> Result<Option<String>, PromptError> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Ok(text) if text.len() > MAX_BYTES => Err(io::ErrorKind::FileTooLarge.into()),
        read => read,
    };
    let text = text.map_err(|source| PromptError { path: path.to_owned(), source })?;
    let text = text.trim_start_matches('\u{feff}').trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(prompts: Option<PathBuf>) -> Result<ChatPolicy, PromptError> {
        chat_policy(&LlmUse { max_request: 1, max_tokens: 1, calls_at_once: 3, calls_per_day: 4, prompts })
    }

    #[test]
    fn files_replace_the_built_in_prompts() {
        let folder = tempfile::tempdir().unwrap();
        let path = || Some(folder.path().to_owned());
        let ours = policy(None).unwrap();
        assert_eq!((ours.at_once, ours.per_day, ours.prompt), (3, 4, None));
        assert_eq!(policy(path()).unwrap().summary_prompt, ours.summary_prompt);
        std::fs::write(folder.path().join("summary.txt"), "\u{feff}总结\n").unwrap();
        std::fs::write(folder.path().join("chat.txt"), " \n").unwrap();
        let theirs = policy(path()).unwrap();
        assert_eq!((theirs.summary_prompt.as_str(), theirs.prompt), ("总结", None));
        std::fs::write(folder.path().join("chat.txt"), "你是助手").unwrap();
        assert_eq!(policy(path()).unwrap().prompt.as_deref(), Some("你是助手"));
        std::fs::write(folder.path().join("chat.txt"), [0xff]).unwrap();
        assert!(policy(path()).unwrap_err().to_string().contains("chat.txt"));
        std::fs::write(folder.path().join("chat.txt"), "长".repeat(30_000)).unwrap();
        assert!(policy(path()).is_err());
        assert!(policy(Some(folder.path().join("chat.txt"))).is_err(), "no folder");
        assert!(policy(Some(folder.path().join("nothing"))).is_err());
    }
}

//! What the language model is told: ours, or what the people who run the service put in its place.

use std::io;
use std::path::{Path, PathBuf};

use yilin_domain::usecase::ChatPolicy;

use crate::settings::LlmUse;

/// The most bytes of a prompt: every call sends it.
const MAX_BYTES: usize = 64 * 1024;

/// Why a prompt cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("无法使用提示词文件 / cannot use the prompt {} (YILIN_LLM_PROMPTS)", .path.display())]
pub(crate) struct PromptError {
    path: PathBuf,
    source: io::Error,
}

/// How the model is used, by the settings. Of the prompts' folder, `chat.txt` is what the model is told
/// before conversations that tell it nothing, and `summary.txt` what it is told when it is to
/// summarise; either may be missing.
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

/// A prompt's text; `None` if there is no such file or nothing in it.
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
    fn files_stand_in_for_our_prompts() {
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

//! The language of messages.

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};

/// The available languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// The default.
    Chinese,
    /// For clients that prefer English to Chinese.
    English,
}

impl Language {
    /// The language preferred by `Accept-Language` (RFC 9110 §12.5.4); Chinese if it names neither.
    pub fn of(headers: &HeaderMap) -> Self {
        let header = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut best = (Self::Chinese, 0.0);
        for range in header.split(',') {
            let (tag, quality) = match range.split_once(';') {
                Some((tag, parameter)) => (tag, quality(parameter)),
                None => (range, 1.0),
            };
            let primary = tag.trim().split('-').next().unwrap_or_default();
            let language = match primary.to_ascii_lowercase().as_str() {
                "zh" => Self::Chinese,
                "en" => Self::English,
                _ => continue,
            };
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }
}

fn quality(parameter: &str) -> f32 {
    parameter
        .trim()
        .strip_prefix("q=")
        .and_then(|value| value.trim().parse().ok())
        .filter(|quality| (0.0..=1.0).contains(quality))
        .unwrap_or(0.0)
}

impl Language {
    /// The notice shown before the answer if the user describes a possible emergency.
    pub const fn emergency_notice(self) -> &'static str {
        match self {
            Self::Chinese => {
                "⚠️ 您描述的情况可能危及生命：请立即拨打120急救电话，或请身边的人帮忙，不要等待，也不要自行前往医院。\n\n"
            }
            Self::English => {
                "⚠️ Your symptoms may be life-threatening: call 120 (emergency) now, or ask someone nearby to call. \
                 Do not wait, and do not travel to a hospital on your own.\n\n"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn the_preferred_of_both_languages_counts() {
        for (header, expected) in [
            ("", Language::Chinese),
            ("en", Language::English),
            ("en-US,en;q=0.9", Language::English),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("fr, en;q=0.5, zh;q=0.4", Language::English),
            ("fr", Language::Chinese),
            ("en;q=0", Language::Chinese),
            ("en;q=nonsense", Language::Chinese),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(header));
            assert_eq!(Language::of(&headers), expected, "{header}");
        }
    }
}

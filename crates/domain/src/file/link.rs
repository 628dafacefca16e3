//! Signed, expiring links to files.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::{ContentId, FileMention};
use crate::time::Timestamp;

/// The path segment of letters, digits, `-`, `_` and `.` that follows a CID in a file URL. Parsed, but not
/// verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileToken(String);

impl FileToken {
    /// The segment, if it is well-formed.
    pub fn parse(segment: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let plausible = (1..=128).contains(&segment.len()) && segment.bytes().all(allowed);
        plausible.then(|| Self(segment.to_owned()))
    }
}

/// Creates and verifies links that grant anyone who has them temporary read access to a file.
///
/// A link is `<public URL>/ipfs/<CID>/<expiry>.<signature>`: the expiry in hexadecimal seconds since 1970,
/// and an HMAC-SHA-256 over CID and expiry. `<img>` and `<video>` cannot send headers, hence the token in the
/// path; clients put links into page URLs unescaped, hence its alphabet.
#[derive(Clone)]
pub struct FileLinks {
    key: [u8; 32],
    base: String,
    lifetime: Duration,
}

impl FileLinks {
    /// Default lifetime of a link.
    pub const LIFETIME: Duration = Duration::from_secs(60 * 60);

    /// Links that start with this public URL. The signing key is derived from the service's secret for this
    /// purpose only.
    pub fn new(secret: &[u8], public_url: &str, lifetime: Duration) -> Self {
        let key = derive_key(secret, b"yilin file link v1");
        Self { key, base: public_url.trim_end_matches('/').to_owned(), lifetime }
    }

    /// A link to this content, valid from now on for [`Self::LIFETIME`] (or the configured lifetime).
    pub fn link(&self, cid: &ContentId, now: Timestamp) -> String {
        let expires = now.timestamp().saturating_add_unsigned(self.lifetime.as_secs());
        let signature = URL_SAFE_NO_PAD.encode(self.signature(cid, expires));
        format!("{}/ipfs/{cid}/{expires:x}.{signature}", self.base)
    }

    /// Whether this token was issued by this service for this content and has not expired.
    pub fn admits(&self, cid: &ContentId, token: &FileToken, now: Timestamp) -> bool {
        let Some((expires, signature)) = token.0.split_once('.') else { return false };
        let Ok(expires) = i64::from_str_radix(expires, 16) else { return false };
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
        // `verify_slice` compares in constant time.
        let genuine = self.mac(cid, expires).verify_slice(&signature).is_ok();
        genuine && now.timestamp() < expires
    }

    /// Whether the reference carries a valid token for its content.
    pub fn proves_access(&self, mention: &FileMention, now: Timestamp) -> bool {
        mention.token.as_ref().is_some_and(|token| self.admits(&mention.cid, token, now))
    }

    fn signature(&self, cid: &ContentId, expires: i64) -> [u8; 32] {
        self.mac(cid, expires).finalize().into_bytes().into()
    }

    fn mac(&self, cid: &ContentId, expires: i64) -> Hmac<Sha256> {
        let mut mac = keyed(&self.key);
        mac.update(&expires.to_be_bytes());
        mac.update(cid.as_str().as_bytes());
        mac
    }
}

/// Derives a key for one purpose from a secret of any length.
fn derive_key(secret: &[u8], purpose: &[u8]) -> [u8; 32] {
    let mut mac = keyed(&Sha256::digest(secret).into());
    mac.update(purpose);
    mac.finalize().into_bytes().into()
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    // HMAC pads a key shorter than the hash's block with zeros; padding it here allows the infallible
    // constructor.
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    Hmac::new(&block.into())
}

//! Signed, expiring links to files.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::link_token::{LinkTerms, SIZE};
use super::{ContentId, FileMention};
use crate::account::{AccountUuid, Role};
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

/// The account that a link is signed for, and the record that shows the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkGrant {
    /// The account that received the link.
    pub recipient: AccountUuid,
    /// Its role.
    pub role: Role,
    /// The record that shows the file; `None` for the link that an upload returns.
    pub record: Option<LinkedRecord>,
}

/// A record that shows a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkedRecord {
    /// Kind of record.
    pub kind: LinkedKind,
    /// Its id.
    pub id: i64,
    /// The patient that it is about.
    pub patient: AccountUuid,
}

/// The kinds of records that show files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkedKind {
    /// A medical record.
    MedicalRecord,
    /// A drug order.
    DrugOrder,
}

impl LinkedKind {
    /// Name in the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MedicalRecord => "medical_record",
            Self::DrugOrder => "drug_order",
        }
    }
}

/// Creates and verifies links that grant anyone who has them temporary read access to a file.
///
/// A link is `<public URL>/ipfs/<CID>/<token>`. The token holds the expiry and the [`LinkGrant`], so that the audit
/// log can name the account that received a link which is used. It is encrypted, because links are passed on and must
/// not reveal ids, and authenticated together with the CID. `<img>` and `<video>` cannot send headers, hence the token
/// in the path; clients put links into page URLs unescaped, hence its alphabet.
///
/// The construction is that of SIV (RFC 5297) with HMAC-SHA-256: the first 16 bytes of an HMAC over plaintext and CID
/// are the tag, and an HMAC of the tag under a second key is the keystream, which is longer than the plaintext. No
/// nonce is needed.
#[derive(Clone)]
pub struct FileLinks {
    signing: [u8; 32],
    encryption: [u8; 32],
    base: String,
    lifetime: Duration,
}

/// Number of bytes of the HMAC that are used as tag.
const TAG: usize = 16;

impl FileLinks {
    /// Default lifetime of a link.
    pub const LIFETIME: Duration = Duration::from_secs(60 * 60);

    /// Links that start with this public URL. The keys are derived from the service's secret for this purpose
    /// only.
    pub fn new(secret: &[u8], public_url: &str, lifetime: Duration) -> Self {
        let signing = derive_key(secret, b"yilin file link v2 sign");
        let encryption = derive_key(secret, b"yilin file link v2 encrypt");
        Self { signing, encryption, base: public_url.trim_end_matches('/').to_owned(), lifetime }
    }

    /// A link to this content, valid from now on for [`Self::LIFETIME`] (or the configured lifetime).
    pub fn link(&self, cid: &ContentId, grant: LinkGrant, now: Timestamp) -> String {
        let expires = now.timestamp().saturating_add_unsigned(self.lifetime.as_secs());
        let mut terms = LinkTerms { expires, grant }.to_bytes();
        let tag = self.tag(cid, &terms);
        self.cipher(&tag, &mut terms);
        let token = URL_SAFE_NO_PAD.encode([&tag[..], &terms[..]].concat());
        format!("{}/ipfs/{cid}/{token}", self.base)
    }

    /// The grant of this token, if it was issued by this service for this content and has not expired.
    pub fn admits(&self, cid: &ContentId, token: &FileToken, now: Timestamp) -> Option<LinkGrant> {
        let bytes = URL_SAFE_NO_PAD.decode(&token.0).ok()?;
        let (tag, terms) = bytes.split_first_chunk::<TAG>()?;
        let mut terms: [u8; SIZE] = terms.try_into().ok()?;
        self.cipher(tag, &mut terms);
        // `verify_slice` compares in constant time.
        self.mac(cid, &terms).verify_truncated_left(tag).ok()?;
        let LinkTerms { expires, grant } = LinkTerms::of_bytes(&terms)?;
        (now.timestamp() < expires).then_some(grant)
    }

    /// Whether the reference carries a valid token for its content.
    pub fn proves_access(&self, mention: &FileMention, now: Timestamp) -> bool {
        mention.token.as_ref().is_some_and(|token| self.admits(&mention.cid, token, now).is_some())
    }

    fn tag(&self, cid: &ContentId, terms: &[u8; SIZE]) -> [u8; TAG] {
        let whole: [u8; 32] = self.mac(cid, terms).finalize().into_bytes().into();
        let mut tag = [0; TAG];
        tag.copy_from_slice(&whole[..TAG]);
        tag
    }

    fn mac(&self, cid: &ContentId, terms: &[u8; SIZE]) -> Hmac<Sha256> {
        let mut mac = keyed(&self.signing);
        mac.update(terms);
        mac.update(cid.as_str().as_bytes());
        mac
    }

    /// Encrypts, or decrypts.
    fn cipher(&self, tag: &[u8; TAG], terms: &mut [u8; SIZE]) {
        let mut mac = keyed(&self.encryption);
        mac.update(tag);
        let stream: [u8; 32] = mac.finalize().into_bytes().into();
        for (byte, key) in terms.iter_mut().zip(stream) {
            *byte ^= key;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    const CID: &str = "QmUSaebDyekM1GFk7FExm2NqMBFyTUC5crTuBTTSwiPAzG";

    fn cid() -> ContentId {
        ContentId::parse(CID).unwrap()
    }

    fn links(secret: &[u8]) -> FileLinks {
        FileLinks::new(secret, "http://127.0.0.1:8088/", FileLinks::LIFETIME)
    }

    fn grant(record: Option<LinkedRecord>) -> LinkGrant {
        LinkGrant { recipient: AccountUuid::from_bytes([1, 2, 3, 4]), role: Role::Physician, record }
    }

    fn token(link: &str) -> &str {
        link.rsplit_once('/').unwrap().1
    }

    #[test]
    fn a_link_yields_its_grant_until_it_expires() {
        let (links, now) = (links(b"secret"), Timestamp::UNIX_EPOCH + chrono::TimeDelta::days(20_000));
        let patient = AccountUuid::from_bytes([5, 6, 7, 8]);
        for record in [
            None,
            Some(LinkedRecord { kind: LinkedKind::MedicalRecord, id: 7, patient }),
            Some(LinkedRecord { kind: LinkedKind::DrugOrder, id: i64::MAX, patient }),
        ] {
            let link = links.link(&cid(), grant(record), now);
            let segment = token(&link);
            assert_eq!(segment.len(), 52, "{link}");
            assert!(segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            let token = FileToken::parse(segment).unwrap();
            let at = |seconds| links.admits(&cid(), &token, now + chrono::TimeDelta::seconds(seconds));
            assert_eq!((at(0), at(3599), at(3600)), (Some(grant(record)), Some(grant(record)), None));
            let other = ContentId::parse(&CID.replace("yTUC", "ytuc")).unwrap();
            assert_eq!(links.admits(&other, &token, now), None, "another file");
            assert_eq!(super::tests::links(b"another").admits(&cid(), &token, now), None, "another key");
        }
    }

    #[test]
    fn a_modified_token_is_rejected() {
        let (links, now) = (links(b"secret"), Timestamp::UNIX_EPOCH);
        let link = links.link(&cid(), grant(None), now);
        let genuine = token(&link);
        for place in 0..genuine.len() {
            for other in ['A', 'b', '7', '_', '.'] {
                if genuine[place..].starts_with(other) {
                    continue;
                }
                let forged = format!("{}{other}{}", &genuine[..place], &genuine[place + 1..]);
                let forged = FileToken::parse(&forged).unwrap();
                assert_eq!(links.admits(&cid(), &forged, now), None, "{forged:?}");
            }
        }
        for cut in [&genuine[..51], &genuine[..4], "0.AAAA", "."] {
            assert_eq!(links.admits(&cid(), &FileToken::parse(cut).unwrap(), now), None, "{cut}");
        }
    }

    #[test]
    fn tokens_reveal_nothing() {
        let (links, now) = (links(b"secret"), Timestamp::UNIX_EPOCH);
        let patient = AccountUuid::from_bytes([5, 6, 7, 8]);
        let of = |id| LinkedRecord { kind: LinkedKind::MedicalRecord, id, patient };
        let bytes = |id| {
            let link = links.link(&cid(), grant(Some(of(id))), now);
            URL_SAFE_NO_PAD.decode(token(&link)).unwrap()
        };
        let (one, other) = (bytes(7), bytes(8));
        assert!(!one.windows(4).any(|window| window == [1, 2, 3, 4] || window == [5, 6, 7, 8]));
        let same = one.iter().zip(&other).filter(|(one, other)| one == other).count();
        assert!(same < 8, "tokens of two records have nothing in common: {same} bytes");
    }
}

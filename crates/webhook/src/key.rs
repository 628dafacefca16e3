//! The signing key of webhooks, and the signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The signing key. `Debug` prints nothing of it.
#[derive(Clone)]
pub struct SigningKey(Vec<u8>);

/// Why a text is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It does not begin with `whsec_`.
    #[error("the key does not begin with whsec_")]
    Prefix,
    /// What follows is not base64.
    #[error("what follows whsec_ is not base64")]
    NotBase64,
    /// It decodes to fewer than 24 or more than 64 bytes.
    #[error("the key has {0} bytes instead of 24 to 64")]
    Length(usize),
}

impl SigningKey {
    /// Parses `whsec_` and base64 of 24 to 64 bytes.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let encoded = text.trim().strip_prefix("whsec_").ok_or(KeyError::Prefix)?;
        let key = STANDARD.decode(encoded).map_err(|_| KeyError::NotBase64)?;
        if (24..=64).contains(&key.len()) { Ok(Self(key)) } else { Err(KeyError::Length(key.len())) }
    }

    /// The header `webhook-signature` of a message, over its id, its timestamp in seconds since 1970, and its body.
    pub fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        // HMAC takes keys of any length, so this never fails.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the specification's own libraries are tested with.
    #[test]
    fn a_message_is_signed_as_in_the_specification() {
        let key = SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_text_that_is_no_key_says_why() {
        let of = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        for bytes in [24, 32, 64] {
            assert!(SigningKey::parse(&of(bytes)).is_ok(), "{bytes}");
        }
        for bytes in [0, 23, 65] {
            assert_eq!(SigningKey::parse(&of(bytes)).err(), Some(KeyError::Length(bytes)));
        }
        assert_eq!(SigningKey::parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").err(), Some(KeyError::Prefix));
        assert_eq!(SigningKey::parse("whsec_%%%").err(), Some(KeyError::NotBase64));
        assert_eq!(format!("{:?}", SigningKey::parse(&of(24)).unwrap()), "SigningKey");
    }
}

//! Session tokens.

use chrono::{DateTime, TimeDelta};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use yilin_domain::account::{AccountUuid, Actor, Role};
use yilin_domain::session::{Session, SessionId};
use yilin_domain::time::Timestamp;

/// Longer than any token we issue; longer ones are not decoded.
const MAX_TOKEN_BYTES: usize = 2048;

/// The claims of both tokens of a session (RFC 7519).
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    role: String,
    jti: String,
    iat: i64,
    exp: i64,
    /// `cookie` in the session cookie's token, absent in the header's: neither is accepted in place of the
    /// other.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    usage: Option<String>,
}

const COOKIE_USAGE: &str = "cookie";

/// A verified token.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The account, in its session.
    pub actor: Actor,
    /// The session.
    pub session: Session,
}

/// The verified token of the session cookie, and when it was issued.
#[derive(Debug, Clone)]
pub(crate) struct CookieClaims {
    pub(crate) verified: Verified,
    pub(crate) set_at: Timestamp,
}

/// Signs and verifies session tokens: JWT with HS256.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl Tokens {
    pub(crate) fn new(secret: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // Expiry is checked below, with the service's own clock and to the second.
        validation.validate_exp = false;
        validation.validate_aud = false;
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
        }
    }

    /// The token for the `Authorization` header.
    pub fn for_header(&self, session: &Session, role: Role) -> Result<String, jsonwebtoken::errors::Error> {
        self.sign(session, role, session.started_at, None)
    }

    /// The token for the session cookie.
    pub(crate) fn for_cookie(
        &self,
        session: &Session,
        role: Role,
        set_at: Timestamp,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        self.sign(session, role, set_at, Some(COOKIE_USAGE.to_owned()))
    }

    /// Verifies an access token from the `Authorization` header.
    pub(crate) fn verify_header(&self, token: &str, now: Timestamp) -> Option<Verified> {
        self.verify(token, now).filter(|(claims, _)| claims.usage.is_none()).map(|(_, verified)| verified)
    }

    /// Verifies a token from the session cookie.
    pub(crate) fn verify_cookie(&self, token: &str, now: Timestamp) -> Option<CookieClaims> {
        let (claims, verified) = self.verify(token, now)?;
        if claims.usage.as_deref() != Some(COOKIE_USAGE) {
            return None;
        }
        Some(CookieClaims { verified, set_at: DateTime::from_timestamp(claims.iat, 0)? })
    }

    fn sign(
        &self,
        session: &Session,
        role: Role,
        issued_at: Timestamp,
        usage: Option<String>,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            sub: session.account.to_string(),
            role: role.as_str().to_owned(),
            jti: session.id.to_string(),
            iat: issued_at.timestamp(),
            exp: session.expires_at.timestamp(),
            usage,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
    }

    fn verify(&self, token: &str, now: Timestamp) -> Option<(Claims, Verified)> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation).ok()?.claims;
        let expires_at = DateTime::from_timestamp(claims.exp, 0).filter(|expires_at| *expires_at > now)?;
        let account = AccountUuid::parse(&claims.sub).ok()?;
        let role = Role::parse(&claims.role).ok()?;
        let id = SessionId::parse(&claims.jti)?;
        let session = Session {
            id,
            account,
            started_at: DateTime::from_timestamp(claims.iat, 0)?,
            expires_at,
            client_address: String::new(),
        };
        Some((claims, Verified { actor: Actor::new(account, role, id), session }))
    }
}

impl CookieClaims {
    /// Time since the cookie was issued.
    pub(crate) fn age(&self, now: Timestamp) -> TimeDelta {
        now.signed_duration_since(self.set_at)
    }
}

//! Session tokens.

use chrono::{DateTime, TimeDelta};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use yilin_domain::account::{AccountUuid, Actor, Role};
use yilin_domain::session::{Session, SessionId};
use yilin_domain::time::Timestamp;

use super::ConsoleUser;

/// Longer than any token we issue; longer ones are not decoded.
const MAX_TOKEN_BYTES: usize = 2048;

/// The claims of the tokens of a session (RFC 7519).
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    role: String,
    jti: String,
    iat: i64,
    exp: i64,
    /// `cookie` in the session cookie's token, absent in the header's, and others in the console's: none is accepted
    /// in place of another.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    usage: Option<String>,
    /// The name that the console shows; only in its tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

const COOKIE_USAGE: &str = "cookie";
const CONSOLE_USAGE: &str = "console";
/// Of a session of the console whose password has to be changed first.
const CONSOLE_CHANGE_USAGE: &str = "console-change";

/// Something that a client carries for us, signed.
#[derive(Clone, Serialize, Deserialize)]
struct Sealed<T> {
    /// What it is for.
    #[serde(rename = "use")]
    usage: String,
    exp: i64,
    content: T,
}

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

/// The verified token of the console's cookie.
#[derive(Debug, Clone)]
pub(crate) struct ConsoleClaims {
    pub(crate) cookie: CookieClaims,
    pub(crate) user: ConsoleUser,
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
        self.sign(session, role, session.started_at, None, None)
    }

    /// The token for the session cookie.
    pub(crate) fn for_cookie(
        &self,
        session: &Session,
        role: Role,
        set_at: Timestamp,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        self.sign(session, role, set_at, Some(COOKIE_USAGE), None)
    }

    /// The token for the console's cookie.
    pub(crate) fn for_console(
        &self,
        session: &Session,
        role: Role,
        user: &ConsoleUser,
        set_at: Timestamp,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let usage = if user.must_change_password { CONSOLE_CHANGE_USAGE } else { CONSOLE_USAGE };
        self.sign(session, role, set_at, Some(usage), Some(user.name.clone()))
    }

    /// Signs something that a client carries for us.
    pub fn seal<T: Serialize>(
        &self,
        usage: &str,
        content: T,
        expires_at: Timestamp,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let sealed = Sealed { usage: usage.to_owned(), exp: expires_at.timestamp(), content };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &sealed, &self.encoding)
    }

    /// What was signed for this use; `None` if it has expired, is larger than `max_bytes`, or was not signed here.
    pub fn open<T: DeserializeOwned + Clone>(
        &self,
        usage: &str,
        sealed: &str,
        max_bytes: usize,
        now: Timestamp,
    ) -> Option<T> {
        if sealed.len() > max_bytes {
            return None;
        }
        let decoded = jsonwebtoken::decode::<Sealed<T>>(sealed, &self.decoding, &self.validation);
        let Sealed { usage: of, exp, content } = decoded.ok()?.claims;
        (of == usage && exp > now.timestamp()).then_some(content)
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

    /// Verifies a token from the console's cookie.
    pub(crate) fn verify_console(&self, token: &str, now: Timestamp) -> Option<ConsoleClaims> {
        let (claims, verified) = self.verify(token, now)?;
        let must_change_password = match claims.usage.as_deref() {
            Some(CONSOLE_USAGE) => false,
            Some(CONSOLE_CHANGE_USAGE) => true,
            _ => return None,
        };
        let user = ConsoleUser { name: claims.name?, must_change_password };
        let cookie = CookieClaims { verified, set_at: DateTime::from_timestamp(claims.iat, 0)? };
        Some(ConsoleClaims { cookie, user })
    }

    fn sign(
        &self,
        session: &Session,
        role: Role,
        issued_at: Timestamp,
        usage: Option<&str>,
        name: Option<String>,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            sub: session.account.to_string(),
            role: role.as_str().to_owned(),
            jti: session.id.to_string(),
            iat: issued_at.timestamp(),
            exp: session.expires_at.timestamp(),
            usage: usage.map(str::to_owned),
            name,
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

//! Authentication: tokens, the session cookie, and the extractors for handlers.

mod caller;
mod cookie;
mod origin;
mod session_end;
mod token;

pub(crate) use caller::{
    AdminOnly, AnyRole, Caller, CookieFor, OptionalCaller, OptionalSession, PatientOnly, PatientOrAdmin,
    PhysicianOnly, PhysicianOrAdmin, Recording, Uploading,
};
pub(crate) use cookie::{RefreshCookie, clearing_cookie, session_cookie};
pub(crate) use origin::{is_foreign, names_foreign_page};
pub(crate) use session_end::SessionEnd;
pub(crate) use token::{CookieClaims, Tokens, Verified};

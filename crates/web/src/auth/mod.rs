//! Authentication: tokens, the session cookie, and the extractors for handlers.

mod caller;
mod cookie;
mod origin;
mod session_end;
mod token;

pub use caller::{
    AdminOnly, AnyRole, Caller, CookieFor, CookieUse, HeaderOnly, OptionalCaller, OptionalSession,
    PatientOnly, PatientOrAdmin, PhysicianOnly, PhysicianOrAdmin, Recording, Roles, Uploading,
};
pub(crate) use cookie::RefreshCookie;
pub use cookie::{clearing_cookie, session_cookie};
pub(crate) use origin::is_foreign;
pub use origin::names_foreign_page;
pub use session_end::SessionEnd;
pub(crate) use token::CookieClaims;
pub use token::{Tokens, Verified};

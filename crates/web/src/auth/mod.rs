//! Authentication: tokens, the session cookie, and the extractors for handlers.

mod caller;
mod console;
mod cookie;
mod log_in;
mod origin;
mod session_end;
mod token;

pub(crate) use caller::ensure_still_running;
pub use caller::{
    AdminOnly, AnyRole, Caller, CookieFor, CookieUse, HeaderOnly, OptionalCaller, OptionalSession,
    PatientOnly, PatientOrAdmin, PhysicianOnly, PhysicianOrAdmin, Recording, Roles, Uploading,
};
pub use console::{
    ConsoleUser, clearing_console_cookie, console_account, console_cookie, console_session, console_user,
};
pub(crate) use cookie::RefreshCookie;
pub use cookie::{clearing_cookie, session_cookie};
pub use log_in::log_in;
pub use origin::{is_foreign, names_foreign_page};
pub use session_end::SessionEnd;
pub(crate) use token::CookieClaims;
pub use token::{Tokens, Verified};

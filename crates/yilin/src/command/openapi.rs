//! `yilin openapi`.

use crate::error::StartError;
use crate::output::say;

/// Prints the OpenAPI document.
pub(crate) fn openapi() -> Result<(), StartError> {
    let document = yilin_http::openapi_json()?;
    say!("{}", document.trim_end());
    Ok(())
}

//! `yilin openapi`.

use std::io::Write as _;

use crate::error::StartError;

/// Prints the OpenAPI document.
pub(crate) fn openapi() -> Result<(), StartError> {
    let document = yilin_http::openapi_json()?;
    let mut output = std::io::stdout().lock();
    writeln!(output, "{}", document.trim_end()).and_then(|()| output.flush()).map_err(StartError::Print)
}

//! A multipart form with one file, `file`, as browsers send it.

/// The content type of such a form.
pub const CONTENT_TYPE: &str = "multipart/form-data; boundary=b";

/// The bytes before the file's content.
pub const HEAD: &str = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";

/// The bytes after it.
pub const TAIL: &str = "\r\n--b--\r\n";

/// The form with this file content.
pub fn with_file(bytes: &[u8]) -> Vec<u8> {
    [HEAD.as_bytes(), bytes, TAIL.as_bytes()].concat()
}

//! A multipart form with one file, `file`, as browsers send it.

/// The content type of such a form. The boundary is too long to occur in random content by chance.
pub const CONTENT_TYPE: &str = "multipart/form-data; boundary=between-parts-of-a-form";

/// The bytes before the file's content.
pub const HEAD: &str =
    "--between-parts-of-a-form\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";

/// The bytes after it.
pub const TAIL: &str = "\r\n--between-parts-of-a-form--\r\n";

/// The form with this file content.
pub fn with_file(bytes: &[u8]) -> Vec<u8> {
    [HEAD.as_bytes(), bytes, TAIL.as_bytes()].concat()
}

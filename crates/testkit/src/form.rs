//! A form with one file, `file`, as browsers send it.

/// The content type of such a form.
pub const CONTENT_TYPE: &str = "multipart/form-data; boundary=b";

/// What comes before the file's bytes.
pub const HEAD: &str = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";

/// What comes after them.
pub const TAIL: &str = "\r\n--b--\r\n";

/// The form with a file of these bytes.
pub fn with_file(bytes: &[u8]) -> Vec<u8> {
    [HEAD.as_bytes(), bytes, TAIL.as_bytes()].concat()
}

//! Distinguishes streams from whole answers by their first bytes: servers announce streams as
//! `application/json` or `text/plain`, and answer a request for a stream with a whole answer.

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use reqwest::Response;

use crate::trouble::Trouble;

/// Maximum size of a whole answer in bytes.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// Maximum leading white space in bytes.
const MAX_BLANK_BYTES: usize = 1024;

/// Bytes as they arrive.
pub(crate) type Chunks = BoxStream<'static, Result<Bytes, reqwest::Error>>;

/// The body of an answer.
pub(crate) enum Body {
    /// A complete JSON text.
    Json(Bytes),
    /// Server-sent events.
    Events(Chunks),
}

impl Body {
    /// Reads as much as is needed to distinguish them, and all of a JSON text.
    pub(crate) async fn of(response: Response) -> Result<Self, Trouble> {
        let mut chunks = response.bytes_stream().boxed();
        let mut start = BytesMut::new();
        let first = loop {
            if let Some(first) = first_significant(&start) {
                break first;
            }
            if start.len() > MAX_BLANK_BYTES {
                return Err(Trouble::Nonsense("only white space"));
            }
            match chunks.next().await {
                Some(bytes) => start.extend_from_slice(&bytes.map_err(broke_off)?),
                None => return Err(Trouble::Nonsense("empty")),
            }
        };
        match first {
            b'{' | b'[' => Ok(Self::Json(all(start, chunks).await?)),
            b'<' => Err(Trouble::Nonsense("an HTML or XML page")),
            _ => Ok(Self::Events(stream::iter([Ok(start.freeze())]).chain(chunks).boxed())),
        }
    }
}

/// The first byte that is neither white space nor part of a byte order mark.
fn first_significant(start: &[u8]) -> Option<u8> {
    start.iter().copied().find(|byte| !byte.is_ascii_whitespace() && !b"\xEF\xBB\xBF".contains(byte))
}

async fn all(mut start: BytesMut, mut chunks: Chunks) -> Result<Bytes, Trouble> {
    while let Some(bytes) = chunks.next().await {
        let bytes = bytes.map_err(broke_off)?;
        if start.len() + bytes.len() > MAX_ANSWER_BYTES {
            return Err(Trouble::Nonsense("too large"));
        }
        start.extend_from_slice(&bytes);
    }
    Ok(start.freeze())
}

fn broke_off(error: reqwest::Error) -> Trouble {
    Trouble::BrokeOff(error.into())
}

//! What the body of an answer is: servers announce streams as `application/json` or `text/plain`, and
//! answer a request for a stream with a whole answer, so its first bytes decide.

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use reqwest::Response;

use crate::trouble::Trouble;

/// The largest whole answer, in bytes.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// The most white space before an answer, in bytes.
const MAX_BLANK_BYTES: usize = 1024;

/// Bytes as they come.
pub(crate) type Chunks = BoxStream<'static, Result<Bytes, reqwest::Error>>;

/// The body of an answer.
pub(crate) enum Body {
    /// A JSON text, all of it.
    Json(Bytes),
    /// Server-sent events.
    Events(Chunks),
}

impl Body {
    /// Reads as much as it takes to tell, and all of a JSON text.
    pub(crate) async fn of(response: Response) -> Result<Self, Trouble> {
        let mut chunks = response.bytes_stream().boxed();
        let mut start = BytesMut::new();
        let first = loop {
            if let Some(first) = first_significant(&start) {
                break first;
            }
            if start.len() > MAX_BLANK_BYTES {
                return Err(Trouble::Nonsense("it is blank"));
            }
            match chunks.next().await {
                Some(bytes) => start.extend_from_slice(&bytes.map_err(broke_off)?),
                None => return Err(Trouble::Nonsense("it says nothing")),
            }
        };
        match first {
            b'{' | b'[' => Ok(Self::Json(all(start, chunks).await?)),
            b'<' => Err(Trouble::Nonsense("it is a page")),
            _ => Ok(Self::Events(stream::iter([Ok(start.freeze())]).chain(chunks).boxed())),
        }
    }
}

/// The first byte that is neither white space nor of a byte order mark.
fn first_significant(start: &[u8]) -> Option<u8> {
    start.iter().copied().find(|byte| !byte.is_ascii_whitespace() && !b"\xEF\xBB\xBF".contains(byte))
}

async fn all(mut start: BytesMut, mut chunks: Chunks) -> Result<Bytes, Trouble> {
    while let Some(bytes) = chunks.next().await {
        let bytes = bytes.map_err(broke_off)?;
        if start.len() + bytes.len() > MAX_ANSWER_BYTES {
            return Err(Trouble::Nonsense("it is too large"));
        }
        start.extend_from_slice(&bytes);
    }
    Ok(start.freeze())
}

fn broke_off(error: reqwest::Error) -> Trouble {
    Trouble::BrokeOff(error.into())
}

//! The load generator: connections that stay open, one request at a time on each.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Outcome;
use crate::load::{Client, Load, Rate};

/// Writes the next request to the buffer.
pub(crate) type NextRequest = Box<dyn FnMut(&mut Vec<u8>) -> Outcome<()> + Send>;

/// A connection that sends requests.
struct Connection {
    stream: TcpStream,
    next: NextRequest,
    request: Vec<u8>,
    response: Vec<u8>,
}

/// Sends requests on as many connections as there are clients; on one thread, which leaves as much of the machine to the
/// service as possible. Not to be called within a runtime.
pub(crate) fn send(address: &str, load: Load, requests: impl Fn(usize) -> NextRequest) -> Outcome<Rate> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connections = Vec::with_capacity(load.clients);
        for client in 0..load.clients {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let next = requests(client);
            connections.push(Connection { stream, next, request: Vec::new(), response: Vec::new() });
        }
        load.drive(connections).await
    })
}

impl Client for Connection {
    async fn step(&mut self) -> Outcome<u64> {
        self.request.clear();
        (self.next)(&mut self.request)?;
        self.stream.write_all(&self.request).await?;
        self.response.clear();
        let mut length = None;
        loop {
            if length.is_none() {
                length = response_length(&self.response)?;
            }
            if length.is_some_and(|length| self.response.len() >= length) {
                return Ok(1);
            }
            if self.stream.read_buf(&mut self.response).await? == 0 {
                return Err("the service closed a connection".into());
            }
        }
    }
}

/// The length of a response with its head, once the head is there. Any status but 200 is an error.
fn response_length(received: &[u8]) -> Outcome<Option<usize>> {
    const END: &[u8] = b"\r\n\r\n";
    let Some(end) = received.windows(END.len()).position(|window| window == END) else { return Ok(None) };
    let (head, body) = received.split_at(end + END.len());
    if head.get(9..12) != Some(b"200") {
        let text = String::from_utf8_lossy(received);
        return Err(format!("the service answered {text}").into());
    }
    let is_name = |name: &[u8]| name.eq_ignore_ascii_case(b"content-length");
    let value = head.split(|byte| *byte == b'\n').find_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at(colon);
        is_name(name).then(|| value.get(1..)).flatten()
    });
    let value = value.ok_or_else(|| format!("no length before {} bytes", body.len()))?;
    let length: usize = std::str::from_utf8(value)?.trim().parse()?;
    Ok(Some(head.len() + length))
}

#[cfg(test)]
mod tests {
    use super::response_length;

    #[test]
    fn a_response_is_as_long_as_its_head_says() {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nContent-Length: 3\r\n\r\n";
        assert_eq!(response_length(head.as_bytes()).unwrap(), Some(head.len() + 3));
        assert_eq!(response_length(&head.as_bytes()[..head.len() - 1]).unwrap(), None);
    }

    #[test]
    fn other_responses_are_errors() {
        assert!(response_length(b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(response_length(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}

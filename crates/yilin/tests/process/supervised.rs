//! How the service talks to the supervisor that started it, and how it ends.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::instance::{Instance, yilin};

/// When something hangs rather than is slow.
const LONG: Duration = Duration::from_secs(180);

#[tokio::test]
async fn the_supervisor_hears_that_it_is_ready_alive_and_about_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("notify");
    let supervisor = UnixDatagram::bind(&socket).unwrap();
    supervisor.set_read_timeout(Some(LONG)).unwrap();
    let mut command = yilin(folder.path(), &[("WATCHDOG_USEC", "600000")]);
    command.env("NOTIFY_SOCKET", &socket);
    let instance = Instance::of(command);
    let heard = || {
        let mut buffer = [0; 256];
        let length = supervisor.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    };
    assert_eq!(heard().trim(), "READY=1");
    assert_eq!(heard().trim(), "WATCHDOG=1");
    assert_eq!(instance.get("/healthz", "").await.status(), 200);
    assert!(instance.stop().success());
    let last = std::iter::repeat_with(heard).find(|state| state.trim() != "WATCHDOG=1").unwrap();
    assert_eq!(last.trim(), "STOPPING=1");
}

//! The real pcscd with Debian's virtual reader (`vsmartcard-vpcd`), for tests: one at a time on a machine, gone with the test
//! that started it.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Where pcscd listens.
const SOCKET: &str = "/run/pcscd/pcscd.comm";
/// The virtual reader's ports.
const PORTS: [u16; 2] = [35963, 35964];
/// Held by whoever uses the two slots.
const LOCK: &str = "/tmp/tongclear-test-pcscd.lock";
/// How long pcscd may take to come up or to go.
const PATIENCE: Duration = Duration::from_secs(20);

/// Tests of one program take turns before programs do.
static TURN: Mutex<()> = Mutex::new(());

/// pcscd with two empty virtual slots, for this test alone.
pub struct Pcscd {
    child: Option<Child>,
    _lock: File,
    _turn: MutexGuard<'static, ()>,
}

/// Whether pcscd and its virtual reader are installed.
#[must_use]
pub fn is_installed() -> bool {
    Path::new("/usr/sbin/pcscd").exists() && Path::new("/etc/reader.conf.d/vpcd").exists()
}

impl Pcscd {
    /// Waits for the turn, and starts pcscd where none runs.
    ///
    /// # Panics
    /// When it is not installed or does not come up.
    #[must_use]
    pub fn start() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(
            is_installed(),
            "pcscd and vsmartcard-vpcd are not installed: cargo xtask test installs them"
        );
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(LOCK)
            .expect("the lock can be made");
        lock.lock().expect("the lock can be taken");
        let mut it = Self { child: None, _lock: lock, _turn: turn };
        if UnixStream::connect(SOCKET).is_err() {
            it.launch();
        }
        it
    }

    fn launch(&mut self) {
        // A socket of one that was killed would keep the next from starting.
        drop(std::fs::remove_file(SOCKET));
        let child = Command::new("/usr/sbin/pcscd")
            .args(["--foreground", "--error"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.child = Some(child.expect("pcscd starts"));
        wait("pcscd to answer", || {
            // Its driver holds the ports once it is up; connecting would put a card in.
            let has_ports = PORTS.iter().all(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_err());
            has_ports && UnixStream::connect(SOCKET).is_ok()
        });
    }

    /// Kills pcscd, as a crash would; none that others started.
    ///
    /// # Panics
    /// When it is not ours.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("pcscd is ours to kill");
        child.kill().expect("pcscd can be killed");
        child.wait().expect("pcscd ends");
    }

    /// Whether this pcscd was started by us.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        self.child.is_some()
    }

    /// Starts it again after [`Pcscd::kill`].
    ///
    /// # Panics
    /// When it does not come up.
    pub fn restart(&mut self) {
        self.launch();
    }
}

impl Drop for Pcscd {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
            drop(std::fs::remove_file(SOCKET));
        }
    }
}

/// Waits until `holds`, looking every few milliseconds.
///
/// # Panics
/// When it does not hold in time.
pub fn wait(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited too long for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

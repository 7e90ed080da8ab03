//! A server and its folder, from `initdb` to nothing.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::programs::{self, User, done};
use crate::session::Session;

/// A role that needs a password, which is [`Role::password`].
pub const LOCKED: Role = Role { name: "locked", password: "correct-horse-7" };

/// A role and its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: &'static str,
    /// Its password.
    pub password: &'static str,
}

/// The superuser.
const OWNER: &str = "owner";

/// How often another port is tried when someone else took the one that was free a moment ago.
const PORTS_MAX: u32 = 5;

/// The server's settings: nothing but loopback, nothing that waits for the disk, and for commits that do not ask for
/// durability a writer of the log so slow that they are lost with the server.
const SETTINGS: &str = "\
listen_addresses = '127.0.0.1'
max_connections = 200
fsync = off
full_page_writes = off
synchronous_commit = off
wal_writer_delay = 10s
shared_buffers = 32MB
log_min_messages = warning
";

/// Everyone comes in from here, only [`LOCKED`] has to say a password.
const DOOR: &str = "\
host  all locked 127.0.0.1/32 scram-sha-256
host  all all    127.0.0.1/32 trust
local all all                 trust
";

/// What the watchdog does with `pg_ctl`, data folder and folder as its arguments, once its input ends: Ctrl-C is for
/// the tests, not for who cleans up behind them.
const WATCHDOG: &str = "trap '' INT TERM HUP; cat >/dev/null; \
    \"$1\" stop --silent --mode=immediate --pgdata=\"$2\" >/dev/null 2>&1; rm -rf \"$3\"";

/// A running server.
#[derive(Debug)]
pub struct Cluster {
    bin: PathBuf,
    user: User,
    /// Removed by the watchdog, who may and who lives longer.
    folder: PathBuf,
    port: u16,
    databases: AtomicU32,
    watchdog: Child,
}

impl Cluster {
    /// The one of this process, started by whoever asks first.
    #[must_use]
    pub fn shared() -> &'static Self {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        CLUSTER.get_or_init(Self::start)
    }

    /// Makes and starts one of the caller's own, which goes when it is dropped.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    #[must_use]
    pub fn start() -> Self {
        let bin = programs::folder().unwrap_or_else(|| panic!("{}", programs::HOW_TO_INSTALL));
        let folder = TempDir::with_prefix("tongclear-postgres-").expect("a temporary folder").keep();
        let user = User::owning(&folder);
        // From here on the folder goes with this process.
        let mut watchdog = user.command("sh", Path::new("/"));
        watchdog
            .args(["-c", WATCHDOG, "watchdog"])
            .arg(bin.join("pg_ctl"))
            .arg(folder.join("data"))
            .arg(&folder);
        watchdog.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let watchdog = watchdog.spawn().expect("a shell starts");
        let mut cluster = Self { bin, user, folder, port: 0, databases: AtomicU32::new(0), watchdog };
        cluster.initialise();
        let started = (0..PORTS_MAX).any(|_| {
            cluster.port = free_port();
            cluster.try_start()
        });
        assert!(started, "the server does not start:\n{}", cluster.log());
        let Role { name, password } = LOCKED;
        cluster.sql("postgres", &format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'"));
        cluster
    }

    fn initialise(&self) {
        let mut initdb = self.program("initdb");
        initdb.args(["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust"]);
        done(initdb.arg(format!("--username={OWNER}")).arg("--pgdata").arg(self.data()));
        let settings = format!("{SETTINGS}unix_socket_directories = '{}'\n", self.folder.display());
        let file = self.data().join("postgresql.conf");
        let defaults = fs::read_to_string(&file).expect("initdb wrote it");
        fs::write(&file, defaults + &settings).expect("the settings are written");
        fs::write(self.data().join("pg_hba.conf"), DOOR).expect("who may come in is written");
    }

    fn try_start(&self) -> bool {
        let mut start = self.program("pg_ctl");
        start.args(["start", "--silent", "--wait", "--timeout=60"]).arg("--pgdata").arg(self.data());
        start.arg("--log").arg(self.folder.join("log")).arg(format!("--options=-p {}", self.port));
        start.stdout(Stdio::null()).stderr(Stdio::null());
        start.status().expect("pg_ctl starts").success()
    }

    /// Stops the server as a power cut would: nobody is told, nothing is written any more.
    pub fn cut(&self) {
        let mut stop = self.program("pg_ctl");
        done(stop.args(["stop", "--silent", "--wait", "--mode=immediate", "--pgdata"]).arg(self.data()));
    }

    /// Starts the server after [`Cluster::cut`], on the same port.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        assert!(self.try_start(), "the server does not start again:\n{}", self.log());
    }

    /// Makes an empty database and returns its URL. It sorts text as Chinese dictionaries do, so that nothing of
    /// ours can rely on the order of bytes by accident.
    #[must_use]
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let locale = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'zh-Hans-CN'";
        self.sql("postgres", &format!("CREATE DATABASE {name} {locale}"));
        self.url(&name)
    }

    /// The URL of a database, there or not.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{OWNER}@127.0.0.1:{}/{database}", self.port)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Runs statements of SQL as the superuser; returns the cells of their results, one line a row.
    ///
    /// # Panics
    /// When one fails.
    pub fn sql(&self, database: &str, statements: &str) -> String {
        done(self.psql(&self.url(database)).args(["--command", statements])).trim_end().to_owned()
    }

    /// Runs a statement that must fail; returns what the server says.
    ///
    /// # Panics
    /// When it does not fail.
    pub fn sql_refused(&self, database: &str, statement: &str) -> String {
        let output = self.psql(&self.url(database)).args(["--command", statement]).output();
        let output = output.expect("psql starts");
        assert!(!output.status.success(), "{statement}: it went well");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// A connection that stays open, for a test that holds a lock.
    #[must_use]
    pub fn session(&self, url: &str) -> Session {
        Session::start(self.psql(url))
    }

    /// What the server has written into its log.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn psql(&self, url: &str) -> Command {
        let mut psql = self.program("psql");
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", url]);
        psql
    }

    fn program(&self, name: &str) -> Command {
        self.user.command(self.bin.join(name), &self.folder)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    listener.local_addr().expect("it is bound").port()
}

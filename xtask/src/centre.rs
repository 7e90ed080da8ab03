//! Centres and servers of campaigns: the real program, started the way a person would.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::shell::run;

/// The passphrase of all of them; their keys are as simulated as their cards.
const PASSPHRASE: &str = "the campaign's keys are no secret";

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

pub(crate) fn text(path: &Path) -> String {
    path.display().to_string()
}

/// The date of a small city's only day, and of the examples in the API's description.
pub(crate) const SMALL_DATE: &str = "2026-11-23";

/// Makes a city of a few thousand transactions.
pub(crate) fn make_small_city(program: &Path, city: &Path) -> Result<()> {
    let mut simulate = Command::new(program);
    simulate.args(["simulate", "--seed", "1", "--cards", "2000", "--transactions", "5000"]);
    run(simulate.args(["--terminals", "100", "--date", SMALL_DATE, "--out"]).arg(city))
}

/// A centre of the play.
pub(crate) struct Centre {
    /// Its data folder.
    pub(crate) data: PathBuf,
    program: PathBuf,
    database: Option<String>,
    s3: Option<(u16, String)>,
}

impl Centre {
    /// A centre that is not made yet, on SQLite or on a database.
    pub(crate) const fn new(program: PathBuf, data: PathBuf, database: Option<String>) -> Self {
        Self { data, program, database, s3: None }
    }

    /// The same with its files in a bucket of what speaks like S3 on this machine.
    pub(crate) fn with_vault_on_s3(self, port: u16, bucket: &str) -> Self {
        Self { s3: Some((port, bucket.to_owned())), ..self }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--data").arg(&self.data).args(arguments).env("TONGCLEAR_PASSPHRASE", PASSPHRASE);
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        if let Some((port, bucket)) = &self.s3 {
            command.args(["--vault", &format!("s3://{bucket}/chengdu")]);
            command.env("AWS_ENDPOINT", format!("http://127.0.0.1:{port}")).env("AWS_ALLOW_HTTP", "true");
            command.env("AWS_REGION", "us-east-1");
            command.env("AWS_ACCESS_KEY_ID", "nobody").env("AWS_SECRET_ACCESS_KEY", "nothing");
        }
        command
    }

    /// Runs a command that must succeed; returns what it printed.
    pub(crate) fn done(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command(arguments).stderr(Stdio::inherit()).output()?;
        ensure!(output.status.success(), "`tongclear {}` failed: {}", arguments.join(" "), output.status);
        String::from_utf8(output.stdout).context("its output is not UTF-8")
    }

    /// Makes the centre and its authority, and tells it of the city.
    pub(crate) fn knows(&self, city: &Path) -> Result<()> {
        self.done(&["init"])?;
        self.done(&["registry", "load", &text(&city.join("registry"))])?;
        self.done(&["keys", "load", &text(&city.join("keys.toml"))])?;
        let mut lists: Vec<PathBuf> =
            city.join("lists").read_dir()?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        lists.sort();
        for list in lists {
            self.done(&["denylist", "load", &text(&list)])?;
        }
        self.done(&["ca", "init"])?;
        self.done(&["ca", "issue", "--all", "--out", &text(&self.certificates())])?;
        Ok(())
    }

    /// Takes the city's packages in and runs the night of a small city's day.
    pub(crate) fn clears(&self, city: &Path) -> Result<()> {
        self.done(&["intake", &text(&city.join("packages"))])?;
        self.done(&["night", "--date", SMALL_DATE])?;
        Ok(())
    }

    pub(crate) fn certificates(&self) -> PathBuf {
        self.data.join("certificates")
    }

    /// The sites of the city, against the server at `address`.
    pub(crate) fn sites(&self, city: &Path, address: SocketAddr, options: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["simulate", "--serve", &format!("https://{address}"), "--out"]).arg(city);
        command.arg("--certificates").arg(self.certificates()).args(options);
        command
    }

    /// Plays the sites to their end; returns what they printed.
    pub(crate) fn play(&self, city: &Path, address: SocketAddr, options: &[&str]) -> Result<String> {
        let output = self.sites(city, address, options).stderr(Stdio::inherit()).output()?;
        ensure!(output.status.success(), "the sites did not come to their end: {}", output.status);
        let said = String::from_utf8(output.stdout)?;
        println!("{said}");
        Ok(said)
    }

    pub(crate) fn digest(&self, day: &str) -> Result<String> {
        let shown = self.done(&["settlement", "show", "--window", day, "--json"])?;
        let digest = shown.lines().find_map(|line| line.trim().strip_prefix("\"digest\": \""));
        let digest = digest.and_then(|rest| rest.split('"').next());
        digest.map(str::to_owned).context("the settlement shows no digest")
    }
}

/// A server of the play.
pub(crate) struct Server {
    process: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts it and waits until it answers.
    pub(crate) fn start(centre: &Centre, port: u16) -> Result<Self> {
        const WAIT: Duration = Duration::from_secs(30);
        let address: SocketAddr = ([127, 0, 0, 1], port).into();
        let process = centre
            .command(&["serve", "--listen", &address.to_string()])
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start the server")?;
        let mut server = Self { process, address };
        let started = Instant::now();
        while std::net::TcpStream::connect(address).is_err() {
            if let Some(status) = server.process.try_wait()? {
                bail!("the server ended: {status}");
            }
            ensure!(started.elapsed() < WAIT, "the server does not listen on {address}");
            sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Kills it as a power cut would, as far as the program is concerned.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn end(mut self) -> Result<()> {
        // The shell has `kill` even where no package brings the program.
        run(Command::new("sh").args(["-c", &format!("kill {}", self.process.id())]))?;
        ensure!(self.process.wait()?.success(), "the server did not end well");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that ended is not there to be killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

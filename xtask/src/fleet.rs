//! `cargo xtask fleet`: 560 collection sites against a server with real TLS.
//!
//! First how fast: a day's packages, each sent once, on SQLite and on PostgreSQL. Then how safe: the sites misbehave, a night
//! runs over the window before, the server is killed ten times, and at the end both windows must have the digests of a centre
//! that took the same packages in by hand.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Args;
use tongclear_test_postgres::Cluster;

use crate::centre::{Centre, Server, free_port, text};
use crate::machine::{ensure_c_compiler, ensure_postgres};
use crate::shell::{RELEASE, cargo, program, root, run};

/// How large, and how often the server is killed.
#[derive(Args)]
pub(crate) struct Fleet {
    /// Transactions of each of the two days
    #[arg(long, default_value_t = 1_000_000)]
    transactions: u64,
    /// Cards of the city
    #[arg(long, default_value_t = 250_000)]
    cards: u32,
    /// Terminals of the city
    #[arg(long, default_value_t = 12_000)]
    terminals: u32,
    /// Collection sites
    #[arg(long, default_value_t = 560)]
    collectors: u32,
    /// How often the server is killed
    #[arg(long, default_value_t = 10)]
    kills: u32,
    /// Folder for city and centres, from the root of the checkout; an earlier play there is replaced
    #[arg(long, default_value = "tongclear-fleet")]
    dir: PathBuf,
}

const FIRST_DAY: &str = "2026-11-23";
const SECOND_DAY: &str = "2026-11-24";

impl Fleet {
    /// Plays it and prints the figures.
    pub(crate) fn run(&self) -> Result<()> {
        ensure_c_compiler()?;
        ensure_postgres()?;
        run(&mut cargo(&["build", "--locked", "--release", "--package", "tongclear-cli"]))?;
        let dir = root().join(&self.dir);
        crate::demo::clear_earlier(&dir)?;
        let city = dir.join("city");
        self.make_city(&city)?;
        let cluster = Cluster::start();
        // The servers of tests need not survive a power cut; this one is to be as durable as an installed one.
        for statement in [
            "ALTER SYSTEM SET fsync = on",
            "ALTER SYSTEM SET full_page_writes = on",
            "ALTER SYSTEM SET synchronous_commit = on",
            "SELECT pg_reload_conf()",
        ] {
            cluster.sql("postgres", statement);
        }
        let fast = [
            ("SQLite", Centre::new(program(RELEASE), dir.join("fast-sqlite"), None)),
            (
                "PostgreSQL",
                Centre::new(program(RELEASE), dir.join("fast-postgres"), Some(cluster.database())),
            ),
        ];
        let mut figures = Vec::new();
        for (name, centre) in fast {
            centre.knows(&city)?;
            let server = Server::start(&centre, free_port()?)?;
            let played = centre.play(&city, server.address, &["--well-behaved", "--date", FIRST_DAY])?;
            figures.push(format!("{name:<11} {}", played.lines().next().unwrap_or_default()));
            server.kill()?;
        }
        let digests = self.kill_and_compare(&dir, &city)?;
        println!();
        println!("each package sent once, durable when answered:");
        for line in figures {
            println!("  {line}");
        }
        println!(
            "killed {} times while {} sites uploaded and a night ran: nothing lost, nothing doubled",
            self.kills, self.collectors
        );
        for (day, digest) in [FIRST_DAY, SECOND_DAY].iter().zip(digests) {
            println!("  {day}  {digest}");
        }
        Ok(())
    }

    fn make_city(&self, city: &Path) -> Result<()> {
        let number = |number: u64| number.to_string();
        let mut command = Command::new(program(RELEASE));
        command.args(["simulate", "--seed", "1", "--days", "2", "--date", FIRST_DAY, "--out"]).arg(city);
        command.args(["--cards", &number(self.cards.into()), "--transactions", &number(self.transactions)]);
        command.args(["--terminals", &number(self.terminals.into())]);
        run(command.args(["--collectors", &number(self.collectors.into())]))
    }

    /// The campaign; returns the digests of both windows.
    fn kill_and_compare(&self, dir: &Path, city: &Path) -> Result<[String; 2]> {
        let by_hand = Centre::new(program(RELEASE), dir.join("by-hand"), None);
        by_hand.knows(city)?;
        let served = Centre::new(program(RELEASE), dir.join("served"), None);
        served.knows(city)?;
        for centre in [&by_hand, &served] {
            centre.done(&["intake", &text(&city.join("packages").join(FIRST_DAY))])?;
            centre.done(&["window", "close", "--date", FIRST_DAY])?;
        }
        let port = free_port()?;
        let mut server = Server::start(&served, port)?;
        let mut sites = served.sites(city, server.address, &["--date", SECOND_DAY]).spawn()?;
        let mut night = served.command(&["night", "--date", FIRST_DAY]).stdout(Stdio::null()).spawn()?;
        for kill in 1..=self.kills {
            // Moments that no clock of the program's knows, the same in each play.
            sleep(Duration::from_millis(250 + u64::from(kill * 7_919 % 397)));
            let still = sites.try_wait()?.is_none();
            server.kill()?;
            println!(
                "  killed {kill} of {}{}",
                self.kills,
                if still { "" } else { ", after the last package" }
            );
            server = Server::start(&served, port)?;
        }
        ensure!(sites.wait()?.success(), "the sites did not come to their end");
        if !night.wait()?.success() {
            // A night that met the server's writer at a bad moment is simply run again.
            served.done(&["night", "--date", FIRST_DAY])?;
        }
        server.end()?;
        by_hand.done(&["intake", &text(&city.join("packages").join(SECOND_DAY))])?;
        by_hand.done(&["night", "--date", FIRST_DAY])?;
        for centre in [&by_hand, &served] {
            centre.done(&["night", "--date", SECOND_DAY])?;
        }
        let mut digests = [FIRST_DAY, SECOND_DAY].map(str::to_owned);
        for digest in &mut digests {
            let day = digest.clone();
            let (expected, found) = (by_hand.digest(&day)?, served.digest(&day)?);
            ensure!(expected == found, "window {day}: by hand {expected}, served {found}");
            *digest = found;
        }
        served.done(&["check"])?;
        Ok(digests)
    }
}

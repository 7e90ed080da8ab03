//! Running programs: said before it starts, timed, and failed loudly.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The folder of optimised programs in cargo's target folder.
pub(crate) const RELEASE: &str = "release";
/// The folder of programs as tests use them.
pub(crate) const DEBUG: &str = "debug";

/// The binary of a profile, wherever cargo's target folder is.
pub(crate) fn program(profile: &str) -> PathBuf {
    target().join(profile).join("tongclear")
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// `cargo` as the one that runs this, in the root of the checkout.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    // What cargo tells this program of its package would make build scripts run again when cargo is called by hand.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|it| it.starts_with("CARGO_PKG_") || it.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs `command`, showing it first and its time after.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    eprintln!("\n▶ {line}");
    let started = Instant::now();
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    ensure!(status.success(), "`{line}` failed: {status}");
    eprintln!("  {:.1} s", started.elapsed().as_secs_f32());
    Ok(())
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let mut words: Vec<_> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(program) = Path::new(&words[0]).file_name() {
        words[0] = program.to_string_lossy().into_owned();
    }
    words.join(" ")
}

//! Runs a program to its end and sees how long it takes, how much memory it owns at most, and how much processor time it uses.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

/// How often a running program is looked at; how far a time can be off.
const TICK: Duration = Duration::from_millis(4);
/// Clock ticks of `/proc/<pid>/stat` in a second: the same on every Linux.
const TICKS_PER_S: f64 = 100.0;

/// What was seen.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    /// From start to end, s.
    pub(crate) seconds: f64,
    /// Processor time of all its threads, s.
    pub(crate) cpu_s: f64,
    /// Most anonymous memory that was resident at once, bytes: mapped files are the page cache's and do not count.
    pub(crate) anon_bytes: u64,
}

/// Runs `command`, its output into the file `out`; it must succeed.
pub(crate) fn watch(command: &mut Command, out: &Path) -> Result<Seen> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = File::create(out).with_context(|| format!("cannot create {}", out.display()))?;
    let errors = out.with_extension("err");
    let error_file = File::create(&errors).with_context(|| format!("cannot create {}", errors.display()))?;
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(error_file)
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    let mut seen = Seen::default();
    while look(&child, &mut seen) {
        sleep(TICK);
    }
    let status = child.wait()?;
    seen.seconds = started.elapsed().as_secs_f64();
    ensure!(
        status.success(),
        "{program} failed: {status}\n{}",
        fs::read_to_string(&errors).unwrap_or_default()
    );
    Ok(seen)
}

/// Whether it still runs; one that has ended and was not waited for still says what it used.
fn look(child: &Child, seen: &mut Seen) -> bool {
    let folder = format!("/proc/{}", child.id());
    let status = fs::read_to_string(format!("{folder}/status")).unwrap_or_default();
    seen.anon_bytes = seen.anon_bytes.max(anon_bytes(&status).unwrap_or_default());
    let stat = fs::read_to_string(format!("{folder}/stat")).unwrap_or_default();
    // The name in parentheses may hold anything; state is the first field after it.
    let Some((_, fields)) = stat.rsplit_once(") ") else { return false };
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks = |place: usize| fields.get(place).and_then(|it| it.parse::<u32>().ok()).unwrap_or_default();
    seen.cpu_s = f64::from(ticks(11) + ticks(12)) / TICKS_PER_S;
    fields.first().is_some_and(|state| *state != "Z")
}

fn anon_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_memory_and_time_and_failures() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        // A shell that owns a megabyte of text and works for a moment.
        let script = "x=$(head -c 1000000 /dev/zero | tr '\\0' x); i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo ${#x}";
        let seen = watch(Command::new("sh").args(["-c", script]), &out).unwrap();
        assert_eq!(fs::read_to_string(&out).unwrap().trim(), "1000000");
        assert!(
            seen.anon_bytes > 1_000_000 && seen.seconds > 0.0 && seen.cpu_s <= seen.seconds * 2.0,
            "{seen:?}"
        );
        let error = watch(Command::new("sh").args(["-c", "echo no such day >&2; exit 3"]), &out).unwrap_err();
        assert!(error.to_string().contains("no such day"), "{error}");
    }
}

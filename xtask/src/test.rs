//! `cargo xtask test`: everything that continuous integration holds a commit to.

use anyhow::Result;

use crate::machine::{
    ensure_c_compiler, ensure_fonts, ensure_hledger, ensure_pcsc_library, ensure_pcscd, ensure_poppler,
    ensure_postgres, ensure_python_peers, ensure_rust_components, warn_of_little_disk,
};
use crate::shell::{cargo, run};

/// Format, lints, all tests, documentation.
pub(crate) fn run_all() -> Result<()> {
    prepare()?;
    format()?;
    lint()?;
    test()?;
    crate::schema::run_all()?;
    crate::s3::run_all()?;
    crate::bench::run_all()?;
    document()
}

/// Format, lints, documentation.
pub(crate) fn check() -> Result<()> {
    prepare()?;
    format()?;
    lint()?;
    document()
}

/// Installs what builds and tests need and this machine lacks.
pub(crate) fn prepare() -> Result<()> {
    warn_of_little_disk();
    ensure_c_compiler()?;
    ensure_pcsc_library()?;
    ensure_rust_components()
}

fn format() -> Result<()> {
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

fn lint() -> Result<()> {
    run(&mut cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn test() -> Result<()> {
    ensure_postgres()?;
    ensure_pcscd()?;
    ensure_hledger()?;
    ensure_python_peers()?;
    ensure_fonts()?;
    ensure_poppler()?;
    build()?;
    run(&mut cargo(&["test", "--locked", "--workspace", "--no-fail-fast"]))
}

/// Builds the program and the tests together: with the same features, so that nothing is built twice. The tests that start the
/// program have it built themselves; built here, they find it ready and do not wait for each other's cargo.
pub(crate) fn build() -> Result<()> {
    run(&mut cargo(&["build", "--locked", "--workspace", "--bin", "tongclear", "--tests"]))
}

/// Schemathesis against the API.
pub(crate) fn schema() -> Result<()> {
    build()?;
    crate::schema::run_all()
}

/// A night on S3.
pub(crate) fn s3() -> Result<()> {
    build()?;
    crate::s3::run_all()
}

fn document() -> Result<()> {
    run(cargo(&["doc", "--locked", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

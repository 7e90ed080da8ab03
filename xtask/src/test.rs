//! `cargo xtask test`: everything that continuous integration holds a commit to.

use anyhow::Result;

use crate::machine::{ensure_c_compiler, ensure_rust_components};
use crate::shell::{cargo, run};

/// Format, lints, all tests, documentation.
pub(crate) fn run_all() -> Result<()> {
    ensure_c_compiler()?;
    ensure_rust_components()?;
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    lint()?;
    // The program first: the whole-program tests start it.
    run(&mut cargo(&["build", "--locked", "--package", "tongclear-cli"]))?;
    run(&mut cargo(&["test", "--locked", "--workspace", "--no-fail-fast"]))?;
    document()
}

/// Format, lints, documentation.
pub(crate) fn check() -> Result<()> {
    ensure_c_compiler()?;
    ensure_rust_components()?;
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    lint()?;
    document()
}

fn lint() -> Result<()> {
    run(&mut cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn document() -> Result<()> {
    run(cargo(&["doc", "--locked", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

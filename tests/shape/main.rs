//! The shape of the tree: which crate may know which, and the small rules that no compiler holds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop where it stands")]

mod edges;
mod tidy;

use std::path::{Path, PathBuf};

/// The root of the checkout.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

//! PostgreSQL servers of tests: each test process starts its own, and nothing of it outlives the process.
//!
//! A server listens on a free port of 127.0.0.1 and a socket in its own temporary folder, lets everyone in without a
//! password but the role [`LOCKED`], and does not wait for the disk. A watchdog beside it holds the reading end of a
//! pipe whose writing end only the test process has: when that closes, whether the process ended, panicked or was
//! killed, the watchdog stops the server and removes the folder.
//!
//! **Invariant:** no test passes because there is no PostgreSQL; without its programs a test fails and says what to
//! install.

mod cluster;
mod programs;
mod session;

pub use cluster::{Cluster, LOCKED, Role};
pub use programs::{HOW_TO_INSTALL, folder};
pub use session::Session;

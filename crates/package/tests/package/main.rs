//! Packages and lists from outside: fixtures, the fuzz corpus, the order of the door, and properties.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, wherever it stops")]

mod corpus;
mod door;
mod fixtures;
mod lists;
mod packages;
mod properties;
mod sample;

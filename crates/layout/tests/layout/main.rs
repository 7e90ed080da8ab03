//! The worked examples, round trips of both, and arbitrary bytes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, wherever it stops")]

mod examples;
mod properties;
mod sample;

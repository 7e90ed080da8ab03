//! The public schemas, documents that are refused, round trips, and bytes that were changed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, wherever it stops")]

mod any;
mod bank;
mod limits;
mod properties;
mod refused;
mod schemas;

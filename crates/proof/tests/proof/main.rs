//! Statements and their proofs, from records to the root and back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop where it stands")]

mod files;
mod forgery;
mod naive;
mod sample;
mod tampering;
mod trees;
mod vectors;

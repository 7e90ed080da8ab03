//! Statements on paper: figures that must re-add, texts that must stay, workbooks and pages read back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop where it stands")]

#[path = "../../examples/samples/city.rs"]
mod city;
mod pages;
mod readd;
mod texts;
mod workbooks;

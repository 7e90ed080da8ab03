//! The whole program as its users run it: a simulated city in, results and exit codes out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop where it stands")]

mod backup;
mod bad_input;
mod books;
mod check;
mod city;
mod conformance;
mod continuity;
mod determinism;
mod disputes;
mod faults;
mod kill;
mod layout;
mod ledger;
mod night;
mod payouts;
mod portal;
mod postgres;
mod program;
mod proof;
mod reconcile;
mod results;
mod statements;
mod terminals;
mod what_if;
mod why;

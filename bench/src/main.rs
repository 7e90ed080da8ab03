//! The bench that puts the night beside its rivals: makes a city's day once, runs all contenders in turn, and lets nobody's
//! time count whose figures disagree.
//!
//! `cargo xtask bench` builds what this needs and starts it; README.md says what is measured.

mod data;
mod parallel;
mod run;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The night beside its rivals.
#[derive(Parser)]
#[command(name = "tongclear-bench")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes the packages of a city and the same records for the rivals
    Data(data::Order),
    /// Runs all contenders and writes RESULTS.md
    Run(run::Order),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Data(order) => data::make(&order).map(|_| ()),
        Command::Run(order) => run::run(&order),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tongclear-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

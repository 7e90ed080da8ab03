//! What `cargo xtask …` runs. Each command installs what it needs and is missing, and says so.

mod bench;
mod centre;
mod demo;
mod fleet;
mod machine;
mod s3;
mod schema;
mod shell;
mod soak;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tasks of the Tongclear workspace.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Simulates a city's day, clears and settles it, and shows the summary
    Demo(demo::Demo),
    /// Runs everything: format, lints, all tests, documentation; some tests mount small disks, so as root or under
    /// `unshare -rm`
    Test,
    /// Cuts the program off anywhere, hundreds of times, and demands the results of an undisturbed centre
    Soak(soak::Soak),
    /// Plays 560 collection sites against a server: how fast, and that nothing is lost when it is killed
    Fleet(fleet::Fleet),
    /// Measures the night beside DuckDB, PostgreSQL and plain hashing on the same data
    Bench(bench::Bench),
    /// Tries the API with requests of every kind that its description allows
    Schema,
    /// Runs a night with its vault on what speaks like S3, and compares it with one in a folder
    S3,
    /// Runs the quick half of `test`: format, lints, documentation
    Check,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Demo(demo) => demo.run(),
        Task::Soak(soak) => soak.run(),
        Task::Fleet(fleet) => fleet.run(),
        Task::Bench(bench) => bench.run(),
        Task::Schema => test::schema(),
        Task::S3 => test::s3(),
        Task::Test => test::run_all(),
        Task::Check => test::check(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

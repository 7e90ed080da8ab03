//! The `tongclear` program: arguments in, wiring, exit code out. No rule of clearing lives here.

mod args;
mod commands;
mod effort;
mod exit;
mod open;
mod out_file;
mod output;
mod progress;
mod slots;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;

/// How long the exit waits for connections to be put away.
const PUTTING_AWAY_MAX: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let arguments = match args::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are printed here too, and are no errors.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::DONE });
        }
    };
    output::start_log();
    // One TLS for everything that reaches out: S3, webhooks, the fleet. It can only have been chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::complain(format_args!("tongclear: cannot start: {error}"));
            return ExitCode::from(exit::INFRASTRUCTURE);
        }
    };
    let output = output::Output::new(&arguments.global);
    let command = arguments.command.name();
    tracing::info!(command, data = %arguments.global.data.display(), "begins");
    let code = runtime.block_on(commands::run(arguments, &output)).unwrap_or_else(|error| {
        output.error(&error);
        exit::code_of(&error)
    });
    tracing::info!(command, code, "ends");
    // What had to be durable is; a connection that is still being put away must not hold up the exit for long.
    runtime.shutdown_timeout(PUTTING_AWAY_MAX);
    ExitCode::from(code)
}

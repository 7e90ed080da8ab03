//! One connection of `psql` that stays open between statements.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Ends, with whatever it held, when it is dropped.
#[derive(Debug)]
pub struct Session {
    psql: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Session {
    pub(crate) fn start(mut psql: Command) -> Self {
        let mut psql = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("psql starts");
        let input = psql.stdin.take().expect("it is piped");
        let output = BufReader::new(psql.stdout.take().expect("it is piped"));
        Self { psql, input, output }
    }

    /// Runs statements and returns once they are done.
    ///
    /// # Panics
    /// When one fails.
    pub fn run(&mut self, statements: &str) {
        const DONE: &str = "-- done --";
        writeln!(self.input, "{statements};\n\\echo {DONE}").expect("psql reads");
        let mut line = String::new();
        while line.trim_end() != DONE {
            line.clear();
            let read = self.output.read_line(&mut line).expect("psql answers");
            assert!(read > 0, "psql has ended at: {statements}");
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.psql.kill();
        let _ = self.psql.wait();
    }
}

//! What a clearing run may use, as options of the commands that start one.

use clap::Args;
use tongclear_engine::Effort;

use crate::commands::threads;
use crate::exit::CliError;

/// What a clearing run may use.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct EffortOptions {
    /// Threads of the clearing run; by default one a core
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<usize>,
    /// Memory that the clearing run keeps to, such as 512M or 16G; a larger day is judged in several passes, with the same
    /// results · 内存上限
    #[arg(long, value_name = "SIZE", value_parser = bytes, default_value = "4G")]
    pub(crate) memory: u64,
}

impl EffortOptions {
    /// As the engine takes it; workers are one a core unless they were asked for.
    pub(crate) fn effort(self) -> Result<Effort, CliError> {
        Ok(Effort { workers: threads(self.workers)?, memory_bytes: self.memory })
    }
}

/// Bytes, from a number with K, M, G or T behind it, which stand for powers of 1,024, or nothing.
fn bytes(text: &str) -> Result<u64, String> {
    let bad = || format!("{text:?} is not a size such as 512M or 16G");
    let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let shift = match &text[digits.len()..] {
        "" => 0,
        "K" | "k" => 10,
        "M" | "m" => 20,
        "G" | "g" => 30,
        "T" | "t" => 40,
        _ => return Err(bad()),
    };
    let number: u64 = digits.parse().map_err(|_| bad())?;
    number.checked_mul(1 << shift).filter(|bytes| *bytes > 0).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_numbers_with_a_letter() {
        assert_eq!(
            [bytes("1"), bytes("3K"), bytes("512M"), bytes("4g")],
            [Ok(1), Ok(3 << 10), Ok(512 << 20), Ok(4 << 30)]
        );
        for text in ["", "G", "0", "4GB", "-1", "1.5G", "99999999999T", "４G"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}

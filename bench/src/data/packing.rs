//! Packages in sequence and chain, and the same records as lines for the rivals.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tongclear_package::{PackageHeaderFields, SEAL_LEN, file_name, write_package};
use tongclear_types::PackageSequence;

use super::stream::{Day, Sent};
use super::truth::Truth;

/// Records of a package, at most; a collector sends as soon as it has them, and what is left at the end of the day.
const PACKAGE_MAX: usize = 4_096;
/// Bytes of lines that are buffered before they go to the disk.
const BUFFER_BYTES: usize = 1 << 20;
/// The centre's zone is eight hours ahead of UTC all year.
const ZONE_S: i64 = 8 * 3_600;

/// A collector's side of its package chain.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Chain {
    sequence: u32,
    seal_start: [u8; 8],
}

/// Writes the packages of some collectors, and their lines into one file.
pub(crate) struct Packer<'a> {
    day: &'a Day<'a>,
    folder: &'a Path,
    lines: Option<(PathBuf, BufWriter<File>)>,
    line: Vec<u8>,
    midnight_unix_s: i64,
    /// What becomes of what was written.
    pub(crate) truth: Truth,
}

impl<'a> Packer<'a> {
    /// Packages go into `folder`, lines into the file if there is one.
    pub(crate) fn new(day: &'a Day<'a>, folder: &'a Path, lines: Option<PathBuf>) -> Result<Self> {
        let lines = lines
            .map(|path| {
                let file =
                    File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
                anyhow::Ok((path, BufWriter::with_capacity(BUFFER_BYTES, file)))
            })
            .transpose()?;
        let midnight = day.date.civil().at(0, 0, 0, 0);
        let midnight = jiff::tz::TimeZone::UTC.to_timestamp(midnight)?.as_second();
        Ok(Self {
            day,
            folder,
            lines,
            line: Vec::new(),
            midnight_unix_s: midnight - ZONE_S,
            truth: Truth::default(),
        })
    }

    /// Sends all of a collector's day, in the order in which it is ready.
    pub(crate) fn send(&mut self, collector: usize, mut stream: Vec<Sent>, chain: &mut Chain) -> Result<()> {
        stream.sort_unstable_by_key(|sent| (sent.ready, sent.tap.terminal, sent.number));
        for part in stream.chunks_mut(PACKAGE_MAX) {
            let ready = part.last().map_or(0, |last| last.ready);
            part.sort_unstable_by_key(|sent| (sent.tap.terminal, sent.number, sent.ready));
            self.package(collector, part, ready, chain)?;
        }
        Ok(())
    }

    fn package(&mut self, collector: usize, part: &[Sent], ready: u32, chain: &mut Chain) -> Result<()> {
        let entry = &self.day.city.collectors[collector];
        let (seal_key_version, master) = self.day.keys.seal(collector);
        chain.sequence += 1;
        let fields = PackageHeaderFields {
            merchant: self.day.city.merchants[entry.merchant].code,
            collector: entry.id,
            sequence: PackageSequence(chain.sequence),
            created_at_unix_s: u64::try_from(self.midnight_unix_s + i64::from(ready))?,
            seal_key_version,
            previous_seal: chain.seal_start,
        };
        let records: Vec<_> = part.iter().map(|sent| self.day.record(sent).0).collect();
        let bytes = write_package(&fields, &records, master);
        chain.seal_start.copy_from_slice(&bytes[bytes.len() - SEAL_LEN..][..8]);
        let path = self.folder.join(file_name(entry.id, fields.sequence));
        fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
        self.truth.packages += 1;
        self.truth.package_bytes += u64::try_from(bytes.len())?;
        for (row, sent) in (0..).zip(part) {
            self.truth.take(sent);
            if self.lines.is_some() {
                self.write_line(entry.merchant, collector, chain.sequence, row, sent)?;
            }
        }
        Ok(())
    }

    /// The columns are those of `rivals/schema.sql`.
    fn write_line(
        &mut self,
        merchant: usize,
        collector: usize,
        package: u32,
        row: u32,
        sent: &Sent,
    ) -> Result<()> {
        let Some((path, file)) = &mut self.lines else { return Ok(()) };
        let tap = &sent.tap;
        let operator = self.day.keys.issue(tap.card).operator;
        let date = self.day.date.civil();
        let date = i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day());
        let time = tap.second / 3_600 * 10_000 + tap.second / 60 % 60 * 100 + tap.second % 60;
        let small: [i64; 20] = [
            i64::try_from(merchant)?,
            i64::try_from(collector)?,
            package.into(),
            row.into(),
            i64::try_from(operator)?,
            tap.card.into(),
            tap.load.into(),
            if tap.load { 2 } else { 6 },
            tap.offline.into(),
            tap.online.into(),
            tap.terminal.into(),
            sent.number.into(),
            tap.amount_fen.into(),
            tap.amount_fen.into(),
            tap.balance_before_fen.into(),
            tap.balance_after_fen().into(),
            date,
            time.into(),
            i32::from_be_bytes(sent.tac).into(),
            sent.tac_right.into(),
        ];
        self.line.clear();
        for value in small {
            push_decimal(&mut self.line, value);
            self.line.push(b',');
        }
        if let Some(last) = self.line.last_mut() {
            *last = b'\n';
        }
        file.write_all(&self.line).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Closes the file of lines.
    pub(crate) fn finish(mut self) -> Result<Truth> {
        if let Some((path, file)) = &mut self.lines {
            file.flush().with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(self.truth)
    }
}

/// Appends a number; `write!` would take longer than all else that a line costs.
fn push_decimal(line: &mut Vec<u8>, value: i64) {
    let mut digits = [0; 20];
    let (mut left, mut start) = (value.unsigned_abs(), digits.len());
    loop {
        start -= 1;
        digits[start] = b'0' + u8::try_from(left % 10).unwrap_or_default();
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if value < 0 {
        line.push(b'-');
    }
    line.extend_from_slice(&digits[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_display_writes_them() {
        for value in [0, 7, 10, -1, 20_261_120, i64::from(i32::MIN), i64::MAX, i64::MIN] {
            let mut line = Vec::new();
            push_decimal(&mut line, value);
            assert_eq!(String::from_utf8_lossy(&line), value.to_string());
        }
    }
}

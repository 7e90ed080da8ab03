//! One record with its disposition, as `export` and `truth.csv` show it (`cli.md`, export columns).
//!
//! Lines end with LF. No field ever needs quoting: all are digits, hex, codes of `[A-Z0-9]` or fixed names. A
//! line is put together in one buffer that is used again, because exports have hundreds of millions of them.

use std::io;

use tongclear_types::{
    BcdDate, BcdTime, BusinessDate, CollectorId, Fen, IssuerId, MerchantCode, PackageSequence, Reason,
    Serial, TerminalId, TerminalNumber, TransactionRecord, Tti, Verdict,
};

use crate::wire::put;

/// The columns of `export`, CSV and Parquet alike.
pub const DETAIL_COLUMNS: [&str; 21] = [
    "merchant",
    "collector",
    "package_sequence",
    "row",
    "issuer_id",
    "serial",
    "tti",
    "offline_counter",
    "online_counter",
    "terminal",
    "terminal_number",
    "amount_fen",
    "list_price_fen",
    "balance_before_fen",
    "balance_after_fen",
    "date",
    "time",
    "disposition",
    "reason",
    "flags",
    "fee_fen",
];

/// The columns of `truth.csv`: those of `export` with the window in front.
pub const TRUTH_COLUMNS: [&str; 22] = {
    let mut columns = ["window"; 22];
    let mut i = 0;
    while i < DETAIL_COLUMNS.len() {
        columns[i + 1] = DETAIL_COLUMNS[i];
        i += 1;
    }
    columns
};

/// Length of a row's canonical bytes.
pub const CANONICAL_LEN: usize = 90;

/// A record, where it came from and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DetailRow {
    /// The package's merchant.
    pub merchant: MerchantCode,
    /// The package's collector.
    pub collector: CollectorId,
    /// The package.
    pub package_sequence: PackageSequence,
    /// The record's place in the package, from 0.
    pub row: u32,
    /// Whose card.
    pub issuer: IssuerId,
    /// Which card.
    pub serial: Serial,
    /// Transaction type.
    pub tti: Tti,
    /// Purchase counter before the transaction.
    pub offline_counter: u16,
    /// Load counter before the transaction.
    pub online_counter: u16,
    /// The terminal.
    pub terminal: TerminalId,
    /// The terminal's transaction number.
    pub terminal_number: TerminalNumber,
    /// Amount, fen.
    pub amount_fen: u32,
    /// Price before any concession, fen.
    pub list_price_fen: u32,
    /// Balance before, fen.
    pub balance_before_fen: u32,
    /// Balance after, fen.
    pub balance_after_fen: u32,
    /// Date as sent.
    pub date: BcdDate,
    /// Time as sent.
    pub time: BcdTime,
    /// What was decided.
    pub verdict: Verdict,
    /// The fee, only for accepted purchases under a contract of level `transaction`.
    pub fee_fen: Option<Fen>,
}

impl DetailRow {
    /// The row of `record`, which is number `row` of its package.
    #[must_use]
    pub const fn from_record(
        merchant: MerchantCode,
        collector: CollectorId,
        package_sequence: PackageSequence,
        row: u32,
        record: &TransactionRecord,
        verdict: Verdict,
        fee_fen: Option<Fen>,
    ) -> Self {
        Self {
            merchant,
            collector,
            package_sequence,
            row,
            issuer: record.issuer,
            serial: record.serial,
            tti: record.tti,
            offline_counter: record.offline_counter,
            online_counter: record.online_counter,
            terminal: record.terminal,
            terminal_number: record.terminal_number,
            amount_fen: record.amount_fen,
            list_price_fen: record.list_price_fen,
            balance_before_fen: record.balance_before_fen,
            balance_after_fen: record.balance_after_fen,
            date: record.date,
            time: record.time,
            verdict,
            fee_fen,
        }
    }

    /// Every column of the export at a fixed width, [`CANONICAL_LEN`] bytes: what digests and proofs are made of
    /// (`docs/digest.md`).
    #[must_use]
    #[inline]
    pub fn canonical(&self) -> [u8; CANONICAL_LEN] {
        let mut bytes = [0; CANONICAL_LEN];
        put::<0, 8, _>(&mut bytes, self.merchant.bytes());
        put::<8, 6, _>(&mut bytes, self.collector.0);
        put::<14, 4, _>(&mut bytes, self.package_sequence.0.to_be_bytes());
        put::<18, 4, _>(&mut bytes, self.row.to_be_bytes());
        put::<22, 8, _>(&mut bytes, self.issuer.0);
        put::<30, 10, _>(&mut bytes, self.serial.0);
        put::<40, 1, _>(&mut bytes, [self.tti.0]);
        put::<41, 2, _>(&mut bytes, self.offline_counter.to_be_bytes());
        put::<43, 2, _>(&mut bytes, self.online_counter.to_be_bytes());
        put::<45, 6, _>(&mut bytes, self.terminal.0);
        put::<51, 4, _>(&mut bytes, self.terminal_number.0.to_be_bytes());
        put::<55, 4, _>(&mut bytes, self.amount_fen.to_be_bytes());
        put::<59, 4, _>(&mut bytes, self.list_price_fen.to_be_bytes());
        put::<63, 4, _>(&mut bytes, self.balance_before_fen.to_be_bytes());
        put::<67, 4, _>(&mut bytes, self.balance_after_fen.to_be_bytes());
        put::<71, 4, _>(&mut bytes, self.date.0);
        put::<75, 3, _>(&mut bytes, self.time.0);
        put::<78, 1, _>(&mut bytes, [self.verdict.disposition() as u8]);
        put::<79, 1, _>(&mut bytes, [self.verdict.reason().map_or(u8::MAX, |reason| reason as u8)]);
        put::<80, 1, _>(&mut bytes, [self.verdict.flags().bits()]);
        put::<81, 1, _>(&mut bytes, [u8::from(self.fee_fen.is_some())]);
        put::<82, 8, _>(&mut bytes, self.fee_fen.map_or(0, Fen::get).to_be_bytes());
        bytes
    }

    /// Appends the row as a line of CSV.
    pub fn append_csv(&self, line: &mut Vec<u8>) {
        line.extend_from_slice(&self.merchant.bytes());
        push_hex(line, &self.collector.0);
        push_number(line, self.package_sequence.0.into());
        push_number(line, self.row.into());
        push_hex(line, &self.issuer.0);
        push_hex(line, &self.serial.0);
        push_hex(line, &[self.tti.0]);
        push_number(line, self.offline_counter.into());
        push_number(line, self.online_counter.into());
        push_hex(line, &self.terminal.0);
        push_number(line, self.terminal_number.0.into());
        push_number(line, self.amount_fen.into());
        push_number(line, self.list_price_fen.into());
        push_number(line, self.balance_before_fen.into());
        push_number(line, self.balance_after_fen.into());
        push_hex(line, &self.date.0);
        push_hex(line, &self.time.0);
        push_text(line, self.verdict.disposition().name());
        push_text(line, self.verdict.reason().map_or("", Reason::name));
        line.push(b',');
        for (i, flag) in self.verdict.flags().iter().enumerate() {
            if i > 0 {
                line.push(b'|');
            }
            line.extend_from_slice(flag.name().as_bytes());
        }
        line.push(b',');
        if let Some(fee) = self.fee_fen {
            if fee.is_negative() {
                line.push(b'-');
            }
            push_digits(line, fee.get().unsigned_abs());
        }
        line.push(b'\n');
    }
}

/// Writes `export` as CSV: the columns first, then row after row.
#[derive(Debug)]
pub struct DetailCsv<W> {
    out: W,
    line: Vec<u8>,
}

impl<W: io::Write> DetailCsv<W> {
    /// Writes the header line; `out` should be buffered.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(out: W) -> io::Result<Self> {
        with_header(out, &DETAIL_COLUMNS).map(|(out, line)| Self { out, line })
    }

    /// Writes one row.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&mut self, row: &DetailRow) -> io::Result<()> {
        self.line.clear();
        row.append_csv(&mut self.line);
        self.out.write_all(&self.line)
    }

    /// Flushes and gives `out` back.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Writes `truth.csv`: as [`DetailCsv`], with the window in front of each row.
#[derive(Debug)]
pub struct TruthCsv<W> {
    out: W,
    line: Vec<u8>,
}

impl<W: io::Write> TruthCsv<W> {
    /// Writes the header line; `out` should be buffered.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(out: W) -> io::Result<Self> {
        with_header(out, &TRUTH_COLUMNS).map(|(out, line)| Self { out, line })
    }

    /// Writes one row of the window of `window`.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&mut self, window: BusinessDate, row: &DetailRow) -> io::Result<()> {
        self.line.clear();
        io::Write::write_fmt(&mut self.line, format_args!("{window},"))?;
        row.append_csv(&mut self.line);
        self.out.write_all(&self.line)
    }

    /// Flushes and gives `out` back.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Writes the line of `columns`; gives back the buffer, too.
fn with_header<W: io::Write>(mut out: W, columns: &[&str]) -> io::Result<(W, Vec<u8>)> {
    let mut line = columns.join(",").into_bytes();
    line.push(b'\n');
    out.write_all(&line)?;
    Ok((out, line))
}

/// A comma and the bytes in lower-case hex.
fn push_hex(line: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    line.push(b',');
    for byte in bytes {
        line.push(DIGITS[usize::from(byte >> 4)]);
        line.push(DIGITS[usize::from(byte & 0x0f)]);
    }
}

/// A comma and the number in decimal.
fn push_number(line: &mut Vec<u8>, number: u64) {
    line.push(b',');
    push_digits(line, number);
}

/// A comma and the text.
fn push_text(line: &mut Vec<u8>, text: &str) {
    line.push(b',');
    line.extend_from_slice(text.as_bytes());
}

/// The number in decimal, without going through the formatting machinery: most of a line is numbers.
fn push_digits(line: &mut Vec<u8>, number: u64) {
    // 20 digits hold 2^64 − 1.
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    let mut rest = number;
    loop {
        first -= 1;
        digits[first] += u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    line.extend_from_slice(&digits[first..]);
}

#[cfg(test)]
mod tests;

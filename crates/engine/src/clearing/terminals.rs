//! Accepted number ranges of every terminal after a window: one small Parquet file, sorted by terminal.

use std::sync::Arc;

use arrow_array::builder::{StringBuilder, UInt32Builder};
use arrow_array::{StringArray, UInt32Array};
use arrow_schema::{DataType, SchemaRef};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use tongclear_types::TerminalId;

use super::columns::{self, ParquetFile};
use super::ranges::NumberRanges;

fn terminal_schema() -> SchemaRef {
    columns::schema(&[
        ("terminal", DataType::Utf8),
        ("first_number", DataType::UInt32),
        ("last_number", DataType::UInt32),
    ])
}

/// Writes the ranges; `terminals` are sorted and `numbers` stand beside them.
pub(crate) fn write(terminals: &[TerminalId], numbers: &[NumberRanges]) -> Result<Vec<u8>, String> {
    let mut file = ParquetFile::new(terminal_schema(), Vec::new())?;
    let mut terminal = StringBuilder::new();
    let (mut first, mut last) = (UInt32Builder::new(), UInt32Builder::new());
    for (id, ranges) in terminals.iter().zip(numbers) {
        for (from, to) in ranges.iter() {
            terminal.append_value(hex::encode(id.0));
            first.append_value(from);
            last.append_value(to);
        }
    }
    file.write(vec![Arc::new(terminal.finish()), Arc::new(first.finish()), Arc::new(last.finish())])?;
    file.finish()
}

/// Reads the ranges back, by terminal.
pub(crate) fn read(file: Bytes) -> Result<Vec<(TerminalId, NumberRanges)>, String> {
    decode(columns::read(file, &[])?)
}

/// Reads the ranges of one terminal; none when nothing of it was ever accepted.
pub(crate) fn read_terminal(file: Bytes, terminal: TerminalId) -> Result<NumberRanges, String> {
    let found = decode(columns::read_where(file, &[("terminal", terminal.to_string())])?)?;
    Ok(found.into_iter().next().map(|(_, ranges)| ranges).unwrap_or_default())
}

fn decode(batches: ParquetRecordBatchReader) -> Result<Vec<(TerminalId, NumberRanges)>, String> {
    let mut terminals: Vec<(TerminalId, NumberRanges)> = Vec::new();
    for batch in batches {
        let batch = batch.map_err(|error| error.to_string())?;
        let terminal = columns::column::<StringArray>(&batch, "terminal")?;
        let first = columns::column::<UInt32Array>(&batch, "first_number")?;
        let last = columns::column::<UInt32Array>(&batch, "last_number")?;
        for i in 0..batch.num_rows() {
            let id: TerminalId =
                terminal.value(i).parse().map_err(|error: tongclear_types::IdError| error.to_string())?;
            if terminals.last().is_none_or(|(known, _)| *known != id) {
                terminals.push((id, NumberRanges::default()));
            }
            if let Some((_, ranges)) = terminals.last_mut() {
                ranges.push_last(first.value(i), last.value(i));
            }
        }
    }
    Ok(terminals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let terminals = [TerminalId([1; 6]), TerminalId([2; 6]), TerminalId([3; 6])];
        let mut numbers = [NumberRanges::default(), NumberRanges::default(), NumberRanges::default()];
        numbers[0].merge([1, 2, 3, 9]);
        numbers[2].merge([u32::MAX]);
        let file = Bytes::from(write(&terminals, &numbers).unwrap());
        for (terminal, ranges) in terminals.iter().zip(&numbers) {
            assert_eq!(read_terminal(file.clone(), *terminal).unwrap(), *ranges);
        }
        let back = read(file).unwrap();
        let expected = [(terminals[0], numbers[0].clone()), (terminals[2], numbers[2].clone())];
        assert_eq!(back, expected, "a terminal without numbers needs no line");
    }
}

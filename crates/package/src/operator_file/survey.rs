//! The first look at an operator file: whether it is whole, how many lines it has, and where it may be cut.
//!
//! A gigabyte is read by several threads at once, each its own pieces; this pass over the bytes finds the pieces and holds
//! header and trailer against the rules. It is fed blocks of any size and holds a line at most.

use memchr::memchr_iter;

use super::{OPERATOR_COLUMNS, OPERATOR_LINE_MAX, is_operator_header};
use crate::list_error::ListError;
use crate::refusal::shown_text;
use crate::trailer::{TRAILER_LEN, check_crc, parse_trailer_line};

/// Whole lines of an operator file, without header and trailer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperatorPiece {
    /// Where it begins, bytes from the start of the file.
    pub start: u64,
    /// Where it ends, behind the line end of its last line.
    pub end: u64,
    /// The number of its first line in the file, from 1.
    pub first_line: u64,
}

/// The last bytes of a file are the trailer and at most a CRLF.
const HELD: usize = TRAILER_LEN + 2;

/// Looks at an operator file once, block by block.
///
/// ```
/// use tongclear_package::{OperatorFileWriter, OperatorSurvey};
/// let file = OperatorFileWriter::new(Vec::new())?.finish()?;
/// let mut survey = OperatorSurvey::new(4 << 20);
/// survey.push(&file)?;
/// assert_eq!(survey.finish()?, []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct OperatorSurvey {
    crc: crc32fast::Hasher,
    piece_bytes: u64,
    /// Bytes looked at, and lines that ended among them.
    offset: u64,
    lines: u64,
    /// Where the present line and the present piece began.
    line_start: u64,
    piece_start: u64,
    /// The number of the first line of the present piece.
    piece_line: u64,
    /// The first line, until it has ended.
    header: Vec<u8>,
    pieces: Vec<OperatorPiece>,
    /// The last bytes that came: they may be the trailer, which the CRC leaves out.
    held: Vec<u8>,
}

impl OperatorSurvey {
    /// A survey before the first byte; pieces will be of `piece_bytes` and the rest of a line.
    #[must_use]
    pub fn new(piece_bytes: u64) -> Self {
        Self {
            crc: crc32fast::Hasher::new(),
            piece_bytes,
            offset: 0,
            lines: 0,
            line_start: 0,
            piece_start: 0,
            piece_line: 1,
            header: Vec::new(),
            pieces: Vec::new(),
            held: Vec::with_capacity(2 * HELD),
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// A header that is none; a line that is too long to be one.
    pub fn push(&mut self, block: &[u8]) -> Result<(), ListError> {
        let mut held = std::mem::take(&mut self.held);
        match block.len().checked_sub(HELD) {
            Some(sure) => {
                let (sure, rest) = block.split_at(sure);
                self.look_at(&held)?;
                self.look_at(sure)?;
                held.clear();
                held.extend_from_slice(rest);
            }
            None => {
                held.extend_from_slice(block);
                let sure = held.len().saturating_sub(HELD);
                self.look_at(&held[..sure])?;
                held.drain(..sure);
            }
        }
        self.held = held;
        Ok(())
    }

    /// Looks at bytes that are not the trailer.
    fn look_at(&mut self, bytes: &[u8]) -> Result<(), ListError> {
        self.crc.update(bytes);
        let begin = self.offset;
        if self.lines == 0 {
            // As far as the longest line, and not a gigabyte without a line end.
            self.header.extend(bytes.iter().take(OPERATOR_LINE_MAX + 2 - self.header.len()));
        }
        for end in memchr_iter(b'\n', bytes) {
            self.end_line(begin + end as u64 + 1)?;
        }
        self.offset += bytes.len() as u64;
        self.refuse_if_too_long(self.offset)
    }

    /// The present line ended before `end`.
    fn end_line(&mut self, end: u64) -> Result<(), ListError> {
        self.refuse_if_too_long(end)?;
        self.lines += 1;
        self.line_start = end;
        if self.lines == 1 {
            let header = self.header.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let header = header.strip_suffix(b"\r").unwrap_or(header);
            if !is_operator_header(header) {
                return Err(wrong_header(header));
            }
            (self.piece_start, self.piece_line) = (end, 2);
        } else if end - self.piece_start >= self.piece_bytes {
            self.end_piece(end);
        }
        Ok(())
    }

    fn end_piece(&mut self, end: u64) {
        let (start, first_line) = (self.piece_start, self.piece_line);
        self.pieces.push(OperatorPiece { start, end, first_line });
        (self.piece_start, self.piece_line) = (end, self.lines + 1);
    }

    fn refuse_if_too_long(&self, end: u64) -> Result<(), ListError> {
        if end - self.line_start <= OPERATOR_LINE_MAX as u64 + 2 {
            return Ok(());
        }
        let value = format!("over {OPERATOR_LINE_MAX} bytes");
        Err(ListError::new(self.lines + 1, "line", value, format!("at most {OPERATOR_LINE_MAX} bytes")))
    }

    /// Ends the file: the pieces of its transactions, in order.
    ///
    /// # Errors
    /// When header or trailer are missing; a wrong CRC.
    pub fn finish(mut self) -> Result<Vec<OperatorPiece>, ListError> {
        let held = std::mem::take(&mut self.held);
        let text =
            held.strip_suffix(b"\n").map_or(&held[..], |text| text.strip_suffix(b"\r").unwrap_or(text));
        let (rest, trailer) = text.split_at(text.len().saturating_sub(TRAILER_LEN));
        self.look_at(rest)?;
        let line = self.lines + 1;
        let stated = parse_trailer_line(trailer).filter(|_| self.offset == self.line_start);
        let Some(stated) = stated else {
            // The last line is what stands where the trailer should.
            self.look_at(trailer)?;
            let last = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
            let (line, value) = (self.lines + 1, shown_text(last, TRAILER_LEN));
            return Err(ListError::new(line, "trailer", value, "CRC: and eight lower-case hex digits"));
        };
        if self.lines == 0 {
            return Err(wrong_header(trailer));
        }
        check_crc(line, stated, self.crc.clone().finalize())?;
        if self.piece_start < self.offset {
            self.end_piece(self.offset);
        }
        Ok(self.pieces)
    }
}

fn wrong_header(header: &[u8]) -> ListError {
    ListError::new(1, "columns", shown_text(header, 32), OPERATOR_COLUMNS.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trailer::append_trailer;

    const LINE: &str = "04176510ffffffff,00005100012345678901,06,7,651000000a01,1,200,20261124,083000,ok";

    fn file(lines: usize, end: &str) -> Vec<u8> {
        let mut text = format!("{}{end}", OPERATOR_COLUMNS.join(","));
        (0..lines).for_each(|_| text.push_str(&format!("{LINE}{end}")));
        let mut text = text.into_bytes();
        append_trailer(&mut text);
        text
    }

    fn survey(file: &[u8], block: usize, piece: u64) -> Result<Vec<OperatorPiece>, String> {
        let mut survey = OperatorSurvey::new(piece);
        let pushed = file.chunks(block).try_for_each(|block| survey.push(block));
        pushed.and_then(|()| survey.finish()).map_err(|error| error.to_string())
    }

    /// Whatever the blocks, the pieces are whole lines, follow each other, and end before the trailer.
    #[test]
    fn pieces_are_whole_lines_whatever_the_blocks() {
        for (end, after) in [("\n", ""), ("\r\n", "\r\n"), ("\n", "\n")] {
            let mut bytes = file(25, end);
            let body = bytes.len() - TRAILER_LEN;
            bytes.extend_from_slice(after.as_bytes());
            for block in [1, 2, 13, 14, 15, 80, 1_000, 10_000] {
                for piece in [1, 200, 5_000] {
                    let pieces = survey(&bytes, block, piece).unwrap();
                    let mut at = OPERATOR_COLUMNS.join(",").len() + end.len();
                    let mut line = 2;
                    for OperatorPiece { start, end: to, first_line } in pieces {
                        let (start, to) = (usize::try_from(start).unwrap(), usize::try_from(to).unwrap());
                        assert_eq!((start, first_line), (at, line), "{end:?} {block} {piece}");
                        assert_eq!(bytes[to - 1], b'\n');
                        line += bytes[start..to].iter().filter(|byte| **byte == b'\n').count() as u64;
                        at = to;
                    }
                    assert_eq!((at, line), (body, 27), "{end:?} {block} {piece}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        let good = file(2, "\n");
        let with = |from: &str, to: &str| {
            String::from_utf8(good.clone()).unwrap().replacen(from, to, 1).into_bytes()
        };
        let long = [&good[..200], &[b'x'; 2_000][..], &good[200..]].concat();
        let no_line_end = [&good[..good.len() - TRAILER_LEN - 1], &good[good.len() - TRAILER_LEN..]].concat();
        let table: Vec<(Vec<u8>, &str)> = vec![
            (Vec::new(), "line 1: trailer is \"\""),
            (b"CRC:00000000".to_vec(), "line 1: columns is \"CRC:00000000\""),
            (good[..good.len() - 1].to_vec(), "line 4: trailer is"),
            (no_line_end, "line 3: trailer is"),
            (with(",200,", ",201,"), "line 4: crc is"),
            (with("serial", "number"), "line 1: columns is"),
            (long, "line 3: line is over 1024 bytes"),
            ([&good[..], b"\n\n"].concat(), "line 5: trailer is"),
        ];
        for (bytes, expected) in table {
            for block in [1, 14, 4_096] {
                let error = survey(&bytes, block, 100).unwrap_err();
                assert!(error.starts_with(expected), "{error:?} should begin {expected:?}");
            }
        }
    }
}

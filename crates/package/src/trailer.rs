//! The last line of lists, result files and operator files (`package.md`, Lists): `CRC:` and eight lower-case
//! hex digits, the CRC-32 (zlib) of everything before that line.

use std::io;

use crate::list_error::ListError;
use crate::refusal::shown_text;

/// Length of the trailer line without a line end, bytes.
pub const TRAILER_LEN: usize = 12;

/// How the trailer line begins.
const MARK: &[u8] = b"CRC:";

/// The trailer line of a file whose lines before it have `crc`.
///
/// ```
/// assert_eq!(tongclear_package::trailer_line(0xcbf4_3926), *b"CRC:cbf43926");
/// ```
#[must_use]
pub fn trailer_line(crc: u32) -> [u8; TRAILER_LEN] {
    let mut line = [0; TRAILER_LEN];
    let (mark, digits) = line.split_at_mut(MARK.len());
    mark.copy_from_slice(MARK);
    hex::encode_to_slice(crc.to_be_bytes(), digits).expect("eight digits hold four bytes");
    line
}

/// The CRC that a trailer line states; none when the line, taken without its line end, is no trailer.
#[must_use]
pub fn parse_trailer_line(line: &[u8]) -> Option<u32> {
    let digits = line.strip_prefix(MARK)?;
    let lower = digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    let mut crc = [0; 4];
    hex::decode_to_slice(digits, &mut crc).ok()?;
    lower.then(|| u32::from_be_bytes(crc))
}

/// The body of a file with CRLF lines: everything before its trailer, which must be there and right.
///
/// A CRLF after the trailer is allowed. The body is empty or ends with CRLF.
pub(crate) fn split_body(bytes: &[u8]) -> Result<&[u8], ListError> {
    let whole = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
    let (body, last) = match whole.iter().rposition(|byte| *byte == b'\n') {
        Some(end) => whole.split_at(end + 1),
        None => (&whole[..0], whole),
    };
    let line = 1 + body.iter().filter(|byte| **byte == b'\n').count() as u64;
    let Some(stated) = parse_trailer_line(last) else {
        let value = shown_text(last, TRAILER_LEN);
        return Err(ListError::new(line, "trailer", value, "CRC: and eight lower-case hex digits"));
    };
    check_crc(line, stated, crc32fast::hash(body))?;
    Ok(body)
}

/// The stated CRC is the one that the lines before have.
pub(crate) fn check_crc(line: u64, stated: u32, actual: u32) -> Result<(), ListError> {
    if stated != actual {
        let (stated, actual) =
            (format!("{stated:08x}"), format!("{actual:08x}, the CRC of the lines before"));
        return Err(ListError::new(line, "crc", stated, actual));
    }
    Ok(())
}

/// A sink that keeps the CRC of what goes through it and ends with the trailer.
#[derive(Debug)]
pub struct TrailerWriter<W> {
    out: W,
    crc: crc32fast::Hasher,
}

impl<W: io::Write> TrailerWriter<W> {
    /// A file that begins here.
    pub fn new(out: W) -> Self {
        Self { out, crc: crc32fast::Hasher::new() }
    }

    /// Writes the trailer, flushes, and gives the sink back.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&trailer_line(self.crc.finalize()))?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<W: io::Write> io::Write for TrailerWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.crc.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Appends the trailer to lines in memory.
pub(crate) fn append_trailer(lines: &mut Vec<u8>) {
    let trailer = trailer_line(crc32fast::hash(lines));
    lines.extend_from_slice(&trailer);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_form_is_a_trailer() {
        let table: [(&[u8], Option<u32>); 8] = [
            (b"CRC:cbf43926", Some(0xcbf4_3926)),
            (b"CRC:00000000", Some(0)),
            (b"CRC:CBF43926", None),
            (b"CRC:cbf4392", None),
            (b"CRC:cbf439266", None),
            (b"crc:cbf43926", None),
            (b"CRC:cbf43926\r", None),
            (b"", None),
        ];
        for (line, expected) in table {
            assert_eq!(parse_trailer_line(line), expected, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn writer_and_memory_agree() {
        let mut lines = b"123456789".to_vec();
        let mut writer = TrailerWriter::new(Vec::new());
        io::Write::write_all(&mut writer, &lines).unwrap();
        append_trailer(&mut lines);
        assert_eq!(writer.finish().unwrap(), lines);
        assert_eq!(lines, b"123456789CRC:cbf43926");
    }

    #[test]
    fn a_body_may_be_empty_and_a_line_end_may_follow() {
        let table: [(&[u8], &str); 6] = [
            (b"CRC:00000000", "ok"),
            (b"CRC:00000000\r\n", "ok"),
            (b"CRC:00000000\n", "line 2: trailer is \"\", expected CRC: and eight lower-case hex digits"),
            (b"CRC:00000001", "line 1: crc is 00000001, expected 00000000, the CRC of the lines before"),
            (b"a\r\nCRC:00000000", "line 2: crc is 00000000, expected e32fef56, the CRC of the lines before"),
            (b"", "line 1: trailer is \"\", expected CRC: and eight lower-case hex digits"),
        ];
        for (bytes, expected) in table {
            let got = split_body(bytes).map_or_else(|error| error.to_string(), |_| "ok".to_owned());
            assert_eq!(got, expected, "{}", bytes.escape_ascii());
        }
    }
}

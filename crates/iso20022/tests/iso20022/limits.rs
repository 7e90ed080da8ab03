//! Documents that would eat the machine are refused before they can.

use std::io::{self, Read};

use tongclear_iso20022::{DEPTH_MAX, DOCUMENT_MAX, NODES_MAX, PaymentOrder, StatementFile};

const HEAD: &str =
    "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt><Ntry>";

fn refusal(document: &str) -> String {
    StatementFile::read(document.as_bytes()).unwrap_err().to_string()
}

/// The same bytes for ever, after a beginning; counts what was taken.
struct Endless<'a> {
    beginning: &'a [u8],
    again: &'a [u8],
    taken: u64,
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let from = if self.beginning.is_empty() { self.again } else { self.beginning };
        let count = from.len().min(buffer.len());
        buffer[..count].copy_from_slice(&from[..count]);
        if !self.beginning.is_empty() {
            self.beginning = &self.beginning[count..];
        }
        self.taken += count as u64;
        Ok(count)
    }
}

#[test]
fn no_more_is_read_than_the_limit() {
    // Elements that are passed over are not held, so this takes no memory, whatever comes.
    let filler = format!("<x>{}</x>", "y".repeat(8_000));
    let mut endless = Endless { beginning: HEAD.as_bytes(), again: filler.as_bytes(), taken: 0 };
    let error = StatementFile::read(io::BufReader::new(&mut endless)).unwrap_err().to_string();
    assert!(error.ends_with("more than 268435456 bytes"), "{error}");
    assert!(endless.taken < DOCUMENT_MAX + (1 << 20), "{} bytes were taken", endless.taken);
}

#[test]
fn no_more_elements_are_held_than_the_limit() {
    let error = refusal(&format!("{HEAD}{}", "<Amt/>".repeat(NODES_MAX)));
    assert_eq!(error, "Document/BkToCstmrStmt/Stmt[1]/Ntry[1]: more than 1048576 elements inside");
}

#[test]
fn no_level_is_deeper_than_the_limit() {
    for name in ["Amt", "x"] {
        let error = refusal(&format!("{HEAD}{}", format!("<{name}>").repeat(DEPTH_MAX)));
        assert_eq!(error, "Document/BkToCstmrStmt/Stmt[1]/Ntry[1]: more than 32 levels of elements");
    }
}

#[test]
fn a_thousand_attributes_are_refused() {
    let attributes: String = (0..1000).map(|it| format!(" a{it}=\"\"")).collect();
    let error = refusal(&format!("{HEAD}<Amt{attributes}>"));
    assert_eq!(error, "Document/BkToCstmrStmt/Stmt[1]/Ntry[1]: more than 16 attributes");
}

#[test]
fn entities_are_refused_in_both_messages() {
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\">]><Document/>";
    for error in [
        StatementFile::read(laughs.as_bytes()).unwrap_err().to_string(),
        PaymentOrder::read(laughs.as_bytes()).unwrap_err().to_string(),
    ] {
        assert_eq!(error, "a document type (DOCTYPE) is refused");
    }
}

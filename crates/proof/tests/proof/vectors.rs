//! The statements and the root of `fixtures/proofs`, which are committed for whoever writes another verifier.

use std::fs;
use std::path::Path;

use tongclear_proof::{PublishedRoot, Statement, verify};

use crate::naive::root_of;
use crate::sample::window;

const MERCHANTS: [(&str, u32); 4] = [("BUS00001", 40), ("IDLE0001", 0), ("MET00001", 600), ("POW00001", 8)];

#[test]
fn the_committed_statements_lead_to_the_committed_root() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/proofs");
    let window = window(&MERCHANTS);
    let mut files = vec![("root.json".to_owned(), window.proof.published().to_json())];
    for (merchant, _) in MERCHANTS {
        files.push((format!("statement-{merchant}.json"), window.statement(merchant).to_json()));
    }
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::create_dir_all(&folder).unwrap();
        files.iter().for_each(|(name, bytes)| fs::write(folder.join(name), bytes).unwrap());
    }
    let mut found: Vec<_> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    let names: Vec<&String> = files.iter().map(|(name, _)| name).collect();
    assert_eq!(found.iter().collect::<Vec<_>>(), names);
    for (name, bytes) in &files {
        let there = fs::read(folder.join(name)).unwrap();
        assert!(there == *bytes, "{name} is not what this test makes; UPDATE_FIXTURES=1 writes it");
    }

    let published = PublishedRoot::parse(&files[0].1).unwrap();
    published.check().unwrap();
    for (name, bytes) in &files[1..] {
        verify(&Statement::parse(bytes).unwrap(), published.root).unwrap();
        let statement = serde_json::from_slice(bytes).unwrap();
        assert_eq!(hex::encode(root_of(&statement)), published.root.to_string(), "{name}");
    }
}

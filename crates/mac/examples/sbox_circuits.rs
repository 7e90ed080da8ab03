//! Prints `src/bitslice/sboxes.rs`, the S-box circuits of the bit-sliced DES, found anew.
//!
//! `cargo run --release -p tongclear-mac --example sbox_circuits -- RESTARTS`: the more restarts, the fewer
//! gates and the longer it takes; the committed file was made with the number in its first lines.

#[path = "../src/bitslice/generate.rs"]
mod generate;

fn main() {
    let restarts = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100);
    let found = std::thread::scope(|scope| {
        let searches: Vec<_> =
            (0..8).map(|sbox| scope.spawn(move || generate::search(sbox, restarts))).collect();
        searches
            .into_iter()
            .map(|search| search.join().expect("the search does not panic"))
            .collect::<Vec<_>>()
    });
    let gates: usize = found.iter().map(generate::Circuit::len).sum();
    println!("//! The S-boxes of DES as circuits, {gates} gates in all, each gate 64 lanes at once.");
    println!("//!");
    println!(
        "//! Printed by `examples/sbox_circuits.rs` with {restarts} restarts; do not edit. Inputs and outputs are in"
    );
    println!("//! the order of FIPS 46-3, the first bit first.");
    for (sbox, circuit) in found.iter().enumerate() {
        print!("\n{}", circuit.source(sbox));
    }
}

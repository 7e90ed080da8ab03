//! Prints `src/bitslice/sm4_sbox.rs`, the S-box circuit of the bit-sliced SM4, found anew.
//!
//! `cargo run --release -p tongclear-mac --example sm4_circuit -- RESTARTS`: the more restarts, the fewer gates and
//! the longer it takes; the committed file was made with the number in its first lines.

#[path = "../src/bitslice/generate.rs"]
#[expect(dead_code, reason = "the search for the S-boxes of DES")]
mod generate;
#[path = "../src/bitslice/generate_sm4.rs"]
mod generate_sm4;

fn main() {
    let restarts = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    let circuit = generate_sm4::sbox_circuit(restarts, u8::MAX);
    println!("//! The S-box of SM4 as a circuit, {} gates, each gate 64 lanes at once.", circuit.len());
    println!("//!");
    println!(
        "//! Printed by `examples/sm4_circuit.rs` with {restarts} restarts; do not edit. The highest bit is the first."
    );
    println!();
    print!("{}", circuit.source());
}

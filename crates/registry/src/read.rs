//! Reading the two files: every entry on its own, with the line of every field.

mod sections;
mod table;
mod terminals;
mod value;

pub(crate) use sections::{read_contracts, read_toml};
pub(crate) use terminals::read_terminals;

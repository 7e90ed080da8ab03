//! Parquet files whose encodings are known beforehand.
//!
//! A general writer finds out, value by value, what repeats: it hashes every text of every row, then compresses what it
//! made of them. Whoever writes the cleared detail of a city already knows: there are two hundred merchants, and each
//! row says the number of its own; counters rise by one; a card's rows stand together. So each column comes with the
//! encoding that fits it, and is packed to the bit in one pass, some ten times faster and without a compressor:
//!
//! | column | encoding of the [format](https://parquet.apache.org/docs/file-format/data-pages/encodings/) | for |
//! |---|---|---|
//! | [`Column::Words`], [`Column::Numbers`] | `RLE_DICTIONARY` | values that the writer can number: merchants, terminals, dispositions |
//! | [`Column::Fronts`] | `DELTA_BYTE_ARRAY` | texts of one length that share their front with the one before: sorted serials |
//! | [`Column::Texts`] | `DELTA_LENGTH_BYTE_ARRAY` | texts of one length that share nothing: times |
//! | [`Column::U32`], [`Column::OptionalI64`] | `DELTA_BINARY_PACKED` | numbers |
//!
//! Any Parquet reader opens the files; what is written here has no compression, and minimum and maximum for words and fronts, so that
//! whoever looks for one card skips the row groups that cannot have it. The same columns give the same bytes.

mod bits;
mod column;
mod delta;
mod file;
mod words;

pub use column::Column;
pub use file::{PackedFile, WriteError};
pub use words::Words;

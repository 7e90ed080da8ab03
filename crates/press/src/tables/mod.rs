//! Which tables a document has, in which order, with which words.

mod month;
mod shared;
mod statement;
mod statement_rows;

pub(crate) use self::month::of_month;
pub(crate) use self::statement::of_statement;

//! XML, as far as the two messages need it: a scanner that goes through a document once and holds one element at a time,
//! nodes to take values from, and a writer.
//!
//! Refused whatever the message: more than [`DOCUMENT_MAX`] bytes, more than [`DEPTH_MAX`] levels, document types and
//! entities of one's own (billion laughs, files of ours), encodings other than UTF-8, roots in other namespaces.
//! Elements that are not known, and elements of other namespaces, are passed over.

mod names;
mod node;
mod scan;
mod values;
mod write;

pub(crate) use node::Node;
pub(crate) use scan::Scanner;
pub(crate) use values::{boolean, count, currency_amount, date, moment, text};
pub(crate) use write::Put;

pub use scan::{DEPTH_MAX, DOCUMENT_MAX, NODES_MAX};

//! A package whose form holds, looked at where it lies in memory: nothing is copied until a record is asked for.

use std::fmt;

use tongclear_mac::SealMaster;
use tongclear_types::TransactionRecord;

use crate::form::Form;
use crate::header::{PackageHeader, RECORD_LEN, SEAL_LEN};
use crate::record::decode_record;
use crate::refusal::Refusal;

/// The bytes of a package that [`admit`](crate::admit) or [`PackageView::reopen`] found in order.
#[derive(Clone, Copy)]
pub struct PackageView<'a> {
    header: PackageHeader,
    sealed: &'a [u8],
    records: &'a [[u8; RECORD_LEN]],
    seal: &'a [u8; SEAL_LEN],
}

impl<'a> PackageView<'a> {
    /// Reads back a package that was admitted before: checks form and sum, and asks neither registry nor keys.
    ///
    /// # Errors
    /// The first of those checks that fails, in the order of the door.
    pub fn reopen(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let form = Form::check(bytes)?;
        let algorithm = form.seal_algorithm()?;
        form.check_sum()?;
        form.check_sequence()?;
        Ok(Self::new(&form, form.header(algorithm)))
    }

    /// The view of a form whose header is `header`.
    pub(crate) fn new(form: &Form<'a>, header: PackageHeader) -> Self {
        Self { header, sealed: form.sealed, records: form.records, seal: form.seal }
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &PackageHeader {
        &self.header
    }

    /// The records in the order of the package.
    pub fn records(
        &self,
    ) -> impl ExactSizeIterator<Item = TransactionRecord> + DoubleEndedIterator + use<'a> {
        self.records.iter().map(decode_record)
    }

    /// The record of `row`, counted from 0, if the package has it.
    #[must_use]
    pub fn record(&self, row: u32) -> Option<TransactionRecord> {
        self.records.get(usize::try_from(row).ok()?).map(decode_record)
    }

    /// The records as they lie in the package.
    #[must_use]
    pub const fn record_bytes(&self) -> &'a [[u8; RECORD_LEN]] {
        self.records
    }

    /// The seal.
    #[must_use]
    pub const fn seal(&self) -> [u8; SEAL_LEN] {
        *self.seal
    }

    /// The first 8 bytes of the seal: what the next package of this collector must repeat.
    #[must_use]
    pub fn seal_start(&self) -> [u8; 8] {
        crate::wire::part::<0, 8, _>(self.seal)
    }

    /// Whether the seal is the one of these bytes under `master`, which must be of the header's algorithm.
    #[must_use]
    pub fn verify_seal(&self, master: &SealMaster) -> bool {
        master.algorithm() == self.header.seal_algorithm
            && master.seal_key(self.header.collector).verify(self.sealed, self.seal)
    }
}

/// The header alone: a package may hold a million records.
impl fmt::Debug for PackageView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackageView").field("header", &self.header).finish_non_exhaustive()
    }
}

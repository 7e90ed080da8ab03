//! The merchant's own package files against its statement.

use std::collections::BTreeMap;

use serde::Serialize;
use tongclear_package::{DetailRow, PackageView, peek_key};
use tongclear_types::{CollectorId, Fen, PackageSequence};

use crate::disagreement::{Disagreement, agree, in_domain};
use crate::hash::Hash;
use crate::statement::{Statement, UnpaidRecord};

/// What a merchant's files showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct FilesHeld {
    /// Packages of the statement that were among the files, byte for byte.
    pub matched: u64,
    /// Files that the statement does not list: of another window, or refused at the door.
    pub others: u64,
}

/// Holds package files against a statement that was verified, one after another.
pub struct PackageFiles<'a> {
    statement: &'a Statement,
    /// Places of packages that were not among the files so far.
    missing: BTreeMap<(CollectorId, PackageSequence), usize>,
    /// Records that were not accepted, by package.
    unpaid: BTreeMap<(CollectorId, PackageSequence), Vec<&'a UnpaidRecord>>,
    held: FilesHeld,
}

impl<'a> PackageFiles<'a> {
    /// Before the first file.
    #[must_use]
    pub fn new(statement: &'a Statement) -> Self {
        let keys = statement.packages.iter().map(|package| (package.collector, package.sequence));
        let mut unpaid = BTreeMap::<_, Vec<_>>::new();
        for record in &statement.unpaid {
            unpaid.entry((record.collector, record.package_sequence)).or_default().push(record);
        }
        Self { statement, missing: keys.zip(0..).collect(), unpaid, held: FilesHeld::default() }
    }

    /// Holds one file against the statement.
    ///
    /// # Errors
    /// The first [`Disagreement`]: bytes of a listed package that are not those the centre cleared, or a record
    /// that stands otherwise in the package than in the statement.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), Disagreement> {
        let place = peek_key(bytes).and_then(|key| self.missing.remove(&key).map(|place| (key, place)));
        let Some((key, place)) = place else {
            self.held.others += 1;
            return Ok(());
        };
        let (line, field) = (&self.statement.packages[place], format!("packages[{place}]"));
        agree(format_args!("{field}.sha256"), &line.sha256, &Hash::of(bytes))?;
        let view = PackageView::reopen(bytes).map_err(|refusal| {
            Disagreement::new(&field, "a package", format_args!("a package ({refusal})"))
        })?;
        let header = view.header();
        agree(format_args!("{field}: merchant"), &self.statement.merchant, &header.merchant)?;
        agree(format_args!("{field}.records"), &line.records, &header.record_count)?;
        let listed = in_domain(&field, line.dispositions.sum())?.amount_fen;
        let sum = Fen::try_sum(view.records().map(|record| record.amount()));
        agree(format_args!("{field}: amount_fen"), &listed, &in_domain(&field, sum)?)?;
        for unpaid in self.unpaid.remove(&key).unwrap_or_default() {
            let stated = unpaid.detail();
            let follows = stated.zip(view.record(unpaid.row)).map(|(stated, record)| {
                let (collector, sequence) = key;
                let (row, verdict) = (stated.row, stated.verdict);
                DetailRow::from_record(header.merchant, collector, sequence, row, &record, verdict, None)
            });
            if stated != follows {
                return Err(Disagreement::new(
                    format_args!("unpaid: row {} of {field}", unpaid.row),
                    "a record",
                    "the record that the package holds",
                ));
            }
        }
        self.held.matched += 1;
        Ok(())
    }

    /// Once all files were taken.
    ///
    /// # Errors
    /// A [`Disagreement`] when a package of the statement was not among them.
    pub fn finish(self) -> Result<FilesHeld, Disagreement> {
        match self.missing.into_iter().next() {
            None => Ok(self.held),
            Some(((collector, sequence), place)) => Err(Disagreement::new(
                format_args!("packages[{place}]"),
                format_args!("package {sequence} of collector {collector}"),
                "a package among the files",
            )),
        }
    }
}

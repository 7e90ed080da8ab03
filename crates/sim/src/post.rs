//! Where packages go: one file each, and a line of truth for each of their rows and for the operators' lines about them.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use tongclear_mac::SealMaster;
use tongclear_package::{DetailRow, PackageHeaderFields, SEAL_LEN, TruthCsv, file_name, write_package};
use tongclear_types::{BusinessDate, TransactionRecord};

use crate::books::{Found, LineTruth};
use crate::city::City;
use crate::files;
use crate::keys::Keys;
use crate::moment::Day;
use crate::outbox::Row;
use crate::plan::{Plan, SimError};
use crate::summary::Paths;

/// Bytes buffered before they go to the disk.
const BUFFER_BYTES: usize = 1 << 20;

/// The packages of one window and the truth of all.
pub(crate) struct Post {
    packages: PathBuf,
    /// The folder of the present window.
    folder: PathBuf,
    /// The first window's date, and the present one's.
    date: BusinessDate,
    window: BusinessDate,
    truth_path: PathBuf,
    truth: TruthCsv<BufWriter<File>>,
    lines: LineTruth,
    /// The records of a package, to be used again.
    records: Vec<TransactionRecord>,
    seal_masters: [SealMaster; 2],
}

impl Post {
    /// Opens the truth.
    pub(crate) fn new(plan: &Plan, city: &City, keys: &Keys) -> Result<Self, SimError> {
        let paths = Paths::below(&plan.out);
        let file = File::create(&paths.truth).map_err(files::at(&paths.truth))?;
        let file = BufWriter::with_capacity(BUFFER_BYTES, file);
        let truth = TruthCsv::new(file).map_err(files::at(&paths.truth))?;
        files::make(&paths.operators)?;
        let codes = city.operators.iter().map(|operator| operator.code.to_string()).collect();
        let lines = LineTruth::new(paths.operators.join("truth.csv"), plan.date, codes)?;
        Ok(Self {
            folder: paths.packages.clone(),
            packages: paths.packages,
            date: plan.date,
            window: plan.date,
            truth_path: paths.truth,
            truth,
            lines,
            records: Vec::new(),
            seal_masters: keys.seal_masters(),
        })
    }

    /// The truth about the lines of the card operators' files.
    pub(crate) fn lines(&mut self) -> &mut LineTruth {
        &mut self.lines
    }

    /// Opens the window of `day`.
    pub(crate) fn begin(&mut self, day: Day) -> Result<(), SimError> {
        self.window = self.date.plus_days(day.0);
        self.folder = self.packages.join(self.window.to_string());
        files::make(&self.folder)
    }

    /// Seals and writes the package of `rows` and the truth about them; the first 8 bytes of the seal.
    pub(crate) fn deliver(
        &mut self,
        fields: &PackageHeaderFields,
        rows: &[Row],
    ) -> Result<[u8; 8], SimError> {
        self.records.clear();
        self.records.extend(rows.iter().map(|row| row.record));
        let master = &self.seal_masters[usize::from(fields.seal_key_version == 2)];
        let bytes = write_package(fields, &self.records, master);
        files::write(&self.folder.join(file_name(fields.collector, fields.sequence)), &bytes)?;
        let &PackageHeaderFields { merchant, collector, sequence, .. } = fields;
        for (number, Row { record, verdict, fee_fen, line }) in (0..).zip(rows) {
            let row =
                DetailRow::from_record(merchant, collector, sequence, number, record, *verdict, *fee_fen);
            self.truth.write(self.window, &row).map_err(files::at(&self.truth_path))?;
            let Some(line) = *line else { continue };
            let (window, verdict) = (self.window, *verdict);
            let &TransactionRecord { date, time, .. } = record;
            self.lines
                .found(line, Found { date, time, collector, sequence, row: number, window, verdict })?;
        }
        let mut seal_start = [0; 8];
        seal_start.copy_from_slice(&bytes[bytes.len() - SEAL_LEN..][..8]);
        Ok(seal_start)
    }

    /// Closes the truth.
    pub(crate) fn finish(self) -> Result<(), SimError> {
        self.truth.finish().map_err(files::at(&self.truth_path))?;
        self.lines.finish()
    }
}

//! What people decided, as a run takes it in with the windows that carry the decisions out: a released record is ours from then
//! on, and a break that was decided waits no more.

use std::collections::HashSet;

use tongclear_ledger::Resolution;
use tongclear_store::decisions::{LinePlace as StoredLine, RecordPlace, Subject, decisions_of_window};
use tongclear_types::{BusinessDate, Chain, OperatorCode};

use super::inputs::Past;
use super::item::{Facts, LinePlace, Ours, Place};
use crate::clearing::partition_of;
use crate::decisions::{Released, released};
use crate::{Centre, ClosedWindow, EngineError};

/// The decisions of the windows that a run takes in.
#[derive(Default)]
pub(super) struct Decided {
    /// Records that were suspended and are paid now, with their partitions.
    released: Vec<(u16, Ours)>,
    /// Breaks: our records, and the operator's lines.
    records: HashSet<Place>,
    lines: HashSet<LinePlace>,
}

impl Decided {
    /// Adds what a window carries out; `past` are the runs that took in the lines which were decided about.
    ///
    /// # Errors
    /// Those of [`released`].
    pub(super) async fn take(
        &mut self,
        centre: &Centre,
        operator: OperatorCode,
        window: &ClosedWindow,
        past: &[Past],
        partitions: u16,
    ) -> Result<(), EngineError> {
        for row in decisions_of_window(&*centre.store, window.row.id).await? {
            if row.decision.resolution == Resolution::Keep {
                continue;
            }
            match &row.decision.subject {
                Subject::OursOnly { record, .. } => drop(self.records.insert(place(record))),
                Subject::TheirsOnly { line, .. } => self.lines.extend(line_place(line, past)),
                // A suspended record is none of ours yet; a mismatch has cleared both sides.
                Subject::Suspended { .. } | Subject::Mismatch { .. } => {}
            }
        }
        for it in released(centre, window).await?.iter().filter(|it| it.operator == operator) {
            self.released.push((partition_of(&it.card, partitions), ours(it, window.date())?));
        }
        Ok(())
    }

    /// The records of a partition that are ours from this run on.
    pub(super) fn released(&self, partition: u16) -> impl Iterator<Item = Ours> {
        self.released.iter().filter(move |(of, _)| *of == partition).map(|(_, ours)| *ours)
    }

    /// Whether a break with our record there was decided.
    pub(super) fn ends_record(&self, place: Place) -> bool {
        self.records.contains(&place)
    }

    /// Whether a break with the operator's line there was decided.
    pub(super) fn ends_line(&self, place: LinePlace) -> bool {
        self.lines.contains(&place)
    }
}

fn place(record: &RecordPlace) -> Place {
    let RecordPlace { collector, package_sequence, row } = *record;
    Place { collector, sequence: package_sequence, row }
}

/// Where a line stands, if a run with this operator took its file in.
fn line_place(line: &StoredLine, past: &[Past]) -> Option<LinePlace> {
    let run = past.iter().find(|run| run.row.file == Some(line.file_sha256))?.row.run;
    Some(LinePlace { run, line: line.line.into() })
}

/// What is paid of a released record is what the operator owes.
fn ours(of: &Released, window: BusinessDate) -> Result<Ours, EngineError> {
    let beyond = || EngineError::CheckFailed(format!("record {}: {} fen are paid of it", of.place, of.paid));
    let facts = Facts {
        serial: of.card.serial.0,
        tti: of.tti.0,
        counter: if of.tti.chain() == Some(Chain::Load) { of.online_counter } else { of.offline_counter },
        terminal: of.terminal.0,
        terminal_number: of.terminal_number.0,
        amount_fen: u32::try_from(of.paid.get()).map_err(|_| beyond())?,
        date: of.date.0,
        time: of.time.0,
    };
    Ok(Ours { facts, place: place(&of.place), merchant: of.merchant, window, new: true })
}

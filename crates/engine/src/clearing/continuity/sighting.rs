//! What a package shows of its terminals: runs of consecutive numbers, and how many records were late or had a wrong
//! TAC.
//!
//! A package's records ascend by terminal and number, so a run is made by looking at the record before, and a package
//! of thousands of records is a few runs.

use tongclear_types::{BcdDate, BusinessDate, Reason, TerminalId, Verdict};

use super::super::row::Row;

/// Consecutive numbers of one terminal in one package, each of them once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Run {
    pub(crate) terminal: TerminalId,
    pub(crate) first: u32,
    pub(crate) last: u32,
    pub(crate) counts: Counts,
}

/// Records, and what was wrong with them by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Counts {
    pub(crate) records: u32,
    /// Dated before the window; a date that is none is not late.
    pub(crate) late: u32,
    /// With a wrong TAC.
    pub(crate) bad_mac: u32,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.records += other.records;
        self.late += other.late;
        self.bad_mac += other.bad_mac;
    }
}

/// What one package shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PackageSighting {
    package: u32,
    runs: Vec<Run>,
}

impl PackageSighting {
    /// Of the `package`-th package of the run, of which nothing has been seen yet.
    pub(crate) fn begin(package: u32, window: BusinessDate) -> PackageSeen {
        PackageSeen { package, window: BcdDate::from_civil(window.civil()), runs: Vec::new() }
    }
}

/// A package while its rows go by, in their order, with what checks 1 to 12 said.
#[derive(Debug)]
pub(crate) struct PackageSeen {
    package: u32,
    window: BcdDate,
    runs: Vec<Run>,
}

impl PackageSeen {
    /// Notes the next row.
    #[inline]
    pub(crate) fn note(&mut self, row: &Row) {
        let late = row.date < self.window.0 && row.verdict != Verdict::Refused(Reason::Malformed);
        let counts = Counts {
            records: 1,
            late: u32::from(late),
            bad_mac: u32::from(row.verdict == Verdict::Refused(Reason::TacMismatch)),
        };
        let number = row.terminal_number;
        append(
            &mut self.runs,
            Run { terminal: TerminalId(row.terminal), first: number, last: number, counts },
        );
    }

    /// What was seen.
    pub(crate) fn finish(self) -> PackageSighting {
        let mut runs = self.runs;
        // Packages come sorted; one whose records do not ascend is only slower.
        if !runs.is_sorted() {
            runs.sort_unstable();
        }
        let mut joined = Vec::with_capacity(runs.len());
        runs.into_iter().for_each(|run| append(&mut joined, run));
        joined.shrink_to_fit();
        PackageSighting { package: self.package, runs: joined }
    }
}

/// Appends a run, to the last one if it goes on there.
fn append(runs: &mut Vec<Run>, run: Run) {
    match runs.last_mut() {
        Some(last) if last.terminal == run.terminal && last.last.checked_add(1) == Some(run.first) => {
            last.last = run.last;
            last.counts.add(run.counts);
        }
        _ => runs.push(run),
    }
}

/// What all packages of a window show, whichever worker read them.
#[derive(Debug, Default)]
pub(crate) struct Sightings {
    /// In any order.
    pub(crate) runs: Vec<Run>,
    /// By package index, in any order.
    pub(crate) packages: Vec<(u32, Counts)>,
}

impl Sightings {
    /// Adds a package.
    pub(crate) fn add(&mut self, sighting: PackageSighting) {
        let mut counts = Counts::default();
        sighting.runs.iter().for_each(|run| counts.add(run.counts));
        self.packages.push((sighting.package, counts));
        self.runs.extend(sighting.runs);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::row;
    use super::*;

    #[test]
    fn a_package_is_a_few_runs() {
        let window = "2026-11-23".parse().unwrap();
        let accepted = row().verdict;
        let numbered = |terminal: u8, number, verdict| {
            let mut row = row();
            (row.terminal, row.terminal_number, row.verdict) = ([terminal; 6], number, verdict);
            row
        };
        let bad = Verdict::Refused(Reason::TacMismatch);
        let malformed = Verdict::Refused(Reason::Malformed);
        let mut rows = vec![numbered(1, 3, malformed), numbered(2, 9, malformed)];
        rows.extend([1, 2, 4, 4].map(|number| numbered(1, number, accepted)));
        rows.extend([numbered(1, 8, bad), numbered(2, 8, accepted), numbered(2, u32::MAX, accepted)]);
        rows[1].date = [0x19, 0x99, 0x99, 0x99];
        rows[2].date = [0x20, 0x26, 0x11, 0x22];
        let run = |terminal: u8, first, last, records, late, bad_mac| Run {
            terminal: TerminalId([terminal; 6]),
            first,
            last,
            counts: Counts { records, late, bad_mac },
        };
        let mut seen = PackageSighting::begin(7, window);
        rows.iter().for_each(|row| seen.note(row));
        let sighting = seen.finish();
        assert_eq!(
            sighting.runs,
            [
                run(1, 1, 4, 4, 1, 0),
                run(1, 4, 4, 1, 0, 0),
                run(1, 8, 8, 1, 0, 1),
                run(2, 8, 9, 2, 0, 0),
                run(2, u32::MAX, u32::MAX, 1, 0, 0)
            ]
        );
        let mut all = Sightings::default();
        all.add(sighting);
        assert_eq!(all.packages, [(7, Counts { records: 9, late: 1, bad_mac: 1 })]);
    }
}

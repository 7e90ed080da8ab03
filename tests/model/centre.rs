//! The model centre: it follows a script of commands and keeps, for every window, what must come out.
//!
//! Bounded by: everything stays in memory, every window's records with the trail of how each was decided.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tongclear_types::{Disposition, Flag, OperatorCode, Reason};

use crate::door::{self, Answer, Kept};
use crate::facts::{Contract, DenyList, Keys, Registry, Taken};
use crate::fees;
use crate::rules::{self, Frozen, Look, is_load};
use crate::script::Action;
use crate::unique::{self, Fate, Looked, Past, chain, order};

/// One record of a cleared window.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub taken: Taken,
    pub disposition: Disposition,
    pub reason: Option<Reason>,
    pub flags: Vec<Flag>,
    /// Operator and contract of an accepted record.
    pub under: Option<(OperatorCode, Contract)>,
    pub fee_fen: Option<i64>,
    /// How it came to that, line by line.
    pub trail: Vec<String>,
}

/// A cleared window.
#[derive(Debug, Clone)]
pub(crate) struct Cleared {
    pub date: Date,
    pub packages: usize,
    /// In the order of the export.
    pub records: Vec<Judged>,
}

/// The centre as the documents describe it.
#[derive(Debug, Default)]
pub(crate) struct Centre {
    registry: Option<Registry>,
    keys: Keys,
    lists: Vec<DenyList>,
    accepted: Vec<Kept>,
    open: Vec<Kept>,
    closed: Vec<Frozen>,
    pub past: Past,
    pub cleared: BTreeMap<Date, Cleared>,
}

impl Centre {
    /// Does what the command does and answers the exit code that it must end with.
    pub(crate) fn act(&mut self, action: &Action) -> i32 {
        match action {
            Action::Registry(registry) => self.registry = Some(registry.clone()),
            Action::Keys(keys) => self.keys = keys.clone(),
            Action::DenyList { list, .. } => return self.deny_list(list.as_ref()),
            Action::Intake(files) => {
                return files.iter().map(|file| self.intake(&file.bytes)).max().unwrap_or_default();
            }
            Action::Close(date) => self.close(*date),
            Action::Clear { .. } => self.clear(),
            Action::Settle(_) | Action::Check(_) => {}
            Action::Night { date, .. } => {
                if self.closed.last().is_none_or(|window| window.date < *date) {
                    self.close(*date);
                }
                self.clear();
            }
        }
        0
    }

    /// Takes a list, if it is whole and newer than all before it.
    fn deny_list(&mut self, list: Option<&DenyList>) -> i32 {
        let Some(list) = list else { return 3 };
        if self.lists.iter().any(|it| it.operator == list.operator && it.version >= list.version) {
            return 3;
        }
        self.lists.push(list.clone());
        0
    }

    fn intake(&mut self, bytes: &[u8]) -> i32 {
        let registry = self.registry.as_ref().expect("a script loads a registry first");
        match door::knock(registry, &self.keys, &self.accepted, bytes) {
            Answer::Accepted(package) => {
                let kept = Kept { bytes: bytes.to_vec(), package };
                self.accepted.push(kept.clone());
                self.open.push(kept);
                0
            }
            Answer::AlreadyReceived => 0,
            Answer::Quarantined(_) => 3,
        }
    }

    /// Freezes what the open window holds together with everything it will be cleared against.
    fn close(&mut self, date: Date) {
        let packages = std::mem::take(&mut self.open);
        let records = packages.iter().flat_map(|kept| records_of(&kept.package)).collect();
        self.closed.push(Frozen {
            date,
            registry: self.registry.clone().expect("a script loads a registry first"),
            keys: self.keys.clone(),
            lists: self.lists.clone(),
            records,
            packages: packages.len(),
        });
    }

    /// Clears the window closed last, unless it is cleared.
    fn clear(&mut self) {
        let frozen = self.closed.last().expect("a script closes before it clears");
        if self.cleared.contains_key(&frozen.date) {
            return;
        }
        let cleared = clear(frozen, &self.past);
        remember(&mut self.past, &cleared);
        self.cleared.insert(cleared.date, cleared);
    }
}

/// What later windows have to know of a cleared one.
pub(crate) fn remember(past: &mut Past, cleared: &Cleared) {
    for judged in &cleared.records {
        match judged.disposition {
            Disposition::Accepted => past.accepted.push(judged.taken.clone()),
            Disposition::Suspended => past.suspended.push(judged.taken.clone()),
            Disposition::Duplicate | Disposition::Rejected => {}
        }
    }
}

fn records_of(package: &crate::facts::Package) -> Vec<Taken> {
    (0..)
        .zip(&package.records)
        .map(|(row, record)| Taken {
            merchant: package.merchant,
            collector: package.collector,
            sequence: package.sequence,
            row,
            record: *record,
        })
        .collect()
}

/// Clears a window against what earlier ones left behind.
pub(crate) fn clear(frozen: &Frozen, past: &Past) -> Cleared {
    let mut sorted = frozen.records.clone();
    sorted.sort_by_key(|taken| (chain(taken), order(taken)));

    let mut records: Vec<Judged> = Vec::new();
    let mut earlier: Vec<(Taken, Fate)> = Vec::new();
    for taken in sorted {
        if earlier.first().is_some_and(|(it, _)| chain(it) != chain(&taken)) {
            earlier.clear();
        }
        let mut trail = Vec::new();
        let look = rules::look(frozen, &taken, &mut trail);
        if let Look::Refused(reason) = look
            && reason.disposition() == Disposition::Rejected
        {
            records.push(judged(taken, Disposition::Rejected, Some(reason), trail));
            continue;
        }
        let looked = Looked { taken: taken.clone(), look };
        let fate = unique::decide(past, &earlier, &looked, frozen.date, &mut trail);
        records.push(match (&fate, looked.look) {
            (Fate::Duplicate, _) => judged(taken.clone(), Disposition::Duplicate, None, trail),
            (Fate::Suspended(reason), _) => {
                judged(taken.clone(), Disposition::Suspended, Some(*reason), trail)
            }
            (Fate::Accepted(flags), Look::Passed(passed)) => {
                let fee_fen = if is_load(&taken.record) {
                    None
                } else {
                    fees::of_transaction(&passed.contract, i64::from(taken.record.amount_fen))
                };
                Judged {
                    flags: flags.clone(),
                    under: Some((passed.operator, passed.contract)),
                    fee_fen,
                    ..judged(taken.clone(), Disposition::Accepted, None, trail)
                }
            }
            (Fate::Accepted(_), Look::Refused(_)) => unreachable!("line 3 comes before line 8"),
        });
        earlier.push((taken, fate));
    }
    Cleared { date: frozen.date, packages: frozen.packages, records }
}

fn judged(taken: Taken, disposition: Disposition, reason: Option<Reason>, trail: Vec<String>) -> Judged {
    Judged { taken, disposition, reason, flags: Vec::new(), under: None, fee_fen: None, trail }
}

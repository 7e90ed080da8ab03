//! From a row of a result to a value, one function a table, for every store alike.
//!
//! A store hands its rows over as [`Cells`], which knows the database's types; what the cells must hold is
//! [`crate::column`]'s affair. Columns are named `table.column`; the result's column has the name behind the dot.

use std::cmp::Ordering;
use std::fmt::Display;
use std::str::FromStr;

use tongclear_ledger::{Position, Transfer, TransferParts};
use tongclear_types::{CardId, Disposition, Fen, PackageSequence, TerminalNumber, UnixMillis};

use crate::{
    AccountBalance, AuditRow, DenyListId, DenyListRow, Digest, KeyGeneration, MissingPackages, NewQuarantine,
    PackageKey, PackageResult, PackageRow, QuarantineRow, RegistryVersion, RunFile, RunRow,
    SequenceNeighbours, Stamp, StoreError, SuspendedItem, Tally, TerminalSpan, WindowId, WindowRow,
    WindowSnapshot, WindowState, column,
};

/// The cells of one row of a result.
///
/// # Errors
/// Each method: [`StoreError::Corrupt`] when the column holds something else.
pub trait Cells {
    /// A number.
    fn integer(&self, column: &'static str) -> Result<i64, StoreError>;
    /// A number, or nothing.
    fn integer_or_null(&self, column: &'static str) -> Result<Option<i64>, StoreError>;
    /// A text.
    fn text(&self, column: &'static str) -> Result<&str, StoreError>;
    /// A text, or nothing.
    fn text_or_null(&self, column: &'static str) -> Result<Option<&str>, StoreError>;
}

/// What the cells are of: ids, counts, money, digests.
impl dyn Cells + '_ {
    /// See [`Cells`].
    pub(crate) fn id<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<T, StoreError> {
        column::parsed(column, self.text(column)?)
    }

    /// See [`Cells`].
    pub(crate) fn id_or_null<T: FromStr<Err: Display>>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        self.text_or_null(column)?.map(|text| column::parsed(column, text)).transpose()
    }

    /// See [`Cells`].
    pub(crate) fn number<T: TryFrom<i64, Error: Display>>(
        &self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        column::narrow(column, self.integer(column)?)
    }

    /// See [`Cells`].
    pub(crate) fn fen(&self, column: &'static str) -> Result<Fen, StoreError> {
        column::fen(column, self.integer(column)?)
    }

    /// See [`Cells`].
    pub(crate) fn digest(&self, column: &'static str) -> Result<Digest, StoreError> {
        column::digest(column, self.text(column)?)
    }

    /// See [`Cells`].
    pub(crate) fn bytes<const N: usize>(&self, column: &'static str) -> Result<[u8; N], StoreError> {
        column::bytes(column, self.text(column)?)
    }

    /// See [`Cells`].
    pub(crate) fn moment(&self, column: &'static str) -> Result<UnixMillis, StoreError> {
        self.integer(column).map(UnixMillis)
    }
}

/// What every function here returns; [`StoreError::Corrupt`] names the column that is not what it promises.
type Decoded<T> = Result<T, StoreError>;

/// A deny list's header.
pub fn deny_list(row: &dyn Cells) -> Decoded<DenyListRow> {
    Ok(DenyListRow {
        id: DenyListId(row.integer("deny_lists.id")?),
        operator: row.id("deny_lists.operator")?,
        version: row.number("deny_lists.version")?,
        effective: row.id("deny_lists.effective")?,
        entries: row.number("deny_lists.entries")?,
        digest: row.digest("deny_lists.digest")?,
    })
}

/// A window.
pub fn window(row: &dyn Cells) -> Decoded<WindowRow> {
    let state = column::window_state("windows.state", row.text("windows.state")?)?;
    let snapshot = match state {
        WindowState::Open => None,
        // The table promises all of these from the close on; a null is corrupt.
        _ => Some(WindowSnapshot {
            date: row.id("windows.business_date")?,
            registry: RegistryVersion(row.integer("windows.registry_version")?),
            keys: KeyGeneration(row.integer("windows.key_generation")?),
            deny_lists: row.integer_or_null("windows.deny_list_id")?.map(DenyListId),
            closed_at: row.moment("windows.closed_at")?,
        }),
    };
    Ok(WindowRow {
        id: WindowId(row.integer("windows.id")?),
        state,
        snapshot,
        packages: row.number("windows.packages")?,
        transactions: row.number("windows.transactions")?,
        amount: row.fen("windows.amount_fen")?,
    })
}

/// The columns that name a package.
pub fn package_key(row: &dyn Cells) -> Decoded<PackageKey> {
    Ok(PackageKey {
        collector: row.id("packages.collector")?,
        sequence: PackageSequence(row.number("packages.sequence")?),
    })
}

/// An accepted package.
pub fn package(row: &dyn Cells) -> Decoded<PackageRow> {
    Ok(PackageRow {
        key: package_key(row)?,
        merchant: row.id("packages.merchant")?,
        window: WindowId(row.integer("packages.window_id")?),
        digest: row.digest("packages.digest")?,
        seal: row.bytes("packages.seal")?,
        previous_seal: row.bytes("packages.previous_seal")?,
        records: row.number("packages.records")?,
        amount: row.fen("packages.amount_fen")?,
        received_at: row.moment("packages.received_at")?,
    })
}

/// A package and the digest of its bytes.
pub fn package_digest(row: &dyn Cells) -> Decoded<(PackageKey, Digest)> {
    Ok((package_key(row)?, row.digest("packages.digest")?))
}

/// A package and the numbers of one terminal in it.
pub fn terminal_span(row: &dyn Cells) -> Decoded<(PackageKey, TerminalSpan)> {
    let span = TerminalSpan {
        terminal: row.id("package_terminals.terminal")?,
        first: TerminalNumber(row.number("package_terminals.first_number")?),
        last: TerminalNumber(row.number("package_terminals.last_number")?),
        records: row.number("package_terminals.records")?,
    };
    Ok((package_key(row)?, span))
}

/// Enters a package that stands at `sequence` of its collector, or beside it, into what is known of that sequence.
pub fn neighbour(row: &dyn Cells, sequence: PackageSequence, known: &mut SequenceNeighbours) -> Decoded<()> {
    let found: PackageSequence = PackageSequence(row.number("packages.sequence")?);
    match found.cmp(&sequence) {
        Ordering::Less => known.before = Some(row.bytes("packages.seal")?),
        Ordering::Equal => known.same = Some((row.digest("packages.digest")?, row.bytes("packages.seal")?)),
        Ordering::Greater => known.after = Some(row.bytes("packages.previous_seal")?),
    }
    Ok(())
}

/// A gap in a collector's sequences.
pub fn missing_packages(row: &dyn Cells) -> Decoded<MissingPackages> {
    Ok(MissingPackages {
        collector: row.id("packages.collector")?,
        first: PackageSequence(row.number("packages.first_missing")?),
        last: PackageSequence(row.number("packages.last_missing")?),
    })
}

/// Bytes in quarantine.
pub fn quarantined(row: &dyn Cells) -> Decoded<QuarantineRow> {
    let owned = |column| row.text(column).map(str::to_owned);
    Ok(QuarantineRow {
        refused: NewQuarantine {
            digest: row.digest("quarantine.digest")?,
            bytes: row.number("quarantine.size_bytes")?,
            source: owned("quarantine.source")?,
            reason: owned("quarantine.reason")?,
            field: owned("quarantine.field")?,
            value: owned("quarantine.value")?,
            expected: owned("quarantine.expected")?,
            arrived_at: row.moment("quarantine.arrived_at")?,
        },
        arrivals: row.number("quarantine.arrivals")?,
    })
}

/// A committed run.
pub fn run(row: &dyn Cells) -> Decoded<RunRow> {
    let root = row.text_or_null("runs.root")?.map(|root| column::digest("runs.root", root));
    Ok(RunRow {
        window: WindowId(row.integer("runs.window_id")?),
        digest: row.digest("runs.digest")?,
        root: root.transpose()?,
        totals_json: row.text("runs.totals_json")?.to_owned(),
        cleared_at: row.moment("runs.cleared_at")?,
    })
}

/// A file that a run wrote.
pub fn run_file(row: &dyn Cells) -> Decoded<RunFile> {
    Ok(RunFile { path: row.text("run_files.path")?.to_owned(), digest: row.digest("run_files.digest")? })
}

/// The count and amount columns, in the order of [`Disposition::ALL`].
const TALLIES: [(&str, &str); Disposition::ALL.len()] = [
    ("package_results.accepted_count", "package_results.accepted_fen"),
    ("package_results.duplicate_count", "package_results.duplicate_fen"),
    ("package_results.suspended_count", "package_results.suspended_fen"),
    ("package_results.rejected_count", "package_results.rejected_fen"),
];

/// What became of a package's records.
pub fn package_result(row: &dyn Cells) -> Decoded<PackageResult> {
    let mut tallies = [Tally::default(); Disposition::ALL.len()];
    for (tally, (count, amount)) in tallies.iter_mut().zip(TALLIES) {
        *tally = Tally { count: row.number(count)?, amount_fen: row.fen(amount)? };
    }
    Ok(PackageResult {
        key: PackageKey {
            collector: row.id("package_results.collector")?,
            sequence: PackageSequence(row.number("package_results.sequence")?),
        },
        tallies,
    })
}

/// A suspended record.
pub fn suspended(row: &dyn Cells) -> Decoded<SuspendedItem> {
    Ok(SuspendedItem {
        package: PackageKey {
            collector: row.id("suspended_items.collector")?,
            sequence: PackageSequence(row.number("suspended_items.sequence")?),
        },
        row: row.number("suspended_items.row_index")?,
        merchant: row.id("suspended_items.merchant")?,
        operator: row.id("suspended_items.operator")?,
        card: CardId {
            issuer: row.id("suspended_items.card_issuer")?,
            serial: row.id("suspended_items.card_serial")?,
        },
        chain: column::chain("suspended_items.chain", row.text("suspended_items.chain")?)?,
        counter: row.number("suspended_items.card_counter")?,
        terminal: row.id("suspended_items.terminal")?,
        terminal_number: TerminalNumber(row.number("suspended_items.terminal_number")?),
        amount_fen: row.number("suspended_items.amount_fen")?,
        date: column::bcd_date("suspended_items.record_date", row.text("suspended_items.record_date")?)?,
        time: column::bcd_time("suspended_items.record_time", row.text("suspended_items.record_time")?)?,
        tac: row.bytes("suspended_items.tac")?,
        reason: column::reason("suspended_items.reason", row.text("suspended_items.reason")?)?,
    })
}

/// A suspended record and the window that suspended it.
pub fn suspended_by(row: &dyn Cells) -> Decoded<(WindowId, SuspendedItem)> {
    Ok((WindowId(row.integer("suspended_items.window_id")?), suspended(row)?))
}

/// What a transfer consists of, whatever its id.
pub fn transfer_parts(row: &dyn Cells) -> Decoded<TransferParts> {
    Ok(TransferParts {
        window: row.id("transfers.business_date")?,
        code: row.id("transfers.code")?,
        debit: row.id("transfers.debit")?,
        credit: row.id("transfers.credit")?,
        amount: row.fen("transfers.amount_fen")?,
        merchant: row.id_or_null("transfers.merchant")?,
        operator: row.id_or_null("transfers.operator")?,
        contract: row.id_or_null("transfers.contract")?,
        reference: row.id_or_null("transfers.reference")?,
    })
}

/// A transfer; its id must follow from its content.
pub fn transfer(row: &dyn Cells) -> Decoded<Transfer> {
    let id = row.text("transfers.id")?;
    let transfer =
        Transfer::new(transfer_parts(row)?).map_err(|reason| column::corrupt("transfers.id", id, reason))?;
    if transfer.id().to_string() != id {
        let reason = format!("its content belongs to {}", transfer.id());
        return Err(column::corrupt("transfers.id", id, reason));
    }
    Ok(transfer)
}

/// An account's totals.
pub fn balance(row: &dyn Cells) -> Decoded<AccountBalance> {
    Ok(AccountBalance {
        account: row.id("balances.account")?,
        debits: row.fen("balances.debits_fen")?,
        credits: row.fen("balances.credits_fen")?,
    })
}

/// A position.
pub fn position(row: &dyn Cells) -> Decoded<Position> {
    Ok(Position {
        participant: row.id("positions.participant")?,
        value_date: row.id("positions.value_date")?,
        gross: row.fen("positions.gross_fen")?,
        fee: row.fen("positions.fee_fen")?,
        concession: row.fen("positions.concession_fen")?,
        load: row.fen("positions.load_fen")?,
        adjustments: row.fen("positions.adjustments_fen")?,
        carried_in: row.fen("positions.carried_in_fen")?,
        net: row.fen("positions.net_fen")?,
        carried_out: row.fen("positions.carried_out_fen")?,
    })
}

/// Number and hash of an entry of the audit log.
pub fn audit_end(row: &dyn Cells) -> Decoded<(i64, Digest)> {
    Ok((row.integer("audit.entry")?, row.digest("audit.hash")?))
}

/// An entry of the audit log.
pub fn audit(row: &dyn Cells) -> Decoded<AuditRow> {
    Ok(AuditRow {
        entry: row.integer("audit.entry")?,
        stamp: Stamp { at: row.moment("audit.at")?, by: row.id("audit.actor")? },
        event: row.text("audit.event")?.to_owned(),
        previous: row.digest("audit.previous")?,
        hash: row.digest("audit.hash")?,
    })
}

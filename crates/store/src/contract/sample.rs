//! Small rows to store: every field filled, everything derived from what names the row.

use tongclear_access::{Attempts, ProposalKind, ProposalState, Role};
use tongclear_ledger::{
    Account, ContractKey, Participant, Position, Resolution, Transfer, TransferCode, TransferParts,
};
use tongclear_types::{
    BcdDate, BcdTime, BusinessDate, CardId, Chain, CollectorId, Disposition, Fen, IssuerId, MerchantCode,
    OperatorCode, PackageSequence, Reason, Serial, TerminalId, TerminalNumber, UnixMillis,
};

use crate::audit::{Change, first_break};
use crate::decisions::{Decision, RecordPlace, Subject, approve_decision, keep_pending, propose_decision};
use crate::operator_files::{OperatorFileRow, add_operator_file};
use crate::people::{self, CertificateRow, UserRow};
use crate::reconciliations::{ReconciliationFigures, ReconciliationRow};
use crate::webhooks::{add_webhook, webhook_progress, webhooks};
use crate::{
    AuditEvent, ClearingCommit, DenyListId, DenyListRow, Digest, NewPackage, NewQuarantine, PackageKey,
    PackageResult, RegistryVersion, RunFile, Stamp, Store, StoreError, SuspendedItem, Tally, TerminalSpan,
    WindowId, WindowRow, WindowState, four_eyes,
};

/// When registries, keys and lists are loaded.
pub const LOADED_AT: UnixMillis = UnixMillis(1_795_300_000_000);
/// When packages arrive.
pub const RECEIVED_AT: UnixMillis = UnixMillis(1_795_310_000_000);
/// When windows are closed.
pub const CLOSED_AT: UnixMillis = UnixMillis(1_795_390_000_000);
/// When runs are committed.
pub const CLEARED_AT: UnixMillis = UnixMillis(1_795_390_005_000);
/// When windows are settled.
pub const SETTLED_AT: UnixMillis = UnixMillis(1_795_390_009_000);

/// At a moment, by the one who runs tests.
#[must_use]
pub fn stamp(at: UnixMillis) -> Stamp {
    Stamp { at, by: "os:tester".parse().expect("an actor") }
}

/// At a moment, by somebody, such as `user:wang`.
#[must_use]
pub fn by(who: &str, at: UnixMillis) -> Stamp {
    Stamp { at, by: who.parse().expect("an actor of a test") }
}

/// A date written `YYYY-MM-DD`.
#[must_use]
pub fn date(text: &str) -> BusinessDate {
    text.parse().expect("a date of a test")
}

/// A merchant or sponsor.
#[must_use]
pub fn merchant(code: &str) -> MerchantCode {
    code.parse().expect("a code of a test")
}

/// A digest of 32 times `byte`.
#[must_use]
pub const fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

/// A deny list of operator, such as `0417`.
#[must_use]
pub fn deny_list(id: i64, operator: &str, version: u32) -> DenyListRow {
    DenyListRow {
        id: DenyListId(id),
        operator: operator.parse().expect("an operator of a test"),
        version,
        effective: "2026-11-20T04:30:00".parse().expect("a moment"),
        entries: u64::from(version) + 1,
        digest: digest(0xde),
    }
}

/// The key of a package; `collector` is the last byte of its id in hex, such as `a1`.
#[must_use]
pub fn package_key(collector: &str, sequence: u32) -> PackageKey {
    let collector: CollectorId = format!("6510000000{collector}").parse().expect("a collector of a test");
    PackageKey { collector, sequence: PackageSequence(sequence) }
}

/// A package of two records, 400 fen, whose digest and seals tell its sequence.
#[must_use]
pub fn package(window: i64, collector: &str, sequence: u32) -> NewPackage {
    let [.., low] = sequence.to_be_bytes();
    let span = |terminal, first, last| TerminalSpan {
        terminal: TerminalId([0x65, 0x10, 0, 0, 0, terminal]),
        first: TerminalNumber(first),
        last: TerminalNumber(last),
        records: 1,
    };
    NewPackage {
        key: package_key(collector, sequence),
        merchant: merchant("BUS00001"),
        window: WindowId(window),
        digest: digest(low),
        seal: [low ^ 0x55; 32],
        previous_seal: [low.wrapping_sub(1) ^ 0x55; 8],
        records: 2,
        amount: Fen::from(400),
        received_at: RECEIVED_AT,
        terminals: vec![span(1, sequence, sequence), span(2, 0, u32::MAX)],
    }
}

/// Bytes that intake refused, named by their digest.
#[must_use]
pub fn quarantined(byte: u8) -> NewQuarantine {
    NewQuarantine {
        digest: digest(byte),
        bytes: u64::from(byte),
        source: "packages/6510000000f1-0000000001.ctp".to_owned(),
        reason: "malformed_package".to_owned(),
        field: "header length".to_owned(),
        value: "127".to_owned(),
        expected: "128".to_owned(),
        arrived_at: RECEIVED_AT,
    }
}

/// A suspended record of the package's row `row`.
#[must_use]
pub fn suspended(package: PackageKey, row: u32) -> SuspendedItem {
    let [a, b, c, d] = row.to_be_bytes();
    SuspendedItem {
        package,
        row,
        merchant: merchant("BUS00001"),
        operator: "0417".parse().expect("an operator"),
        card: CardId {
            issuer: IssuerId([0x04, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]),
            serial: Serial([0x04, 0x17, 0, 0, 0, 0, a, b, c, d]),
        },
        chain: if row.is_multiple_of(2) { Chain::Purchase } else { Chain::Load },
        counter: u16::from_be_bytes([c, d]),
        terminal: TerminalId([0x65, 0x10, 0, 0, 0, 1]),
        terminal_number: TerminalNumber(u32::MAX - row),
        amount_fen: u32::MAX,
        date: BcdDate([0x20, 0x26, 0x11, 0x22]),
        time: BcdTime([0x07, 0x28, 0x15]),
        tac: [0xde, 0xad, c, d],
        reason: Reason::TooOld,
    }
}

/// A package's result in which every figure is another.
#[must_use]
pub fn result(key: PackageKey) -> PackageResult {
    let mut tallies = [Tally::default(); Disposition::ALL.len()];
    for (n, tally) in (1_u32..).zip(&mut tallies) {
        *tally = Tally { count: u64::from(n), amount_fen: Fen::from(n * 100) };
    }
    PackageResult { key, tallies }
}

/// A purchase (with a contract) or suspended money (without one) of a merchant and day.
#[must_use]
pub fn transfer(code: TransferCode, merchant: MerchantCode, on: BusinessDate, amount: Fen) -> Transfer {
    let operator = OperatorCode([0x04, 0x17]);
    let contract = ContractKey { merchant, operator: None, from: date("2026-01-01").civil() };
    let (debit, credit, contract) = match code {
        TransferCode::Purchase => {
            (Account::operator_clearing(operator), Account::merchant_payable(merchant), Some(contract))
        }
        _ => (Account::operator_suspense(operator), Account::merchant_suspense(merchant), None),
    };
    let (merchant, operator) = (Some(merchant), Some(operator));
    let parts = TransferParts {
        window: on,
        code,
        debit,
        credit,
        amount,
        merchant,
        operator,
        contract,
        reference: None,
    };
    Transfer::new(parts).expect("a positive amount between two accounts")
}

/// A payout, which has neither operator nor contract.
#[must_use]
pub fn payout(merchant: MerchantCode, on: BusinessDate, amount: Fen) -> Transfer {
    let parts = TransferParts {
        window: on,
        code: TransferCode::Payout,
        debit: Account::merchant_payable(merchant),
        credit: Account::CENTRE_BANK,
        amount,
        merchant: Some(merchant),
        operator: None,
        contract: None,
        reference: Some("CDT-BUS00001-20261123".parse().expect("a reference")),
    };
    Transfer::new(parts).expect("a positive amount between two accounts")
}

/// A merchant's position in which every figure is another.
#[must_use]
pub fn position(code: &str, value_date: &str) -> Position {
    let fen = |fen: i64| Fen::new(fen).expect("small");
    Position {
        participant: Participant::Merchant(merchant(code)),
        value_date: date(value_date),
        gross: fen(10_000),
        fee: fen(61),
        concession: fen(302),
        load: fen(4_003),
        adjustments: fen(-504),
        carried_in: fen(-6_005),
        net: fen(-271),
        carried_out: fen(-272),
    }
}

/// A run of a closed window: a result and two suspended rows for each of two packages of collector `a1` whose
/// sequences follow the window's number, and three transfers.
#[must_use]
pub fn commit(window: &WindowRow, packages: &[PackageKey]) -> ClearingCommit {
    let on = window.snapshot.expect("the window is closed").date;
    let bus = merchant("BUS00001");
    let mut transfers = vec![
        transfer(TransferCode::Purchase, bus, on, Fen::from(40_000)),
        transfer(TransferCode::Suspended, bus, on, Fen::from(240)),
        payout(bus, on, Fen::from(3)),
    ];
    transfers.sort_by_key(Transfer::id);
    ClearingCommit {
        window: window.id,
        digest: digest(0xc1),
        totals_json: r#"{"用":1}"#.to_owned(),
        files: [("cards/part-00", 0xf1), ("cards/part-01", 0xf2)]
            .map(|(path, filler)| RunFile { path: path.to_owned(), digest: digest(filler) })
            .to_vec(),
        packages: packages.iter().copied().map(result).collect(),
        transfers,
        suspended: packages.iter().flat_map(|key| [suspended(*key, 0), suspended(*key, 1)]).collect(),
        root: Some(digest(0xd1)),
        stamp: stamp(CLEARED_AT),
    }
}

/// Takes two packages in, closes the window and commits its run.
///
/// # Errors
/// The store's.
pub async fn night(store: &impl Store, on: &str) -> Result<(WindowRow, ClearingCommit), StoreError> {
    let open = store.windows().await?.last().expect("there is a window").id;
    let first = u32::try_from(open.0).expect("few windows") * 2;
    let packages = [package(open.0, "a1", first - 1), package(open.0, "a1", first)];
    take_in(store, &packages).await?;
    let closed = close_next(store, on).await?;
    let commit = commit(&closed, &packages.map(|package| package.key));
    store.commit_clearing(&commit).await?;
    let windows = store.windows().await?;
    let cleared = windows.into_iter().find(|window| window.id == closed.id).expect("it is still there");
    Ok((cleared, commit))
}

/// Loads a registry and a key ring, so that windows can be closed.
///
/// # Errors
/// The store's.
pub async fn load(store: &impl Store) -> Result<(), StoreError> {
    store.add_registry(None, "registry", &stamp(LOADED_AT)).await?;
    store.add_key_ring(None, b"keys", &stamp(LOADED_AT)).await?;
    Ok(())
}

/// Accepts `packages` as one batch.
///
/// # Errors
/// The store's.
pub async fn take_in(store: &impl Store, packages: &[NewPackage]) -> Result<(), StoreError> {
    let mut batch = store.begin_intake().await?;
    for package in packages {
        batch.accept(package).await?;
    }
    batch.commit().await
}

/// Closes the open window.
///
/// # Errors
/// The store's.
///
/// # Panics
/// When there is no open window.
pub async fn close_next(store: &impl Store, on: &str) -> Result<WindowRow, StoreError> {
    let windows = store.windows().await?;
    let open = windows.last().filter(|window| window.state == WindowState::Open).expect("an open window");
    store.close_window(open.id, date(on), &stamp(CLOSED_AT)).await
}

/// An open account that belongs to nobody outside, made when registries are loaded; its password tells its name.
#[must_use]
pub fn user(name: &str, role: Role) -> UserRow {
    UserRow {
        name: name.parse().expect("a name of a test"),
        role,
        participant: None,
        os_user: None,
        password: format!("$argon2id$of-{name}"),
        active: true,
        attempts: Attempts::default(),
        created_at: LOADED_AT,
    }
}

/// A certificate of a collector, such as `a1`, in force from [`LOADED_AT`] to [`CLOSED_AT`].
#[must_use]
pub fn certificate(serial: &str, collector: &str) -> CertificateRow {
    CertificateRow {
        serial: serial.to_owned(),
        collector: package_key(collector, 1).collector,
        issued_at: LOADED_AT,
        expires_at: CLOSED_AT,
        revoked_at: None,
    }
}

/// A file of operator, such as `0417`, as [`stamp`] brings it at [`RECEIVED_AT`]; its length tells its digest.
#[must_use]
pub fn operator_file(operator: &str, on: &str, byte: u8) -> OperatorFileRow {
    let Stamp { at, by } = stamp(RECEIVED_AT);
    OperatorFileRow {
        operator: operator.parse().expect("an operator of a test"),
        business_date: date(on),
        sha256: digest(byte),
        bytes: u64::from(byte) * 100,
        lines: u64::from(byte),
        amount_fen: Fen::new(-i64::from(byte)).expect("small"),
        received_by: by,
        received_at: at,
    }
}

/// Run `run` with operator, such as `0417`, for a day, under the first registry; `file` tells the digest of its file.
#[must_use]
pub fn reconciliation(operator: &str, run: u32, on: &str, file: Option<u8>) -> ReconciliationRow {
    let figures = ReconciliationFigures::default();
    ReconciliationRow {
        operator: operator.parse().expect("an operator of a test"),
        run,
        business_date: date(on),
        as_of: date(on),
        taken_through: Some(date(on)),
        registry: RegistryVersion(1),
        file: file.map(digest),
        digest: digest(0xd0),
        figures_json: serde_json::to_string(&figures).expect("figures are JSON"),
    }
}

/// A file that the run wrote.
#[must_use]
pub fn reconciliation_file(row: &ReconciliationRow, name: &str, byte: u8) -> RunFile {
    let path = format!("reconciliation/{}/{:06}/{name}", row.operator, row.run);
    RunFile { path, digest: digest(byte) }
}

/// A decision about the suspended record of row `row` in the first package of collector `a1`.
#[must_use]
pub fn decision(row: u32, resolution: Resolution) -> Decision {
    let PackageKey { collector, sequence } = package_key("a1", 1);
    Decision {
        subject: Subject::Suspended { record: RecordPlace { collector, package_sequence: sequence, row } },
        resolution,
        reason: "合同补签".to_owned(),
        evidence: (row > 0).then(|| "letter of 2026-11-23".to_owned()),
    }
}

/// A decision that is kept, and one that Wang proposes and Li approves.
///
/// # Errors
/// The store's.
pub async fn decide(store: &impl Store) -> Result<(), StoreError> {
    keep_pending(store, &decision(0, Resolution::Keep), &by("user:wang", CLOSED_AT)).await?;
    let pay = decision(1, Resolution::Pay);
    let id = propose_decision(store, &pay, "pay", &by("user:wang", CLOSED_AT)).await?;
    approve_decision(store, id, None, &by("user:li", CLEARED_AT)).await?;
    Ok(())
}

/// What the audit log tells after its entry `after`, once its chain holds.
///
/// # Errors
/// The store's.
pub async fn told(store: &impl Store, after: usize) -> Result<Vec<AuditEvent>, StoreError> {
    let log = store.audit_log().await?;
    assert_eq!(first_break(&log), None);
    log.iter().skip(after).map(|row| row.parsed()).collect()
}

/// A row in every small table; where a column may be empty, one row in which it is and one in which it is not.
///
/// # Errors
/// The store's.
pub async fn access(store: &impl Store) -> Result<(), StoreError> {
    let stamp = stamp(LOADED_AT);
    let rests = Attempts { failures: 5, locked_until: Some(CLOSED_AT) };
    let participant = Some(Participant::Merchant(merchant("BUS00001")));
    let bus = UserRow { participant, attempts: rests, active: false, ..user("bus", Role::Merchant) };
    let wang = UserRow { os_user: Some("fang".to_owned()), ..user("wang", Role::Clerk) };
    people::add_user(store, &wang, &stamp).await?;
    people::add_user(store, &bus, &stamp).await?;
    people::begin_session(store, digest(0x5e), &wang, LOADED_AT, CLOSED_AT).await?;
    for label in ["夜间", "depot"] {
        let digest = Digest::of(label.as_bytes());
        let id = people::add_token(store, &wang.name, label, digest, CLOSED_AT, &stamp).await?;
        assert_eq!(people::revoke_token(store, id - 1, &stamp).await?, id > 1);
    }
    people::add_authority(store, "-----BEGIN CERTIFICATE-----", b"\0sealed\xff", &stamp).await?;
    people::add_certificates(store, &[certificate("0a", "a1"), certificate("0b", "b1")], &stamp).await?;
    people::revoke_certificate(store, "0a", &stamp).await?;
    four_eyes::require(store, ProposalKind::Registry, true, &stamp).await?;
    for subject in ["合同", "keys"] {
        let body = subject.as_bytes().to_vec();
        let sha256 = Digest::of(&body);
        four_eyes::propose(store, ProposalKind::Registry, subject, body, sha256, &stamp).await?;
    }
    let (refused, li) = (ProposalState::Refused, by("user:li", RECEIVED_AT));
    four_eyes::decide(store, 1, refused, Some("不符"), &li).await?;
    add_webhook(store, "https://bus.example/hook", b"\0secret", participant, &stamp).await?;
    add_webhook(store, "https://centre.example/hook", b"", None, &stamp).await?;
    let mut told = webhooks(store).await?.swap_remove(0);
    (told.failures, told.last_error) = (3, Some("503".to_owned()));
    webhook_progress(store, &told).await?;
    add_operator_file(store, &operator_file("0417", "2026-11-22", 7), &stamp).await?;
    people::change_user(store, &UserRow { active: true, ..bus }, Change::Opened, &stamp).await
}

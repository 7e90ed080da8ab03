//! The kinds of anomaly, one for every way in which a record can miss or find its due.

use serde::Serialize;

/// Declares the kinds with their name and the days they take.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $nights:literal;)+) => {
        /// A kind of anomaly; the crate's documentation says how each is made and why its truth is certain.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Anomaly { $($(#[$doc])* $variant,)+ }

        impl Anomaly {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name in the summary.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Whether it begins in one window and shows in the next.
            #[must_use]
            pub const fn spans_windows(self) -> bool {
                match self { $(Self::$variant => $nights,)+ }
            }
        }
    };
}

kinds! {
    /// A date that is none.
    MalformedDate = "malformed_date", false;
    /// A time that is none.
    MalformedTime = "malformed_time", false;
    /// A transaction type that cannot be cleared.
    MalformedType = "malformed_type", false;
    /// A test card.
    TestCard = "test_card", false;
    /// A terminal that is registered nowhere.
    UnknownTerminal = "unknown_terminal", false;
    /// A terminal of another merchant.
    OtherMerchantsTerminal = "other_merchants_terminal", false;
    /// A terminal after its last day.
    RetiredTerminal = "retired_terminal", false;
    /// A card of an operator that is not registered.
    UnknownOperator = "unknown_operator", false;
    /// A terminal whose clock runs ahead.
    FutureDated = "future_dated", false;
    /// A terminal whose clock runs far behind.
    TooOld = "too_old", false;
    /// A key version that nobody has.
    UnknownKeyVersion = "unknown_key_version", false;
    /// An algorithm byte without a meaning, or not that of the key's version.
    UnknownAlgorithm = "unknown_algorithm", false;
    /// A TAC with flipped bits.
    TacFlipped = "tac_flipped", false;
    /// An amount raised after the card agreed to a smaller one.
    AmountTampered = "amount_tampered", false;
    /// Balances that do not differ by the amount.
    BalanceArithmetic = "balance_arithmetic", false;
    /// A merchant whose contract ended or has not begun.
    ContractNotInForce = "contract_not_in_force", false;
    /// A merchant without a contract for this card operator.
    ContractForOthers = "contract_for_others", false;
    /// An amount above the contract's limit.
    OverLimit = "over_limit", false;
    /// A listed card that the terminal should have refused.
    DenyListed = "deny_listed", false;
    /// A listed card that the terminal could not know yet.
    DenyListedLate = "deny_listed_late", false;
    /// A record twice in a package.
    DuplicateSamePackage = "duplicate_same_package", false;
    /// A record again in a later package of the collector.
    DuplicateLaterPackage = "duplicate_later_package", false;
    /// A record that two collectors send.
    DuplicateOtherCollector = "duplicate_other_collector", false;
    /// A record again in the next window.
    DuplicateNextWindow = "duplicate_next_window", true;
    /// A record again under another counter.
    DuplicateOtherCounter = "duplicate_other_counter", false;
    /// A suspended record twice in a window.
    SuspendedTwice = "suspended_twice", false;
    /// A suspended record again in the next window.
    SuspendedNextWindow = "suspended_next_window", true;
    /// A terminal that uses an accepted number of an earlier window again.
    NumberReused = "number_reused", false;
    /// An accepted record again in the next window, under another counter.
    ReplayNextWindow = "replay_next_window", true;
    /// A counter far below the card's highest.
    StaleCounter = "stale_counter", false;
    /// A counter far above the card's highest.
    CounterJump = "counter_jump", false;
    /// A clone that uses the counter of an accepted transaction.
    CounterConflict = "counter_conflict", false;
    /// A transaction whose record never arrives.
    RecordLost = "record_lost", false;
    /// A record that arrives in the next window, after its successor.
    GapClosed = "gap_closed", true;
    /// A card whose balance changed between two transactions.
    BalanceBreak = "balance_break", false;
    /// A TAC recovered later.
    Supplementary = "supplementary", false;
    /// A record that a terminal kept for days before its collector took it.
    Late = "late", false;
    /// A record that arrives in the next window.
    LateNextWindow = "late_next_window", true;
    /// A garbled record, sent again whole in the same window.
    CorrectedSameWindow = "corrected_same_window", false;
    /// A garbled record, sent again whole in the next window.
    CorrectedNextWindow = "corrected_next_window", true;
}

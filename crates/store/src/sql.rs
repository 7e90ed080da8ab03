//! SQL text that both databases share.
//!
//! Placeholders are `$1`, upserts are `ON CONFLICT`, results that callers rely on have an `ORDER BY`. Texts that
//! end in a list of columns are the head of a multi-row insert: the store adds `VALUES (…), (…)` in chunks.
//! Beginning a transaction is not here: how writers exclude each other is each database's own affair.

// --- registry, keys, lists -----------------------------------------------------------------------------------

/// → `version`, null when there is none.
pub const LATEST_REGISTRY_VERSION: &str = "SELECT MAX(version) AS version FROM registries";
/// → `version, body`.
pub const LATEST_REGISTRY: &str = "SELECT version, body FROM registries ORDER BY version DESC LIMIT 1";
/// version → `body`.
pub const REGISTRY: &str = "SELECT body FROM registries WHERE version = $1";
/// version, body, loaded at.
pub const ADD_REGISTRY: &str = "INSERT INTO registries (version, body, loaded_at) VALUES ($1, $2, $3)";

/// → `generation`, null when there is none.
pub const LATEST_KEY_GENERATION: &str = "SELECT MAX(generation) AS generation FROM key_rings";
/// → `generation, sealed`.
pub const LATEST_KEY_RING: &str = "SELECT generation, sealed FROM key_rings ORDER BY generation DESC LIMIT 1";
/// generation → `sealed`.
pub const KEY_RING: &str = "SELECT sealed FROM key_rings WHERE generation = $1";
/// generation, sealed, loaded at.
pub const ADD_KEY_RING: &str = "INSERT INTO key_rings (generation, sealed, loaded_at) VALUES ($1, $2, $3)";

/// → `id`, null when there is none.
pub const LATEST_DENY_LIST: &str = "SELECT MAX(id) AS id FROM deny_lists";
/// operator → `version`, null when the operator has none.
pub const LATEST_DENY_LIST_VERSION: &str =
    "SELECT MAX(version) AS version FROM deny_lists WHERE operator = $1";
/// → all columns but the time of loading.
pub const DENY_LISTS: &str =
    "SELECT id, operator, version, effective, entries, digest FROM deny_lists ORDER BY id";
/// id, operator, version, effective, entries, digest, loaded at.
pub const ADD_DENY_LIST: &str = "INSERT INTO deny_lists \
    (id, operator, version, effective, entries, digest, loaded_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";

// --- windows -------------------------------------------------------------------------------------------------

/// → every window.
pub const WINDOWS: &str = "SELECT id, state, business_date, registry_version, key_generation, deny_list_id, \
    closed_at, packages, transactions, amount_fen FROM windows ORDER BY id";
/// id → that window.
pub const WINDOW: &str = "SELECT id, state, business_date, registry_version, key_generation, deny_list_id, \
    closed_at, packages, transactions, amount_fen FROM windows WHERE id = $1";
/// → `id`.
pub const OPEN_WINDOW: &str = "SELECT id FROM windows WHERE state = 'open'";
/// → `business_date`, null before the first close. ISO 8601 dates sort as text.
pub const LATEST_BUSINESS_DATE: &str = "SELECT MAX(business_date) AS business_date FROM windows";
/// id, date, registry version, key generation, deny list, closed at.
pub const CLOSE_WINDOW: &str = "UPDATE windows SET state = 'closed', business_date = $2, registry_version = $3, \
    key_generation = $4, deny_list_id = $5, closed_at = $6 WHERE id = $1 AND state = 'open'";
/// id.
pub const ADD_OPEN_WINDOW: &str = "INSERT INTO windows (id, state) VALUES ($1, 'open')";
/// id, packages, transactions, fen: what a batch of intake adds.
pub const COUNT_INTAKE: &str = "UPDATE windows SET packages = packages + $2, transactions = transactions + $3, \
    amount_fen = amount_fen + $4 WHERE id = $1 AND state = 'open'";
/// id.
pub const CLEAR_WINDOW: &str = "UPDATE windows SET state = 'cleared' WHERE id = $1 AND state = 'closed'";
/// id, settled at.
pub const SETTLE_WINDOW: &str =
    "UPDATE windows SET state = 'settled', settled_at = $2 WHERE id = $1 AND state = 'cleared'";

// --- packages and quarantine ---------------------------------------------------------------------------------

/// collector, from sequence, to sequence → the accepted packages there.
pub const NEIGHBOURS: &str = "SELECT sequence, digest, seal, previous_seal FROM packages \
    WHERE collector = $1 AND sequence BETWEEN $2 AND $3";
/// collector, sequence, merchant, window, digest, seal, previous seal, records, fen, received at.
pub const ADD_PACKAGE: &str = "INSERT INTO packages (collector, sequence, merchant, window_id, digest, seal, \
    previous_seal, records, amount_fen, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
/// Head of a multi-row insert.
pub const ADD_PACKAGE_TERMINALS: &str = "INSERT INTO package_terminals \
    (collector, sequence, terminal, first_number, last_number, records) ";
/// window → its packages.
pub const PACKAGES: &str = "SELECT collector, sequence, merchant, window_id, digest, seal, previous_seal, \
    records, amount_fen, received_at FROM packages WHERE window_id = $1 ORDER BY collector, sequence";
/// collector, sequence → that package.
pub const PACKAGE: &str = "SELECT collector, sequence, merchant, window_id, digest, seal, previous_seal, \
    records, amount_fen, received_at FROM packages WHERE collector = $1 AND sequence = $2";
/// terminal, number → the packages in which the terminal's numbers span it.
pub const PACKAGES_SPANNING: &str = "SELECT p.collector, p.sequence, merchant, window_id, digest, seal, \
    previous_seal, p.records, amount_fen, received_at FROM package_terminals AS t \
    JOIN packages AS p ON p.collector = t.collector AND p.sequence = t.sequence \
    WHERE t.terminal = $1 AND t.first_number <= $2 AND t.last_number >= $2 ORDER BY p.collector, p.sequence";
/// window → the terminals of its packages.
pub const TERMINAL_SPANS: &str = "SELECT t.collector, t.sequence, terminal, first_number, last_number, t.records \
    FROM packages AS p JOIN package_terminals AS t ON t.collector = p.collector AND t.sequence = p.sequence \
    WHERE p.window_id = $1 ORDER BY t.collector, t.sequence, terminal";
/// window → collector, sequence and digest of its packages.
pub const PACKAGE_DIGESTS: &str =
    "SELECT collector, sequence, digest FROM packages WHERE window_id = $1 ORDER BY collector, sequence";
/// → `collector, first_missing, last_missing`: a sequence that does not follow its predecessor leaves a gap,
/// and before the first one stands the sequence 0.
pub const MISSING_PACKAGES: &str = "SELECT collector, previous + 1 AS first_missing, sequence - 1 AS last_missing \
    FROM (SELECT collector, sequence, \
          COALESCE(LAG(sequence) OVER (PARTITION BY collector ORDER BY sequence), 0) AS previous \
          FROM packages) AS numbered \
    WHERE sequence > previous + 1 ORDER BY collector, sequence";
/// → everything in quarantine.
pub const QUARANTINE: &str = "SELECT digest, size_bytes, source, reason, field, value, expected, arrived_at, \
    arrivals FROM quarantine ORDER BY arrived_at, digest";
/// digest, bytes, source, reason, field, value, expected, arrived at.
pub const ADD_QUARANTINE: &str = "INSERT INTO quarantine \
    (digest, size_bytes, source, reason, field, value, expected, arrived_at, arrivals) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1) \
    ON CONFLICT (digest) DO UPDATE SET size_bytes = excluded.size_bytes, source = excluded.source, \
    reason = excluded.reason, field = excluded.field, value = excluded.value, expected = excluded.expected, \
    arrived_at = excluded.arrived_at, arrivals = quarantine.arrivals + 1";
/// digest.
pub const RELEASE_QUARANTINED: &str = "DELETE FROM quarantine WHERE digest = $1";

// --- runs ----------------------------------------------------------------------------------------------------

/// window, digest, totals, cleared at, root.
pub const ADD_RUN: &str =
    "INSERT INTO runs (window_id, digest, totals_json, cleared_at, root) VALUES ($1, $2, $3, $4, $5)";
/// Head of a multi-row insert: window, path, digest.
pub const ADD_RUN_FILES: &str = "INSERT INTO run_files (window_id, path, digest) ";
/// window → the files of its run.
pub const RUN_FILES: &str = "SELECT path, digest FROM run_files WHERE window_id = $1 ORDER BY path";
/// window → its run.
pub const RUN: &str =
    "SELECT window_id, digest, totals_json, cleared_at, root FROM runs WHERE window_id = $1";
/// Head of a multi-row insert.
pub const ADD_PACKAGE_RESULTS: &str = "INSERT INTO package_results (collector, sequence, accepted_count, \
    accepted_fen, duplicate_count, duplicate_fen, suspended_count, suspended_fen, rejected_count, rejected_fen) ";
/// window → what became of its packages; the columns after the key are the tallies in their order.
pub const PACKAGE_RESULTS: &str = "SELECT r.collector, r.sequence, accepted_count, accepted_fen, \
    duplicate_count, duplicate_fen, suspended_count, suspended_fen, rejected_count, rejected_fen \
    FROM packages AS p JOIN package_results AS r ON r.collector = p.collector AND r.sequence = p.sequence \
    WHERE p.window_id = $1 ORDER BY r.collector, r.sequence";
/// Head of a multi-row insert.
pub const ADD_SUSPENDED_ITEMS: &str = "INSERT INTO suspended_items (window_id, collector, sequence, row_index, \
    merchant, operator, card_issuer, card_serial, chain, card_counter, terminal, terminal_number, amount_fen, \
    record_date, record_time, tac, reason) ";
/// window → what windows before it suspended.
pub const SUSPENDED_BEFORE: &str = "SELECT window_id, collector, sequence, row_index, merchant, operator, \
    card_issuer, card_serial, chain, card_counter, terminal, terminal_number, amount_fen, record_date, record_time, \
    tac, reason FROM suspended_items WHERE window_id < $1 ORDER BY window_id, collector, sequence, row_index";
/// window → what it suspended.
pub const SUSPENDED_IN: &str = "SELECT window_id, collector, sequence, row_index, merchant, operator, \
    card_issuer, card_serial, chain, card_counter, terminal, terminal_number, amount_fen, record_date, record_time, \
    tac, reason FROM suspended_items WHERE window_id = $1 ORDER BY collector, sequence, row_index";
/// issuer, serial → what any window suspended of that card.
pub const SUSPENDED_OF_CARD: &str = "SELECT window_id, collector, sequence, row_index, merchant, operator, \
    card_issuer, card_serial, chain, card_counter, terminal, terminal_number, amount_fen, record_date, record_time, \
    tac, reason FROM suspended_items WHERE card_issuer = $1 AND card_serial = $2 \
    ORDER BY window_id, collector, sequence, row_index";

// --- ledger and settlement -----------------------------------------------------------------------------------

/// id → that transfer.
pub const TRANSFER: &str = "SELECT id, business_date, code, debit, credit, amount_fen, merchant, operator, \
    contract, reference FROM transfers WHERE id = $1";
/// business date → its transfers.
pub const TRANSFERS: &str = "SELECT id, business_date, code, debit, credit, amount_fen, merchant, operator, \
    contract, reference FROM transfers WHERE business_date = $1 ORDER BY id";
/// → all transfers.
pub const ALL_TRANSFERS: &str = "SELECT id, business_date, code, debit, credit, amount_fen, merchant, operator, \
    contract, reference FROM transfers ORDER BY id";
/// All columns in their order.
pub const ADD_TRANSFER: &str = "INSERT INTO transfers (id, business_date, code, debit, credit, amount_fen, \
    merchant, operator, contract, reference) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
/// account, debits, credits: what new transfers move.
pub const MOVE_BALANCE: &str = "INSERT INTO balances (account, debits_fen, credits_fen) VALUES ($1, $2, $3) \
    ON CONFLICT (account) DO UPDATE SET debits_fen = balances.debits_fen + excluded.debits_fen, \
    credits_fen = balances.credits_fen + excluded.credits_fen";
/// → every account.
pub const BALANCES: &str = "SELECT account, debits_fen, credits_fen FROM balances ORDER BY account";
/// Head of a multi-row insert.
pub const ADD_POSITIONS: &str = "INSERT INTO positions (window_id, participant, value_date, gross_fen, fee_fen, \
    concession_fen, load_fen, adjustments_fen, carried_in_fen, net_fen, carried_out_fen) ";
/// window → its positions.
pub const POSITIONS: &str = "SELECT participant, value_date, gross_fen, fee_fen, concession_fen, load_fen, \
    adjustments_fen, carried_in_fen, net_fen, carried_out_fen FROM positions WHERE window_id = $1 \
    ORDER BY participant, value_date";

// --- audit ---------------------------------------------------------------------------------------------------

/// → the last entry's number and hash.
pub const LAST_AUDIT: &str = "SELECT entry, hash FROM audit ORDER BY entry DESC LIMIT 1";
/// All columns in their order.
pub const ADD_AUDIT: &str =
    "INSERT INTO audit (entry, at, actor, event, previous, hash) VALUES ($1, $2, $3, $4, $5, $6)";
/// → all entries.
pub const AUDIT_LOG: &str = "SELECT entry, at, actor, event, previous, hash FROM audit ORDER BY entry";

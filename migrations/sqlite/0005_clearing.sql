-- What a clearing run commits besides its postings, in one transaction with its window's step to `cleared`.

-- One row a committed run; a window has at most one.
CREATE TABLE runs (
    window_id       INTEGER PRIMARY KEY REFERENCES windows (id),
    digest          TEXT    NOT NULL CHECK (length(digest) = 64),
    totals_json     TEXT    NOT NULL,
    cleared_at      INTEGER NOT NULL
) STRICT;

-- One row a file of the vault that a run wrote: what it held when the run was committed.
CREATE TABLE run_files (
    window_id       INTEGER NOT NULL REFERENCES runs (window_id),
    path            TEXT NOT NULL,
    digest          TEXT    NOT NULL CHECK (length(digest) = 64),
    PRIMARY KEY (window_id, path)
) STRICT, WITHOUT ROWID;

-- One row a package of a cleared window: how many of its records got which disposition, and their amounts.
CREATE TABLE package_results (
    collector           TEXT    NOT NULL,
    sequence            INTEGER NOT NULL,
    accepted_count      INTEGER NOT NULL CHECK (accepted_count >= 0),
    accepted_fen        INTEGER NOT NULL CHECK (accepted_fen >= 0),
    duplicate_count     INTEGER NOT NULL CHECK (duplicate_count >= 0),
    duplicate_fen       INTEGER NOT NULL CHECK (duplicate_fen >= 0),
    suspended_count     INTEGER NOT NULL CHECK (suspended_count >= 0),
    suspended_fen       INTEGER NOT NULL CHECK (suspended_fen >= 0),
    rejected_count      INTEGER NOT NULL CHECK (rejected_count >= 0),
    rejected_fen        INTEGER NOT NULL CHECK (rejected_fen >= 0),
    PRIMARY KEY (collector, sequence),
    FOREIGN KEY (collector, sequence) REFERENCES packages (collector, sequence)
) STRICT, WITHOUT ROWID;

-- One row a record whose money waits for a decision, with what makes a later record its copy.
CREATE TABLE suspended_items (
    window_id       INTEGER NOT NULL REFERENCES windows (id),
    collector       TEXT    NOT NULL,
    sequence        INTEGER NOT NULL,
    row_index       INTEGER NOT NULL CHECK (row_index BETWEEN 0 AND 4294967295), -- in its package, from 0
    merchant        TEXT    NOT NULL CHECK (length(merchant) = 8),
    operator        TEXT    NOT NULL CHECK (length(operator) = 4),
    card_issuer     TEXT    NOT NULL CHECK (length(card_issuer) = 16),
    card_serial     TEXT    NOT NULL CHECK (length(card_serial) = 20),
    chain           TEXT    NOT NULL CHECK (chain IN ('purchase', 'load')),
    card_counter    INTEGER NOT NULL CHECK (card_counter BETWEEN 0 AND 65535),
    terminal        TEXT    NOT NULL CHECK (length(terminal) = 12),
    terminal_number INTEGER NOT NULL CHECK (terminal_number BETWEEN 0 AND 4294967295),
    amount_fen      INTEGER NOT NULL CHECK (amount_fen BETWEEN 0 AND 4294967295),
    record_date     TEXT    NOT NULL CHECK (length(record_date) = 8), -- YYYYMMDD, as sent
    record_time     TEXT    NOT NULL CHECK (length(record_time) = 6), -- hhmmss, as sent
    tac             TEXT    NOT NULL CHECK (length(tac) = 8),
    reason          TEXT    NOT NULL CHECK (reason IN (
        'future_dated', 'too_old', 'key_unavailable', 'balance_arithmetic', 'no_contract', 'over_limit',
        'number_conflict', 'stale_counter', 'counter_jump', 'counter_conflict')),
    PRIMARY KEY (window_id, collector, sequence, row_index),
    FOREIGN KEY (collector, sequence) REFERENCES packages (collector, sequence)
) STRICT, WITHOUT ROWID;

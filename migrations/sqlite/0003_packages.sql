-- What intake decided: packages accepted into a window, and bytes it refused. The bytes lie in the vault.

-- One row an accepted package, named for ever by collector and sequence.
CREATE TABLE packages (
    collector       TEXT    NOT NULL CHECK (length(collector) = 12),
    sequence        INTEGER NOT NULL CHECK (sequence BETWEEN 1 AND 4294967295),
    merchant        TEXT    NOT NULL CHECK (length(merchant) = 8),
    window_id       INTEGER NOT NULL REFERENCES windows (id),
    digest          TEXT    NOT NULL CHECK (length(digest) = 64),
    seal            TEXT    NOT NULL CHECK (length(seal) = 64),
    previous_seal   TEXT    NOT NULL CHECK (length(previous_seal) = 16),
    records         INTEGER NOT NULL CHECK (records BETWEEN 0 AND 4294967295),
    amount_fen      INTEGER NOT NULL CHECK (amount_fen >= 0),
    received_at     INTEGER NOT NULL,
    PRIMARY KEY (collector, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX packages_by_window ON packages (window_id, collector, sequence);

-- One row a terminal in a package: the numbers it used there, for terminal continuity on ranges.
CREATE TABLE package_terminals (
    collector       TEXT    NOT NULL,
    sequence        INTEGER NOT NULL,
    terminal        TEXT    NOT NULL CHECK (length(terminal) = 12),
    first_number    INTEGER NOT NULL CHECK (first_number BETWEEN 0 AND 4294967295),
    last_number     INTEGER NOT NULL CHECK (last_number BETWEEN first_number AND 4294967295),
    records         INTEGER NOT NULL CHECK (records BETWEEN 1 AND 4294967295),
    PRIMARY KEY (collector, sequence, terminal),
    FOREIGN KEY (collector, sequence) REFERENCES packages (collector, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX package_terminals_by_terminal ON package_terminals (terminal, first_number);

-- One row for bytes refused, however often the same bytes came; it tells how they were judged last.
CREATE TABLE quarantine (
    digest          TEXT    NOT NULL PRIMARY KEY CHECK (length(digest) = 64),
    size_bytes      INTEGER NOT NULL CHECK (size_bytes >= 0),
    source          TEXT    NOT NULL,
    reason          TEXT    NOT NULL,
    field           TEXT    NOT NULL,
    value           TEXT    NOT NULL,
    expected        TEXT    NOT NULL,
    arrived_at      INTEGER NOT NULL,
    arrivals        INTEGER NOT NULL CHECK (arrivals > 0)
) STRICT, WITHOUT ROWID;

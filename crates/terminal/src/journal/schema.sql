-- The journal of one terminal (docs/terminal.md). A tap is written before the debit is asked for and never deleted.
CREATE TABLE tap (
    id              INTEGER PRIMARY KEY,
    state           TEXT    NOT NULL CHECK (state IN ('open', 'paid', 'unpaid')),
    why             TEXT    NOT NULL,
    terminal        BLOB    NOT NULL,
    terminal_number INTEGER NOT NULL,
    issuer          BLOB    NOT NULL,
    serial          BLOB    NOT NULL,
    is_load         INTEGER NOT NULL CHECK (is_load IN (0, 1)),
    grant_id        INTEGER,
    -- Whether the load host knows what became of its grant; 1 of a purchase.
    host_told       INTEGER NOT NULL CHECK (host_told IN (0, 1)),
    -- The record as it will travel, 96 bytes; its TAC is zeros until it is known.
    record          BLOB    NOT NULL CHECK (length(record) = 96),
    written_ms      INTEGER NOT NULL,
    settled_ms      INTEGER,
    package         INTEGER REFERENCES package (sequence),
    row             INTEGER,
    disposition     TEXT,
    reason          TEXT,
    UNIQUE (terminal, terminal_number),
    UNIQUE (package, row)
) STRICT;
CREATE INDEX open_tap ON tap (issuer, serial) WHERE state = 'open';
CREATE INDEX waiting_tap ON tap (terminal_number) WHERE state = 'paid' AND package IS NULL;

CREATE TABLE package (
    sequence    INTEGER PRIMARY KEY,
    bytes       BLOB    NOT NULL,
    records     INTEGER NOT NULL,
    amount_fen  INTEGER NOT NULL,
    sealed_ms   INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('sealed', 'received', 'quarantined', 'answered')),
    answer      TEXT    NOT NULL DEFAULT '',
    answered_ms INTEGER
) STRICT;

-- Taps that another terminal of the same centre left open: proofs are asked for in its name (docs/terminal.md).
CREATE TABLE neighbour (
    terminal        BLOB    NOT NULL,
    terminal_number INTEGER NOT NULL,
    issuer          BLOB    NOT NULL,
    serial          BLOB    NOT NULL,
    record          BLOB    NOT NULL CHECK (length(record) = 96),
    -- What the card said: 'happened' with a TAC, 'did_not_happen', or nothing yet.
    outcome         TEXT,
    tac             BLOB,
    PRIMARY KEY (terminal, terminal_number)
) STRICT;

-- Riders that were let through although no debit was possible.
CREATE TABLE let_through (
    id         INTEGER PRIMARY KEY,
    why        TEXT    NOT NULL,
    written_ms INTEGER NOT NULL
) STRICT;

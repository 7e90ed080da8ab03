-- Payouts and what the bank says of them. Rows are added and never changed: how far a payment has come is what the bank's
-- entries add up to.

-- One row a value date; the order that the bank was sent lies in the vault.
CREATE TABLE payouts (
    value_date      TEXT    NOT NULL PRIMARY KEY CHECK (length(value_date) = 10), -- YYYY-MM-DD
    message         TEXT    NOT NULL, -- the order's id
    file_digest     TEXT    NOT NULL CHECK (length(file_digest) = 64),
    payments        INTEGER NOT NULL CHECK (payments > 0),
    amount_fen      INTEGER NOT NULL CHECK (amount_fen > 0),
    created_by      TEXT    NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a payment: a merchant is paid once a value date.
CREATE TABLE payments (
    reference       TEXT    NOT NULL PRIMARY KEY CHECK (length(reference) BETWEEN 1 AND 35), -- the end-to-end id
    value_date      TEXT    NOT NULL REFERENCES payouts (value_date),
    merchant        TEXT    NOT NULL CHECK (length(merchant) = 8),
    amount_fen      INTEGER NOT NULL CHECK (amount_fen BETWEEN 1 AND 4611686018427387903),
    UNIQUE (value_date, merchant)
) STRICT, WITHOUT ROWID;

-- What a payment pays: a settled position, or what came back of an earlier payment. Each is paid once.
CREATE TABLE payment_items (
    reference       TEXT    NOT NULL REFERENCES payments (reference),
    item            INTEGER NOT NULL CHECK (item > 0),
    merchant        TEXT    NOT NULL,
    window_date     TEXT    CHECK (length(window_date) = 10), -- the position's window
    position_date   TEXT    CHECK (length(position_date) = 10), -- and value date
    returned        TEXT    CHECK (length(returned) = 32), -- the transfer that brought it back
    amount_fen      INTEGER NOT NULL CHECK (amount_fen BETWEEN 1 AND 4611686018427387903),
    PRIMARY KEY (reference, item),
    CHECK ((window_date IS NULL) = (position_date IS NULL)),
    CHECK ((window_date IS NULL) <> (returned IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX payment_items_by_position ON payment_items (merchant, window_date, position_date)
    WHERE window_date IS NOT NULL;
CREATE UNIQUE INDEX payment_items_by_return ON payment_items (returned) WHERE returned IS NOT NULL;

-- Files of the bank as they arrived, in order; the bytes lie in the vault.
CREATE TABLE bank_files (
    number          INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
    digest          TEXT    NOT NULL UNIQUE CHECK (length(digest) = 64),
    size_bytes      INTEGER NOT NULL CHECK (size_bytes >= 0),
    message         TEXT    NOT NULL, -- the bank's id of it
    received_by     TEXT    NOT NULL,
    received_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE bank_statements (
    file            INTEGER NOT NULL REFERENCES bank_files (number),
    statement       INTEGER NOT NULL CHECK (statement > 0), -- its place in the file
    id              TEXT    NOT NULL,
    account         TEXT    NOT NULL,
    opened          TEXT    NOT NULL CHECK (length(opened) = 10),
    opening_fen     INTEGER NOT NULL,
    closed          TEXT    NOT NULL CHECK (length(closed) = 10),
    closing_fen     INTEGER NOT NULL,
    PRIMARY KEY (file, statement)
) STRICT, WITHOUT ROWID;

-- One row a transaction on the centre's account, once, however many statements have it.
CREATE TABLE bank_entries (
    file            INTEGER NOT NULL REFERENCES bank_files (number),
    entry           INTEGER NOT NULL CHECK (entry > 0), -- its place in the file, those seen before counted
    statement       INTEGER NOT NULL,
    key             TEXT    NOT NULL UNIQUE CHECK (length(key) = 64), -- what makes it the same entry elsewhere
    bank_reference  TEXT,
    booked          TEXT    NOT NULL CHECK (length(booked) = 10),
    value_date      TEXT    NOT NULL CHECK (length(value_date) = 10),
    movement        TEXT    NOT NULL CHECK (movement IN ('out', 'returned', 'rejected', 'in', 'in_undone')),
    amount_fen      INTEGER NOT NULL, -- below zero when it left the account
    reference       TEXT    CHECK (length(reference) BETWEEN 1 AND 35), -- the payment or collection; absent when it names none of ours
    names           TEXT    NOT NULL, -- what it does name
    reason          TEXT,
    PRIMARY KEY (file, entry)
) STRICT, WITHOUT ROWID;

CREATE INDEX bank_entries_by_reference ON bank_entries (reference) WHERE reference IS NOT NULL;

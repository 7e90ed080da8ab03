-- Payouts and what the bank says of them. Rows are added and never changed: how far a payment has come is what the bank's
-- entries add up to.

-- One row a value date; the order that the bank was sent lies in the vault.
CREATE TABLE payouts (
    value_date      TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(value_date) = 10), -- YYYY-MM-DD
    message         TEXT COLLATE "C" NOT NULL, -- the order's id
    file_digest     TEXT COLLATE "C" NOT NULL CHECK (length(file_digest) = 64),
    payments        BIGINT NOT NULL CHECK (payments > 0),
    amount_fen      BIGINT NOT NULL CHECK (amount_fen > 0),
    created_by      TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL
);

-- One row a payment: a merchant is paid once a value date.
CREATE TABLE payments (
    reference       TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(reference) BETWEEN 1 AND 35), -- the end-to-end id
    value_date      TEXT COLLATE "C" NOT NULL REFERENCES payouts (value_date),
    merchant        TEXT COLLATE "C" NOT NULL CHECK (length(merchant) = 8),
    amount_fen      BIGINT NOT NULL CHECK (amount_fen BETWEEN 1 AND 4611686018427387903),
    UNIQUE (value_date, merchant)
);

-- What a payment pays: a settled position, or what came back of an earlier payment. Each is paid once.
CREATE TABLE payment_items (
    reference       TEXT COLLATE "C" NOT NULL REFERENCES payments (reference),
    item            BIGINT NOT NULL CHECK (item > 0),
    merchant        TEXT COLLATE "C" NOT NULL,
    window_date     TEXT COLLATE "C" CHECK (length(window_date) = 10), -- the position's window
    position_date   TEXT COLLATE "C" CHECK (length(position_date) = 10), -- and value date
    returned        TEXT COLLATE "C" CHECK (length(returned) = 32), -- the transfer that brought it back
    amount_fen      BIGINT NOT NULL CHECK (amount_fen BETWEEN 1 AND 4611686018427387903),
    PRIMARY KEY (reference, item),
    CHECK ((window_date IS NULL) = (position_date IS NULL)),
    CHECK ((window_date IS NULL) <> (returned IS NULL))
);

CREATE UNIQUE INDEX payment_items_by_position ON payment_items (merchant, window_date, position_date)
    WHERE window_date IS NOT NULL;
CREATE UNIQUE INDEX payment_items_by_return ON payment_items (returned) WHERE returned IS NOT NULL;

-- Files of the bank as they arrived, in order; the bytes lie in the vault.
CREATE TABLE bank_files (
    number          BIGINT NOT NULL PRIMARY KEY CHECK (number > 0),
    digest          TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(digest) = 64),
    size_bytes      BIGINT NOT NULL CHECK (size_bytes >= 0),
    message         TEXT COLLATE "C" NOT NULL, -- the bank's id of it
    received_by     TEXT COLLATE "C" NOT NULL,
    received_at     BIGINT NOT NULL
);

CREATE TABLE bank_statements (
    file            BIGINT NOT NULL REFERENCES bank_files (number),
    statement       BIGINT NOT NULL CHECK (statement > 0), -- its place in the file
    id              TEXT COLLATE "C" NOT NULL,
    account         TEXT COLLATE "C" NOT NULL,
    opened          TEXT COLLATE "C" NOT NULL CHECK (length(opened) = 10),
    opening_fen     BIGINT NOT NULL,
    closed          TEXT COLLATE "C" NOT NULL CHECK (length(closed) = 10),
    closing_fen     BIGINT NOT NULL,
    PRIMARY KEY (file, statement)
);

-- One row a transaction on the centre's account, once, however many statements have it.
CREATE TABLE bank_entries (
    file            BIGINT NOT NULL REFERENCES bank_files (number),
    entry           BIGINT NOT NULL CHECK (entry > 0), -- its place in the file, those seen before counted
    statement       BIGINT NOT NULL,
    key             TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(key) = 64), -- what makes it the same entry elsewhere
    bank_reference  TEXT COLLATE "C",
    booked          TEXT COLLATE "C" NOT NULL CHECK (length(booked) = 10),
    value_date      TEXT COLLATE "C" NOT NULL CHECK (length(value_date) = 10),
    movement        TEXT COLLATE "C" NOT NULL CHECK (movement IN ('out', 'returned', 'rejected', 'in', 'in_undone')),
    amount_fen      BIGINT NOT NULL, -- below zero when it left the account
    reference       TEXT COLLATE "C" CHECK (length(reference) BETWEEN 1 AND 35), -- the payment or collection; absent when it names none of ours
    names           TEXT COLLATE "C" NOT NULL, -- what it does name
    reason          TEXT COLLATE "C",
    PRIMARY KEY (file, entry)
);

CREATE INDEX bank_entries_by_reference ON bank_entries (reference) WHERE reference IS NOT NULL;

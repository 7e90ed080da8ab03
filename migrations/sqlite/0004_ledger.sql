-- The ledger: transfers between accounts, for ever as they were posted, and what they add up to.

-- One row a transfer of a positive amount; what is posted again is found by its id.
CREATE TABLE transfers (
    id              TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    business_date   TEXT    NOT NULL CHECK (length(business_date) = 10), -- its window's
    code            TEXT    NOT NULL CHECK (code IN (
        'purchase', 'fee', 'concession', 'load', 'suspended', 'release', 'refuse', 'payout', 'collection')),
    debit           TEXT    NOT NULL, -- the account it leaves
    credit          TEXT    NOT NULL, -- the account it enters
    amount_fen      INTEGER NOT NULL CHECK (amount_fen BETWEEN 1 AND 4611686018427387903),
    merchant        TEXT    CHECK (length(merchant) = 8),
    operator        TEXT    CHECK (length(operator) = 4),
    contract        TEXT, -- absent when no contract stands behind it
    CHECK (debit <> credit)
) STRICT, WITHOUT ROWID;

CREATE INDEX transfers_by_date ON transfers (business_date, id);

CREATE TRIGGER transfers_never_change BEFORE UPDATE ON transfers
BEGIN
    SELECT RAISE(ABORT, 'a transfer is never changed');
END;

CREATE TRIGGER transfers_never_vanish BEFORE DELETE ON transfers
BEGIN
    SELECT RAISE(ABORT, 'a transfer is never deleted');
END;

-- INSERT OR REPLACE would delete without firing the trigger above.
CREATE TRIGGER transfers_never_replaced BEFORE INSERT ON transfers
WHEN EXISTS (SELECT 1 FROM transfers WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'a transfer is never replaced');
END;

-- One row an account that a transfer has touched: what left it and what entered it, apart. Moved in the same
-- transaction as the transfers, from which it can be derived again at any time.
CREATE TABLE balances (
    account         TEXT    NOT NULL PRIMARY KEY,
    debits_fen      INTEGER NOT NULL CHECK (debits_fen BETWEEN 0 AND 4611686018427387903),
    credits_fen     INTEGER NOT NULL CHECK (credits_fen BETWEEN 0 AND 4611686018427387903)
) STRICT, WITHOUT ROWID;

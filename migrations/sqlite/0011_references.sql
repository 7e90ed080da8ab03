-- Transfers that refer to what they correct, pay or collect; two further codes. The table is made anew, for SQLite cannot
-- change a CHECK.

CREATE TABLE transfers_with_reference (
    id              TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    business_date   TEXT    NOT NULL CHECK (length(business_date) = 10), -- its window's, or the bank's day
    code            TEXT    NOT NULL CHECK (code IN (
        'purchase', 'fee', 'concession', 'load', 'suspended', 'release', 'refuse', 'payout', 'collection',
        'correction', 'returned')),
    debit           TEXT    NOT NULL, -- the account it leaves
    credit          TEXT    NOT NULL, -- the account it enters
    amount_fen      INTEGER NOT NULL CHECK (amount_fen BETWEEN 1 AND 4611686018427387903),
    merchant        TEXT    CHECK (length(merchant) = 8),
    operator        TEXT    CHECK (length(operator) = 4),
    contract        TEXT, -- absent when no contract stands behind it
    reference       TEXT    CHECK (length(reference) BETWEEN 1 AND 35), -- the original, the payment; absent for a run's sums
    CHECK (debit <> credit)
) STRICT, WITHOUT ROWID;

INSERT INTO transfers_with_reference (id, business_date, code, debit, credit, amount_fen, merchant, operator, contract)
SELECT id, business_date, code, debit, credit, amount_fen, merchant, operator, contract FROM transfers;

DROP TABLE transfers;
ALTER TABLE transfers_with_reference RENAME TO transfers;

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

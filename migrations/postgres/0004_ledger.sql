-- The ledger: transfers between accounts, for ever as they were posted, and what they add up to.

-- One row a transfer of a positive amount; what is posted again is found by its id.
CREATE TABLE transfers (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    business_date   TEXT COLLATE "C" NOT NULL CHECK (length(business_date) = 10), -- its window's
    code            TEXT    NOT NULL CHECK (code IN (
        'purchase', 'fee', 'concession', 'load', 'suspended', 'release', 'refuse', 'payout', 'collection')),
    debit           TEXT COLLATE "C" NOT NULL, -- the account it leaves
    credit          TEXT COLLATE "C" NOT NULL, -- the account it enters
    amount_fen      BIGINT  NOT NULL CHECK (amount_fen BETWEEN 1 AND 4611686018427387903),
    merchant        TEXT COLLATE "C" CHECK (length(merchant) = 8),
    operator        TEXT COLLATE "C" CHECK (length(operator) = 4),
    contract        TEXT, -- absent when no contract stands behind it
    CHECK (debit <> credit)
);

CREATE INDEX transfers_by_date ON transfers (business_date, id);

CREATE FUNCTION refuse_transfer_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a transfer is never changed or deleted';
END;
$$;

CREATE TRIGGER transfers_never_change BEFORE UPDATE OR DELETE ON transfers
FOR EACH ROW EXECUTE FUNCTION refuse_transfer_change();

-- TRUNCATE would empty the table without firing the trigger above.
CREATE TRIGGER transfers_never_vanish BEFORE TRUNCATE ON transfers
FOR EACH STATEMENT EXECUTE FUNCTION refuse_transfer_change();

-- One row an account that a transfer has touched: what left it and what entered it, apart. Moved in the same
-- transaction as the transfers, from which it can be derived again at any time.
CREATE TABLE balances (
    account         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    debits_fen      BIGINT  NOT NULL CHECK (debits_fen BETWEEN 0 AND 4611686018427387903),
    credits_fen     BIGINT  NOT NULL CHECK (credits_fen BETWEEN 0 AND 4611686018427387903)
);

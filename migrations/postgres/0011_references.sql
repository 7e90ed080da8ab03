-- Transfers that refer to what they correct, pay or collect; two further codes.

-- `reference` names the original or the payment; absent for a run's sums.
ALTER TABLE transfers ADD COLUMN reference TEXT COLLATE "C" CHECK (length(reference) BETWEEN 1 AND 35);
ALTER TABLE transfers DROP CONSTRAINT transfers_code_check;
ALTER TABLE transfers ADD CONSTRAINT transfers_code_check CHECK (code IN (
    'purchase', 'fee', 'concession', 'load', 'suspended', 'release', 'refuse', 'payout', 'collection',
    'correction', 'returned'));

-- What later questions need: the Merkle root of a run, and suspended items by card.

-- Absent for runs that an earlier version committed.
ALTER TABLE runs ADD COLUMN root TEXT CHECK (length(root) = 64);

CREATE INDEX suspended_items_by_card ON suspended_items (card_issuer, card_serial);

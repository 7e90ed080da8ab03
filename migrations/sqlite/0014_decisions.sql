-- Decisions about suspended records and breaks: inputs of the run of the window that was open when they were made.

-- `body` is what was proposed and approved, byte for byte; `registry_version` was in force then. What moves nothing has no
-- proposal, and may be said again; anything else is decided once.
CREATE TABLE decisions (
    id                  INTEGER PRIMARY KEY CHECK (id > 0),
    window_id           INTEGER NOT NULL REFERENCES windows (id),
    registry_version    INTEGER NOT NULL REFERENCES registries (version),
    reference           TEXT    NOT NULL CHECK (length(reference) BETWEEN 1 AND 35), -- the original
    origin              TEXT    NOT NULL CHECK (origin IN ('suspended', 'ours_only', 'theirs_only', 'mismatch')),
    action              TEXT    NOT NULL CHECK (action IN ('pay', 'refuse', 'split', 'keep')),
    body                TEXT    NOT NULL,
    proposal_id         INTEGER UNIQUE REFERENCES proposals (id),
    decided_by          TEXT    NOT NULL,
    decided_at          INTEGER NOT NULL,
    CHECK ((action = 'keep') = (proposal_id IS NULL))
) STRICT;

CREATE INDEX decisions_by_window ON decisions (window_id, id);

-- A record that was released may become a break later; each of both is decided once.
CREATE UNIQUE INDEX decisions_once ON decisions (reference, (origin = 'suspended')) WHERE action <> 'keep';

CREATE TRIGGER decisions_never_change BEFORE UPDATE ON decisions
BEGIN
    SELECT RAISE(ABORT, 'a decision is never changed');
END;

CREATE TRIGGER decisions_never_vanish BEFORE DELETE ON decisions
BEGIN
    SELECT RAISE(ABORT, 'a decision is never deleted');
END;

-- INSERT OR REPLACE would delete without firing the trigger above.
CREATE TRIGGER decisions_never_replaced BEFORE INSERT ON decisions
WHEN EXISTS (SELECT 1 FROM decisions WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'a decision is never replaced');
END;

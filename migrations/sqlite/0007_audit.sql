-- What people and nights did to the centre, in order, each entry chained to the one before by its hash.

-- One row an event, written in the same transaction as what it tells of. `event` is JSON exactly as it was hashed.
CREATE TABLE audit (
    entry           INTEGER PRIMARY KEY CHECK (entry > 0), -- contiguous from 1
    at              INTEGER NOT NULL,
    actor           TEXT    NOT NULL CHECK (length(actor) > 0),
    event           TEXT    NOT NULL,
    previous        TEXT    NOT NULL CHECK (length(previous) = 64),
    hash            TEXT    NOT NULL UNIQUE CHECK (length(hash) = 64)
) STRICT;

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'an audit entry is never changed');
END;

CREATE TRIGGER audit_never_vanishes BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'an audit entry is never deleted');
END;

-- INSERT OR REPLACE would delete without firing the trigger above.
CREATE TRIGGER audit_never_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE entry = NEW.entry OR hash = NEW.hash)
BEGIN
    SELECT RAISE(ABORT, 'an audit entry is never replaced');
END;

-- What people and nights did to the centre, in order, each entry chained to the one before by its hash.

-- One row an event, written in the same transaction as what it tells of. `event` is JSON exactly as it was hashed.
CREATE TABLE audit (
    entry           BIGINT  PRIMARY KEY CHECK (entry > 0), -- contiguous from 1
    at              BIGINT  NOT NULL,
    actor           TEXT    NOT NULL CHECK (length(actor) > 0),
    event           TEXT    NOT NULL,
    previous        TEXT COLLATE "C" NOT NULL CHECK (length(previous) = 64),
    hash            TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(hash) = 64)
);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an audit entry is never changed or deleted';
END;
$$;

CREATE TRIGGER audit_never_changes BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();

-- TRUNCATE would empty the table without firing the trigger above.
CREATE TRIGGER audit_never_vanishes BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

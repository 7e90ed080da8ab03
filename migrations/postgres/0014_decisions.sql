-- Decisions about suspended records and breaks: inputs of the run of the window that was open when they were made.

-- `body` is what was proposed and approved, byte for byte; `registry_version` was in force then. What moves nothing has no
-- proposal, and may be said again; anything else is decided once.
CREATE TABLE decisions (
    id                  BIGINT  PRIMARY KEY CHECK (id > 0),
    window_id           BIGINT  NOT NULL REFERENCES windows (id),
    registry_version    BIGINT  NOT NULL REFERENCES registries (version),
    reference           TEXT COLLATE "C" NOT NULL CHECK (length(reference) BETWEEN 1 AND 35), -- the original
    origin              TEXT    NOT NULL CHECK (origin IN ('suspended', 'ours_only', 'theirs_only', 'mismatch')),
    action              TEXT    NOT NULL CHECK (action IN ('pay', 'refuse', 'split', 'keep')),
    body                TEXT    NOT NULL,
    proposal_id         BIGINT  UNIQUE REFERENCES proposals (id),
    decided_by          TEXT    NOT NULL,
    decided_at          BIGINT  NOT NULL,
    CHECK ((action = 'keep') = (proposal_id IS NULL))
);

CREATE INDEX decisions_by_window ON decisions (window_id, id);

-- A record that was released may become a break later; each of both is decided once.
CREATE UNIQUE INDEX decisions_once ON decisions (reference, (origin = 'suspended')) WHERE action <> 'keep';

CREATE FUNCTION refuse_decision_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a decision is never changed or deleted';
END;
$$;

CREATE TRIGGER decisions_never_change BEFORE UPDATE OR DELETE ON decisions
FOR EACH ROW EXECUTE FUNCTION refuse_decision_change();

-- TRUNCATE would empty the table without firing the trigger above.
CREATE TRIGGER decisions_never_vanish BEFORE TRUNCATE ON decisions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_decision_change();

-- Reconciliation with card operators: one row a run, numbered from 1 for each operator; the items lie in the vault.

CREATE TABLE reconciliations (
    operator        TEXT COLLATE "C" NOT NULL CHECK (length(operator) = 4),
    run             BIGINT NOT NULL CHECK (run > 0),
    business_date   TEXT COLLATE "C" NOT NULL CHECK (length(business_date) = 10), -- what the operator's file is for
    as_of           TEXT COLLATE "C" NOT NULL CHECK (length(as_of) = 10), -- what ages are counted to; never goes back
    taken_through   TEXT COLLATE "C" CHECK (length(taken_through) = 10), -- the last window taken in so far
    registry_version BIGINT NOT NULL REFERENCES registries (version), -- whose grace and calendar count
    file_digest     TEXT    CHECK (length(file_digest) = 64), -- absent when there was no file
    digest          TEXT    NOT NULL CHECK (length(digest) = 64),
    figures_json    TEXT    NOT NULL,
    PRIMARY KEY (operator, run)
);

-- A file counts once, for whichever day it was handed in.
CREATE UNIQUE INDEX reconciliations_by_file ON reconciliations (operator, file_digest) WHERE file_digest IS NOT NULL;

-- One row a file of the vault that a run wrote.
CREATE TABLE reconciliation_files (
    operator        TEXT COLLATE "C" NOT NULL,
    run             BIGINT NOT NULL,
    path            TEXT COLLATE "C" NOT NULL,
    digest          TEXT    NOT NULL CHECK (length(digest) = 64),
    PRIMARY KEY (operator, run, path),
    FOREIGN KEY (operator, run) REFERENCES reconciliations (operator, run)
);

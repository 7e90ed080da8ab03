-- Windows: what arrived between two closes, and what each closed one is judged against.

-- One row a window, numbered in the order in which they opened. The counters grow with intake, in the same
-- transaction as the packages they count, so that listing windows does not add up years of packages.
CREATE TABLE windows (
    id                  INTEGER PRIMARY KEY CHECK (id > 0),
    state               TEXT    NOT NULL CHECK (state IN ('open', 'closed', 'cleared', 'settled', 'paid')),
    business_date       TEXT    UNIQUE CHECK (length(business_date) = 10), -- YYYY-MM-DD
    registry_version    INTEGER REFERENCES registries (version),
    key_generation      INTEGER REFERENCES key_rings (generation),
    deny_list_id        INTEGER REFERENCES deny_lists (id), -- absent when no list had been loaded
    closed_at           INTEGER,
    settled_at          INTEGER,
    packages            INTEGER NOT NULL DEFAULT 0 CHECK (packages >= 0),
    transactions        INTEGER NOT NULL DEFAULT 0 CHECK (transactions >= 0),
    amount_fen          INTEGER NOT NULL DEFAULT 0 CHECK (amount_fen >= 0),
    -- A window is open, or it knows what it is judged against.
    CHECK ((state = 'open') = (business_date IS NULL)),
    CHECK ((state = 'open') = (registry_version IS NULL)),
    CHECK ((state = 'open') = (key_generation IS NULL)),
    CHECK ((state = 'open') = (closed_at IS NULL)),
    CHECK (state <> 'open' OR deny_list_id IS NULL),
    CHECK ((state IN ('settled', 'paid')) = (settled_at IS NOT NULL))
) STRICT;

-- At most one open window; the row below and every close see to it that there is one.
CREATE UNIQUE INDEX windows_one_open ON windows (state) WHERE state = 'open';

INSERT INTO windows (id, state) VALUES (1, 'open');

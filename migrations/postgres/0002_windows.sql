-- Windows: what arrived between two closes, and what each closed one is judged against.

-- One row a window, numbered in the order in which they opened. The counters grow with intake, in the same
-- transaction as the packages they count, so that listing windows does not add up years of packages.
CREATE TABLE windows (
    id                  BIGINT  PRIMARY KEY CHECK (id > 0),
    state               TEXT    NOT NULL CHECK (state IN ('open', 'closed', 'cleared', 'settled', 'paid')),
    business_date       TEXT COLLATE "C" UNIQUE CHECK (length(business_date) = 10), -- YYYY-MM-DD
    registry_version    BIGINT  REFERENCES registries (version),
    key_generation      BIGINT  REFERENCES key_rings (generation),
    deny_list_id        BIGINT  REFERENCES deny_lists (id), -- absent when no list had been loaded
    closed_at           BIGINT,
    settled_at          BIGINT,
    packages            BIGINT  NOT NULL DEFAULT 0 CHECK (packages >= 0),
    transactions        BIGINT  NOT NULL DEFAULT 0 CHECK (transactions >= 0),
    amount_fen          BIGINT  NOT NULL DEFAULT 0 CHECK (amount_fen >= 0),
    -- A window is open, or it knows what it is judged against.
    CHECK ((state = 'open') = (business_date IS NULL)),
    CHECK ((state = 'open') = (registry_version IS NULL)),
    CHECK ((state = 'open') = (key_generation IS NULL)),
    CHECK ((state = 'open') = (closed_at IS NULL)),
    CHECK (state <> 'open' OR deny_list_id IS NULL),
    CHECK ((state IN ('settled', 'paid')) = (settled_at IS NOT NULL))
);

-- At most one open window; the row below and every close see to it that there is one.
CREATE UNIQUE INDEX windows_one_open ON windows (state) WHERE state = 'open';

INSERT INTO windows (id, state) VALUES (1, 'open');

-- Four eyes: what needs a second person, and what waits for one.

-- Kinds of changes that take effect only when somebody else has approved them.
CREATE TABLE four_eyes (
    kind            TEXT COLLATE "C" PRIMARY KEY CHECK (kind IN ('registry', 'keys', 'deny_list', 'decision', 'payout')),
    since           BIGINT  NOT NULL
);

-- `body` is what takes effect, sealed with the key ring's passphrase when it holds keys; `body_sha256` is of its clear form.
CREATE TABLE proposals (
    id              BIGINT  PRIMARY KEY CHECK (id > 0),
    kind            TEXT COLLATE "C" NOT NULL CHECK (kind IN ('registry', 'keys', 'deny_list', 'decision', 'payout')),
    subject         TEXT    NOT NULL,
    body            BYTEA   NOT NULL,
    body_sha256     TEXT    NOT NULL CHECK (length(body_sha256) = 64),
    state           TEXT    NOT NULL CHECK (state IN ('open', 'approved', 'refused', 'withdrawn', 'applied')),
    proposed_by     TEXT    NOT NULL,
    proposed_at     BIGINT  NOT NULL,
    decided_by      TEXT,
    decided_at      BIGINT,
    note            TEXT,
    CHECK ((state = 'open') = (decided_by IS NULL)),
    CHECK (decided_by <> proposed_by OR state = 'withdrawn')
);

-- Who is told of events, and how far; `sealed_secret` signs what is sent.
CREATE TABLE webhooks (
    id              BIGINT  PRIMARY KEY CHECK (id > 0),
    url             TEXT    NOT NULL,
    sealed_secret   BYTEA   NOT NULL,
    participant     TEXT, -- only events that concern it
    sent            BIGINT  NOT NULL CHECK (sent >= 0), -- the last audit entry that was delivered or does not concern it
    failures        BIGINT  NOT NULL CHECK (failures >= 0), -- in a row
    next_at         BIGINT  NOT NULL,
    last_error      TEXT,
    active          BIGINT  NOT NULL CHECK (active IN (0, 1)),
    created_at      BIGINT  NOT NULL
);

-- Files of card operators as they arrived; the bytes lie in the vault.
CREATE TABLE operator_files (
    operator        TEXT COLLATE "C" NOT NULL,
    business_date   TEXT COLLATE "C" NOT NULL,
    digest          TEXT COLLATE "C" NOT NULL CHECK (length(digest) = 64),
    size_bytes      BIGINT  NOT NULL CHECK (size_bytes >= 0),
    lines           BIGINT  NOT NULL CHECK (lines >= 0),
    amount_fen      BIGINT  NOT NULL,
    received_by     TEXT    NOT NULL,
    received_at     BIGINT  NOT NULL,
    PRIMARY KEY (operator, business_date, digest)
);

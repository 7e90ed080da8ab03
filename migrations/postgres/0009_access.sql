-- Who may do what: people, their sessions and tokens, the centre's own CA and what it issued.

-- `password` is an argon2id hash in PHC form; nothing here opens anything by itself.
CREATE TABLE users (
    name            TEXT COLLATE "C" PRIMARY KEY,
    role            TEXT    NOT NULL CHECK (role IN ('viewer', 'merchant', 'operator', 'clerk', 'approver', 'auditor', 'admin')),
    participant     TEXT    CHECK ((participant IS NOT NULL) = (role IN ('merchant', 'operator'))),
    os_user         TEXT    UNIQUE, -- the machine's user who acts as this one on the command line
    password        TEXT    NOT NULL,
    active          BIGINT  NOT NULL CHECK (active IN (0, 1)),
    failures        BIGINT  NOT NULL CHECK (failures >= 0), -- wrong passwords since the last right one
    locked_until    BIGINT,
    created_at      BIGINT  NOT NULL
);

-- One row a person who has logged in; the digest is SHA-256 of the secret that they hold.
CREATE TABLE sessions (
    digest          TEXT COLLATE "C" PRIMARY KEY CHECK (length(digest) = 64),
    user_name       TEXT    NOT NULL REFERENCES users (name),
    created_at      BIGINT  NOT NULL,
    expires_at      BIGINT  NOT NULL
);

-- One row a program; it may what its user may.
CREATE TABLE tokens (
    id              BIGINT  PRIMARY KEY CHECK (id > 0),
    digest          TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(digest) = 64),
    user_name       TEXT    NOT NULL REFERENCES users (name),
    label           TEXT    NOT NULL,
    created_at      BIGINT  NOT NULL,
    expires_at      BIGINT  NOT NULL,
    revoked_at      BIGINT
);

-- The newest is in force. The private key is sealed with the key ring's passphrase.
CREATE TABLE authorities (
    id              BIGINT  PRIMARY KEY CHECK (id > 0),
    certificate     TEXT    NOT NULL,
    sealed_key      BYTEA   NOT NULL,
    created_at      BIGINT  NOT NULL
);

-- What the CA issued to collectors; never a private key.
CREATE TABLE certificates (
    serial          TEXT COLLATE "C" PRIMARY KEY,
    collector       TEXT COLLATE "C" NOT NULL,
    issued_at       BIGINT  NOT NULL,
    expires_at      BIGINT  NOT NULL,
    revoked_at      BIGINT
);

-- What the centre is told from outside: registries, key rings, deny lists. Append-only, numbered from 1.
--
-- Ids, codes and dates are text that sorts byte by byte (COLLATE "C"), as SQLite sorts it, whatever the locale.

-- One row a registry load: the whole registry as it was then.
CREATE TABLE registries (
    version     BIGINT  PRIMARY KEY CHECK (version > 0),
    body        TEXT    NOT NULL,
    loaded_at   BIGINT  NOT NULL
);

-- One row a key load: the whole key ring, sealed; useless without the passphrase.
CREATE TABLE key_rings (
    generation  BIGINT  PRIMARY KEY CHECK (generation > 0),
    sealed      BYTEA   NOT NULL,
    loaded_at   BIGINT  NOT NULL
);

-- One row a deny list taken; the list itself lies in the vault.
CREATE TABLE deny_lists (
    id          BIGINT  PRIMARY KEY CHECK (id > 0),
    operator    TEXT COLLATE "C" NOT NULL CHECK (length(operator) = 4),
    version     BIGINT  NOT NULL CHECK (version BETWEEN 0 AND 4294967295),
    effective   TEXT COLLATE "C" NOT NULL, -- local time, YYYY-MM-DDThh:mm:ss
    entries     BIGINT  NOT NULL CHECK (entries >= 0),
    digest      TEXT COLLATE "C" NOT NULL CHECK (length(digest) = 64),
    loaded_at   BIGINT  NOT NULL,
    UNIQUE (operator, version)
);

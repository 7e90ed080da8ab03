-- What the centre is told from outside: registries, key rings, deny lists. Append-only, numbered from 1.

-- One row a registry load: the whole registry as it was then.
CREATE TABLE registries (
    version     INTEGER PRIMARY KEY CHECK (version > 0),
    body        TEXT    NOT NULL,
    loaded_at   INTEGER NOT NULL
) STRICT;

-- One row a key load: the whole key ring, sealed; useless without the passphrase.
CREATE TABLE key_rings (
    generation  INTEGER PRIMARY KEY CHECK (generation > 0),
    sealed      BLOB    NOT NULL,
    loaded_at   INTEGER NOT NULL
) STRICT;

-- One row a deny list taken; the list itself lies in the vault.
CREATE TABLE deny_lists (
    id          INTEGER PRIMARY KEY CHECK (id > 0),
    operator    TEXT    NOT NULL CHECK (length(operator) = 4),
    version     INTEGER NOT NULL CHECK (version BETWEEN 0 AND 4294967295),
    effective   TEXT    NOT NULL, -- local time, YYYY-MM-DDThh:mm:ss
    entries     INTEGER NOT NULL CHECK (entries >= 0),
    digest      TEXT    NOT NULL CHECK (length(digest) = 64),
    loaded_at   INTEGER NOT NULL,
    UNIQUE (operator, version)
) STRICT;

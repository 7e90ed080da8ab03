-- What settling a window fixes.

-- One row a participant and value date: what the window comes to for it, and what is paid or carried forward.
CREATE TABLE positions (
    window_id       INTEGER NOT NULL REFERENCES windows (id),
    participant     TEXT    NOT NULL,
    value_date      TEXT    NOT NULL CHECK (length(value_date) = 10), -- YYYY-MM-DD
    gross_fen       INTEGER NOT NULL,
    fee_fen         INTEGER NOT NULL,
    concession_fen  INTEGER NOT NULL,
    load_fen        INTEGER NOT NULL,
    adjustments_fen INTEGER NOT NULL,
    carried_in_fen  INTEGER NOT NULL,
    net_fen         INTEGER NOT NULL,
    carried_out_fen INTEGER NOT NULL,
    PRIMARY KEY (window_id, participant, value_date)
) STRICT, WITHOUT ROWID;

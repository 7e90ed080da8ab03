-- What settling a window fixes.

-- One row a participant and value date: what the window comes to for it, and what is paid or carried forward.
CREATE TABLE positions (
    window_id       BIGINT  NOT NULL REFERENCES windows (id),
    participant     TEXT COLLATE "C" NOT NULL,
    value_date      TEXT COLLATE "C" NOT NULL CHECK (length(value_date) = 10), -- YYYY-MM-DD
    gross_fen       BIGINT  NOT NULL,
    fee_fen         BIGINT  NOT NULL,
    concession_fen  BIGINT  NOT NULL,
    load_fen        BIGINT  NOT NULL,
    adjustments_fen BIGINT  NOT NULL,
    carried_in_fen  BIGINT  NOT NULL,
    net_fen         BIGINT  NOT NULL,
    carried_out_fen BIGINT  NOT NULL,
    PRIMARY KEY (window_id, participant, value_date)
);

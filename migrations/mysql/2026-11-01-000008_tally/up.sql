-- Totals of big lists without counting them, and without one hot row per total: each change appends
-- a delta, and deltas are folded into the tally now and then. A total is the tally plus its deltas.
-- Counters: 0-4 inquiries by status, 10-13 drug orders by status, 20-22 accounts by role.
CREATE TABLE IF NOT EXISTS tally (
    counter SMALLINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (counter)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS tally_delta (
    id BIGINT NOT NULL AUTO_INCREMENT,
    counter SMALLINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY tally_delta_counter (counter, n)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

INSERT IGNORE INTO tally (counter, n) VALUES
    (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (10, 0), (11, 0), (12, 0), (13, 0), (20, 0), (21, 0), (22, 0);

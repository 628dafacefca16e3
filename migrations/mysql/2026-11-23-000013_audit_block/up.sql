-- The audit log in blocks: entries that were written together are one row, a JSON array, so that writing one costs little.
-- sequence: the place of a block's first entry. links: the hash before it, and each entry's. body: the entries; times in
-- microseconds since 1970 in UTC. It is UTF-8, but no TEXT, which would take twice the time: CONVERT(body USING utf8mb4).
CREATE TABLE IF NOT EXISTS audit_block (
    id BIGINT NOT NULL AUTO_INCREMENT,
    chain BINARY(16) NOT NULL,
    sequence BIGINT NOT NULL,
    entries INT NOT NULL,
    links BLOB NOT NULL,
    body MEDIUMBLOB NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY audit_block_place (chain, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- How far a chain's blocks can be searched by postings. What is beyond is read.
CREATE TABLE IF NOT EXISTS audit_indexed (
    chain BINARY(16) NOT NULL,
    next BIGINT NOT NULL,
    PRIMARY KEY (chain)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Some blocks of one chain that were made searchable together, and when their entries were recorded.
CREATE TABLE IF NOT EXISTS audit_segment (
    id BIGINT NOT NULL AUTO_INCREMENT,
    chain BINARY(16) NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_first BIGINT NOT NULL,
    recorded_last BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY audit_segment_place (chain, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What a segment's entries can be found by. terms: those of one bucket, a JSON array. entries: for each of them, in that order, the
-- numbers of its entries as a 64-bit Roaring bitmap.
CREATE TABLE IF NOT EXISTS audit_posting (
    bucket VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    segment BIGINT NOT NULL,
    terms MEDIUMTEXT NOT NULL,
    entries MEDIUMBLOB NOT NULL,
    PRIMARY KEY (bucket, segment)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The entries there are, each a block of its own. The empty table is for a run that ended before the last statement.
CREATE TABLE IF NOT EXISTS audit_event (
    id BIGINT NOT NULL AUTO_INCREMENT,
    chain BINARY(16) NOT NULL,
    sequence BIGINT NOT NULL,
    links BINARY(64) NOT NULL,
    recorded BIGINT NOT NULL,
    agent_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    agent_role SMALLINT NULL,
    session CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    origin VARCHAR(255) NOT NULL,
    operation VARCHAR(255) NOT NULL,
    action CHAR(1) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    entity VARCHAR(255) NULL,
    patient_uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    outcome SMALLINT NOT NULL,
    query VARCHAR(1000) NOT NULL,
    results BIGINT NULL,
    PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
INSERT IGNORE INTO audit_block (chain, sequence, entries, links, body)
SELECT chain, sequence, 1, links, CONCAT('[', JSON_OBJECT(
    'recorded', recorded,
    'agent', agent_uuid,
    'role', agent_role,
    'session', session,
    'source', SUBSTRING_INDEX(origin, ' ', 1),
    'request', SUBSTRING_INDEX(origin, ' ', -1),
    'operation', operation,
    'action', action,
    'entity', SUBSTRING_INDEX(entity, '/', 1),
    'entity_id', SUBSTRING(entity, LOCATE('/', entity) + 1),
    'patient', patient_uuid,
    'outcome', outcome,
    'query', query,
    'results', results
), ']')
FROM audit_event ORDER BY id;
INSERT IGNORE INTO audit_indexed (chain, next) SELECT id, 0 FROM audit_chain;
DROP TABLE audit_event;

-- The audit log in blocks: entries that were written together are one row, a JSON array, so that writing one costs little.
-- sequence: the place of a block's first entry. links: the hash before it, and each entry's. body: the entries; times in
-- microseconds since 1970 in UTC.
CREATE TABLE IF NOT EXISTS audit_block (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    chain BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    entries INTEGER NOT NULL,
    links BLOB NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS audit_block_place ON audit_block (chain, sequence);

-- How far a chain's blocks can be searched by postings. What is beyond is read.
CREATE TABLE IF NOT EXISTS audit_indexed (
    chain BLOB PRIMARY KEY NOT NULL,
    next BIGINT NOT NULL
) WITHOUT ROWID;

-- Some blocks of one chain that were made searchable together, and when their entries were recorded.
CREATE TABLE IF NOT EXISTS audit_segment (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    chain BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_first BIGINT NOT NULL,
    recorded_last BIGINT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS audit_segment_place ON audit_segment (chain, sequence);

-- What a segment's entries can be found by. terms: those of one bucket, a JSON array. entries: for each of them, in that order, the
-- numbers of its entries as a 64-bit Roaring bitmap.
CREATE TABLE IF NOT EXISTS audit_posting (
    bucket TEXT NOT NULL,
    segment BIGINT NOT NULL,
    terms TEXT NOT NULL,
    entries BLOB NOT NULL,
    PRIMARY KEY (bucket, segment)
) WITHOUT ROWID;

-- The entries there are, each a block of its own.
INSERT INTO audit_block (chain, sequence, entries, links, body)
SELECT chain, sequence, 1, links, json_array(json_object(
    'recorded', recorded,
    'agent', agent_uuid,
    'role', agent_role,
    'session', session,
    'source', substr(origin, 1, instr(origin, ' ') - 1),
    'request', substr(origin, instr(origin, ' ') + 1),
    'operation', operation,
    'action', action,
    'entity', substr(entity, 1, instr(entity, '/') - 1),
    'entity_id', substr(entity, instr(entity, '/') + 1),
    'patient', patient_uuid,
    'outcome', outcome,
    'query', query,
    'results', results
))
FROM audit_event ORDER BY id;
INSERT INTO audit_indexed (chain, next) SELECT id, 0 FROM audit_chain;
DROP TABLE audit_event;

CREATE TRIGGER IF NOT EXISTS audit_block_keeps_its_rows BEFORE DELETE ON audit_block
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_block_never_changes BEFORE UPDATE ON audit_block
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

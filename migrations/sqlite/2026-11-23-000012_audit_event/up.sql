-- The audit log: append-only. Times are microseconds since 1970 in UTC. No foreign keys: an entry outlives
-- whatever it speaks of.
CREATE TABLE IF NOT EXISTS audit_chain (
    id BLOB PRIMARY KEY NOT NULL,
    instance TEXT NOT NULL,
    opened_at BIGINT NOT NULL
) WITHOUT ROWID;

-- links: the hash of the entry before and this one's. origin: the client's address and the request's id.
-- entity: KIND/ID.
CREATE TABLE IF NOT EXISTS audit_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    chain BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    links BLOB NOT NULL,
    recorded BIGINT NOT NULL,
    agent_uuid TEXT NULL,
    agent_role SMALLINT NULL,
    session TEXT NULL,
    origin TEXT NOT NULL,
    operation TEXT NOT NULL,
    action TEXT NOT NULL,
    entity TEXT NULL,
    patient_uuid TEXT NULL,
    outcome SMALLINT NOT NULL,
    query TEXT NOT NULL,
    results BIGINT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS audit_event_place ON audit_event (chain, sequence);
CREATE INDEX IF NOT EXISTS audit_event_agent ON audit_event (agent_uuid);
CREATE INDEX IF NOT EXISTS audit_event_patient ON audit_event (patient_uuid);
CREATE INDEX IF NOT EXISTS audit_event_operation ON audit_event (operation);
CREATE INDEX IF NOT EXISTS audit_event_outcome ON audit_event (outcome);
CREATE INDEX IF NOT EXISTS audit_event_recorded ON audit_event (recorded);

CREATE TRIGGER IF NOT EXISTS audit_event_keeps_its_rows BEFORE DELETE ON audit_event
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_event_never_changes BEFORE UPDATE ON audit_event
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_chain_keeps_its_rows BEFORE DELETE ON audit_chain
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_chain_never_changes BEFORE UPDATE ON audit_chain
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

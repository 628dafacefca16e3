-- The audit log: append-only. Times are microseconds since 1970 in UTC. No foreign keys: an entry outlives
-- whatever it speaks of.
CREATE TABLE IF NOT EXISTS audit_chain (
    id BINARY(16) NOT NULL,
    instance VARCHAR(255) NOT NULL,
    opened_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- links: the hash of the entry before and this one's. origin: the client's address and the request's id.
-- entity: KIND/ID.
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
    PRIMARY KEY (id),
    UNIQUE KEY audit_event_place (chain, sequence),
    KEY audit_event_agent (agent_uuid),
    KEY audit_event_patient (patient_uuid),
    KEY audit_event_operation (operation),
    KEY audit_event_outcome (outcome),
    KEY audit_event_recorded (recorded)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- As an administrator, once, after the service has made its tables: mariadb yilin < deploy/audit-triggers.sql
-- From then on no account, the service's own included, changes or deletes entries of the audit log without
-- dropping a trigger first. (The service cannot do this itself: with the binary log on, making a trigger needs more
-- rights than it should have.) TRUNCATE and DROP need the DROP right: see docs/operations.md, "The audit log".
CREATE TRIGGER IF NOT EXISTS audit_block_never_changes BEFORE UPDATE ON audit_block FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only';
CREATE TRIGGER IF NOT EXISTS audit_block_keeps_its_rows BEFORE DELETE ON audit_block FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only';
CREATE TRIGGER IF NOT EXISTS audit_chain_never_changes BEFORE UPDATE ON audit_chain FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only';
CREATE TRIGGER IF NOT EXISTS audit_chain_keeps_its_rows BEFORE DELETE ON audit_chain FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only';

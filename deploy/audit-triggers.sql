-- Run once as an administrator, after the service has created its tables: mariadb yilin < deploy/audit-triggers.sql
-- From then on no account, including the service's own, can change, replace or delete rows of the audit log without
-- dropping these triggers first. The only exception: `yilin audit expire` may remove whole chains whose last entry is older
-- than six months, and inserts a row into audit_removal for each. (An account that can drop tables can also drop triggers,
-- a privilege that the service does not need.) TRUNCATE and DROP require the DROP privilege: see docs/operations.md, "The
-- audit log".
DELIMITER //
CREATE TRIGGER IF NOT EXISTS audit_chain_is_not_changed BEFORE UPDATE ON audit_chain FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only'//
CREATE TRIGGER IF NOT EXISTS audit_block_is_not_changed BEFORE UPDATE ON audit_block FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only'//
CREATE TRIGGER IF NOT EXISTS audit_person_is_not_changed BEFORE UPDATE ON audit_person FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only'//
CREATE TRIGGER IF NOT EXISTS audit_removal_is_not_changed BEFORE UPDATE ON audit_removal FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only'//
CREATE TRIGGER IF NOT EXISTS audit_chain_is_not_deleted BEFORE DELETE ON audit_chain FOR EACH ROW
    IF NOT EXISTS (SELECT 1 FROM audit_removal WHERE chain = OLD.id) THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only';
    END IF//
CREATE TRIGGER IF NOT EXISTS audit_block_is_not_deleted BEFORE DELETE ON audit_block FOR EACH ROW
    IF NOT EXISTS (SELECT 1 FROM audit_removal WHERE chain = OLD.chain) THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only';
    END IF//
CREATE TRIGGER IF NOT EXISTS audit_person_is_not_deleted BEFORE DELETE ON audit_person FOR EACH ROW
    IF NOT EXISTS (SELECT 1 FROM audit_block JOIN audit_removal USING (chain) WHERE audit_block.id = OLD.block) THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only';
    END IF//
CREATE TRIGGER IF NOT EXISTS audit_removal_is_not_deleted BEFORE DELETE ON audit_removal FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only'//
CREATE TRIGGER IF NOT EXISTS audit_removal_is_of_an_old_chain BEFORE INSERT ON audit_removal FOR EACH ROW
    IF EXISTS (SELECT 1 FROM audit_chain WHERE id = NEW.chain
            AND opened_at > UNIX_TIMESTAMP(NOW() - INTERVAL 6 MONTH) * 1000000)
        OR EXISTS (SELECT 1 FROM audit_block WHERE chain = NEW.chain
            AND recorded_last > UNIX_TIMESTAMP(NOW() - INTERVAL 6 MONTH) * 1000000) THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log keeps the last six months';
    END IF//
DELIMITER ;

-- Run as an administrator, after setting the password (twice): mariadb < deploy/mariadb.sql
-- The service creates its tables itself; each declares its character set and collation.
-- Afterwards run deploy/audit-triggers.sql, so that the audit log cannot be changed.
CREATE DATABASE IF NOT EXISTS yilin CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- Two accounts: where anonymous users exist, '%' alone does not match connections from this machine.
CREATE USER IF NOT EXISTS 'yilin'@'localhost' IDENTIFIED BY 'CHANGE-ME';
CREATE USER IF NOT EXISTS 'yilin'@'%' IDENTIFIED BY 'CHANGE-ME';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, REFERENCES
    ON yilin.* TO 'yilin'@'localhost', 'yilin'@'%';

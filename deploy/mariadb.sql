-- As an administrator: mariadb < deploy/mariadb.sql, after setting the password (twice).
-- The service makes its tables itself; each states its own character set and collation.
-- When it has made them: deploy/audit-triggers.sql, so that the audit log cannot be changed.
CREATE DATABASE IF NOT EXISTS yilin CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- Two accounts: where anonymous users exist, '%' alone does not match connections from this machine.
CREATE USER IF NOT EXISTS 'yilin'@'localhost' IDENTIFIED BY 'CHANGE-ME';
CREATE USER IF NOT EXISTS 'yilin'@'%' IDENTIFIED BY 'CHANGE-ME';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, REFERENCES
    ON yilin.* TO 'yilin'@'localhost', 'yilin'@'%';

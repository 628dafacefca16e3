-- Every migration here may be run again after a crash: MySQL commits each statement by itself.
-- admin_name is binary because text collations ignore spaces at the end, and "admin " is not "admin".
CREATE TABLE IF NOT EXISTS account (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    username VARCHAR(50) NOT NULL,
    admin_name VARBINARY(200) NULL,
    nickname VARCHAR(50) NOT NULL,
    role SMALLINT NOT NULL,
    sex SMALLINT NULL,
    age SMALLINT NULL,
    phone CHAR(11) CHARACTER SET ascii COLLATE ascii_bin NULL,
    hospital VARCHAR(255) NOT NULL,
    home_address VARCHAR(255) NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    password_version INT NOT NULL,
    login_count BIGINT NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY account_uuid (uuid),
    UNIQUE KEY account_phone (phone),
    UNIQUE KEY account_admin_name (admin_name),
    KEY account_role (role, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

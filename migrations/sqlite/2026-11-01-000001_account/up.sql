-- admin_name is binary as on MySQL, where text collations ignore spaces at the end.
CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    uuid TEXT NOT NULL UNIQUE,
    username TEXT NOT NULL,
    admin_name BLOB NULL UNIQUE,
    nickname TEXT NOT NULL,
    role SMALLINT NOT NULL,
    sex SMALLINT NULL,
    age SMALLINT NULL,
    phone TEXT NULL UNIQUE,
    hospital TEXT NOT NULL,
    home_address TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    password_version INTEGER NOT NULL,
    login_count BIGINT NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX IF NOT EXISTS account_role ON account (role, id);

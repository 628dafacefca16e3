//! Checks the server's version, settings and state.

use std::collections::HashMap;

use diesel::QueryResult;
use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl as _;

use super::connection::Connection;
use crate::server_fault::ServerFault;

/// Packet size of the largest statements: an import inserts 200 kept rows of up to 64 KiB at once.
const LARGEST_PACKET: u64 = 16 << 20;

/// Required session settings, whatever the server's defaults: see the connector's set-up.
const SESSION: [(&str, &str); 6] = [
    ("autocommit", "ON"),
    ("character_set_client", "utf8mb4"),
    ("character_set_results", "utf8mb4"),
    ("collation_connection", "utf8mb4_bin"),
    ("completion_type", "NO_CHAIN"),
    ("time_zone", "+00:00"),
];

#[derive(diesel::QueryableByName)]
struct Variable {
    #[diesel(sql_type = Text, column_name = "Variable_name")]
    name: String,
    #[diesel(sql_type = Nullable<Text>, column_name = "Value")]
    value: Option<String>,
}

/// Server variables by lower-case name; unsupported ones are absent.
pub(super) struct Variables(HashMap<String, String>);

impl Variables {
    /// Loads variables of one kind (`GLOBAL VARIABLES`, `SESSION VARIABLES`, `GLOBAL STATUS`).
    pub(super) async fn load(conn: &mut Connection, kind: &str, names: &[&str]) -> QueryResult<Self> {
        let statement = format!("SHOW {kind} WHERE Variable_name IN ('{}')", names.join("', '"));
        let rows: Vec<Variable> = diesel::sql_query(statement).load(conn).await?;
        let lower_case = |Variable { name, value }| (name.to_ascii_lowercase(), value.unwrap_or_default());
        Ok(Self(rows.into_iter().map(lower_case).collect()))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether the server replicates by a Galera provider.
    fn is_cluster_node(&self) -> bool {
        let has_provider = self.get("wsrep_provider").is_some_and(|value| !["", "none"].contains(&value));
        self.is_on("wsrep_on") && has_provider
    }

    /// Whether a variable is on.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("ON") || value == "1")
    }
}

/// The server settings that are unsuitable or not recommended.
pub(super) async fn examine(conn: &mut Connection) -> QueryResult<Vec<ServerFault>> {
    let server = Variables::load(
        conn,
        "GLOBAL VARIABLES",
        &[
            "version",
            "max_allowed_packet",
            "log_bin",
            "binlog_format",
            "innodb_flush_log_at_trx_commit",
            "innodb_doublewrite",
            "innodb_flush_method",
            "read_only",
            "wsrep_on",
        ],
    )
    .await?;
    let names: Vec<&str> = SESSION.iter().map(|(name, _)| *name).chain(["character_set_database"]).collect();
    let session = Variables::load(conn, "SESSION VARIABLES", &names).await?;
    let mut faults = server_faults(&server);
    faults.extend(session_faults(&session));
    Ok(faults)
}

fn server_faults(server: &Variables) -> Vec<ServerFault> {
    let mut faults = Vec::new();
    let version = server.get("version").unwrap_or_default();
    if is_too_old(version) {
        faults.push(ServerFault::TooOld { found: version.to_owned() });
    }
    let packet = server.get("max_allowed_packet").and_then(|value| value.parse().ok()).unwrap_or(u64::MAX);
    if packet < LARGEST_PACKET {
        faults.push(ServerFault::PacketTooSmall { found: packet, needed: LARGEST_PACKET });
    }
    if server.is_on("log_bin") && server.get("binlog_format") == Some("STATEMENT") {
        faults.push(ServerFault::StatementBinlog);
    }
    // Cluster nodes replicate each other's changes, so each of them may flush to disk later.
    if !server.is_on("wsrep_on") {
        faults.extend(not_durable(server));
    }
    if let Some(found) = server.get("read_only").filter(|value| !["OFF", "0"].contains(value)) {
        faults.push(ServerFault::ReadOnly { found: found.to_owned() });
    }
    faults
}

fn not_durable(server: &Variables) -> impl Iterator<Item = ServerFault> {
    /// Settings with their safe values and the unsafe ones.
    const RULES: [(&str, &str, &[&str]); 3] = [
        ("innodb_flush_log_at_trx_commit", "1", &["0", "2"]),
        ("innodb_doublewrite", "ON", &["OFF", "0"]),
        ("innodb_flush_method", "O_DIRECT or fsync", &["nosync", "littlesync"]),
    ];
    RULES.into_iter().filter_map(|(variable, needed, unsafe_values)| {
        let found = server.get(variable)?;
        let is_unsafe = unsafe_values.iter().any(|value| value.eq_ignore_ascii_case(found));
        is_unsafe.then(|| ServerFault::NotDurable { variable, found: found.to_owned(), needed })
    })
}

fn session_faults(session: &Variables) -> Vec<ServerFault> {
    let mut faults: Vec<_> = SESSION
        .into_iter()
        .filter_map(|(variable, wanted)| {
            let found = session.get(variable).unwrap_or_default();
            (found != wanted).then(|| ServerFault::SessionNotAsSet {
                variable: variable.to_owned(),
                found: found.to_owned(),
                wanted,
            })
        })
        .collect();
    let found = session.get("character_set_database").unwrap_or_default();
    if found != "utf8mb4" {
        faults.push(ServerFault::CharacterSet { found: found.to_owned() });
    }
    faults
}

/// `5.5.5-10.11.6-MariaDB-0+deb12u1`, `10.11.6-MariaDB`, `8.0.36`. An unparsable version is accepted.
fn is_too_old(version: &str) -> bool {
    let is_mariadb = version.to_ascii_lowercase().contains("mariadb");
    // MariaDB prefixed its version with this for old clients that expected a single digit.
    let version = version.strip_prefix("5.5.5-").filter(|_| is_mariadb).unwrap_or(version);
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse::<u32>().ok());
    let (Some(Some(major)), Some(Some(minor))) = (numbers.next(), numbers.next()) else { return false };
    (major, minor) < if is_mariadb { (10, 5) } else { (8, 0) }
}

/// The current state of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// It reports that it accepts reads and changes.
    Usable,
    /// It reports that it is read-only, which privileged accounts may override.
    ReadOnly,
    /// It is a node outside its cluster: it may lack acknowledged changes, and rejects statements.
    OutsideCluster {
        /// The reported status.
        status: String,
    },
}

/// Whether the server is a node of a Galera cluster.
pub(super) async fn is_cluster_node(conn: &mut Connection) -> QueryResult<bool> {
    let server = Variables::load(conn, "GLOBAL VARIABLES", &["wsrep_on", "wsrep_provider"]).await?;
    Ok(server.is_cluster_node())
}

/// Queries the state of the server.
pub(super) async fn state(conn: &mut Connection) -> QueryResult<State> {
    let server =
        Variables::load(conn, "GLOBAL VARIABLES", &["read_only", "wsrep_on", "wsrep_provider"]).await?;
    if server.is_cluster_node() {
        let node = Variables::load(conn, "GLOBAL STATUS", &["wsrep_cluster_status", "wsrep_ready"]).await?;
        let status = node.get("wsrep_cluster_status").unwrap_or_default();
        if status != "Primary" || !node.is_on("wsrep_ready") {
            return Ok(State::OutsideCluster { status: status.to_owned() });
        }
    }
    let read_only = server.get("read_only").is_some_and(|value| !["OFF", "0"].contains(&value));
    Ok(if read_only { State::ReadOnly } else { State::Usable })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server_fault::Severity;

    fn server(values: &[(&str, &str)]) -> Vec<ServerFault> {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        server_faults(&Variables(values.collect()))
    }

    #[test]
    fn old_versions_are_detected() {
        for (version, too_old) in [
            ("10.11.6-MariaDB-0+deb12u1", false),
            ("5.5.5-10.11.6-MariaDB", false),
            ("5.5.5-10.4.9-MariaDB", true),
            ("10.5.0-MariaDB", false),
            ("11.4.2-MariaDB", false),
            ("5.5.68-MariaDB", true),
            ("8.0.36", false),
            ("8.4.0-commercial", false),
            ("5.7.44-log", true),
            ("something else", false),
        ] {
            assert_eq!(is_too_old(version), too_old, "{version}");
        }
    }

    #[test]
    fn default_settings_have_no_faults() {
        let usual = [
            ("version", "10.11.6-MariaDB"),
            ("max_allowed_packet", "16777216"),
            ("log_bin", "OFF"),
            ("binlog_format", "MIXED"),
            ("innodb_flush_log_at_trx_commit", "1"),
            ("innodb_doublewrite", "ON"),
            ("innodb_flush_method", "O_DIRECT"),
            ("read_only", "OFF"),
            ("wsrep_on", "OFF"),
        ];
        assert_eq!(server(&usual), []);
        for (name, value, severity) in [
            ("max_allowed_packet", "16777215", Severity::Fatal),
            ("version", "5.7.44", Severity::Fatal),
            ("innodb_flush_log_at_trx_commit", "2", Severity::Unsafe),
            ("innodb_flush_log_at_trx_commit", "0", Severity::Unsafe),
            ("innodb_doublewrite", "0", Severity::Unsafe),
            ("innodb_flush_method", "nosync", Severity::Unsafe),
            ("read_only", "ON", Severity::Minor),
        ] {
            let changed: Vec<_> =
                usual.iter().copied().filter(|(known, _)| *known != name).chain([(name, value)]).collect();
            let faults = server(&changed);
            let found: Vec<Severity> = faults.iter().map(ServerFault::severity).collect();
            assert_eq!(found, [severity], "{name} = {value}: {faults:?}");
        }
        let statement: Vec<_> = usual.iter().copied().filter(|(name, _)| !name.contains("bin")).collect();
        let statement = [&statement[..], &[("log_bin", "ON"), ("binlog_format", "STATEMENT")]].concat();
        assert_eq!(server(&statement), [ServerFault::StatementBinlog]);
        let node: Vec<_> = usual
            .iter()
            .copied()
            .filter(|(name, _)| !["wsrep_on", "innodb_flush_log_at_trx_commit"].contains(name))
            .collect();
        let node = [&node[..], &[("wsrep_on", "ON"), ("innodb_flush_log_at_trx_commit", "2")]].concat();
        assert_eq!(server(&node), [], "the other nodes have the changes");
    }
}

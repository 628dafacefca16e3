//! Tests of settings.

use std::path::Path;

use clap::Parser as _;
use yilin_web::settings::SettingOrigin;

use super::*;

#[derive(clap::Parser)]
struct CommandLine {
    #[command(flatten)]
    flags: Flags,
}

fn flags(arguments: &[&str]) -> Flags {
    CommandLine::try_parse_from([&["yilin"], arguments].concat()).unwrap().flags
}

fn variables(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load(file: &str, environment: &[(&str, &str)], arguments: &[&str]) -> Result<Settings, SettingsError> {
    let folder = tempfile::tempdir().unwrap();
    if !file.is_empty() {
        write(&folder.path().join("yilin.toml"), file, 0o600);
    }
    Settings::load(&flags(arguments), &variables(environment), places(folder.path()))
}

/// This folder, on a machine without settings of its own.
fn places(directory: &Path) -> Places<'_> {
    Places { directory, system_file: Path::new("/nowhere/yilin.toml") }
}

fn write(path: &Path, text: &str, mode: u32) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

fn problems(file: &str, environment: &[(&str, &str)], arguments: &[&str]) -> String {
    load(file, environment, arguments).unwrap_err().to_string()
}

#[test]
fn the_console_shows_settings_with_their_origin_and_no_secrets() {
    let file = "visit_minutes = 30\njwt_secret = \"a secret of more than thirty-two bytes\"";
    let environment = [("YILIN_METRICS_TOKEN", "a-token-that-nobody-sees"), ("YILIN_LOG", "debug")];
    let settings = load(file, &environment, &["--bcrypt-cost", "5"]).unwrap();
    let shown = settings.shown();
    assert_eq!(shown.len(), SETTINGS.len());
    let value = |name: &str| {
        let setting = shown.iter().find(|setting| setting.name == name).unwrap();
        setting.value.as_ref().map(|(value, origin)| (value.as_str(), origin.clone()))
    };
    assert_eq!(value("timezone"), Some(("Asia/Shanghai", SettingOrigin::Default)));
    assert_eq!(value("log"), Some(("debug", SettingOrigin::Environment)));
    assert_eq!(value("bcrypt_cost"), Some(("5", SettingOrigin::Flag)));
    assert_eq!(value("metrics_token"), Some(("…", SettingOrigin::Environment)));
    assert_eq!(value("llm_api_key"), None);
    assert!(
        matches!(value("visit_minutes"), Some(("30", SettingOrigin::File(path))) if path.ends_with("yilin.toml"))
    );
    assert!(matches!(value("jwt_secret"), Some(("…", SettingOrigin::File(_)))));
    assert!(!format!("{shown:?}").contains("nobody-sees"));
}

#[test]
fn the_defaults_are_those_of_the_documentation() {
    let settings = load("", &[], &[]).unwrap();
    assert_eq!(settings.bind.to_string(), "127.0.0.1:8088");
    assert_eq!(settings.public_url(settings.bind).unwrap().as_str(), "http://127.0.0.1:8088/");
    assert!(settings.data_dir.ends_with("data"));
    assert_eq!(settings.database, Database::Sqlite(settings.data_dir.join("yilin.db")));
    assert_eq!(settings.admin_username.as_str(), "admin");
    assert_eq!(settings.admin_password.reveal(), "admin");
    assert_eq!(settings.initial_password.reveal(), "123456");
    assert_eq!(settings.zone.0, chrono_tz::Asia::Shanghai);
    assert_eq!((settings.bcrypt_cost, settings.max_upload), (12, 2 << 30));
    assert_eq!(settings.log_format, LogFormat::Text);
    assert!(settings.is_private() && settings.mock());
    assert!(settings.jwt_secret.is_none() && settings.metrics_token.is_none());
    assert!(settings.without_effect.is_empty());
}

#[test]
fn later_sources_win() {
    let file = "bind = '127.0.0.1:1'\ntimezone = 'Asia/Urumqi'\nlog = 'warn'";
    let environment = [("YILIN_BIND", "127.0.0.1:2"), ("YILIN_LOG", "debug"), ("YILIN_TIMEZONE", "")];
    let settings = load(file, &environment, &["--bind", "127.0.0.1:3"]).unwrap();
    assert_eq!(settings.bind.port(), 3, "a flag beats a variable");
    assert_eq!(settings.log, "debug", "a variable beats the file");
    assert_eq!(
        settings.zone.0,
        chrono_tz::Asia::Urumqi,
        "the file beats the default, an empty variable nothing"
    );
}

#[test]
fn a_given_file_replaces_the_default_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("yilin.toml"), "unknown = 1").unwrap();
    std::fs::write(folder.path().join("other.toml"), "bind = '127.0.0.1:9'").unwrap();
    let settings = Settings::load(&flags(&["--config", "other.toml"]), &[], places(folder.path())).unwrap();
    assert_eq!(settings.bind.port(), 9);
    let error = Settings::load(&flags(&["--config", "none.toml"]), &[], places(folder.path())).unwrap_err();
    assert!(matches!(&error, SettingsError::Unreadable { .. }) && error.to_string().contains("none.toml"));
}

#[test]
fn the_machine_s_own_file_counts_where_the_folder_has_none() {
    let (folder, system) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let system_file = &system.path().join("yilin.toml");
    std::fs::write(system_file, "bind = '127.0.0.1:9'").unwrap();
    let places = Places { directory: folder.path(), system_file };
    assert_eq!(Settings::load(&flags(&[]), &[], places).unwrap().bind.port(), 9);
    std::fs::write(folder.path().join("yilin.toml"), "bind = '127.0.0.1:8'").unwrap();
    assert_eq!(Settings::load(&flags(&[]), &[], places).unwrap().bind.port(), 8);
}

#[test]
fn a_file_that_everybody_can_change_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("yilin.toml");
    let load = || Settings::load(&flags(&[]), &[], places(folder.path()));
    for (mode, is_refused) in [(0o666, true), (0o602, true), (0o664, false), (0o644, false)] {
        write(&path, "llm_base_url = 'http://127.0.0.1:9/v1'", mode);
        let refused = matches!(load(), Err(SettingsError::Changeable { .. }));
        assert_eq!(refused, is_refused, "{mode:o}");
    }
    write(&path, "database_url = 'mysql://h/db?password=x'", 0o644);
    assert!(matches!(load().unwrap_err(), SettingsError::Exposed { .. }));
}

#[test]
fn secrets_may_have_a_file_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secrets.toml");
    write(&path, "admin_password = 'hush-hush'\nllm_api_key = 'sk-1'", 0o600);
    std::fs::write(folder.path().join("yilin.toml"), "secrets_file = 'secrets.toml'\nmetrics_token = ''")
        .unwrap();
    let load = || Settings::load(&flags(&[]), &[], places(folder.path()));
    let settings = load().unwrap();
    assert_eq!(settings.admin_password.reveal(), "hush-hush");
    assert_eq!(settings.files, [folder.path().join("yilin.toml"), path.clone()]);
    let password = settings.effective.iter().find(|effective| effective.setting.key == "admin_password");
    let password = password.unwrap();
    assert_eq!(password.shown, "…");
    assert!(password.origin.to_string().contains("secrets.toml"), "{}", password.origin);
    assert!(!format!("{settings:?}").contains("hush-hush"));

    write(&path, "admin_password = 'hush-hush'", 0o644);
    assert!(matches!(load().unwrap_err(), SettingsError::Exposed { .. }));
    std::fs::remove_file(&path).unwrap();
    assert!(
        matches!(load().unwrap_err(), SettingsError::Unreadable { .. }),
        "a secret that is gone is no default"
    );
}

#[test]
fn passwords_in_urls_are_hidden_and_the_rest_is_shown() {
    let environment = [("YILIN_DATABASE_URL", "mysql://yilin:hush@db:3307/yilin")];
    let settings = load("", &environment, &["--ipfs-api", "http://127.0.0.1:5001"]).unwrap();
    let shown = |key: &str| {
        settings.effective.iter().find(|effective| effective.setting.key == key).unwrap().shown.clone()
    };
    assert_eq!(shown("database_url"), "mysql://yilin:…@db:3307/yilin");
    assert_eq!(shown("ipfs_api"), "http://127.0.0.1:5001/");
    assert!(settings.describe_database().contains("environment"), "{}", settings.describe_database());
}

#[test]
fn texts_stay_as_they_are_typed() {
    let environment = [("YILIN_INITIAL_PASSWORD", "007007"), ("YILIN_ADMIN_PASSWORD", "true # 1e5")];
    let settings = load("", &environment, &[]).unwrap();
    assert_eq!(settings.initial_password.reveal(), "007007");
    assert_eq!(settings.admin_password.reveal(), "true # 1e5");
    let file =
        "initial_password = 654321\nmock = false\ntrusted_proxies = ['10.0.0.0/8', '::1']\nbcrypt_cost = 10";
    let settings = load(file, &[], &[]).unwrap();
    assert_eq!(settings.initial_password.reveal(), "654321");
    assert_eq!((settings.mock(), settings.trusted_proxies.len(), settings.bcrypt_cost), (false, 2, 10));
}

#[test]
fn all_problems_are_reported_at_once_with_their_sources() {
    let message = problems(
        "timezone = 'Mars'\nweborigins = 'x'\n[llm]\nmodel = 'y'",
        &[("YILIN_BIND", "8088"), ("YILIN_JWT_SECRET", "too short")],
        &["--max-upload", "huge", "--bcrypt-cost", "3"],
    );
    for part in [
        "timezone (文件 file ",
        "\"Mars\"",
        "Asia/Shanghai",
        "weborigins (文件 file ",
        "llm (文件 file ",
        "YILIN_BIND (环境变量 environment) = \"8088\"",
        "127.0.0.1:8088",
        "YILIN_JWT_SECRET (环境变量 environment): ",
        "32 bytes",
        "--max-upload (参数 flag) = \"huge\"",
        "2 GiB",
        "--bcrypt-cost (参数 flag) = \"3\"",
        "4 to 16",
    ] {
        assert!(message.contains(part), "{part:?} is not in:\n{message}");
    }
    assert!(!message.contains("too short"), "{message}");
}

#[test]
fn an_invalid_file_is_reported_without_the_line() {
    let message = problems("bind = '127.0.0.1:1'\njwt_secret = 'hush hush", &[], &[]);
    assert!(message.contains("yilin.toml") && message.contains("line 2"), "{message}");
    assert!(!message.contains("hush"), "{message}");
}

#[test]
fn secrets_are_never_shown() {
    let environment = [
        ("YILIN_JWT_SECRET", "hush-0123456789-0123456789-0123456789"),
        ("YILIN_ADMIN_PASSWORD", "hush-admin"),
        ("YILIN_INITIAL_PASSWORD", "hush-initial"),
        ("YILIN_METRICS_TOKEN", "hush-metrics-token"),
        ("YILIN_DATABASE_URL", "mysql://yilin:hush@db.example.cn/yilin"),
        ("YILIN_LLM_API_KEY", "hush-key"),
    ];
    let settings = load("", &environment, &[]).unwrap();
    assert!(!format!("{settings:?}").contains("hush"));
    assert_eq!(settings.database.to_string(), "mysql://db.example.cn:3306/yilin");
    assert_eq!(settings.without_effect, ["YILIN_LLM_API_KEY"]);
    let message = problems("", &[("YILIN_DATABASE_URL", "postgres://yilin:hush@db/yilin")], &[]);
    assert!(message.contains("YILIN_DATABASE_URL") && !message.contains("hush"), "{message}");
}

#[test]
fn only_loopback_on_both_sides_is_private() {
    for (bind, public_url, private) in [
        ("127.0.0.1:8088", "", true),
        ("127.8.8.8:1", "http://localhost:9000", true),
        ("[::1]:8088", "http://[::1]:8088", true),
        ("[::ffff:127.0.0.1]:8088", "", true),
        ("127.0.0.1:8088", "https://yilin.example.cn", false),
        ("127.0.0.1:8088", "http://localhost.example.cn", false),
        ("0.0.0.0:8088", "", false),
        ("0.0.0.0:8088", "http://127.0.0.1:8088", false),
        ("192.168.1.11:8088", "http://localhost", false),
        ("[::]:8088", "", false),
    ] {
        let settings = load("", &[("YILIN_BIND", bind), ("YILIN_PUBLIC_URL", public_url)], &[]).unwrap();
        assert_eq!(settings.is_private(), private, "{bind} {public_url}");
        assert_eq!(settings.mock(), private, "{bind} {public_url}");
    }
}

#[test]
fn the_public_url_defaults_to_the_bound_address() {
    let settings = load("", &[("YILIN_BIND", "0.0.0.0:0")], &[]).unwrap();
    for (listening, url) in [
        ("0.0.0.0:4321", "http://127.0.0.1:4321/"),
        ("[::]:4321", "http://127.0.0.1:4321/"),
        ("[::1]:4321", "http://[::1]:4321/"),
        ("192.168.1.11:80", "http://192.168.1.11/"),
    ] {
        assert_eq!(settings.public_url(listening.parse().unwrap()).unwrap().as_str(), url);
    }
}

#[test]
fn unknown_names_are_errors_with_a_suggestion() {
    let environment = [
        ("YILIN_BNID", "x"),
        ("YILIN_UPLOAD_PERDAY", ""),
        ("YILIN_TEST_MYSQL", "for tests"),
        ("PATH", "/bin"),
    ];
    let message = problems("trusted_proxy = ['::1']", &environment, &[]);
    for part in [
        "YILIN_BNID (环境变量 environment)",
        "nearest is YILIN_BIND",
        "YILIN_UPLOAD_PERDAY",
        "nearest is YILIN_UPLOAD_PER_DAY",
        "trusted_proxy (文件 file ",
        "nearest is trusted_proxies",
    ] {
        assert!(message.contains(part), "{part:?} is not in:\n{message}");
    }
    assert!(!message.contains("YILIN_TEST_MYSQL") && !message.contains("PATH"), "{message}");
}

#[test]
fn a_file_with_secrets_is_rejected_if_accessible_to_others() {
    let secret = "jwt_secret = 'hush-0123456789-0123456789-0123456789'";
    let url = "database_url = 'mysql://yilin:hush@db/yilin'";
    let none = "bind = '127.0.0.1:1'\ndatabase_url = 'mysql://yilin@db/yilin'\nmetrics_token = ''";
    for (text, mode, accepted) in [
        (secret, 0o600, true),
        (secret, 0o660, false),
        (secret, 0o604, false),
        (secret, 0o622, false),
        (url, 0o644, false),
        (none, 0o644, true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("named.toml");
        write(&path, text, mode);
        match Settings::load(&flags(&["--config", "named.toml"]), &[], places(folder.path())) {
            Ok(_) => assert!(accepted, "{text} {mode:o}"),
            Err(error) => {
                let message = error.to_string();
                assert!(!accepted, "{message}");
                let name = text.split(' ').next().unwrap();
                assert!(message.contains("named.toml") && message.contains("chmod 600"), "{message}");
                assert!(message.contains(name) && !message.contains("hush"), "{message}");
            }
        }
    }
}

#[test]
fn upload_limits_depend_on_the_role_unless_set() {
    let settings = load("", &[], &[]).unwrap();
    assert_eq!((settings.upload_per_day, settings.disk_reserve), (None, 1 << 30));
    let set = [("YILIN_UPLOAD_PER_DAY", "500 MB"), ("YILIN_DISK_RESERVE", "0")];
    let settings = load("", &set, &[]).unwrap();
    assert_eq!((settings.upload_per_day, settings.disk_reserve), (Some(500_000_000), 0));
    let message = problems("", &[("YILIN_UPLOAD_PER_DAY", "0"), ("YILIN_DISK_RESERVE", "-1")], &[]);
    assert!(message.contains("YILIN_UPLOAD_PER_DAY") && message.contains("YILIN_DISK_RESERVE"), "{message}");
}

#[test]
fn the_language_model_is_optional() {
    assert!(load("", &[("YILIN_LLM_API_KEY", "sk-1"), ("YILIN_LLM_MODEL", "m")], &[]).unwrap().llm.is_none());
    let environment = [("YILIN_LLM_BASE_URL", "https://h/v4"), ("YILIN_LLM_API_KEY", "sk-1")];
    let settings = load("", &environment, &[]).unwrap();
    assert!(!format!("{settings:?}").contains("sk-1"));
    let llm = settings.llm.unwrap();
    assert_eq!((llm.base_url.as_str(), llm.model.as_str()), ("https://h/v4", "glm4"));
    assert_eq!(settings.llm_use.max_request, 256 << 10);
    let wrong = [
        ("YILIN_LLM_BASE_URL", "127.0.0.1:8000"),
        ("YILIN_LLM_API_KEY", "two words"),
        ("YILIN_LLM_MAX_REQUEST", "1 GiB"),
        ("YILIN_LLM_MAX_TOKENS", "0"),
        ("YILIN_LLM_CALLS_AT_ONCE", "no"),
        ("YILIN_LLM_CALLS_PER_DAY", "-1"),
    ];
    let problems = problems("", &wrong, &[]);
    for (name, _) in wrong {
        assert!(problems.contains(name), "{name}: {problems}");
    }
}

#[test]
fn flags_are_settings_without_secrets_except_urls() {
    use clap::CommandFactory as _;
    // These are only secret if they contain a password.
    let urls = ["database_url", "ipfs_api"];
    let command = CommandLine::command();
    let names: Vec<_> =
        command.get_arguments().map(|flag| flag.get_id().as_str()).filter(|name| *name != "config").collect();
    for name in &names {
        let setting = catalogue::ALL.iter().find(|setting| setting.key == *name);
        assert!(setting.is_some_and(|setting| !setting.secret || urls.contains(name)), "{name}");
    }
    for setting in catalogue::ALL.iter().filter(|setting| !setting.secret) {
        assert!(names.contains(&setting.key), "{} has no flag", setting.key);
    }
}

#[test]
fn the_documentation_names_every_setting() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for file in ["README.md", "README.zh.md"] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        for setting in catalogue::ALL {
            assert!(text.contains(&setting.variable()), "{} is not in {file}", setting.variable());
        }
    }
    let example = std::fs::read_to_string(root.join("deploy/yilin.toml")).unwrap();
    for setting in catalogue::ALL {
        assert!(example.contains(&format!("{} =", setting.key)), "{} is not in the example", setting.key);
    }
}

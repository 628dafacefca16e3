//! What the doctor examines on this machine and in the database, but for the files.

use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use indicatif::HumanBytes;
use yilin_domain::audit::UNLINKED_FOR;
use yilin_domain::port::Clock as _;
use yilin_domain::time::CLOCKS_MAY_DIFFER;
use yilin_domain::usecase::verify_audit_log;
use yilin_storage::{Severity, Storage};

use super::report::Report;
use crate::command::heads::{HeadsError, read_heads};
use crate::error::StartError;
use crate::guard;
use crate::parts::{Parts, use_cases};
use crate::secret::{secret_file, signing_secret};
use crate::settings::{Database, Settings};

/// Where the timer keeps the heads of the audit log by default, in the data folder.
const KEPT_HEADS: &str = "audit-heads.txt";

pub(super) fn settings(settings: &Settings, report: &mut Report) {
    for name in &settings.without_effect {
        report.warning(
            &format!("{name} 没有作用 / {name} has no effect"),
            "缺少它所依赖的设置，见 yilin config --explain / a setting that it needs is missing: `yilin config --explain`",
        );
    }
    if !settings.is_private() && settings.public_url(settings.bind).is_ok_and(|url| url.scheme() == "http") {
        report.warning(
            "对外网址不是 https / the public URL is not https",
            "密码和病历会以明文传输；请在前面设置 HTTPS，见 docs/operations / passwords and records would be sent in clear: put \
             HTTPS in front (docs/operations)",
        );
    }
    let files: Vec<_> = settings.files.iter().map(|file| file.display().to_string()).collect();
    report.fine("设置 / settings", &files.join(", "));
}

/// What holds secrets or patients' data is for the service's user alone.
pub(super) fn permissions(settings: &Settings, report: &mut Report) {
    let mut private = vec![settings.data_dir.clone()];
    if let Database::Sqlite(path) = &settings.database {
        private.extend([path.clone(), secret_file(settings)]);
    }
    let mut all_well = true;
    for path in private.iter().filter(|path| path.exists()) {
        match path.metadata() {
            Ok(metadata) => {
                if let Some((what, advice)) = exposed(path, &metadata) {
                    all_well = false;
                    report.error(&what, &advice);
                }
            }
            Err(error) => {
                all_well = false;
                report.failure("权限 / permissions", &error);
            }
        }
    }
    if all_well {
        report.fine("权限 / permissions", &settings.data_dir.display().to_string());
    }
}

fn exposed(path: &Path, metadata: &Metadata) -> Option<(String, String)> {
    let name = path.display();
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let what =
            format!("其他用户可以访问 {name}（{mode:03o}） / other users may get at {name} ({mode:03o})");
        return Some((what, format!("chmod go= {name}")));
    }
    let user = rustix::process::geteuid().as_raw();
    let what = format!("{name} 属于其他用户 / {name} belongs to another user");
    (metadata.uid() != user).then(|| (what, format!("chown {user} {name}")))
}

pub(super) fn disk(settings: &Settings, report: &mut Report) {
    let disk = match rustix::fs::statvfs(&settings.data_dir) {
        Ok(disk) => disk,
        Err(error) => return report.failure("磁盘剩余空间 / free disk space", &error),
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let (reserve, shown) = (settings.disk_reserve, HumanBytes(free));
    let advice = "清理磁盘或换更大的磁盘；见 YILIN_DISK_RESERVE / make room, or take a larger disk; see YILIN_DISK_RESERVE";
    if free < reserve {
        report.error(&format!("剩余空间 {shown}，拒绝上传 / {shown} are free: uploads are refused"), advice);
    } else if free < reserve.saturating_mul(5) {
        report.warning(&format!("剩余空间仅 {shown} / only {shown} are free"), advice);
    } else {
        report.fine("磁盘剩余空间 / free disk space", &shown.to_string());
    }
}

/// The settings of a database server that the service relies on.
pub(super) async fn server(settings: &Settings, storage: &Storage, report: &mut Report) {
    match storage.examine_server().await {
        Ok(faults) => {
            for fault in &faults {
                let advice = "修改数据库服务器的设置 / change the setting of the database server";
                match fault.severity() {
                    Severity::Minor => report.warning(&fault.to_string(), advice),
                    Severity::Fatal | Severity::Unsafe => report.error(&fault.to_string(), advice),
                }
            }
            if faults.is_empty() && matches!(settings.database, Database::Mysql(_)) {
                report.fine("数据库服务器的版本和设置 / version and settings of the database server", "");
            }
        }
        Err(error) => report.failure("数据库服务器 / the database server", &error),
    }
}

pub(super) async fn totals(opened: &Parts, report: &mut Report) {
    match opened.storage.wrong_totals().await {
        Ok(wrong) if wrong.is_empty() => report.fine("计数与记录一致 / totals agree with the records", ""),
        Ok(wrong) => {
            let shown: Vec<_> = wrong.iter().map(ToString::to_string).collect();
            report.error(
                &format!("计数与记录不符 / totals differ from the records: {}", shown.join(", ")),
                "有人绕过服务修改了表；请恢复备份或联系开发者 / the tables were changed by something else than the service: restore a \
                 backup, or ask the developers",
            );
        }
        Err(error) => report.failure("计数 / totals", &error),
    }
}

pub(super) async fn clock(opened: &Parts, report: &mut Report) {
    let _read = opened.clock.synchronise().await;
    let offset = opened.clock.offset();
    if offset.abs() > CLOCKS_MAY_DIFFER {
        let seconds = offset.num_seconds();
        report.warning(
            &format!("数据库的时钟与本机相差 {seconds} 秒 / the database's clock differs by {seconds} s from this machine's"),
            "在两台机器上启用时间同步（chrony） / have both machines' clocks set over the network (chrony)",
        );
    } else {
        report.fine("时钟 / clocks", "");
    }
}

/// Passwords with which the service would not start outside this machine.
pub(super) async fn passwords(settings: &Settings, opened: &Parts, report: &mut Report) {
    let checked = async {
        let secret = signing_secret(settings, &opened.storage, &*opened.random).await?;
        let (ports, url) = (opened.usual_ports(), settings.public_url(settings.bind)?);
        let use_cases = use_cases(settings, ports.clone(), &secret, &url)?;
        guard::refuse_default_passwords(settings, &ports, &use_cases).await.map_err(StartError::from)
    };
    match checked.await {
        Ok(()) => report.fine("默认密码 / default passwords", ""),
        Err(error) => report.failure("默认密码 / default passwords", &error),
    }
}

/// The audit log, compared with the heads that were kept in this file, or where the timer keeps them by default.
pub(super) async fn audit(settings: &Settings, opened: &Parts, heads: Option<PathBuf>, report: &mut Report) {
    let kept = match heads {
        Some(file) if !file.is_file() => Err(HeadsError::missing(file)),
        Some(file) => read_heads(&file),
        None => read_heads(&settings.data_dir.join(KEPT_HEADS)),
    };
    let kept = kept.unwrap_or_else(|error| {
        report.failure("另存的链头 / kept heads", &error);
        Vec::new()
    });
    let audit = opened.storage.audit();
    match verify_audit_log(&*audit, &kept).await {
        Ok(verified) if verified.faults.is_empty() => {
            let (chains, entries, kept) = (verified.heads.len(), verified.entries, kept.len());
            report.fine(
                "审计日志 / audit log",
                &format!("{chains} 条链 chains, {entries} 条记录 entries, {kept} 个另存的链头 kept heads"),
            );
        }
        Ok(verified) => {
            for fault in &verified.faults {
                report.error(
                    &format!("审计日志有误 / the audit log is damaged: {fault}"),
                    "保留现场，与另存的链头和备份比较：yilin audit verify --head / keep everything as it is, and compare with kept \
                     heads and backups: `yilin audit verify --head`",
                );
            }
        }
        Err(error) => report.failure("审计日志 / audit log", &error),
    }
    match audit.unlinked(opened.clock.now_precisely() - UNLINKED_FOR).await {
        Ok(0) => {}
        Ok(unlinked) => report.warning(
            &format!("{unlinked} 条变更记录未写入链 / {unlinked} entries of changes are in no chain yet"),
            "启动服务 / start the service",
        ),
        Err(error) => report.failure("审计日志 / audit log", &error),
    }
}

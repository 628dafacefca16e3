//! The lines of the log in Chinese.

/// Every message of level info and above, and every name of background work, with its Chinese words.
#[rustfmt::skip]
pub(super) static WORDS: &[(&str, &str)] = &[
    // Start and stop.
    ("starting", "正在启动"),
    ("the database's tables are up to date", "数据库的表已是最新"),
    ("stopping", "正在停止"),
    ("some requests did not finish in time", "部分请求未能及时完成"),
    ("second stop signal: stopping immediately", "再次收到停止信号，立即停止"),
    ("standard output is closed; serving nevertheless", "标准输出已关闭，服务照常运行"),
    ("the supervisor cannot be told how the service is", "无法向 systemd 报告服务状态"),
    ("the limit on open files cannot be raised", "无法提高打开文件数的上限"),
    ("queued audit entries could not be written in time", "排队的审计记录未能及时写入"),
    // Settings that an operator should change.
    ("this setting has no effect: one that it requires is missing", "该设置没有作用，缺少它所依赖的设置"),
    ("the console's form only accepts 5 to 16 characters", "管理端的登录框只接受 5 到 16 个字符"),
    ("YILIN_BCRYPT_COST is too low for real passwords", "YILIN_BCRYPT_COST 太低，不适合真实的密码"),
    ("a setting of the database server should be changed", "数据库服务器的一项设置应当修改"),
    ("other users of this machine can read the secret: chmod 600 it", "本机其他用户可以读取密钥文件，请 chmod 600"),
    // The database.
    ("the clocks of the database and this machine differ; one of them may be wrong", "数据库与本机的时钟不一致，其中之一可能不准"),
    ("the clocks of the database and this machine agree again", "数据库与本机的时钟已恢复一致"),
    ("the response to a commit was lost; checking whether it was committed", "提交的应答丢失，正在核实是否已提交"),
    ("the server has no named locks; using a lock row", "数据库服务器没有命名锁，改用锁记录"),
    ("the migration lock could not be released; it will expire", "升级锁未能释放，到期后自动失效"),
    ("a stored total is negative; the totals have to be recounted", "某项计数为负，需要重新计数"),
    // Background work.
    ("failed", "失败"),
    ("works again", "恢复正常"),
    ("tell the supervisor that it is alive", "向 systemd 报告存活"),
    ("read the database's clock", "读取数据库的时钟"),
    ("forget imports", "清除过期的导入结果"),
    ("look for ended sessions", "查询已结束的会话"),
    ("publish events", "发布事件"),
    ("announce missed deadlines", "通知超期"),
    ("close listeners whose session has ended", "关闭会话已结束的监听"),
    ("send webhooks", "推送事件"),
    ("maintain the database", "维护数据库"),
    ("hand files to the Kubo node", "向 Kubo 节点移交文件"),
    // Files.
    ("handed queued files to the Kubo node", "已向 Kubo 节点移交排队的文件"),
    ("the file is queued for the IPFS node", "文件排队等待移交给 IPFS 节点"),
    ("the Kubo node is not usable; uploads are queued locally", "Kubo 节点不可用，上传的文件暂存于本机"),
    ("files of the embedded store are not in the Kubo node: run `yilin files push`", "内嵌文件库中的文件不在 Kubo 节点中，请运行 yilin files push"),
    // The audit log.
    ("the audit log's outbox cannot be read; retrying", "无法读取待写入的审计记录，正在重试"),
    ("the audit log cannot be written; retrying", "无法写入审计日志，正在重试"),
    ("the audit log can be written again", "审计日志恢复写入"),
    ("the database rejected entries of the audit log; they were replaced", "数据库拒绝了部分审计记录，已改写为替代记录"),
    ("no room in the audit log's queue; this line stands in for the entry", "审计队列已满，本行代替该记录"),
    ("the command's entries in the audit log are not linked yet", "本命令的审计记录尚未写入链"),
    // Requests.
    ("request failed", "请求失败"),
    ("more requests failed; their log lines were omitted", "另有请求失败，其日志已省略"),
    ("panicked; the message is omitted because it may quote input", "程序内部错误；信息可能含有输入内容，不予显示"),
    ("a list was interrupted while it was being sent", "列表在发送途中中断"),
    ("an export was cut off while it was being sent", "导出在发送途中中断"),
    ("a file of texts cannot be parsed completely", "界面文字文件无法完整解析"),
    ("a text is defined more than once", "界面文字重复定义"),
    ("a text is missing", "缺少界面文字"),
    ("a text lacks a value", "界面文字缺少参数"),
    ("a verification of the audit log failed", "审计日志核查失败"),
    ("a file is missing in an export", "导出中缺少一个文件"),
    ("an import failed", "导入失败"),
    ("generated flows failed", "模拟流程失败"),
    ("an event cannot be written; its stream was cut off", "某个事件无法输出，事件流已中断"),
    ("an event stream was cut off", "事件流中断"),
    ("a streamed answer was interrupted", "流式回答中断"),
    ("the service's request to the language model failed", "对大模型的请求失败"),
    ("the operating system no longer provides randomness; using the seed", "操作系统不再提供随机数，改用种子"),
];

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::WORDS;

    /// The source files of all crates that log.
    fn sources() -> Vec<PathBuf> {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut folders: Vec<_> = crates.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.retain(|folder| !["bench", "testkit"].iter().any(|tool| folder.ends_with(tool)));
        let mut folders: Vec<_> = folders.into_iter().map(|folder| folder.join("src")).collect();
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir().unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("chinese.rs") {
                    files.push(path);
                }
            }
        }
        files
    }

    /// The texts in the arguments of each call that begins like this.
    fn texts_of<'a>(source: &'a str, call: &str) -> Vec<Vec<&'a str>> {
        let arguments = |after: &'a str| {
            let end = after.find(");").or_else(|| after.find("),")).unwrap_or(after.len());
            let texts = after[..end].split('"').skip(1).step_by(2);
            texts.collect::<Vec<_>>()
        };
        source.split(call).skip(1).map(arguments).collect()
    }

    #[test]
    fn every_line_has_chinese_words_and_no_words_are_left_over() {
        let mut used = Vec::new();
        let known = |text: &str| WORDS.iter().any(|(english, _)| *english == text);
        for path in sources() {
            let source = std::fs::read_to_string(&path).unwrap();
            for level in ["info", "warn", "error"] {
                for texts in texts_of(&source, &format!("tracing::{level}!(")) {
                    let message = texts.iter().find(|text| known(text));
                    let message = message.unwrap_or_else(|| panic!("{}: {texts:?}", path.display()));
                    used.push((*message).to_owned());
                }
            }
            if path.starts_with(env!("CARGO_MANIFEST_DIR")) {
                for after in source.split("repeat(\"").skip(1) {
                    let name = after.split('"').next().unwrap();
                    assert!(known(name), "{}: {name}", path.display());
                    used.push(name.to_owned());
                }
            }
        }
        assert!(used.len() > 40, "{used:?}");
        for (english, chinese) in WORDS {
            assert!(used.iter().any(|text| text == english), "nobody says {english:?}");
            assert!(chinese.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{chinese}");
        }
    }
}

//! The page of an export: it is read in a browser, from a folder on disk, without scripts.

use std::fmt::Write as _;

use serde_json::Value;

use super::content::Section;

/// What the page begins with. The policy lets nothing run and nothing be loaded from elsewhere.
pub(super) const HEAD: &str = r#"<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; media-src 'self' file:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>我的数据 My data</title>
<style>
body { font-family: sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; line-height: 1.5; }
dl { display: grid; grid-template-columns: minmax(8em, 16em) 1fr; gap: .2em 1em; border: 1px solid #ccc; padding: .8em; margin: .8em 0; }
dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
</style>
</head>
<body>
<h1>我的数据 My data</h1>
<p>本页与同一文件夹中的 <a href="data.json">data.json</a> 内容相同。This page shows what <a href="data.json">data.json</a> in the same folder holds.</p>
"#;

/// What the page ends with.
pub(super) const TAIL: &str = "</body>\n</html>\n";

/// The heading of a section.
pub(super) fn heading(section: Section) -> String {
    format!("<h2 id=\"{}\">{}</h2>\n", section.name(), escaped(section.title()))
}

/// One record.
pub(super) fn record(record: &Value) -> String {
    let mut html = String::new();
    show(record, &mut html);
    html.push('\n');
    html
}

/// The files that could not be read.
pub(super) fn missing(cids: &[&str]) -> String {
    if cids.is_empty() {
        return String::new();
    }
    let mut html = "<h2>缺失的文件 Missing files</h2>\n<ul>\n".to_owned();
    for cid in cids {
        // Writing to a text does not fail.
        let _ = writeln!(html, "<li>{}</li>", escaped(cid));
    }
    html.push_str("</ul>\n");
    html
}

fn show(value: &Value, html: &mut String) {
    match value {
        Value::Null => {}
        Value::Bool(true) => html.push_str("是 yes"),
        Value::Bool(false) => html.push_str("否 no"),
        Value::Number(number) => html.push_str(&escaped(&number.to_string())),
        Value::String(text) => show_text(text, html),
        Value::Array(values) => values.iter().for_each(|value| show(value, html)),
        Value::Object(members) => {
            html.push_str("<dl>");
            for (name, value) in members.iter().filter(|(_, value)| !is_empty(value)) {
                html.push_str("<dt>");
                html.push_str(&escaped(&label(name)));
                html.push_str("</dt><dd>");
                show(value, html);
                html.push_str("</dd>");
            }
            html.push_str("</dl>");
        }
    }
}

/// A text; a file of the export is shown, or can be opened.
fn show_text(text: &str, html: &mut String) {
    let shown = escaped(text);
    let written = match text.strip_prefix("files/").and_then(|name| name.rsplit_once('.')) {
        Some((_, "jpg" | "png" | "gif" | "webp")) => {
            write!(
                html,
                "<a href=\"{shown}\"><img src=\"{shown}\" alt=\"\" width=\"320\" loading=\"lazy\"></a>"
            )
        }
        Some(_) => write!(html, "<a href=\"{shown}\">{shown}</a>"),
        None => write!(html, "{shown}"),
    };
    // Writing to a text does not fail.
    let _ = written;
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What a member is called, in Chinese and as the interface calls it.
fn label(name: &str) -> String {
    let chinese = match name {
        "action" | "operation" => "操作",
        "addenda" => "补充说明",
        "age" => "年龄",
        "agent_name" | "by" => "操作人",
        "already_buy" => "已购买",
        "appointment_time" => "预约时间",
        "at" | "create_time" | "recorded" => "时间",
        "bind_inquiry_id" | "inquiry_id" => "问诊编号",
        "chain_account" => "链上账户",
        "code" | "warnings" => "提醒",
        "content" | "text" => "内容",
        "cut_off" => "内容不完整",
        "delivery_certificate" => "配送凭证",
        "diagnostic_description" => "病情描述",
        "disabled" => "已停用",
        "drug_id" => "药品代买编号",
        "due_at" => "截止时间",
        "entity_id" => "记录编号",
        "entity_kind" => "记录类别",
        "from" => "之前",
        "generated" => "由模型生成",
        "history" => "经过",
        "home_addr" => "家庭住址",
        "hospital" => "所属医院",
        "id" => "编号",
        "inquiry_detail" => "问诊详情",
        "inquiry_video" => "问诊视频",
        "is_audit" => "已审核",
        "is_inquiry" => "已就诊",
        "is_need_by_drug" => "需要代买药品",
        "is_receive" => "已确认收货",
        "is_reception" => "已接诊",
        "is_self" => "本人",
        "medical_id" => "病历编号",
        "medical_img" => "病历图片",
        "model" => "模型",
        "must_change_password" => "须修改密码",
        "nickname" => "昵称",
        "outcome" => "结果",
        "overdue" => "已超时",
        "patient" => "患者",
        "patient_age" => "患者年龄",
        "patient_sex" => "患者性别",
        "patient_username" => "患者姓名",
        "phone" => "手机号",
        "physician" | "physician_username" => "医师",
        "reserved_phone" => "预留电话",
        "role" | "agent_role" => "角色",
        "sent" => "发送给模型的内容",
        "sex" => "性别",
        "status" => "状态",
        "to" => "之后",
        "type" => "就诊方式",
        "update_time" => "更新时间",
        "username" => "姓名",
        "uuid" => "用户标识",
        name if name == "reason" || name.ends_with("_reason") => "原因",
        _ => return name.to_owned(),
    };
    format!("{chinese} {name}")
}

/// A text as HTML shows it, inside an element or an attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    /// The members of an object of the interface, and of those within it.
    fn members(description: &Value, schema: &Value, found: &mut BTreeSet<String>) {
        match schema {
            Value::Object(parts) => {
                if let Some(path) = parts.get("$ref").and_then(Value::as_str) {
                    members(description, description.pointer(&path[1..]).unwrap(), found);
                }
                if let Some(properties) = parts.get("properties").and_then(Value::as_object) {
                    found.extend(properties.keys().cloned());
                }
                parts.values().for_each(|part| members(description, part, found));
            }
            Value::Array(parts) => parts.iter().for_each(|part| members(description, part, found)),
            _ => {}
        }
    }

    #[test]
    fn every_member_has_a_chinese_name() {
        let description: Value = serde_json::from_str(&crate::openapi_json().unwrap()).unwrap();
        let mut found = BTreeSet::new();
        let shown = [
            "Account",
            "Inquiry",
            "InquiryHistoryEntry",
            "MedicalRecord",
            "DrugOrder",
            "DrugOrderHistoryEntry",
        ];
        for name in shown.into_iter().chain(["Turn", "OwnAccess"]) {
            members(&description, &description["components"]["schemas"][name], &mut found);
        }
        assert!(found.contains("inquiry_detail") && found.contains("agent_name"), "{found:?}");
        for name in found {
            assert!(!label(&name).is_ascii(), "{name}");
        }
    }

    #[test]
    fn every_text_is_escaped() {
        let evil = "<script>alert('x')</script> & \"y\"";
        let html = record(
            &json!({"inquiry_detail": evil, (evil): [evil], "medical_img": format!("files/{evil}.png")}),
        );
        assert!(!html.contains("<script"), "{html}");
        assert!(
            html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;"),
            "{html}"
        );
    }

    #[test]
    fn files_can_be_opened() {
        let html = record(
            &json!({"medical_img": "files/Qm1.png", "inquiry_video": "files/Qm2.mp4", "text": "files"}),
        );
        assert!(html.contains("<a href=\"files/Qm1.png\"><img src=\"files/Qm1.png\""), "{html}");
        assert!(html.contains("<a href=\"files/Qm2.mp4\">files/Qm2.mp4</a>"), "{html}");
    }
}

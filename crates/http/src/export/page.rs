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
        "id" => "编号",
        "username" => "姓名",
        "nickname" => "昵称",
        "role" | "agent_role" => "角色",
        "sex" => "性别",
        "age" => "年龄",
        "phone" => "手机号",
        "home_addr" => "家庭住址",
        "patient" => "患者",
        "physician" | "physician_username" => "医师",
        "type" => "就诊方式",
        "appointment_time" => "预约时间",
        "reserved_phone" => "预留电话",
        "inquiry_detail" => "问诊详情",
        "status" => "状态",
        "create_time" | "at" | "recorded" => "时间",
        "history" => "经过",
        "by" | "agent_name" => "操作人",
        "from" => "之前",
        "to" => "之后",
        "diagnostic_description" => "病情描述",
        "inquiry_video" => "问诊视频",
        "medical_img" => "病历图片",
        "addenda" => "补充说明",
        "text" | "content" => "内容",
        "delivery_certificate" => "配送凭证",
        "operation" | "action" => "操作",
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
    use serde_json::json;

    use super::*;

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

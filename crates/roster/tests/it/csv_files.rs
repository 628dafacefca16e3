//! CSV: encodings, delimiters, quoting.

use yilin_domain::roster::RosterFault;

use crate::{fault, row, rows};

const CSV: &str = "姓名,电话,住址\r\n张伟,13800000001,东\r\n李娜,13800000002,\"人民路1号,\n3栋\"\r\n";

/// CSV in an encoding.
fn encoded(encoding: &'static encoding_rs::Encoding) -> Vec<u8> {
    encoding.encode(CSV).0.into_owned()
}

#[tokio::test]
async fn every_usual_encoding_is_read() {
    let expected = [
        row("", 2, &[("姓名", "张伟"), ("电话", "13800000001"), ("住址", "东")]),
        row("", 3, &[("姓名", "李娜"), ("电话", "13800000002"), ("住址", "人民路1号,\n3栋")]),
    ];
    let marked = [b"\xef\xbb\xbf", CSV.as_bytes()].concat();
    let utf_16: Vec<u8> =
        std::iter::once(0xfeff).chain(CSV.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [
        CSV.as_bytes().to_vec(),
        marked,
        encoded(encoding_rs::GBK),
        encoded(encoding_rs::GB18030),
        utf_16,
        separated('\t').into_bytes(),
        separated(';').into_bytes(),
        format!("sep=|\r\n{}", separated('|')).into_bytes(),
        CSV.replace("\r\n", "\r").into_bytes(),
        [CSV.as_bytes(), b"\x1a"].concat(),
    ] {
        let read = rows(&bytes).await.unwrap();
        let cells = |rows: &[crate::Row]| rows.iter().map(|row| row.2.clone()).collect::<Vec<_>>();
        assert_eq!(cells(&read), cells(&expected), "{bytes:?}");
        if !bytes.starts_with(b"sep=") {
            assert_eq!(read, expected);
        }
    }
}

/// The CSV with another delimiter; the address keeps its comma.
fn separated(delimiter: char) -> String {
    CSV.replace(',', &delimiter.to_string()).replace(&format!("号{delimiter}"), "号,")
}

#[tokio::test]
async fn a_rare_character_outside_gbk_is_read() {
    let (bytes, _, _) = encoding_rs::GB18030.encode("姓名,电话\n㐂𠮷,13800000001\n");
    assert_eq!(rows(&bytes).await.unwrap()[0].2[0].1, "㐂𠮷");
}

#[tokio::test]
async fn rows_may_be_shorter_and_longer_than_the_header() {
    let csv = "\n姓名,电话\n张伟\n,,,多余\n李娜,1,,\n";
    let expected = [
        row("", 3, &[("姓名", "张伟")]),
        row("", 4, &[("", "多余")]),
        row("", 5, &[("姓名", "李娜"), ("电话", "1")]),
    ];
    assert_eq!(rows(csv.as_bytes()).await.unwrap(), expected);
}

#[tokio::test]
async fn an_unbalanced_quote_never_hides_rows() {
    let header = "姓名,性别,电话,住址,年龄\n";
    for (body, line) in [
        // Never closed; closed at the end of a later cell; closed in the middle of one; closed by the quote
        // that opens the next cell; in rows with fewer cells.
        ("张伟,男,13800000001,\"一栋,70\n李娜,女,13800000002,二栋,65\n", 2),
        ("张伟,男,13800000001,\"一栋,70\n李娜,女,13800000002,二栋\",65\n", 2),
        ("王芳,女,1,三栋,7\n张伟,男,1,\"一栋,70\n李娜,女,2,\"二栋\",65\n", 3),
        ("张伟,男,13800000001,\"一栋,70\n李娜,女,13800000002,\",65\n", 2),
        ("\"张伟,男,1\n李娜,女,2\n王芳\",女,3,三栋,7\n", 2),
        ("张伟,男,1,一栋,70,\"\n李娜,女,2,二栋\"\n", 2),
    ] {
        for end in ["\n", "\r\n", "\r"] {
            let csv = format!("{header}{body}").replace('\n', end);
            assert_eq!(fault(csv.as_bytes()).await, RosterFault::BadQuotes { line }, "{csv}");
        }
    }
    let lawful = format!("{header}张伟,男,1,\"5\"\"楼\n东,西\",70\n李娜,女,2,人民路\"阳光\"小区,6\n");
    let read = rows(lawful.as_bytes()).await.unwrap();
    assert_eq!(read[0].2[3].1, "5\"楼\n东,西");
    assert_eq!((read[1].1, read[1].2[3].1.as_str()), (4, "人民路\"阳光\"小区"));
}

#[tokio::test]
async fn digits_kept_by_a_formula_are_unwrapped() {
    let csv = "姓名,电话,初始密码\n张伟,=\"13812345601\",\"=\"\"0123456\"\"\"\n李娜,=A2,=\"\"\n";
    let expected = [
        row("", 2, &[("姓名", "张伟"), ("电话", "13812345601"), ("初始密码", "0123456")]),
        row("", 3, &[("姓名", "李娜"), ("电话", "no result")]),
    ];
    assert_eq!(rows(csv.as_bytes()).await.unwrap(), expected);
}

#[tokio::test]
async fn titles_above_the_table_do_not_hide_the_delimiter() {
    let csv = "阳光社区，居民名单\n\n姓名;电话\n张伟;13800000001\n";
    let read = rows(csv.as_bytes()).await.unwrap();
    assert_eq!(read[1], row("", 4, &[("阳光社区，居民名单", "张伟"), ("", "13800000001")]));
}

#[tokio::test]
async fn files_without_a_table_are_rejected() {
    let mut noise = b"a,b\n".to_vec();
    noise.extend([0xff, 0xff, 0xff, 0x00, 0x80]);
    for bytes in [&b"hello"[..], b"a,\x00b", b"<?xml version='1.0'?><a b=','/>", &noise] {
        assert_eq!(fault(bytes).await, RosterFault::NotASpreadsheet, "{bytes:?}");
    }
}

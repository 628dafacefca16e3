use yilin_domain::roster::RosterFault;

use crate::{fault, row, rows};

const CSV: &str = "姓名,电话\r\n张伟,13800000001\r\n\"李,\n娜\",13800000002\r\n";

/// CSV in an encoding.
fn encoded(encoding: &'static encoding_rs::Encoding) -> Vec<u8> {
    encoding.encode(CSV).0.into_owned()
}

#[tokio::test]
async fn every_usual_encoding_is_read() {
    let expected = [
        row("", 2, &[("姓名", "张伟"), ("电话", "13800000001")]),
        row("", 3, &[("姓名", "李,\n娜"), ("电话", "13800000002")]),
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
        CSV.replace(",1", "\t1").replace("姓名,", "姓名\t").into_bytes(),
    ] {
        assert_eq!(rows(&bytes).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_rare_character_outside_gbk_is_read() {
    let (bytes, _, _) = encoding_rs::GB18030.encode("姓名,电话\n㐂𠮷,13800000001\n");
    assert_eq!(rows(&bytes).await.unwrap()[0].2[0].1, "㐂𠮷");
}

#[tokio::test]
async fn rows_may_be_shorter_and_longer_than_the_header() {
    let csv = "\n姓名,电话\n张伟\n,,,多余\n李娜,1,2,3\n";
    let expected = [row("", 3, &[("姓名", "张伟")]), row("", 5, &[("姓名", "李娜"), ("电话", "1")])];
    assert_eq!(rows(csv.as_bytes()).await.unwrap(), expected);
}

#[tokio::test]
async fn what_is_no_table_is_refused() {
    let mut noise = b"a,b\n".to_vec();
    noise.extend([0xff, 0xff, 0xff, 0x00, 0x80]);
    for bytes in [
        &b""[..],
        b"\n\n",
        b"hello",
        b"a,\x00b",
        b"<html>a,b</html>",
        b"<?xml version='1.0'?><a b=','/>",
        &noise,
    ] {
        assert_eq!(fault(bytes).await, RosterFault::NotASpreadsheet, "{bytes:?}");
    }
}

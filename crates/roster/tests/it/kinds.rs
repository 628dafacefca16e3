//! Files whose content does not match their name.

use yilin_domain::roster::{OtherKind, RosterFault};

use crate::fault;
use crate::files::Parts;

#[tokio::test]
async fn other_file_types_are_reported() {
    let utf_16 = |text: &str| -> Vec<u8> {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let zip = |name: &str| Parts(vec![(name.into(), b"x".to_vec())]).zipped();
    let typed = |kind: &str| Parts(vec![("mimetype".into(), kind.as_bytes().to_vec())]).zipped();
    let gbk = encoding_rs::GBK.encode("<meta charset=gb2312><table><tr><td>姓名</table>").0.into_owned();
    let compound = |name: &str| {
        let mut compound = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
        compound.create_stream(name).unwrap();
        compound.flush().unwrap();
        compound.into_inner().into_inner()
    };
    for (bytes, kind) in [
        (Vec::new(), OtherKind::Empty),
        (b"\r\n \n".to_vec(), OtherKind::Empty),
        (b"\xef\xbb\xbf".to_vec(), OtherKind::Empty),
        (b"<html><body><table><tr><td>a,b</td></tr></table>".to_vec(), OtherKind::WebPage),
        (b"\xef\xbb\xbf\n<!DOCTYPE HTML><table>".to_vec(), OtherKind::WebPage),
        (b"<?xml version=\"1.0\"?><html xmlns=\"x\">a,b</html>".to_vec(), OtherKind::WebPage),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related".to_vec(), OtherKind::WebPage),
        (utf_16("<table><tr><td>姓名</td></tr></table>"), OtherKind::WebPage),
        (gbk, OtherKind::WebPage),
        (
            b"<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">".to_vec(),
            OtherKind::Xml2003,
        ),
        (b"%PDF-1.7\n".to_vec(), OtherKind::Document),
        (b"{\\rtf1 a,b}".to_vec(), OtherKind::Document),
        (zip("word/document.xml"), OtherKind::Document),
        (zip("ppt/presentation.xml"), OtherKind::Document),
        (typed("application/vnd.oasis.opendocument.text"), OtherKind::Document),
        (compound("/WordDocument"), OtherKind::Document),
        (zip("xl/workbook.bin"), OtherKind::BinaryWorkbook),
        (zip("roster.xlsx"), OtherKind::Archive),
        (b"\x1f\x8b\x08\0".to_vec(), OtherKind::Archive),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), OtherKind::Picture),
        (b"\xff\xd8\xff\xe0".to_vec(), OtherKind::Picture),
        (b"\x09\x04\x06\x00\x00\x04\x10\x00\x00\x00".to_vec(), OtherKind::OldWorkbook),
    ] {
        assert_eq!(fault(&bytes).await, RosterFault::OtherKind(kind), "{:?}", String::from_utf8_lossy(&bytes));
    }
}

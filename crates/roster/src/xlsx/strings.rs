//! Shared and rich strings.

use quick_xml::events::Event;
use yilin_domain::roster::RosterFault;

use crate::fault::Stop;
use crate::package::Package;
use crate::table::CELL_CHARS;
use crate::xml::Xml;

/// Maximum number of shared strings.
const TEXTS: usize = 1_000_000;
/// Maximum size of all shared strings in bytes.
const BYTES: usize = 64 << 20;
/// Elements that are not part of a text: phonetic guides.
pub(super) const NOT_TEXT: [&str; 2] = ["rPh", "phoneticPr"];

/// The strings that cells refer to by index.
pub(super) fn shared_strings(package: &mut Package, part: Option<&str>) -> Result<Vec<String>, Stop> {
    let (mut strings, mut bytes) = (Vec::new(), 0);
    let Some(part) = part else { return Ok(strings) };
    let mut xml = package.xml(part)?.ok_or(RosterFault::Damaged)?;
    loop {
        match xml.next()? {
            None => return Ok(strings),
            Some(Event::Start(element)) if element.local_name().as_ref() == "si" => {}
            Some(_) => continue,
        }
        let text = rich_text(&mut xml)?;
        bytes += text.len();
        if strings.len() >= TEXTS || bytes > BYTES {
            return Err(RosterFault::TooLargeInside.into());
        }
        strings.push(text);
    }
}

/// The text of the element that was just opened, concatenated over its formatting runs and truncated to the
/// maximum cell length.
pub(super) fn rich_text<R: std::io::Read>(xml: &mut Xml<R>) -> Result<String, Stop> {
    let text = unescape(&xml.text(&NOT_TEXT)?);
    Ok(text.chars().take(CELL_CHARS + 1).collect())
}

/// Decodes the escapes for characters that XML does not allow: `_x000D_` (ECMA-376 part 1, 22.9.2.19).
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("_x") {
        let code = rest.get(start + 2..start + 6).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let is_closed = rest.get(start + 6..start + 7) == Some("_");
        let (end, c) = match code.and_then(char::from_u32).filter(|_| is_closed) {
            Some(c) => (start + 7, c),
            None => (start + 1, '_'),
        };
        plain.push_str(rest.get(..start).unwrap_or_default());
        plain.push(c);
        rest = rest.get(end..).unwrap_or_default();
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    #[test]
    fn escaped_characters_are_read() {
        for (text, plain) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x0041_", "_x0041_"),
            ("_x12", "_x12"),
            ("_xyz_", "_xyz_"),
            ("张_x", "张_x"),
        ] {
            assert_eq!(super::unescape(text), plain);
        }
    }
}

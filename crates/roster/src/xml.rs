//! A streaming XML reader in bounded memory.

use std::cell::Cell;
use std::io::{BufReader, Read};
use std::rc::Rc;

use quick_xml::XmlVersion;
use quick_xml::encoding::DecodingReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use yilin_domain::roster::RosterFault;

use crate::fault::{Stop, damaged};

/// Maximum size in bytes of one event, which is held in memory.
const EVENT: usize = 1 << 20;
/// Maximum number of elements inside each other. The reader holds the names of those that are open.
const DEPTH: usize = 256;
/// Maximum number of characters of a text joined from several events.
const TEXT_CHARS: usize = 40_000;

/// An XML reader. Elements are matched by local name: prefixes are the writer's choice, and the strict
/// variant of a format differs from the transitional one only in its namespaces.
pub(crate) struct Xml<R: Read> {
    reader: Reader<DecodingReader<BufReader<Bounded<R>>>>,
    since_event: Rc<Cell<usize>>,
    buffer: Vec<u8>,
    depth: usize,
}

impl<R: Read> Xml<R> {
    /// Reads XML, at most `left` bytes of it; `left` counts down.
    pub(crate) fn new(inner: R, left: Rc<Cell<u64>>) -> Self {
        let since_event = Rc::new(Cell::new(0));
        let bounded = Bounded { inner, since_event: since_event.clone(), left };
        let mut reader = Reader::from_reader(DecodingReader::new(BufReader::new(bounded)));
        reader.config_mut().expand_empty_elements = true;
        Self { reader, since_event, buffer: Vec::new(), depth: 0 }
    }

    /// The next event; `None` at the end. No supported format has a document type, so its entities are not
    /// resolved.
    pub(crate) fn next(&mut self) -> Result<Option<Event<'_>>, Stop> {
        self.since_event.set(0);
        self.buffer.clear();
        match self.reader.read_event_into(&mut self.buffer).map_err(fault_of)? {
            Event::Eof => Ok(None),
            Event::DocType(_) => Err(RosterFault::Damaged.into()),
            Event::Start(_) if self.depth == DEPTH => Err(RosterFault::TooLargeInside.into()),
            event => {
                match event {
                    Event::Start(_) => self.depth += 1,
                    Event::End(_) => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
                Ok(Some(event))
            }
        }
    }

    /// The text up to the end of the element that was just opened, without the content of elements with these
    /// local names.
    pub(crate) fn text(&mut self, skipped: &[&str]) -> Result<String, Stop> {
        let (mut text, mut depth, mut skipping) = (String::new(), 1_usize, None);
        while depth > 0 {
            let Some(event) = self.next()? else { return Err(RosterFault::Damaged.into()) };
            match &event {
                Event::Start(start) => {
                    if skipping.is_none() && skipped.contains(&start.local_name().as_ref()) {
                        skipping = Some(depth);
                    }
                    depth += 1;
                }
                Event::End(_) => {
                    depth -= 1;
                    skipping = skipping.filter(|level| *level < depth);
                }
                _ if skipping.is_none() => push_text(&mut text, &event)?,
                _ => {}
            }
        }
        Ok(text)
    }
}

/// Appends the text of an event.
pub(crate) fn push_text(text: &mut String, event: &Event<'_>) -> Result<(), Stop> {
    match event {
        Event::Text(piece) => text.push_str(&piece.xml10_content()),
        Event::CData(piece) => text.push_str(&piece.xml10_content()),
        Event::GeneralRef(reference) => match reference.resolve_char_ref().map_err(damaged)? {
            Some(c) => text.push(c),
            None => text.push_str(resolve_predefined_entity(reference).ok_or(RosterFault::Damaged)?),
        },
        _ => {}
    }
    // A cell holds at most 32,767 characters; longer text is truncated later.
    if text.len() > TEXT_CHARS * 4 { Err(RosterFault::TooLargeInside.into()) } else { Ok(()) }
}

/// Attributes by local name; the first if a name is repeated.
pub(crate) fn attributes<const N: usize>(
    element: &BytesStart<'_>,
    names: [&str; N],
) -> Result<[Option<String>; N], Stop> {
    let mut values = [const { None }; N];
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(damaged)?;
        let wanted =
            names.iter().zip(&mut values).find(|(name, _)| **name == attribute.key.local_name().as_ref());
        if let Some((_, value @ None)) = wanted {
            *value = Some(attribute.normalized_value(XmlVersion::Implicit1_0).map_err(damaged)?.into_owned());
        }
    }
    Ok(values)
}

/// An attribute by local name.
pub(crate) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Stop> {
    let [value] = attributes(element, [name])?;
    Ok(value)
}

/// An attribute by qualified name.
pub(crate) fn attribute_of(element: &BytesStart<'_>, whole_name: &str) -> Result<Option<String>, Stop> {
    let attribute = element.try_get_attribute(whole_name).map_err(damaged)?;
    let value = attribute.map(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0));
    Ok(value.transpose().map_err(damaged)?.map(std::borrow::Cow::into_owned))
}

/// A numeric attribute; `None` if it is absent or not a number.
pub(crate) fn number(element: &BytesStart<'_>, name: &str) -> Result<Option<u32>, Stop> {
    Ok(attribute(element, name)?.and_then(|text| text.trim().parse().ok()))
}

/// Whether an `xsd:boolean` attribute is true.
pub(crate) fn flag(element: &BytesStart<'_>, name: &str) -> Result<bool, Stop> {
    Ok(attribute(element, name)?.is_some_and(|text| matches!(text.trim(), "1" | "true" | "on")))
}

/// Fails when a single event is too large or the total limit is exceeded.
struct Bounded<R> {
    inner: R,
    since_event: Rc<Cell<usize>>,
    left: Rc<Cell<u64>>,
}

#[derive(Debug, thiserror::Error)]
#[error("too much XML")]
struct TooMuch;

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let since = self.since_event.get().saturating_add(read);
        let left = self.left.get().checked_sub(u64::try_from(read).unwrap_or(u64::MAX));
        match left {
            Some(left) if since <= EVENT => {
                self.since_event.set(since);
                self.left.set(left);
                Ok(read)
            }
            _ => Err(std::io::Error::other(TooMuch)),
        }
    }
}

fn fault_of(error: quick_xml::Error) -> Stop {
    let is_bound = match &error {
        quick_xml::Error::Io(error) => {
            error.get_ref().and_then(|inner| inner.downcast_ref::<TooMuch>()).is_some()
        }
        _ => false,
    };
    if is_bound { RosterFault::TooLargeInside.into() } else { damaged(error) }
}

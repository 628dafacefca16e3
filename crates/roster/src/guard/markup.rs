use yilin_domain::roster::RosterFault;

/// The most bytes between the beginnings of two cells, rows or shared texts: the library holds what
/// is between them in memory.
const GAP: usize = 4 << 20;
/// The most shared texts: each takes the library memory even if it is empty.
const TEXTS: usize = 1_000_000;
/// As much of a tag as has to be known.
const NAME: usize = 24;

/// Looks at the tags of a file that may be XML. Definitions of entities have no place in one.
#[derive(Debug, Default)]
pub(crate) struct Markup {
    /// The tag that has just begun.
    name: Option<Vec<u8>>,
    gap: usize,
    texts: usize,
    totals: Option<Totals>,
}

/// The inside of a tag that tells how many shared texts there are: the library makes room for as many
/// as it says.
#[derive(Debug, Default)]
struct Totals {
    quote: Option<u8>,
    number: usize,
}

impl Markup {
    pub(crate) fn look(&mut self, bytes: &[u8]) -> Result<(), RosterFault> {
        for byte in bytes {
            self.gap += 1;
            if *byte == b'<' {
                if self.totals.is_some() {
                    return Err(RosterFault::Damaged);
                }
                self.name = Some(Vec::with_capacity(NAME));
            } else if let Some(name) = &mut self.name {
                if matches!(byte, b' ' | b'>' | b'/' | b'\t' | b'\r' | b'\n' | b'[') {
                    self.tag()?;
                } else if *byte == b':' {
                    name.clear();
                } else if name.len() < NAME {
                    name.push(*byte);
                }
            }
            self.total(*byte)?;
        }
        if self.gap > GAP { Err(RosterFault::TooLargeInside) } else { Ok(()) }
    }

    fn tag(&mut self) -> Result<(), RosterFault> {
        let Some(name) = self.name.take() else { return Ok(()) };
        match name.as_slice() {
            b"c" | b"row" => self.gap = 0,
            b"si" => {
                self.gap = 0;
                self.texts += 1;
                if self.texts > TEXTS {
                    return Err(RosterFault::TooLargeInside);
                }
            }
            b"sst" => self.totals = Some(Totals::default()),
            b"!DOCTYPE" | b"!ENTITY" => return Err(RosterFault::Damaged),
            _ => {}
        }
        Ok(())
    }

    /// Looks at a byte of the tag that tells how many shared texts there are, if this is it.
    fn total(&mut self, byte: u8) -> Result<(), RosterFault> {
        let Some(totals) = &mut self.totals else { return Ok(()) };
        let digit = if byte.is_ascii_digit() { usize::from(byte - b'0') } else { 0 };
        totals.number =
            if byte.is_ascii_digit() { totals.number.saturating_mul(10).saturating_add(digit) } else { 0 };
        if totals.number > TEXTS {
            return Err(RosterFault::TooLargeInside);
        }
        match (totals.quote, byte) {
            (Some(quote), _) if quote == byte => totals.quote = None,
            (Some(_), b'>') => return Err(RosterFault::Damaged),
            (None, b'"' | b'\'') => totals.quote = Some(byte),
            (None, b'>') => self.totals = None,
            _ => {}
        }
        Ok(())
    }
}

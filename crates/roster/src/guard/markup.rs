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
}

impl Markup {
    pub(crate) fn look(&mut self, bytes: &[u8]) -> Result<(), RosterFault> {
        for byte in bytes {
            self.gap += 1;
            if *byte == b'<' {
                self.name = Some(Vec::with_capacity(NAME));
            } else if let Some(name) = &mut self.name {
                if name.len() < NAME && !matches!(byte, b' ' | b'>' | b'/' | b'\t' | b'\r' | b'\n' | b'[') {
                    name.push(*byte);
                } else {
                    self.tag()?;
                }
            }
        }
        if self.gap > GAP { Err(RosterFault::TooLargeInside) } else { Ok(()) }
    }

    fn tag(&mut self) -> Result<(), RosterFault> {
        let Some(name) = self.name.take() else { return Ok(()) };
        let name = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
        match name {
            b"c" | b"row" => self.gap = 0,
            b"si" => {
                self.gap = 0;
                self.texts += 1;
                if self.texts > TEXTS {
                    return Err(RosterFault::TooLargeInside);
                }
            }
            b"!DOCTYPE" | b"!ENTITY" => return Err(RosterFault::Damaged),
            _ => {}
        }
        Ok(())
    }
}

//! Files in the ISO base media format (ISO/IEC 14496-12): MP4, QuickTime, 3GP, HEIF and many more. Their type
//! is derived from their boxes; brands are too many to list, and every camera maker adds its own.

/// The type of a file in this format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IsoMedia {
    /// Video, with or without sound, in a variant of MP4.
    Video,
    /// QuickTime video.
    QuickTime,
    /// Audio only.
    Audio,
    /// A still image that browsers do not display: HEIC, HEIF.
    Heif,
    /// A still image in another coding: AVIF, raw camera images.
    Picture,
}

/// Brands of files whose main item is a still image (ISO/IEC 23008-12, AV1 Image File Format), and of raw
/// images, which are stored in tracks like video.
const PICTURES: [&[u8; 4]; 17] = [
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1",
    b"miaf", b"avif", b"avis", b"jpeg", b"jpgs", b"crx ",
];

/// Brands of images in a coding other than HEIC.
const NOT_HEIC: [&[u8; 4]; 5] = [b"avif", b"avis", b"jpeg", b"jpgs", b"crx "];

/// Brands of audio-only files, whose tracks are often at the end.
const SOUNDS: [&[u8; 4]; 4] = [b"M4A ", b"M4B ", b"M4P ", b"F4A "];

/// Maximum plausible size of the list of brands, in bytes.
const MAX_FILE_TYPE_BYTES: u64 = 4096;

impl IsoMedia {
    /// The type of a file with these first bytes; `None` if it is not in this format.
    pub(crate) fn of(start: &[u8]) -> Option<Self> {
        let mut boxes =
            Boxes(start).skip_while(|part| matches!(part.kind, b"wide" | b"skip" | b"free" | b"pnot"));
        let first = boxes.next()?;
        match first.kind {
            b"ftyp" => Some(Self::of_brands(&first.brands()?, boxes)),
            // QuickTime predates the list of brands.
            b"moov" | b"mdat" => Some(Self::QuickTime),
            _ => None,
        }
    }

    fn of_brands<'a>(brands: &[&'a [u8]], mut boxes: impl Iterator<Item = Part<'a>>) -> Self {
        let is_one_of = |brand: &[u8], list: &[&[u8; 4]]| list.iter().any(|other| other.as_slice() == brand);
        let major = brands.first().copied().unwrap_or_default();
        let content = boxes.find(|part| matches!(part.kind, b"meta" | b"moov" | b"moof" | b"mdat"));
        let description = content.filter(|part| part.kind == b"meta").and_then(|part| part.described());
        let describes_a_picture = description == Some(b"pict");
        if is_one_of(major, &PICTURES) || describes_a_picture {
            let is_other = brands.iter().any(|brand| is_one_of(brand, &NOT_HEIC));
            return if is_other { Self::Picture } else { Self::Heif };
        }
        let tracks = content.filter(|part| part.kind == b"moov" && part.is_whole);
        let handlers = tracks.map(|part| part.handlers()).unwrap_or_default();
        let has_sound_alone =
            handlers.contains(&b"soun".as_slice()) && !handlers.contains(&b"vide".as_slice());
        match major {
            _ if is_one_of(major, &SOUNDS) || has_sound_alone => Self::Audio,
            b"qt  " => Self::QuickTime,
            _ => Self::Video,
        }
    }
}

/// A box: its type, and the available part of its content.
#[derive(Debug, Clone, Copy)]
struct Part<'a> {
    kind: &'a [u8; 4],
    content: &'a [u8],
    is_whole: bool,
}

impl<'a> Part<'a> {
    /// The major and compatible brands, if the list has a plausible size.
    fn brands(&self) -> Option<Vec<&'a [u8]>> {
        let (major, rest) = self.content.split_at_checked(4)?;
        let is_text = major.iter().all(|byte| matches!(byte, 0 | b' '..=b'~'));
        let compatible = rest.get(4..)?.chunks_exact(4);
        is_text.then(|| std::iter::once(major).chain(compatible).collect())
    }

    /// The handler types of the boxes inside: `vide`, `soun`, `pict` …
    fn handlers(&self) -> Vec<&'a [u8]> {
        match self.kind {
            b"hdlr" => self.content.get(8..12).into_iter().collect(),
            b"moov" | b"trak" | b"mdia" => Boxes(self.content).flat_map(|part| part.handlers()).collect(),
            _ => Vec::new(),
        }
    }

    /// The content of a `meta` box, which begins with a version in ISO's format and without one in
    /// QuickTime's.
    fn described(&self) -> Option<&'a [u8]> {
        let handler = |skipped: usize| Boxes(self.content.get(skipped..)?).find(|part| part.kind == b"hdlr");
        handler(4).or_else(|| handler(0))?.content.get(8..12)
    }
}

/// The consecutive boxes from here on, the last of which may be truncated.
struct Boxes<'a>(&'a [u8]);

impl<'a> Iterator for Boxes<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let (size, rest) = self.0.split_first_chunk::<4>()?;
        let (kind, rest) = rest.split_first_chunk::<4>()?;
        let (length, rest) = match u32::from_be_bytes(*size) {
            // It extends to the end of the file.
            0 => (u64::MAX, rest),
            1 => {
                let (size, rest) = rest.split_first_chunk::<8>()?;
                (u64::from_be_bytes(*size).checked_sub(16)?, rest)
            }
            size => (u64::from(size).checked_sub(8)?, rest),
        };
        // Text with a box name at offset four would have an implausible length.
        let is_plausible = match kind {
            b"ftyp" => (8..=MAX_FILE_TYPE_BYTES).contains(&length),
            b"mdat" => true,
            _ => size[0] < b' ',
        };
        let known = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
        let (content, after) = rest.split_at(known);
        self.0 = after;
        let is_whole = u64::try_from(content.len()).is_ok_and(|known| known == length);
        is_plausible.then_some(Part { kind, content, is_whole })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(kind: &[u8], content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len() + 8).unwrap();
        [&size.to_be_bytes()[..], kind, content].concat()
    }

    fn file_type(brands: &[&[u8; 4]]) -> Vec<u8> {
        let (major, compatible) = brands.split_first().unwrap();
        let compatible: Vec<u8> = compatible.iter().flat_map(|brand| brand.to_vec()).collect();
        part(b"ftyp", &[&major[..], &[0; 4], &compatible].concat())
    }

    fn handler(kind: &[u8]) -> Vec<u8> {
        part(b"hdlr", &[&[0; 8][..], kind, &[0; 12]].concat())
    }

    fn tracks(kinds: &[&[u8; 4]]) -> Vec<u8> {
        let tracks = kinds.iter().flat_map(|kind| part(b"trak", &part(b"mdia", &handler(&kind[..]))));
        part(b"moov", &[part(b"mvhd", &[0; 100]), tracks.collect()].concat())
    }

    #[test]
    fn types_are_derived_from_boxes() {
        let picture = part(b"meta", &[vec![0; 4], handler(b"pict")].concat());
        for (file, kind) in [
            (file_type(&[b"iso8", b"mp41"]), IsoMedia::Video),
            (
                [file_type(&[b"XAVC"]), part(b"uuid", &[0; 148]), tracks(&[b"vide", b"soun"])].concat(),
                IsoMedia::Video,
            ),
            ([file_type(&[b"3gp6"]), part(b"mdat", &[0; 9000])].concat(), IsoMedia::Video),
            ([file_type(&[b"hvc1", b"mif1"]), tracks(&[b"vide"])].concat(), IsoMedia::Video),
            ([file_type(&[b"zzzz"]), part(b"moof", &[0; 8])].concat(), IsoMedia::Video),
            ([part(b"wide", &[]), file_type(&[b"mp42"])].concat(), IsoMedia::Video),
            (
                [part(b"free", &[0; 8]), part(b"skip", &[]), file_type(&[b"qt  "])].concat(),
                IsoMedia::QuickTime,
            ),
            ([part(b"wide", &[]), part(b"mdat", &[0; 20])].concat(), IsoMedia::QuickTime),
            (tracks(&[b"vide"]), IsoMedia::QuickTime),
            ([file_type(&[b"mp42"]), tracks(&[b"soun"])].concat(), IsoMedia::Audio),
            (file_type(&[b"M4A ", b"isom"]), IsoMedia::Audio),
            (file_type(&[b"heic", b"mif1"]), IsoMedia::Heif),
            ([file_type(&[b"mif1", b"heic"]), picture.clone()].concat(), IsoMedia::Heif),
            ([file_type(&[b"zzzz"]), picture.clone()].concat(), IsoMedia::Heif),
            ([file_type(&[b"mif1", b"avif"]), picture].concat(), IsoMedia::Picture),
            (file_type(&[b"avif", b"mif1"]), IsoMedia::Picture),
            ([file_type(&[b"crx ", b"isom"]), tracks(&[b"vide"])].concat(), IsoMedia::Picture),
        ] {
            assert_eq!(IsoMedia::of(&file), Some(kind), "{:?}", file.escape_ascii().to_string());
        }
        // The size may have 64 bits.
        let long = [&[0, 0, 0, 1][..], b"ftyp", &24_u64.to_be_bytes(), b"isom", &[0; 4]].concat();
        assert_eq!(IsoMedia::of(&long), Some(IsoMedia::Video));
    }

    #[test]
    fn other_files_are_not_mistaken_for_video() {
        for file in [
            &b""[..],
            b"ftyp",
            b"\x00\x00\x00\x08ftyp",
            b"\x00\x00\x00\x00ftypisom\x00\x00\x00\x00",
            b"\x7f\x00\x00\x14ftypisom\x00\x00\x00\x00isom",
            b"\x00\x00\x00\x14ftyp\x01\x02\x03\x04\x00\x00\x00\x00isom",
            b"<!--ftypisom--><script>alert(1)</script>",
            b"textmoov and more",
            b"\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\x14ftypjp2 \x00\x00\x00\x00jp2 ",
        ] {
            assert_eq!(IsoMedia::of(file), None, "{:?}", file.escape_ascii().to_string());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_accepted(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _kind: Option<IsoMedia> = IsoMedia::of(&bytes);
        }

        #[test]
        fn any_boxes_are_accepted(
            kinds in prop::collection::vec(prop::sample::select(vec![*b"meta", *b"moov", *b"trak", *b"mdia", *b"hdlr", *b"free"]), 0..40),
            size in any::<u8>(),
        ) {
            let boxes: Vec<u8> = kinds.iter().flat_map(|kind| [&[0, 0, 0, size][..], kind].concat()).collect();
            let _kind: Option<IsoMedia> = IsoMedia::of(&[file_type(&[b"isom"]), boxes].concat());
        }
    }
}

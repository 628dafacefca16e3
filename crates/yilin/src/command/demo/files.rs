//! Made-up files of the demo: pictures of a record and of a delivery, and a recording.

use png::{BitDepth, ColorType, Encoder, EncodingError};

const WIDTH: u32 = 480;
const HEIGHT: u32 = 360;

/// Paper, rules, ink and mark.
const PALETTE: [u8; 12] = [250, 249, 245, 214, 220, 222, 74, 86, 92, 10, 92, 96];

/// Samples per second of the recording.
const RATE: u32 = 8000;

/// A sheet with lines of writing and a curve, different for each number.
pub(super) fn record(number: u32) -> Result<Vec<u8>, EncodingError> {
    let height = |x: u32| 285 - (x * 7 + number * 41) % 60 - (x + number * 17) % 40;
    png(|x, y| match (x, y) {
        (40..440, 40..150) if is_writing(x, y - 40, number) => 2,
        (60..420, 180..300) if y.abs_diff(height(x / 24)) < 3 => 3,
        (60..420, 180..300) if (y - 180) % 24 == 0 || (x - 60) % 40 == 0 => 1,
        _ => 0,
    })
}

/// A parcel with a mark.
pub(super) fn delivery(number: u32) -> Result<Vec<u8>, EncodingError> {
    png(|x, y| match (x, y) {
        (140..340, 100..280) if !(144..336).contains(&x) || !(104..276).contains(&y) => 2,
        (228..252, 104..276) => 1,
        (160..220, 220..264) if is_writing(x, y - 220, number) => 2,
        (270..320, 130..180) if ring(x.abs_diff(295), y.abs_diff(155)) => 3,
        _ => 0,
    })
}

/// A second and a half of a quiet tone as WAV, which browsers play.
pub(super) fn recording(number: u32) -> Vec<u8> {
    let period = 18 + number % 9;
    let samples = (0..RATE * 3 / 2).map(|at| if at % period < period / 2 { 132 } else { 124 });
    let samples: Vec<u8> = samples.collect();
    let length = u32::try_from(samples.len()).unwrap_or_default();
    let mut wav = Vec::new();
    wav.extend(b"RIFF");
    wav.extend((36 + length).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    // 16 bytes that follow: PCM, one channel, rate, bytes per second, bytes and bits per sample.
    wav.extend(16_u32.to_le_bytes());
    wav.extend([1_u16, 1].into_iter().flat_map(u16::to_le_bytes));
    wav.extend([RATE, RATE].into_iter().flat_map(u32::to_le_bytes));
    wav.extend([1_u16, 8].into_iter().flat_map(u16::to_le_bytes));
    wav.extend(b"data");
    wav.extend(length.to_le_bytes());
    wav.extend(samples);
    wav
}

/// Words of different lengths, in lines.
fn is_writing(x: u32, y: u32, number: u32) -> bool {
    let (line, within) = (y / 22, y % 22);
    let word = (x / 30 + line * 5 + number) % 7;
    within < 8 && x % 30 < 12 + word * 2 && word != 3
}

fn ring(x: u32, y: u32) -> bool {
    (400..576).contains(&(x * x + y * y))
}

/// A picture whose points have these colours of the palette.
fn png(colour: impl Fn(u32, u32) -> u8) -> Result<Vec<u8>, EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, WIDTH, HEIGHT);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(PALETTE.to_vec());
    let mut writer = encoder.write_header()?;
    let points = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
    let points: Vec<u8> = points.map(|(x, y)| colour(x, y)).collect();
    writer.write_image_data(&points)?;
    writer.finish()?;
    Ok(bytes)
}

//! Files with bytes changed, removed or duplicated are either read or rejected.

use std::time::{Duration, Instant};

use yilin_domain::port::{Random as _, ReadRosterError};
use yilin_testkit::fakes::FakeRandom;

use crate::files::{Parts, header, inline, row};
use crate::{opendocument, rows};

/// Number of mutations, unless `YILIN_ROSTER_MUTATIONS` is set.
const MUTATIONS: usize = 20_000;
/// Longer than reading any of these small files may take.
const LONG: Duration = Duration::from_secs(180);

/// Changes some bytes, truncates the file, or repeats a section.
fn mutated(file: &[u8], random: &FakeRandom) -> Vec<u8> {
    let mut draw = [0; 8];
    let mut below = |bound: usize| {
        random.fill(&mut draw);
        usize::try_from(u64::from_be_bytes(draw) % u64::try_from(bound.max(1)).unwrap()).unwrap()
    };
    let mut bytes = file.to_vec();
    for _ in 0..=below(8) {
        let at = below(bytes.len());
        match below(6) {
            0 => bytes.truncate(at),
            1 => {
                let end = (at + below(64)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            2 => bytes[at..].iter_mut().take(4).for_each(|byte| *byte = 0xff),
            3 => bytes[at..].iter_mut().take(4).for_each(|byte| *byte = 0),
            _ => bytes[at] = u8::try_from(below(256)).unwrap(),
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

#[tokio::test]
async fn a_mutated_file_is_read_or_refused() {
    let number = std::env::var("YILIN_ROSTER_MUTATIONS").map_or(MUTATIONS, |number| number.parse().unwrap());
    let data = header()
        + &row(2, "<c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"B2\" s=\"3\"><f>A1</f><v>13800000001</v></c>")
        + &row(3, &inline("A3", "李娜"));
    // Parts are mutated too: inside the archive they are compressed and checksummed.
    let parts = Parts::of_merged_sheet(&data, "A3:B4").shared("<si><t>张伟</t></si>").styled(&[
        "0000000",
        "yyyy-mm-dd",
        "[Red]#,##0.0#;(0)",
    ]);
    let gbk = encoding_rs::GBK.encode("姓名,电话\n\"张\"\"伟\",13800000001\n李娜,2\n").0.into_owned();
    let old: &[u8] = include_bytes!("../data/roster.xls");
    let whole = parts.zipped();
    let open_document = opendocument::sheet(
        &(opendocument::header()
            + &opendocument::line(
                &(opendocument::text("张<text:s/>伟")
                    + "<table:table-cell table:number-rows-spanned=\"2\" table:number-columns-repeated=\"3\" \
                       office:value-type=\"float\" office:value=\"13800000001\"/>"),
            )),
    );
    let random = FakeRandom::new(20);
    for seed in 0..number {
        let bytes = match seed % 7 {
            0 => mutated(&gbk, &random),
            1 | 2 => mutated(old, &random),
            3 => mutated(&whole, &random),
            kind => {
                let mut parts = Parts(if kind < 6 { parts.0.clone() } else { open_document.0.clone() });
                let part = 1 + (seed / 7) % (parts.0.len() - 1);
                parts.0[part].1 = mutated(&parts.0[part].1, &random);
                parts.zipped()
            }
        };
        let began = Instant::now();
        match rows(&bytes).await {
            Ok(_) | Err(ReadRosterError::Fault(_)) => {}
            Err(other) => panic!("mutation {seed}: {other:?}"),
        }
        assert!(began.elapsed() < LONG, "mutation {seed} took {:?}", began.elapsed());
    }
}

//! Streaming computation of `UnixFS` CIDs.

use ipld_core::cid::{Cid, Version};
use rust_unixfs::file::adder::{BalancedCollector, Chunker, FileAdder};
use yilin_domain::file::ContentId;
use yilin_domain::validation::FieldProblem;

/// Kubo's default chunk size in bytes (`ipfs add --chunker=size-262144`).
const CHUNK_BYTES: usize = 262_144;

/// Kubo's default number of links per node of a balanced tree.
const LINKS_PER_NODE: usize = 174;

/// Computes, as the bytes arrive, the CID that `ipfs add` prints with Kubo's defaults: version 0, chunks of
/// 256 KiB in dag-pb leaves, in a balanced tree of 174 links per node.
///
/// Holds one chunk and the links of one path through the tree, whatever the size of the file.
#[derive(Debug)]
pub struct CidHasher {
    adder: FileAdder,
    root: Option<Cid>,
}

impl CidHasher {
    /// A hasher without input.
    pub fn new() -> Self {
        let adder = FileAdder::builder()
            .with_cid_version(Version::V0)
            .with_raw_leaves(false)
            .with_chunker(Chunker::Size(CHUNK_BYTES))
            .with_collector(BalancedCollector::with_branching_factor(LINKS_PER_NODE))
            .build();
        Self { adder, root: None }
    }

    /// Adds bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (blocks, consumed) = self.adder.push(bytes);
            // The last block emitted, here or at the end, is the root of the tree.
            if let Some((cid, _)) = blocks.last() {
                self.root = Some(cid);
            }
            bytes = bytes.get(consumed..).unwrap_or_default();
        }
    }

    /// The CID of all bytes added.
    pub fn finish(self) -> Result<ContentId, FieldProblem> {
        let root = self.adder.finish().last().map(|(cid, _)| cid).or(self.root);
        root.map_or(Err(FieldProblem::NotAFile), |cid| ContentId::parse(&cid.to_string()))
    }
}

impl Default for CidHasher {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed by `ipfs add -Q` of Kubo 0.44 with its defaults, around the boundaries of chunk and fan-out.
    /// Byte i of the content is (31 × i + ⌊i ÷ 251⌋) mod 256.
    const PRINTED_BY_KUBO: [(u64, &str); 22] = [
        (0, "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"),
        (1, "QmS9JArPwa55ePgDnyg6TzX24mYTS1b1vLqWNebyVotKxQ"),
        (2, "Qmf5hPhQL83e974A17SpyGTgQCtRALwQQSdrC1PS3AnEpV"),
        (255, "QmTwMLhMiA8jE54CYuVefXXew1ZTdMA5BCCVLH19MNm99r"),
        (4_096, "QmeM5etvu5ouWbfCisdAS9zvKkxb1psa4rMCviiD5W1LbX"),
        (65_536, "QmTLtL2uWVE2gVLRo2gLov1nD5rQfUZYppfXG8GyGoELgn"),
        (262_143, "QmQ4GP9hpzE3sZNgnjKxgvBkDiibYFaWe2sNuY1GS9YRpG"),
        (262_144, "QmTz9WKK5UQ9PUfNGBZn9gZ9FTpGjbFMMFDQyGv3A62kyj"),
        (262_145, "QmcN5qRDtjEBHgLSn8FpRT9WFG58kf6sRFhj3QdrUX95mL"),
        (300_000, "QmdDgr6Dv4eKtRXrD4JJCdQarEdjDBEQSFyJAKynk44MRD"),
        (524_287, "Qmc5Dt6ekwov1st4FKB2WbHAvsMC9YBQkZ9BmAbS7aqsr3"),
        (524_288, "QmWSBRFdzYXTgqqGZ6qiEz7tT4QDDBWt4H3qxkSjY1ebDV"),
        (524_289, "QmdArdBQxGv2xguhBvZAovYww63M27ysMz7nPDMHDqnkam"),
        (786_432, "QmeRXmzfW82wkx3qrPHySM8ZKPS1obVCRSqkj8QY2h7fBB"),
        (1_048_576, "QmSZVeCHyYoXydtdW3hvZe4jsQcRsL73WNkpm4f9ctcU8k"),
        (10_485_760, "QmTWX37hhPjCdXe9pLE3PR81iFZZFCc1gSRAmG2L3TSyr8"),
        (45_613_055, "QmXVSJ5CETT7ZEcqYzxPB3h15vHRR2PVAn1B4ecpt55pFs"),
        (45_613_056, "QmYPWLQH3YVRnk4dtACuZ8rozRAs9DYTakvNr9PB2zRXjK"),
        (45_613_057, "QmXW6cFa6RCdXRm65CczkLBYN1cxkE8hicNr3zsvnX9mUU"),
        (45_875_200, "QmaDuMqmfsRmtDBVaMCefKqMPHJWPUpb3DH9RuTidSr4E5"),
        (91_226_112, "QmNQ3kn75DmoA4evMYVTNZba6JTvXJBH1y7iJuXWSRfsCh"),
        (134_217_729, "QmbMcjZ4mkG3R95yybCjzjMFgMGebWjH827UgnhRAYWoXh"),
    ];

    #[test]
    fn cids_match_kubo() {
        for (size, expected) in PRINTED_BY_KUBO {
            let mut hasher = CidHasher::new();
            // Odd-sized pieces, so that they never end on a chunk boundary.
            let mut sent = 0;
            while sent < size {
                let end = (sent + 100_003).min(size);
                let piece: Vec<u8> =
                    (sent..end).map(|i| u8::try_from((31 * i + i / 251) % 256).unwrap()).collect();
                hasher.update(&piece);
                sent = end;
            }
            assert_eq!(hasher.finish().unwrap().as_str(), expected, "{size} bytes");
        }
    }
}

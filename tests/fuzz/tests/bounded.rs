//! The bounded slice: each target's corpus, what was found before among it, and changed copies of it.

use std::path::{Path, PathBuf};

use fuzz::TARGETS;

/// Changed copies of the corpus for each target.
const COPIES: usize = 1500;

/// What is put into copies: what has meaning somewhere.
const WORDS: &[&str] = &[
    "'",
    "\\",
    "\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "0",
    "1e308",
    "99999999999999999999",
    "\u{0}",
    "\u{202e}",
    "é",
    "🧹",
    "%",
    "%00",
    "&",
    "=",
    "+",
    "<script>fuzz",
    "\n",
    "\r\n",
    "2026-13-01",
    "0000-00-00",
    "NaN",
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| entries.map(|entry| entry.expect("a file").path()).collect())
        .unwrap_or_default();
    files.sort();
    files
}

/// What a target begins with.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = files(&root.join("corpus").join(name));
    if name == "messages" {
        paths.extend(files(&root.join("../fixtures/messages/accepted")));
        paths.extend(files(&root.join("../fixtures/messages/refused")));
    }
    paths
        .iter()
        .map(|path| std::fs::read(path).expect("a file"))
        .collect()
}

/// A small generator: the same copies each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % end.max(1)
    }
}

fn changed(original: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut copy = original.to_vec();
    for _ in 0..=chance.below(4) {
        let (from, to) = (chance.below(copy.len() + 1), chance.below(copy.len() + 1));
        let range = from.min(to)..from.max(to);
        let word = WORDS[chance.below(WORDS.len())].as_bytes();
        match chance.below(6) {
            0 if !copy.is_empty() => {
                let at = chance.below(copy.len());
                copy[at] ^= 1 << chance.below(8);
            }
            1 => drop(copy.splice(from..from, word.iter().copied())),
            2 => drop(copy.splice(
                range.start..(range.start + 3).min(copy.len()),
                word.iter().copied(),
            )),
            3 => drop(copy.drain(range.start..(range.start + 12).min(copy.len()))),
            4 => {
                let part =
                    copy[range.start..(range.start + 40).min(range.end.max(range.start))].to_vec();
                copy.splice(from..from, part);
            }
            _ => {
                let at = chance.below(other.len() + 1);
                copy.splice(
                    from..from,
                    other[at..(at + 30).min(other.len())].iter().copied(),
                );
            }
        }
    }
    copy
}

#[test]
fn nothing_from_outside_ends_in_a_panic() {
    for (name, target) in TARGETS {
        let corpus = corpus(name);
        assert!(!corpus.is_empty(), "{name} begins with nothing");
        for bytes in &corpus {
            target(bytes);
        }
        let mut chance = Chance(7);
        for _ in 0..COPIES {
            let original = &corpus[chance.below(corpus.len())];
            let other = &corpus[chance.below(corpus.len())];
            target(&changed(original, other, &mut chance));
        }
    }
}

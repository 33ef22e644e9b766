//! Randomness from one seed, so that a run can be repeated to the byte.

/// A source of pseudo-random numbers (SplitMix64). Good for names of tokens, not for secrets that must hold.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A source that gives the same numbers for the same seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// So many characters out of lower-case letters and digits.
    pub fn word(&mut self, length: usize) -> String {
        const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        (0..length)
            .map(|_| char::from(ALPHABET[usize::try_from(self.number() % 36).unwrap_or(0)]))
            .collect()
    }

    /// A trace id as Intuit's `intuit_tid` header carries it.
    pub fn trace_id(&mut self) -> String {
        format!(
            "1-{:08x}-{:024x}",
            self.number() & 0xffff_ffff,
            self.number()
        )
    }
}

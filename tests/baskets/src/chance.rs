//! Chance that a seed repeats.

/// A stream of numbers: the same for the same seed.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, any of them (SplitMix64).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `from` to `to`, both included.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let span = to.abs_diff(from) + 1;
        from + i64::try_from(self.next() % span).expect("a span of whole numbers fits")
    }

    /// True in so many cases of a hundred.
    pub fn percent(&mut self, of_a_hundred: i64) -> bool {
        self.between(1, 100) <= of_a_hundred
    }

    /// One of these.
    ///
    /// # Panics
    ///
    /// Where there is none.
    pub fn one_of<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        let at = self.next() % things.len() as u64;
        &things[usize::try_from(at).expect("an index")]
    }

    /// Puts things into any order.
    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for at in (1..things.len()).rev() {
            let other = self.between(0, at as i64);
            things.swap(at, usize::try_from(other).expect("an index"));
        }
    }
}

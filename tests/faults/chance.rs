//! Chance that can be repeated: `LAMPLIGHT_FAULT_SEED` gives the seed, which every test prints.

/// SplitMix64.
pub struct Chance(u64);

impl Chance {
    /// The seed of this run, varied by the name of the test.
    pub fn of(test: &str) -> Self {
        let given = std::env::var_os("LAMPLIGHT_FAULT_SEED").and_then(|seed| seed.to_str()?.parse().ok());
        let seed: u64 = given.unwrap_or(20_261_123);
        crate::postgres::say_aloud(&format!("{test}: LAMPLIGHT_FAULT_SEED={seed}"));
        Self(test.bytes().fold(seed, |sum, byte| sum.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte)))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `below`, which it never is.
    pub fn below(&mut self, below: usize) -> usize {
        usize::try_from(self.next() % below as u64).unwrap()
    }

    pub fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }

    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

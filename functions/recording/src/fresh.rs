//! Fresh values from random bytes.

/// A name for an attempt, which nobody else has.
#[must_use]
pub fn name(random: [u8; 16]) -> String {
    data_encoding::HEXLOWER.encode(&random)
}

/// A nonce for sealing, used once.
pub(crate) fn nonce(random: [u8; 16]) -> [u8; 12] {
    let [nonce @ .., _, _, _, _] = random;
    nonce
}

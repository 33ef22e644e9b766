//! Fresh values from random bytes.

/// A name for an attempt, which nobody else has.
#[must_use]
pub fn name(random: [u8; 16]) -> String {
    data_encoding::HEXLOWER.encode(&random)
}

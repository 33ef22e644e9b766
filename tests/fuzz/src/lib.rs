//! Everything that comes from outside, made worse than anybody would.
//!
//! A target takes any bytes and must end: in a value or in a refusal, never in a panic, and with what its comment promises.
//! `cargo test -p fuzz` gives each its corpus and some thousand changed copies of it; `make fuzz MINUTES=10` gives each to
//! libFuzzer, which is led by what the bytes reach. What was found is in `corpus/TARGET/found-*`, and so is a test.

mod targets;

/// What a target does with bytes.
pub type Target = fn(&[u8]);

/// The targets, by their names.
pub const TARGETS: &[(&str, Target)] = &[
    ("messages", targets::messages::take),
    ("launches", targets::launches::take),
    ("browsers", targets::browsers::take),
    ("quickbooks", targets::intuit::quickbooks),
    ("tokens", targets::intuit::tokens),
    ("queries", targets::queries::take),
    ("mail-events", targets::mail_events::take),
];

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, target)| *target)
}

//! libFuzzer's entry. `FUZZ_TARGET` names the target.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<fuzz::Target> = LazyLock::new(|| {
    #[allow(
        clippy::disallowed_methods,
        reason = "the target is named by whoever starts this"
    )]
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
    fuzz::target(&name).expect("a target of that name")
});

fuzz_target!(|bytes: &[u8]| TARGET(bytes));

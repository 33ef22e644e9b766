//! Messages of the health queue: the mail service's events among them.

use simulation::world::{Outside, SimulatedWorld};
use token_health::batch::work;

thread_local! {
    static OUTSIDE: Outside = Outside::new(1);
}

/// Each is taken or comes back; none ends the process.
pub fn take(bytes: &[u8]) {
    OUTSIDE.with(|outside| {
        let world = SimulatedWorld::new(outside);
        let bodies = [String::from_utf8_lossy(bytes).into_owned()];
        let done = outside.waits.clock.run(work(&world, &bodies), || false);
        assert_eq!(done.map(|done| done.len()), Some(1));
    });
}

//! Virtual time, and the executor that moves it.
//!
//! Time stands still while anything can go on, and jumps to the next timer when nothing can.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use jiff::Timestamp;

/// A clock that is moved by the executor alone.
pub struct Clock {
    now_us: Cell<u64>,
    // By due time, then by when it was set: two timers due at once fire in the order they were set.
    timers: RefCell<BTreeMap<(u64, u64), Waker>>,
    timers_set: Cell<u64>,
}

/// When every run begins.
const BEGINNING: i64 = 1_795_000_000;

impl Clock {
    /// A clock at the beginning.
    #[must_use]
    pub fn new() -> Self {
        Self {
            now_us: Cell::new(0),
            timers: RefCell::default(),
            timers_set: Cell::new(0),
        }
    }

    /// Time since the beginning.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Duration::from_micros(self.now_us.get())
    }

    /// The wall clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_second(BEGINNING).expect("a fixed instant") + self.elapsed()
    }

    /// Moves the clock while nothing runs.
    pub fn advance(&self, by: Duration) {
        self.now_us.set(self.now_us.get() + micros(by));
    }

    /// Waits.
    pub fn sleep(&self, duration: Duration) -> Sleep<'_> {
        Sleep {
            clock: self,
            due_us: self.now_us.get() + micros(duration),
            set: None,
        }
    }

    /// Runs a future to its end, or until `died` says that its process is dead; then it is dropped where it stands.
    pub fn run<F: Future>(&self, future: F, died: impl Fn() -> bool) -> Option<F::Output> {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return Some(output);
            }
            if died() {
                self.timers.borrow_mut().clear();
                return None;
            }
            let next = self.timers.borrow_mut().pop_first();
            let ((due_us, _), waker) =
                next.expect("a handler waits for something that never comes");
            self.now_us.set(self.now_us.get().max(due_us));
            waker.wake();
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).expect("a run is shorter than 500,000 years")
}

/// A wait on the clock.
pub struct Sleep<'a> {
    clock: &'a Clock,
    due_us: u64,
    set: Option<u64>,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.clock.now_us.get() >= self.due_us {
            return Poll::Ready(());
        }
        let (clock, due_us) = (self.clock, self.due_us);
        let set = *self.set.get_or_insert_with(|| {
            let set = clock.timers_set.get();
            clock.timers_set.set(set + 1);
            set
        });
        clock
            .timers
            .borrow_mut()
            .insert((due_us, set), context.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_moves_only_when_everybody_waits() {
        let clock = Clock::new();
        let order = RefCell::new(Vec::new());
        let wait = |name: &'static str, seconds: u64| {
            let (clock, order) = (&clock, &order);
            async move {
                clock.sleep(Duration::from_secs(seconds)).await;
                order.borrow_mut().push((name, clock.elapsed().as_secs()));
            }
        };
        let both = futures::future::join(wait("late", 3600), wait("early", 1));
        assert!(clock.run(both, || false).is_some());
        assert_eq!(*order.borrow(), [("early", 1), ("late", 3600)]);
    }
}

//! A process that may die.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use crate::fate::Fate;

/// Work of a process that may die: then it is dropped where it stands, with all it remembers, and gives `None`.
pub struct Mortal<F> {
    inner: Option<Pin<Box<F>>>,
    fate: Rc<Fate>,
}

impl<F> Mortal<F> {
    /// Work under a fate.
    pub fn new(fate: Rc<Fate>, work: F) -> Self {
        Self {
            inner: Some(Box::pin(work)),
            fate,
        }
    }
}

impl<F: Future> Future for Mortal<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(inner) = self.inner.as_mut() else {
            return Poll::Ready(None);
        };
        let polled = inner.as_mut().poll(context);
        if self.fate.is_dead() {
            self.inner = None;
            return Poll::Ready(None);
        }
        polled.map(Some)
    }
}

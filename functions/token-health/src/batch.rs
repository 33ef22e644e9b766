//! A batch of the health queue's messages: looks that were sent for, and events of the mail service.

use bookkeeping::ids::MerchantId;
use common::store::StoreError;
use common::world::World;
use serde::Deserialize;

use crate::events;
use crate::look::look;

/// Whose connection is to be looked at: the body of a message in the health queue.
#[derive(Deserialize)]
struct SentFor {
    merchant: MerchantId,
}

/// Works messages off. Gives, in order, which are done; the others come back.
pub async fn work<W: World>(world: &W, bodies: &[String]) -> Vec<bool> {
    let mut done = Vec::with_capacity(bodies.len());
    for body in bodies {
        let worked = message(world, body).await;
        if let Err(error) = &worked {
            tracing::error!(error = %error, "a message comes back");
        }
        done.push(worked.is_ok());
    }
    done
}

async fn message<W: World>(world: &W, body: &str) -> Result<(), StoreError> {
    match serde_json::from_str(body) {
        Ok(SentFor { merchant }) => look(world, &merchant).await,
        // What is none of ours is let go: nothing would become of it by coming back.
        Err(_) => events::take(world, body).await.map(|_| ()),
    }
}

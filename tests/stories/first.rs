//! What falls to whichever function comes first: each of them can do it alone.

use aws_sdk_secretsmanager::Client as Secrets;
use bookkeeping::connection::ConnectionState;
use bookkeeping::ids::MerchantId;
use common::secrets::{SecretsManager, Stage, Vault};
use common::store::{Connections, Epochs, Healths, Tokens, Untold};
use common::world::World;
use futures::future::join_all;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::bench::{Bench, now, payment, until};

/// A function that needs a connection without anybody at the page.
#[derive(Clone, Copy)]
enum First {
    Sync,
    Drain,
    Health,
}

const ALL: [First; 3] = [First::Sync, First::Drain, First::Health];

impl First {
    /// Has this function, and no other, be the one who finds that the token has ended.
    async fn finds_its_token_over(self, bench: &Bench, payment_id: &str) {
        match self {
            Self::Sync => {}
            // The first request is the live one.
            Self::Drain => bench.trouble("throttle", "salesreceipt.create", 1).await,
            Self::Health => return look(bench, true).await,
        }
        let create = "salesreceipt.create";
        bench.trouble("token_expired", create, 1).await;
        bench.send(payment(payment_id)).await;
    }

    /// Has this function open the connection.
    async fn opens(self, bench: &Bench) {
        match self {
            Self::Sync => bench.send(payment("pay_0009")).await,
            // It comes back for what waits.
            Self::Drain => {}
            Self::Health => look(bench, false).await,
        }
    }
}

/// Has the connection looked after, and refreshed by that.
async fn look(bench: &Bench, is_check_due: bool) {
    let (store, merchant) = (bench.store().await, merchant(bench));
    until("a check to be due", async || {
        let mut health = store.health(&merchant).await.ok()?;
        if is_check_due {
            (health.epoch, health.check_at) = (1, Some(Timestamp::UNIX_EPOCH));
        }
        let kept = store.keep_health(&merchant, &health, None).await.ok()?;
        kept.then_some(())
    })
    .await;
    bench.world().send_for(&[merchant]).await;
}

fn merchant(bench: &Bench) -> MerchantId {
    MerchantId::parse(&bench.merchant).expect("an id")
}

// R23, R24: and the second copy with it; what is renewed while it is given back is kept nowhere
#[tokio::test]
async fn whoever_finds_a_token_refused_renews_it_and_keeps_nothing_of_what_was_given_back() {
    join_all(ALL.map(async |first| {
        let bench = Bench::start().await;
        let (store, merchant) = (bench.store().await, merchant(&bench));
        let prefix = "quickbooks/refresh-token/".to_owned();
        let secrets = SecretsManager::new(Secrets::new(&bench.sdk()), String::new(), prefix, String::new());
        let copy = async || secrets.kept(&merchant, 1, Stage::Current).await.ok();

        first.finds_its_token_over(&bench, "pay_0001").await;
        until("the tokens to be renewed", async || {
            let row = store.tokens(&merchant, 1).await.ok()??;
            (row.generation > 0 && row.in_secret.is_some()).then_some(())
        })
        .await;
        assert!(copy().await.expect("a vault").is_some(), "no second copy");
        if !matches!(first, First::Health) {
            bench.comes_through("pay_0001").await;
        }

        let slow = json!({"kind": "delay", "realm": bench.realm, "operation": "oauth.refresh", "times": 1, "seconds": 3});
        bench.control("trouble", &slow).await;
        first.finds_its_token_over(&bench, "pay_0002").await;
        until("the tokens to be renewed again", async || {
            let row = store.tokens(&merchant, 1).await.ok()??;
            row.lease.is_some().then_some(())
        })
        .await;
        // As if whoever gave the company back had stopped before the copy was gone.
        let erased = store.erase_tokens(&merchant, Epochs::One(1)).await;
        assert_eq!(erased.expect("a store").len(), 1);
        until("the second copy to be gone", async || {
            copy().await?.is_none().then_some(())
        })
        .await;
        assert_eq!(store.tokens(&merchant, 1).await, Ok(None));
    }))
    .await;
}

// R24: nothing that was decided of a connection stays untold
#[tokio::test]
async fn whoever_opens_a_connection_carries_out_what_was_decided_of_it_and_not_told() {
    join_all(ALL.map(async |first| {
        let bench = Bench::start().await;
        let (store, merchant) = (bench.store().await, merchant(&bench));
        if matches!(first, First::Drain) {
            bench.trouble("throttle", "salesreceipt.create", 0).await;
            bench.send(payment("pay_0001")).await;
            bench.stopped("pay_0001", "waiting", "throttled").await;
        }
        let decided = Untold {
            state: ConnectionState::Paused,
            at: now(),
        };
        let noted = store.note_untold(&merchant, 1, None, &decided).await;
        assert_eq!(noted, Ok(true));
        first.opens(&bench).await;
        bench
            .connection_changed(|changed| changed["state"] == "paused")
            .await;
        let opening = store.opening(&merchant).await.expect("a store");
        let state = opening.connection.expect("connected").state;
        assert_eq!(state, ConnectionState::Paused);
    }))
    .await;
}

// R10, R11: the choice is in the history, as if it had been shown by a payment that came straight through
#[tokio::test]
async fn a_tax_first_shown_by_what_waited_is_mapped_at_once_all_the_same() {
    let bench = Bench::start().await;
    bench.trouble("throttle", "salesreceipt.create", 0).await;
    bench.send(payment("pay_0001")).await;
    bench.stopped("pay_0001", "waiting", "throttled").await;
    let mut other = payment("pay_0002");
    other["payment"]["amount"] = json!("94.55");
    let lines = other["payment"]["lines"].as_array_mut().expect("lines");
    lines[0]["taxes"] = json!([{"id": "tax_tps", "name": "TPS", "rate": "5", "amount": "4.00"}]);
    bench.send(other).await;
    bench
        .lists("", &["payment#pay_0001", "payment#pay_0002"])
        .await;
    bench.calm().await;
    bench.comes_through("pay_0001").await;
    bench.comes_through("pay_0002").await;
    let receipts = bench.receipts().await;
    let tax = |receipt: &Value| receipt["TxnTaxDetail"]["TotalTax"].to_string();
    let mut taxes: Vec<String> = receipts.iter().map(tax).collect();
    taxes.sort_unstable();
    assert_eq!(taxes, ["11.98", "4"]);
    let history = bench.store().await.history(&merchant(&bench), 10).await;
    let history = serde_json::to_string(&history.expect("a store")).expect("JSON");
    assert!(history.contains("tax_tps"), "{history}");
}

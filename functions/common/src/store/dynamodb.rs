//! The store that ships: four DynamoDB tables.
//!
//! | table | partition key | sort key | holds |
//! |---|---|---|---|
//! | Connections | merchant | `connection` | [`Connection`](bookkeeping::connection::Connection) as JSON |
//! | | merchant | `merchant` | what is known of the merchant |
//! | | `company#id` | `owner` | whose company it is |
//! | | `launch#id`, `attempt#hash` | `once` | a launch token used, an attempt to connect; gone by themselves |
//! | Tokens | merchant | `token` | tokens, sealed; each epoch of the connection apart |
//! | Ledger | merchant | `payment#id`, `refund#id` | one transaction |
//! | | merchant | `refunds#payment` | what the refunds of one payment took |
//! | | merchant | `message#id` | a message that could not be read |
//! | | merchant | `lot` | the merchant's lot: whether it is armed, and whose turn it is |
//! | | merchant | `health` | how the connection does, its incidents and their mails |
//! | | `health#token-endpoint` | `hour#…` | what checks came to in an hour |
//! | | `breaker#service` | `breaker`, `calls#…` | whether it is down for everyone, and what calls to it came to lately |
//! | Links | merchant | `customer#company` | one customer link |
//! | | `merchant#changes`, `merchant#awaiting` | customer | a changed profile that waits for QuickBooks, for a first payment |
//! | | `merchant#erasures`, `merchant#erased` | customer | who is looked for once more, who was erased lately |
//! | | `merchant#company#records`, `merchant#company#doors` | record, hash | whose profile a record has, who looks for whom |
//! | | `forgotten#hash` | `once` | a merchant who was forgotten lately |
//!
//! The ledger's index `activity` (merchant, `listed`) lists transactions newest first; its index `lot` lists what
//! waits (`merchant`), what needs the operator (`merchant#held`), what needs a developer (`merchant#failed`) and what a
//! later version carries out (`merchant#kept`); its index `due` lists lots by when the drain looks at them next, and connections by when
//! their health is looked at.

use aws_sdk_dynamodb::Client;

use crate::config::Tables;

mod activity;
mod breakers;
mod changes;
mod connections;
mod doors;
mod forgotten;
mod healths;
mod item;
mod kept;
mod ledger;
mod link_row;
mod links;
mod lot;
mod onboarding;
mod refunds;
mod release;
mod tokens;
mod update;
mod walk;

pub use changes::change_keys;
pub use forgotten::is_of_forgotten;
pub use item::Item;
pub use kept::is_of_erasures;
pub use link_row::link_key;
pub use lot::transaction_key;

/// DynamoDB.
pub struct DynamoDb {
    client: Client,
    tables: Tables,
}

impl DynamoDb {
    /// A store over these tables.
    #[must_use]
    pub fn new(client: Client, tables: Tables) -> Self {
        Self { client, tables }
    }
}

//! What is missing in QuickBooks: an item or an account that has no counterpart there, created on one click.

use bookkeeping::company::{Account, Item};
use bookkeeping::connection::Connection;
use bookkeeping::defaults::Posting;
use bookkeeping::defaults::{Creates, Proposal, Purpose, fresh};
use bookkeeping::ids::ItemId;
use bookkeeping::settings::Settings;
use bookkeeping::transaction::Language;
use common::locales::say;
use common::web::session::Session;
use common::web::{Request, Response};
use common::world::World;
use jiff::Timestamp;
use quickbooks::{Fault, FaultClass};
use recording::Recorder;
use recording::send::client;
use recording::stop::Again;

use super::CHOICES_FREE;
use crate::change::{Changed, change, done, drawn_for};
use crate::routes::{form_stale, opened};
use crate::stopped::unwritten;

/// Something that can be created.
pub(super) struct Missing {
    pub purpose: &'static str,
    pub says: String,
}

/// What can be created for what is not chosen.
pub(super) fn missing(connection: &Connection, now: Timestamp, language: Language) -> Vec<Missing> {
    let words = |proposal: &Proposal| {
        let name = match &proposal.creates {
            Creates::Account(account) => account.name,
            Creates::Item(item) => item.name,
        };
        let purpose = proposal.purpose.as_str();
        Missing {
            purpose,
            says: say(
                language,
                &format!("missing-{}", purpose.replace('_', "-")),
                None,
                &[("name", name)],
            ),
        }
    };
    proposals(connection, now).iter().map(words).collect()
}

fn proposals(connection: &Connection, now: Timestamp) -> Vec<Proposal> {
    let mut company = connection.company.clone();
    company.languages = vec![connection.language()];
    let home = company.home_currency;
    let proposals = fresh(&company, home, &connection.time_zone(), now).proposals;
    let is_open = |proposal: &Proposal| is_open(proposal.purpose, connection);
    proposals.into_iter().filter(is_open).collect()
}

/// Whether nothing is chosen for it.
fn is_open(purpose: Purpose, connection: &Connection) -> bool {
    let (items, deposits) = (&connection.settings.items, &connection.settings.deposits);
    match purpose {
        Purpose::Clearing => !deposits
            .clearing
            .contains_key(&connection.company.home_currency),
        Purpose::UndepositedFunds => deposits.undeposited_funds.is_none(),
        Purpose::Services => items.fallback.is_none(),
        Purpose::Products => items.product.is_none(),
        Purpose::Fees => items.fee.is_none(),
        Purpose::Tips => items.tip.is_none(),
        Purpose::GiftCards => items.gift_card.is_none(),
        Purpose::Deposits => items.deposit.is_none(),
        Purpose::Rounding => items.rounding.is_none(),
        Purpose::Discounts => items.discount.is_none(),
        Purpose::Taxes => items.tax.is_none(),
    }
}

/// What was created or found there by its name.
enum Made {
    Account(Account),
    Item(Item, Option<Account>),
}

/// `POST /quickbooks/settings/create`: creates what a proposal says, under its name, or takes what has that name already; and
/// chooses it.
///
/// May be pressed again: what was created is found by its name. If we stop before it is chosen, it stands in QuickBooks
/// unused until then.
///
/// # Errors
///
/// [`Again`] where the store is not to be had.
pub async fn create<W: World>(
    recorder: &Recorder<W>,
    session: &Session,
    request: &Request,
) -> Result<Response, Again> {
    let world = &recorder.world;
    let merchant = &session.merchant;
    recorder.remembered.forget(merchant);
    let closed = "/quickbooks/settings?undone=closed";
    let access = match opened(recorder, session, closed).await? {
        Ok(access) => access,
        Err(page) => return Ok(page),
    };
    let wanted = request.form("purpose");
    let proposals = proposals(&access.connection, world.now());
    let proposal = proposals
        .into_iter()
        .find(|one| Some(one.purpose.as_str()) == wanted)
        .filter(|_| drawn_for(&access.connection, request).is_some());
    let Some(proposal) = proposal else {
        return Ok(form_stale(world, session, request));
    };
    let realm = &access.connection.company.realm;
    let click = session.id.as_str();
    let client = client(recorder, &access);
    let turn = async || recorder.pace.turn(world, realm).await;
    let made = async {
        Ok::<Made, Fault>(match &proposal.creates {
            Creates::Account(account) => {
                Made::Account(client.account_named(account, click, turn).await?)
            }
            Creates::Item(item) => {
                let (account, id) = match &item.posts_to {
                    Posting::Existing(id) => (None, id.clone()),
                    Posting::New(account) => {
                        let account = client.account_named(account, click, turn).await?;
                        let id = account.id.clone();
                        (Some(account), id)
                    }
                };
                Made::Item(
                    client.item_named(item.name, &id, click, turn).await?,
                    account,
                )
            }
        })
    };
    let made = match made.await {
        Ok(made) => made,
        Err(fault) => {
            tracing::warn!(merchant.id = %merchant, quickbooks.status = fault.status, quickbooks.code = fault.code, "what is missing could not be created ({:?})", fault.class);
            let undone = match fault.class {
                FaultClass::NameTaken | FaultClass::Refused => "undone=create".to_owned(),
                _ => unwritten(world, &fault),
            };
            return Ok(Response::redirect(&format!(
                "/quickbooks/settings?{undone}"
            )));
        }
    };
    let epoch = access.connection.epoch;
    let make = |connection: &Connection| {
        (connection.epoch == epoch).then(|| with(connection, proposal.purpose, &made))
    };
    Ok(Response::redirect(
        &match change(world, session, make, &CHOICES_FREE).await? {
            Changed::Done(freed) => {
                format!("/quickbooks/settings?{}", done(freed, "created", "chosen"))
            }
            Changed::NotConnected | Changed::NotPossible => closed.to_owned(),
        },
    ))
}

/// The connection with what was made in its lists, and chosen.
fn with(connection: &Connection, purpose: Purpose, made: &Made) -> Connection {
    let mut connection = connection.clone();
    let home = connection.company.home_currency;
    let company = &mut connection.company;
    let mut list = |account: &Account| {
        company.accounts.retain(|known| known.id != account.id);
        company.accounts.push(account.clone());
    };
    match made {
        Made::Account(account) => {
            list(account);
            match purpose {
                Purpose::UndepositedFunds => {
                    connection.settings.deposits.undeposited_funds = Some(account.id.clone());
                }
                _ => {
                    connection
                        .settings
                        .deposits
                        .clearing
                        .insert(home, account.id.clone());
                }
            }
        }
        Made::Item(item, account) => {
            account.iter().for_each(&mut list);
            company.items.retain(|known| known.id != item.id);
            company.items.push(item.clone());
            choose(&mut connection.settings, purpose, item.id.clone());
        }
    }
    connection
}

fn choose(settings: &mut Settings, purpose: Purpose, item: ItemId) {
    let items = &mut settings.items;
    let place = match purpose {
        Purpose::Services => &mut items.fallback,
        Purpose::Products => &mut items.product,
        Purpose::Fees => &mut items.fee,
        Purpose::Tips => &mut items.tip,
        Purpose::GiftCards => &mut items.gift_card,
        Purpose::Deposits => &mut items.deposit,
        Purpose::Rounding => &mut items.rounding,
        Purpose::Discounts => &mut items.discount,
        Purpose::Taxes => &mut items.tax,
        Purpose::Clearing | Purpose::UndepositedFunds => return,
    };
    *place = Some(item);
}

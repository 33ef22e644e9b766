//! Notices: the mails that are due, each claimed before it is sent, so that nobody gets one twice.
//!
//! A mail's step is claimed in one conditional write, sent, and noted as sent in another. If we stop between sending and
//! noting, the mail service's own word (a `Send` event) notes it, and for a quarter of an hour nobody sends it again.
//! What is left is a process that dies there *and* an event that is lost or later than that: then one mail comes twice.

use std::time::Duration;

use bookkeeping::connection::Connection;
use bookkeeping::health::Health;
use bookkeeping::incident::{Cause, DAY, Incident, Reader, Step};
use common::mail::{
    End, Letter, Mail, MailFault, Marks, Unsubscribing, spelled_day, unsubscribe_url,
};
use common::sealing::nonce;
use common::store::{Healths, Lots, StoreError};
use common::waiting::{held, waits};
use common::world::World;
use data_encoding::BASE64URL_NOPAD;

use crate::audience::{Audience, Recipient};

/// How long the mail service is left alone after it did not take a mail.
const LATER: Duration = Duration::from_secs(15 * 60);

/// How soon somebody looks for what else is due where a sender dies between two mails.
const SOON: Duration = Duration::from_secs(60);

/// How often what became of a mail is noted anew because the row was changed meanwhile.
const NOTES_MAX: usize = 8;

/// What became of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Nothing is due any more.
    Done,
    /// The row was changed meanwhile: the look begins anew.
    Overtaken,
}

/// Sends every mail that is due. `health` is as it was kept last, with what was sent in it.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had: what was claimed and not sent is sent when its claim has run out.
pub async fn send_due<W: World>(
    world: &W,
    connection: &Connection,
    audience: &Audience,
    health: &mut Health,
) -> Result<Sent, StoreError> {
    if health.incidents.is_empty() {
        return Ok(Sent::Done);
    }
    let merchant = &connection.merchant;
    let lot = world.store().lot(merchant).await?;
    let post = Desk {
        world,
        connection,
        audience,
        caught_up: lot.is_none_or(|lot| lot.due.is_none()),
    };
    if audience.recipients.is_empty() {
        // The alarm watches this line.
        tracing::error!(metric.NobodyToTell = 1, merchant.id = %merchant, "nobody is known who could be told about the connection of {merchant}");
    }
    for recipient in &audience.recipients {
        while let Some((cause, step)) = post.next(health, &recipient.reader) {
            if !post.send(health, cause, step, recipient).await? {
                return Ok(Sent::Overtaken);
            }
        }
    }
    Ok(Sent::Done)
}

struct Desk<'a, W> {
    world: &'a W,
    connection: &'a Connection,
    audience: &'a Audience,
    caught_up: bool,
}

impl<W: World> Desk<'_, W> {
    fn next(&self, health: &Health, reader: &Reader) -> Option<(Cause, Step)> {
        if !health.reaches(reader) {
            return None;
        }
        let reminded = !health.unsubscribed.contains(reader);
        health.incidents.iter().find_map(|incident| {
            let step = incident.due(reader, reminded, self.caught_up, self.world.now())?;
            Some((incident.cause, step))
        })
    }

    /// Sends one mail: claims it, sends it, notes what became of it. `false` where somebody else changed the row before it
    /// was claimed: nothing was sent.
    async fn send(
        &self,
        health: &mut Health,
        cause: Cause,
        step: Step,
        recipient: &Recipient,
    ) -> Result<bool, StoreError> {
        let (world, merchant) = (self.world, &self.connection.merchant);
        let reader = &recipient.reader;
        let Some(incident) = health.incident(cause) else {
            return Ok(true);
        };
        let mail = self.mail(incident, step, recipient).await?;
        incident.claim(step, reader, world.now());
        let (epoch, began_at) = (incident.epoch, incident.began_at);
        // If we stop after this line, nobody sends it for a quarter of an hour, and what else is due is looked for soon.
        let due = world.now() + SOON;
        if !world
            .store()
            .keep_health(merchant, health, Some(due))
            .await?
        {
            return Ok(false);
        }
        health.revision += 1;
        let sent = world.mail(&mail).await;
        // If we stop here, the mail service's event notes what we did not.
        self.note(health, |health| {
            let is_it =
                |incident: &&mut Incident| incident.epoch == epoch && incident.began_at == began_at;
            let incident = health.incident(cause).filter(is_it);
            match (sent, incident) {
                (Ok(()), Some(incident)) => incident.sent(step, reader),
                (Err(MailFault::Later), Some(incident)) => {
                    incident.put_off(step, reader, world.now() + LATER);
                }
                (Err(MailFault::Refused), Some(incident)) => {
                    incident.put_off(step, reader, world.now() + DAY);
                    health.unreachable.insert(reader.clone());
                }
                (Err(MailFault::Unknown), Some(_)) | (_, None) => {}
            }
        })
        .await?;
        match sent {
            Ok(()) => {
                tracing::info!(metric.Mails = 1, merchant.id = %merchant, cause = cause.as_str(), "told an operator of {merchant}: {step}");
            }
            // The alarm watches this line.
            Err(fault) => {
                tracing::error!(metric.MailsFailed = 1, merchant.id = %merchant, cause = cause.as_str(), "{fault}: {step}");
            }
        }
        Ok(true)
    }

    /// Notes something in the row, whatever it was changed to meanwhile.
    async fn note(
        &self,
        health: &mut Health,
        change: impl Fn(&mut Health),
    ) -> Result<(), StoreError> {
        let (world, merchant) = (self.world, &self.connection.merchant);
        for _ in 0..NOTES_MAX {
            change(health);
            let due = Some(world.now() + SOON);
            if world.store().keep_health(merchant, health, due).await? {
                health.revision += 1;
                return Ok(());
            }
            *health = world.store().health(merchant).await?;
        }
        Ok(())
    }

    async fn mail(
        &self,
        incident: &mut Incident,
        step: Step,
        recipient: &Recipient,
    ) -> Result<Mail, StoreError> {
        let (reader, to) = (&recipient.reader, &recipient.addressee);
        let (world, connection) = (self.world, self.connection);
        let merchant = &connection.merchant;
        let waits = waits(world, merchant).await?;
        incident.saw_waiting(&waits, 0);
        let (held, more_held) = held(world, merchant).await?;
        let keys = world.payload_keys().await?;
        let leads_on = step != Step::Recovered && !incident.cause.reminders().is_empty();
        let unsubscribe = leads_on.then(|| {
            let who = Unsubscribing {
                merchant: merchant.clone(),
                reader: reader.clone(),
            };
            unsubscribe_url(world.public_url(), &who, keys, nonce(world.random()))
        });
        let by = connection
            .connected
            .as_ref()
            .filter(|connected| connected.at >= incident.began_at);
        let end = match incident.cause {
            Cause::Expiring => Some(incident.began_at + bookkeeping::incident::AHEAD),
            _ => incident.gives_back_at(),
        };
        let day = end.map(|end| {
            let day = connection.time_zone().to_datetime(end).date();
            spelled_day(day, to.language)
        });
        let letter = Letter {
            language: to.language,
            is_bookkeeper: recipient.is_bookkeeper,
            merchant: self.audience.merchant(),
            company: &connection.company.name,
            cause: incident.cause,
            step,
            waits: &waits,
            end: End {
                by: by.map_or("", |connected| connected.name.as_str()),
                waited: incident.waited,
                more_waited: incident.more_waited,
                held,
                more_held,
            },
            day: day.as_deref().unwrap_or_default(),
            market_url: world.app_market_url(),
            help_url: world.help_url(),
            unsubscribe_url: unsubscribe.as_deref().unwrap_or_default(),
        };
        let written = letter.written();
        Ok(Mail {
            to: to.clone(),
            subject: written.subject,
            text: written.text,
            html: written.html,
            unsubscribe_url: unsubscribe,
            marks: Marks {
                merchant: BASE64URL_NOPAD.encode(merchant.as_str().as_bytes()),
                mail: incident.mark(step, reader),
            },
        })
    }
}

//! An overwrite put back: the fields we wrote into a customer's record get what stood in them before us.

use bookkeeping::customer::change::Changes;
use bookkeeping::customer::{Baseline, Field, Value};
use bookkeeping::ids::OperatorId;
use common::access::Access;
use common::store::{ChangeClaimed, Changes as _, LinkKey, Links, Restored, Saved};
use common::world::World;

use super::writing::{Claimed, NotDone, Writing};
use super::{link_claim, open, seal};
use crate::Recorder;
use crate::fresh::name;
use crate::stop::{Again, Stop};

/// A field of a linked customer's record that we wrote over.
#[derive(Clone, Debug, PartialEq)]
pub struct Overwritten {
    /// Which.
    pub field: Field,
    /// What stood there before us.
    pub before: Option<Value>,
    /// What stands there since, as far as we saw.
    pub since: Option<Value>,
}

/// What was overwritten in the record of a customer and can be put back; nothing where the customer is not linked, or was
/// erased.
///
/// # Errors
///
/// [`Again`] where the store is not to be had.
pub async fn overwritten<W: World>(
    recorder: &Recorder<W>,
    key: &LinkKey,
) -> Result<Vec<Overwritten>, Again> {
    let store = recorder.world.store();
    let mut links = store.links(std::slice::from_ref(key)).await?;
    let sealed = links.pop().flatten().and_then(|link| link.baseline);
    let Some(sealed) = sealed else {
        return Ok(Vec::new());
    };
    let baseline: Baseline = open(recorder, key, &sealed).await?;
    let changes = baseline.put_back().into_iter();
    let each = changes.map(|(field, before)| Overwritten {
        field,
        before,
        since: baseline.seen.get(field).cloned(),
    });
    Ok(each.collect())
}

/// What became of putting an overwrite back.
#[derive(Clone, Debug, PartialEq)]
pub enum PutBack {
    /// It was tried. Neither says any where nothing was overwritten, or all of it was put back already.
    Done {
        /// These fields are as they were before us.
        fields: Vec<Field>,
        /// These QuickBooks refused: they stay as they are, and may be tried again.
        refused: Vec<Field>,
    },
    /// The customer is not linked, or its record is gone.
    NotThere,
    /// QuickBooks could not be asked, refused, or its answer was lost: then nobody knows yet whether it was done.
    Stopped(Stop),
}

/// Puts back what was overwritten in the record of a linked customer. Later changes in MioCommerce overwrite again.
///
/// If we stop before the record is written, nothing happened. If we stop after it, it may be asked for again: what stands
/// there already is not written. Who had it done is noted with what was.
///
/// # Errors
///
/// [`Again`] where another worker is at this customer or the store is down: the operator may press again.
pub async fn put_back<W: World>(
    recorder: &Recorder<W>,
    access: &Access,
    key: &LinkKey,
    by: &OperatorId,
) -> Result<PutBack, Again> {
    let (world, store) = (&recorder.world, recorder.world.store());
    let owner = name(world.random());
    let claim = link_claim(world, key, &owner);
    let (mut link, asked) = match store.claim_change(&claim, None).await? {
        ChangeClaimed::Ours { link, asked } => (*link, asked),
        ChangeClaimed::NotLinked => return Ok(PutBack::NotThere),
        ChangeClaimed::Busy | ChangeClaimed::Done(_) => return Err(Again::Busy),
    };
    if !asked.is_empty() {
        // A change may be in the record that nobody heard of. It comes again by itself, and what it wrote is known then.
        store.release_link(key, &owner, false, &asked).await?;
        return Err(Again::Busy);
    }
    let mut baseline: Baseline = match &link.baseline {
        None => Baseline::default(),
        Some(sealed) => open(recorder, key, sealed).await?,
    };
    let changes: Changes = baseline.put_back();
    let claimed = Claimed {
        key,
        owner: &owner,
        link: &link,
    };
    match Writing::new(recorder, access, claimed, changes)
        .carry_out(&mut baseline)
        .await
    {
        Ok(done) => {
            // What was put back is ours no more; what QuickBooks refused may be tried again.
            for field in &done.written {
                baseline.before.remove(field);
            }
            if !done.written.is_empty() {
                let (at, by) = (world.now(), by.clone());
                link.facts.restored = Some(Restored { at, by });
            }
            link.facts.sync_token = Some(done.sync_token);
            link.baseline = Some(seal(recorder, key, &baseline).await?);
            let saved = store
                .save_change(key, Some(&owner), &link, world.now())
                .await?;
            match saved {
                Saved::Done(_) => Ok(PutBack::Done {
                    fields: done.written,
                    refused: done.unwritten.into_iter().map(|(field, _)| field).collect(),
                }),
                Saved::Refused(_) => Err(Again::Busy),
            }
        }
        Err(NotDone::Overtaken(again)) => Err(again),
        Err(NotDone::Gone) => {
            store.release_link(key, &owner, false, &[]).await?;
            Ok(PutBack::NotThere)
        }
        Err(NotDone::Unread(fault)) => {
            store.release_link(key, &owner, false, &[]).await?;
            let stop = Stop::for_read(&fault, world.now(), world.timing());
            Ok(PutBack::Stopped(stop))
        }
        Err(NotDone::Fault(fault)) => {
            // Where the answer was lost, whoever presses again finds in the record what is there already.
            store.release_link(key, &owner, false, &[]).await?;
            let stop = Stop::for_fault(&fault, "", world.now(), world.timing());
            Ok(PutBack::Stopped(stop))
        }
    }
}

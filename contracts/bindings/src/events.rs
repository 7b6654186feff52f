use alloy_primitives::B256;
use alloy_sol_types::SolEventInterface;
use opml_engine::Winner;
use opml_player::Event;

use crate::Service::ServiceEvents;
use crate::words::{account, claim, position, root};
use crate::{Log, words};

/// The service's word for a result that equals the final one.
const RELEASED: u8 = 4;

/// A log of the service as an event; the error says why it is none.
pub fn decode(log: &Log) -> Result<Event, String> {
    let topics: Vec<B256> = log.topics.iter().map(words::word).collect();
    let event = ServiceEvents::decode_raw_log(&topics, &log.data).map_err(|error| error.to_string())?;
    typed(event).ok_or_else(|| "a number in it is out of range".into())
}

fn typed(event: ServiceEvents) -> Option<Event> {
    Some(match event {
        ServiceEvents::ModelRegistered(it) => Event::Registered { model: root(&it.model) },
        ServiceEvents::Requested(it) => Event::Requested {
            task: root(&it.task),
            model: root(&it.model),
            requester: account(&it.requester),
            deadline: it.deadline,
            inputs: root(&it.inputs),
            values: it.values.iter().map(|value| value.0.clone()).collect(),
        },
        ServiceEvents::Proposed(it) => Event::Proposed {
            task: root(&it.task),
            result: root(&it.result),
            proposer: account(&it.proposer),
            output: root(&it.output),
            value: it.value.0.clone(),
            ordered_at: u64::try_from(it.orderedAt).ok()?,
        },
        ServiceEvents::Challenged(it) => Event::Challenged {
            game: root(&it.game),
            result: root(&it.result),
            challenger: account(&it.challenger),
            position: position(&it.position)?,
            claim: claim(&it.claim),
        },
        ServiceEvents::StageOpened(it) => Event::Opened {
            game: root(&it.game),
            position: position(&it.position)?,
        },
        ServiceEvents::Revealed(it) => Event::Revealed {
            game: root(&it.game),
            roots: it.roots.iter().map(root).collect(),
        },
        ServiceEvents::Rejected(it) => Event::Rejected {
            game: root(&it.game),
            child: u64::try_from(it.child).ok()?,
        },
        ServiceEvents::StageNarrowed(it) => Event::Narrowed {
            game: root(&it.game),
            position: position(&it.position)?,
            claim: claim(&it.claim),
        },
        ServiceEvents::Resolved(it) => Event::Resolved {
            game: root(&it.game),
            winner: match it.outcome {
                1 => Some(Winner::Defender),
                2 => Some(Winner::Challenger),
                _ => None,
            },
            by_timeout: it.byTimeout,
        },
        ServiceEvents::ResultDied(it) => Event::Died {
            result: root(&it.result),
        },
        ServiceEvents::Finalised(it) => Event::Finalised {
            task: root(&it.task),
            result: root(&it.result),
        },
        ServiceEvents::Refunded(it) => Event::Refunded { task: root(&it.task) },
        ServiceEvents::Settled(it) => Event::Settled {
            task: root(&it.task),
            result: root(&it.result),
            released: it.status == RELEASED,
        },
        ServiceEvents::Committed(_) => Event::Other { name: "Committed" },
        ServiceEvents::Credited(it) => Event::Credited {
            party: account(&it.party),
            amount: u128::try_from(it.amount).ok()?,
        },
        ServiceEvents::Burnt(_) => Event::Other { name: "Burnt" },
        ServiceEvents::Withdrawn(it) => Event::Withdrawn {
            party: account(&it.party),
            amount: u128::try_from(it.amount).ok()?,
        },
        ServiceEvents::DelegateSet(_) => Event::Other { name: "DelegateSet" },
        ServiceEvents::Delivered(_) => Event::Other { name: "Delivered" },
    })
}

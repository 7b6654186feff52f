use std::time::Instant;

use bytes::Bytes;
use opml_commit::Root;

use crate::{
    Account, Action, Agent, Arena, Chain, ChainError, Challenger, Chronicle, Event, Fate, GameId, Observer, Party,
    PlayerError, PlayerEvent, Proposer, Receipt, Requester, Resolution, Role, Terms, World,
};

/// A task to be played: a model, a request, and who asks.
pub struct Request {
    /// The model's terms.
    pub terms: Terms,
    /// Who asks and pays.
    pub requester: Account,
    /// Tells equal requests of one requester apart.
    pub nonce: u64,
    /// The values.
    pub values: Vec<Bytes>,
    /// Wei.
    pub fee: u128,
    /// Seconds in which results may be posted.
    pub posting_time: u64,
    /// The second from which they count; the present one, when absent. Whoever may have to ask again after a crash says it, so that the
    /// request is the same one.
    pub begun: Option<u64>,
}

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The model.
    pub model: Root,
    /// The task.
    pub task: Root,
    /// The proposer's result.
    pub result: Root,
    /// Its output's root.
    pub output: Root,
    /// Its output's bytes.
    pub value: Bytes,
    /// The game's end; `None` when nobody challenged.
    pub resolution: Option<Resolution>,
    /// Whether the result became final; otherwise the requester got the fee back.
    pub is_final: bool,
}

/// A task that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The model.
    pub model: Root,
    /// The task.
    pub task: Root,
    /// The block of the request: everything about the task happens there or later.
    pub block: u64,
}

/// Registers the model, unless it is registered, and requests the execution. `header` is what the first stage's `enter` reads.
pub fn ask(
    chain: &mut dyn Chain,
    request: &Request,
    header: Bytes,
    observer: &mut dyn Observer,
) -> Result<Asked, PlayerError> {
    let role = Role::Requester;
    let failed = |source| PlayerError::Chain { role, source };
    let since = Instant::now();
    let mut tell = |action: &'static str, receipt: &Receipt| {
        observer.saw(&PlayerEvent::Sent {
            by: role,
            account: request.requester,
            action,
            gas: receipt.gas,
            calldata_bytes: receipt.data.len() as u64,
            data: receipt.data.clone(),
            value: receipt.value,
            gas_cost: receipt.gas_cost,
            block: receipt.block,
            timestamp: receipt.timestamp,
            seconds: since.elapsed().as_secs_f64(),
        });
    };
    let registration = chain.register(&request.requester, &request.terms).map_err(failed)?;
    if let Some(receipt) = &registration.receipt {
        tell("register", receipt);
    }
    let model = registration.model;
    let begun = match request.begun {
        Some(begun) => begun,
        None => chain.now().map_err(failed)?,
    };
    let action = Action::Request {
        model,
        nonce: request.nonce,
        deadline: begun.saturating_add(request.posting_time),
        header,
        values: request.values.clone(),
        fee: request.fee,
    };
    let receipt = chain.act(&request.requester, &action).map_err(failed)?;
    tell("request", &receipt);
    observer.saw(&PlayerEvent::Registered {
        model,
        data: registration.data.clone(),
    });
    let requested = receipt.events.iter().find_map(|event| match event {
        Event::Requested { task, .. } => Some(*task),
        _ => None,
    });
    let task = requested.ok_or_else(|| {
        failed(ChainError::NoEvent {
            action: "request",
            event: "Requested",
        })
    })?;
    observer.saw(&PlayerEvent::Requested { task });
    Ok(Asked {
        model,
        task,
        block: receipt.block,
    })
}

/// Plays a task to its end: request, result, dispute if the challenger's own output differs, finality or refund, and
/// everyone draws what they are owed.
pub fn play(
    chain: &mut dyn Chain,
    request: &Request,
    proposer: &Party,
    challenger: Option<&Party>,
    observer: &mut dyn Observer,
) -> Result<Outcome, PlayerError> {
    check_stages(&request.terms, proposer, Role::Proposer)?;
    if let Some(challenger) = challenger {
        check_stages(&request.terms, challenger, Role::Challenger)?;
    }
    let asked = ask(chain, request, proposer.entrance.header(), observer)?;
    go_on(chain, request, &asked, proposer, challenger, observer)
}

/// Plays a task that was asked for to its end, from wherever it stands.
pub fn go_on(
    chain: &mut dyn Chain,
    request: &Request,
    asked: &Asked,
    proposer: &Party,
    challenger: Option<&Party>,
    observer: &mut dyn Observer,
) -> Result<Outcome, PlayerError> {
    let mut world = World::default();
    world.follow(asked.model, request.terms.clone());
    let mut server = Proposer::new(proposer.clone(), asked.model);
    let mut verifier = challenger.map(|challenger| Challenger::new(challenger.clone(), asked.model));
    let mut requester = Requester::new(request.requester);
    let mut agents: Vec<&mut dyn Agent> = vec![&mut server];
    if let Some(verifier) = &mut verifier {
        agents.push(verifier);
    }
    agents.push(&mut requester);
    let mut arena = Arena::new(chain, Chronicle::new(world, asked.block), observer);
    arena.run(&mut agents)?;
    outcome(&arena, asked, proposer, challenger)
}

fn outcome(
    arena: &Arena<'_>,
    asked: &Asked,
    proposer: &Party,
    challenger: Option<&Party>,
) -> Result<Outcome, PlayerError> {
    let world = arena.chronicle().world();
    let mut results = world.results();
    let posted = results.find(|result| result.task == asked.task && result.proposer == proposer.account);
    let Some(posted) = posted else {
        let refused = arena.refusals().first().cloned();
        let (role, source) = refused.unwrap_or((
            Role::Proposer,
            ChainError::NoEvent {
                action: "propose",
                event: "Proposed",
            },
        ));
        return Err(PlayerError::Chain { role, source });
    };
    let game = challenger.map(|challenger| GameId {
        result: posted.result,
        challenger: challenger.account,
    });
    if let Some((role, source)) = arena.refusals().iter().find(|(role, _)| *role != Role::Proposer) {
        return Err(PlayerError::Chain {
            role: *role,
            source: source.clone(),
        });
    }
    Ok(Outcome {
        model: asked.model,
        task: asked.task,
        result: posted.result,
        output: posted.output,
        value: posted.value.clone(),
        resolution: game.and_then(|game| world.game(&game.hash())?.resolution),
        is_final: posted.fate == Fate::Final,
    })
}

fn check_stages(terms: &Terms, party: &Party, role: Role) -> Result<(), PlayerError> {
    match party.stages.len() == terms.stages.len() {
        true => Ok(()),
        false => Err(PlayerError::StageCount {
            role,
            given: party.stages.len(),
            needed: terms.stages.len(),
        }),
    }
}

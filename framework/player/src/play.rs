use std::time::Instant;

use bytes::Bytes;
use opml_commit::Root;
use opml_engine::Winner;

use crate::dispute::dispute;
use crate::table::{Table, of};
use crate::{
    Account, Action, Chain, ChainError, Event, GameId, Observer, Party, PlayerError, PlayerEvent, Receipt, Resolution,
};
use crate::{Role, Terms, View};

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
    /// Seconds from the request in which results may be posted.
    pub posting_time: u64,
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
    let mut table = Table::new(chain, observer);
    let (model, task, deadline, inputs) = ask(&mut table, request, proposer)?;
    let posted = propose(&mut table, request, proposer, task, inputs)?;
    let view = match challenger {
        Some(challenger) => challenge(&mut table, request, challenger, inputs, &posted)?,
        None => None,
    };
    let resolution = match (view, challenger) {
        (Some(view), Some(challenger)) => Some(dispute(&mut table, &request.terms, proposer, challenger, view)?),
        _ => None,
    };
    let died = resolution.is_some_and(|resolution| resolution.winner == Some(Winner::Challenger));
    match died {
        false => finalise(&mut table, request, proposer, task, &posted)?,
        true => refund(&mut table, request, task, deadline)?,
    }
    let parties = [
        (Role::Requester, Some(request.requester)),
        (Role::Proposer, Some(proposer.account)),
        (Role::Challenger, challenger.map(|challenger| challenger.account)),
    ];
    for (role, account) in parties {
        if let Some(account) = account {
            draw(&mut table, role, &account)?;
        }
    }
    Ok(Outcome {
        model,
        task,
        result: posted.result,
        output: posted.output,
        value: posted.value,
        resolution,
        is_final: !died,
    })
}

/// A result as its event tells it.
struct Posted {
    result: Root,
    output: Root,
    value: Bytes,
    timestamp: u64,
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

fn ask(table: &mut Table<'_>, request: &Request, proposer: &Party) -> Result<(Root, Root, u64, Root), PlayerError> {
    let failed = of(Role::Requester);
    let since = Instant::now();
    let model = table
        .register(Role::Requester, &request.requester, &request.terms)
        .map_err(&failed)?;
    let deadline = table.chain.now().map_err(&failed)?.saturating_add(request.posting_time);
    let action = Action::Request {
        model,
        nonce: request.nonce,
        deadline,
        header: proposer.entrance.header(),
        values: request.values.clone(),
        fee: request.fee,
    };
    let receipt = table
        .act(Role::Requester, &request.requester, &action, since)
        .map_err(&failed)?;
    let requested = receipt.events.iter().find_map(|event| match event {
        Event::Requested { task, inputs, .. } => Some((*task, *inputs)),
        _ => None,
    });
    let (task, inputs) = requested.ok_or_else(|| failed(missing("request", "Requested")))?;
    Ok((model, task, deadline, inputs))
}

/// Enters the request into a party's own pipeline and computes its output there.
fn evaluate(
    table: &mut Table<'_>,
    request: &Request,
    party: &Party,
    role: Role,
    inputs: Root,
) -> Result<Root, PlayerError> {
    let since = Instant::now();
    let failed = |source| PlayerError::Stage { role, source };
    let own = party
        .entrance
        .enter(&request.values, party.store.as_ref())
        .map_err(failed)?;
    for (what, chain, own) in [("program", request.terms.program, own.0), ("input", inputs, own.1)] {
        if chain != own {
            return Err(PlayerError::OtherTask { what, chain, own });
        }
    }
    let output = party.evaluate(&request.terms.program, &inputs).map_err(failed)?;
    table.observer.saw(&PlayerEvent::Evaluated {
        by: role,
        output,
        seconds: since.elapsed().as_secs_f64(),
    });
    Ok(output)
}

fn propose(
    table: &mut Table<'_>,
    request: &Request,
    proposer: &Party,
    task: Root,
    inputs: Root,
) -> Result<Posted, PlayerError> {
    let role = Role::Proposer;
    let since = Instant::now();
    let output = evaluate(table, request, proposer, role, inputs)?;
    let value = proposer
        .store
        .get(&output)
        .ok_or(PlayerError::OutputMissing { root: output })?;
    let action = Action::Propose {
        task,
        value,
        salt: Root::ZERO,
        earlier: Root::ZERO,
        bond: request.terms.proposer_bond,
    };
    let receipt = table.act(role, &proposer.account, &action, since).map_err(of(role))?;
    let posted = receipt.events.iter().find_map(|event| match event {
        Event::Proposed {
            result, output, value, ..
        } => Some(Posted {
            result: *result,
            output: *output,
            value: value.clone(),
            timestamp: receipt.timestamp,
        }),
        _ => None,
    });
    posted.ok_or_else(|| of(role)(missing("propose", "Proposed")))
}

/// The challenger computes the output itself and disputes the result if it is another.
fn challenge(
    table: &mut Table<'_>,
    request: &Request,
    challenger: &Party,
    inputs: Root,
    posted: &Posted,
) -> Result<Option<View>, PlayerError> {
    let role = Role::Challenger;
    let since = Instant::now();
    if evaluate(table, request, challenger, role, inputs)? == posted.output {
        return Ok(None);
    }
    challenger.store.put(posted.output, posted.value.clone());
    let action = Action::Challenge {
        result: posted.result,
        bond: request.terms.challenger_bond,
    };
    let receipt = table.act(role, &challenger.account, &action, since).map_err(of(role))?;
    let begun = receipt.events.iter().find_map(|event| match event {
        Event::Challenged {
            result,
            challenger,
            position,
            claim,
            ..
        } => {
            let id = GameId {
                result: *result,
                challenger: *challenger,
            };
            let (arity, stages) = (u64::from(request.terms.arity), request.terms.stages.len());
            Some(View::begin(id, arity, stages, *claim, *position))
        }
        _ => None,
    });
    let view = begun.ok_or_else(|| of(role)(missing("challenge", "Challenged")))?;
    table.observer.saw(&PlayerEvent::Challenged {
        game: view.game,
        claim: view.claim,
    });
    Ok(Some(view))
}

fn finalise(
    table: &mut Table<'_>,
    request: &Request,
    proposer: &Party,
    task: Root,
    posted: &Posted,
) -> Result<(), PlayerError> {
    let role = Role::Proposer;
    let over = posted.timestamp.saturating_add(request.terms.window);
    table.pass(over).map_err(of(role))?;
    act(table, role, &proposer.account, &Action::Finalise { task })?;
    table.observer.saw(&PlayerEvent::Finalised { result: posted.result });
    Ok(())
}

fn refund(table: &mut Table<'_>, request: &Request, task: Root, deadline: u64) -> Result<(), PlayerError> {
    let role = Role::Requester;
    table.pass(deadline).map_err(of(role))?;
    act(table, role, &request.requester, &Action::Refund { task })?;
    table.observer.saw(&PlayerEvent::Refunded { task });
    Ok(())
}

fn draw(table: &mut Table<'_>, role: Role, account: &Account) -> Result<(), PlayerError> {
    let amount = table.chain.credit(account).map_err(of(role))?;
    if amount > 0 {
        act(table, role, account, &Action::Withdraw)?;
        table.observer.saw(&PlayerEvent::Withdrawn { by: role, amount });
    }
    Ok(())
}

fn act(table: &mut Table<'_>, role: Role, account: &Account, action: &Action) -> Result<Receipt, PlayerError> {
    table.act(role, account, action, Instant::now()).map_err(of(role))
}

fn missing(action: &'static str, event: &'static str) -> ChainError {
    ChainError::NoEvent { action, event }
}

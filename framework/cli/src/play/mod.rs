//! Playing a spec: from its words to the verdict.

mod assemble;
pub(crate) mod measure;
pub(crate) mod parties;
mod pass_times;
pub(crate) mod scene;
mod story;
mod summary;

use std::path::Path;
use std::time::Instant;

use opml_contracts::Transport;
use opml_engine::StageError;
use opml_graph::Host;
use opml_pipeline::{StageKind, load_spec, plan};
use opml_player::{Account, Chain, ChainError, PlayerError, Request, Role};

use self::assemble::{Played, assemble};
use self::scene::{Scene, prepare, purse, request, usual_model_file};
use crate::arguments::RunArguments;
use crate::chain::{self, Ready, Underway};
use crate::failure::Failure;
use crate::prepare::ModelFile;
use crate::report::{self, ChainReport, PartyReport, Recorder, Report, Transcript};
use crate::terminal::{Narrator, TerminalHost};

/// Plays the spec at `path`.
pub(crate) fn play(path: &Path, arguments: &RunArguments) -> Result<(), Failure> {
    if let Some(file) = &arguments.report {
        report::check_folder(file)?;
    }
    let spec = load_spec(path).map_err(Failure::user)?;
    let plan = plan(&spec).map_err(|error| Failure::user(format!("{}: {error}", path.display())))?;
    let host = TerminalHost::new(arguments.quiet, plan.threads);
    let model_file = arguments.model_file.clone().unwrap_or_else(|| usual_model_file(&spec));
    let model = match arguments.reuse_model && model_file.exists() {
        true => ModelFile::Reused(&model_file),
        false => ModelFile::Made(&model_file),
    };
    let scene = prepare(spec, plan, model, &host, arguments.quiet)?;
    host.clear();
    let native = measure::native(&scene, arguments.quiet)?;
    let vm = measure::machine(&scene, &native)?;
    if !arguments.quiet {
        story::natively(&scene, &native, vm.as_ref());
    }
    if host.cancelled() {
        return Err(Failure::cancelled());
    }
    let report = stage_play(&scene, &native, vm, arguments.quiet, path)?;
    summary::print(&scene, &native, &report, arguments.quiet);
    match &arguments.report {
        Some(file) => report::write(&report, file),
        None => Ok(()),
    }
}

/// Makes the chain ready and plays the task on it.
fn stage_play(
    scene: &Scene,
    native: &measure::Native,
    vm: Option<report::VmReport>,
    quiet: bool,
    path: &Path,
) -> Result<Report, Failure> {
    let Ready {
        mut chain,
        accounts,
        backend,
        url,
        lasting,
    } = chain::ready(&scene.spec.chain, purse(scene))?;
    let proposer = parties::party("proposer", &scene.spec.parties.proposer, accounts[1].1, scene)?;
    let challenger = parties::party("challenger", &scene.spec.parties.challenger, accounts[2].1, scene)?;
    let proposer = proposer.ok_or_else(|| Failure::user("parties.proposer: `none` leaves nobody to post a result"))?;
    let requester = accounts[0].1;
    let underway = lasting.then(|| Underway::of(&scene.spec.name, &chain.deployment().service, &requester));
    let begun = match &underway {
        Some(underway) => Some(underway.begin(chain.now().map_err(Failure::other)?, scene.spec.game.window.0)?),
        None => None,
    };
    let request = Request {
        begun,
        ..request(scene, requester, begun.unwrap_or(0))
    };
    let last_stage = StageKind::Instruction.name();
    let narrator = Narrator {
        quiet,
        bodies: scene.task.bodies(),
        pass: 0,
        last_stage,
    };
    let mut recorder = Recorder::new(narrator, last_stage);
    recorder.transcript.contracts = Transcript::contracts(chain.deployment());
    let balances = balances(&mut chain, &accounts)?;
    let started = Instant::now();
    let outcome = match &underway {
        None => opml_player::play(&mut chain, &request, &proposer, challenger.as_ref(), &mut recorder),
        Some(underway) => {
            let asked = match underway.task()? {
                Some(asked) => asked,
                None => {
                    let header = proposer.entrance.header();
                    let asked = opml_player::ask(&mut chain, &request, header, &mut recorder)
                        .map_err(|error| play_failure(error, lasting))?;
                    underway.keep(request.nonce, &asked)?;
                    asked
                }
            };
            let outcome = opml_player::go_on(
                &mut chain,
                &request,
                &asked,
                &proposer,
                challenger.as_ref(),
                &mut recorder,
            );
            if outcome.is_ok() {
                underway.is_over();
            }
            outcome
        }
    };
    let seconds = started.elapsed().as_secs_f64();
    let outcome = outcome.map_err(|error| play_failure(error, lasting))?;
    let parties = settle(&mut chain, &accounts, &balances, &recorder)?;
    let blocks = chain.transport().blocks().map_err(Failure::other)?;
    let chain = ChainReport {
        backend,
        url,
        blocks,
        seconds,
    };
    Ok(assemble(
        scene,
        native,
        vm,
        Played {
            outcome,
            recorder,
            parties,
            chain,
        },
        path,
    ))
}

/// Parameters that the service does not register are the spec's.
pub(crate) fn play_failure(error: PlayerError, lasting: bool) -> Failure {
    match error {
        PlayerError::Chain {
            source: ChainError::Refused {
                action: "register",
                reason,
            },
            ..
        } => Failure::user(format!(
            "game: the service does not register these parameters: {reason}"
        )),
        PlayerError::Stage {
            source: StageError::Cancelled,
            ..
        } => Failure::cancelled(),
        other if lasting => Failure::other(other).help("what was sent is kept; run it again to go on"),
        other => Failure::other(other).help("the play's accounts are lost with this process; nothing else was written"),
    }
}

fn balances(chain: &mut dyn Chain, accounts: &[(Role, Account)]) -> Result<Vec<u128>, Failure> {
    accounts
        .iter()
        .map(|(_, account)| chain.balance(account).map_err(Failure::other))
        .collect()
}

fn settle<O>(
    chain: &mut dyn Chain,
    accounts: &[(Role, Account)],
    before: &[u128],
    recorder: &Recorder<O>,
) -> Result<Vec<PartyReport>, Failure> {
    let after = balances(chain, accounts)?;
    let reports = accounts
        .iter()
        .zip(before.iter().zip(after))
        .map(|((role, account), (before, after))| {
            let gas_cost = recorder.gas_cost(*role);
            let gained = after as i128 - *before as i128 + gas_cost as i128;
            PartyReport {
                role: role.name(),
                account: account.to_string(),
                gained: gained.to_string(),
                gas_cost: gas_cost.to_string(),
            }
        });
    Ok(reports.collect())
}

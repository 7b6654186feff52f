//! Playing a spec: from its words to the verdict.

mod measure;
mod parties;
mod story;
mod summary;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use opml_chain_embedded::EmbeddedChain;
use opml_commit::slot_root;
use opml_contracts::{Deployment, Installation, ServiceChain};
use opml_graph::{GuestImage, Host};
use opml_pipeline::{Plan, Spec, StageKind, load_spec, plan};
use opml_player::{Account, Chain, ChainError, Clock, Outcome, PlayerError, Request, Role, Terms};
use opml_stages::{Machinery, Pipeline};

use crate::arguments::RunArguments;
use crate::failure::Failure;
use crate::input::{dequantize, quantize, read_input};
use crate::prepare::{Converted, convert_model, load_plugins, plugin_failure};
use crate::report::{
    self, ChainReport, CommitmentsReport, ModelReport, NativeReport, OutputReport, PartyReport, Recorder, Report,
};
use crate::terminal::{Narrator, TerminalHost};

/// Wei that every account of the embedded chain begins with, beside what the bonds need.
const POCKET: u128 = 10_000_000_000_000_000_000;

/// Everything that is known before the first transaction.
struct Scene {
    spec: Spec,
    plan: Plan,
    kinds: Vec<&'static str>,
    converted: Converted,
    machinery: Machinery,
    pipeline: Pipeline,
    value: Bytes,
}

/// Plays the spec at `path`.
pub(crate) fn play(path: &Path, arguments: &RunArguments) -> Result<(), Failure> {
    if let Some(file) = &arguments.report {
        report::check_folder(file)?;
    }
    let spec = load_spec(path).map_err(Failure::user)?;
    let plan = plan(&spec).map_err(|error| Failure::user(format!("{}: {error}", path.display())))?;
    let host = TerminalHost::new(arguments.quiet, plan.threads);
    let model_file = arguments
        .model_file
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!(".opml/{}.opml", spec.name)));
    let scene = prepare(spec, plan, &model_file, &host, arguments.quiet)?;
    host.clear();
    let native = measure::native(&scene)?;
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

fn prepare(spec: Spec, plan: Plan, model_file: &Path, host: &TerminalHost, quiet: bool) -> Result<Scene, Failure> {
    let kinds: Vec<&'static str> = plan.stages.iter().map(|kind| kind.name()).collect();
    if !quiet {
        story::title(&spec, &kinds);
    }
    let plugins = load_plugins(&spec.plugins, host)?;
    let converted = convert_model(&spec, &plugins, model_file, host)?;
    let [input] = &converted.model.feed[..] else {
        return Err(Failure::user(format!(
            "the model has {} inputs; a spec gives one",
            converted.model.feed.len()
        )));
    };
    let numbers = read_input(&spec.input, input)?;
    let value = Bytes::from(quantize(&numbers, input)?);
    let compute = plugins
        .compute(&plan.backend)
        .map_err(plugin_failure)
        .map_err(|failure| failure.context("stages"))?;
    let vm = plugins
        .vm(&plan.vm)
        .map_err(plugin_failure)
        .map_err(|failure| failure.context("stages"))?;
    let image = compute.guest_images().into_iter().find(|image| image.vm == plan.vm);
    let image = image.ok_or_else(|| {
        Failure::user(format!(
            "the compute backend `{}` has no guest image for `{}`",
            plan.backend, plan.vm
        ))
    })?;
    check_image(&image)?;
    let machinery = Machinery {
        compute,
        threads: plan.threads,
        vm,
        image,
    };
    let pipeline = Pipeline::new(&kinds, Arc::clone(&converted.model), &machinery).map_err(Failure::user)?;
    if !quiet {
        story::prepared(&plugins, &spec, &converted, model_file, &numbers);
    }
    if host.cancelled() {
        return Err(Failure::cancelled());
    }
    Ok(Scene {
        spec,
        plan,
        kinds,
        converted,
        machinery,
        pipeline,
        value,
    })
}

fn check_image(image: &GuestImage) -> Result<(), Failure> {
    match slot_root(&image.bytes) == image.root {
        true => Ok(()),
        false => Err(Failure::other(format!(
            "the guest image for `{}` is not the one that its root names",
            image.vm
        ))),
    }
}

fn terms(scene: &Scene) -> Terms {
    let Scene {
        spec,
        plan,
        pipeline,
        machinery,
        converted,
        ..
    } = scene;
    Terms {
        program: pipeline.entry.program(),
        stages: scene.kinds.iter().map(|kind| (*kind).to_string()).collect(),
        vm: plan.vm.clone(),
        image: machinery.image.root,
        arity: spec.game.arity,
        input_bytes: converted.model.feed.iter().map(|port| port.bytes()).collect(),
        output_bytes: converted.model.outputs.first().map_or(0, |port| port.bytes()),
        inputs_offchain: false,
        window: spec.game.window.0,
        clocks: plan
            .clocks
            .iter()
            .map(|base| Clock {
                base: *base,
                unit: *base,
            })
            .collect(),
        proposer_bond: spec.game.bonds.proposer.0,
        challenger_bond: spec.game.bonds.challenger.0,
    }
}

/// Deploys the contracts and plays the task on the embedded chain.
fn stage_play(
    scene: &Scene,
    native: &measure::Native,
    vm: Option<report::VmReport>,
    quiet: bool,
    path: &Path,
) -> Result<Report, Failure> {
    let bonds = scene.spec.game.bonds;
    let purse = bonds
        .proposer
        .0
        .saturating_add(scene.spec.game.fee.0)
        .saturating_add(POCKET);
    let mut evm = EmbeddedChain::default();
    let deployer = evm.create_account(POCKET);
    let accounts = [Role::Requester, Role::Proposer, Role::Challenger].map(|role| (role, evm.create_account(purse)));
    let installations = Installation::standard().map_err(Failure::other)?;
    let deployment = Deployment::deploy(&mut evm, &deployer, &installations).map_err(Failure::other)?;
    let mut chain = ServiceChain::new(evm, deployment);
    let proposer = parties::party("proposer", &scene.spec.parties.proposer, accounts[1].1, scene)?;
    let challenger = parties::party("challenger", &scene.spec.parties.challenger, accounts[2].1, scene)?;
    let proposer = proposer.ok_or_else(|| Failure::user("parties.proposer: `none` leaves nobody to post a result"))?;
    let request = Request {
        terms: terms(scene),
        requester: accounts[0].1,
        nonce: 0,
        values: vec![scene.value.clone()],
        fee: scene.spec.game.fee.0,
        posting_time: scene.spec.game.window.0,
    };
    let last_stage = StageKind::Instruction.name();
    let narrator = Narrator {
        quiet,
        model: Arc::clone(&scene.converted.model),
        last_stage,
    };
    let mut recorder = Recorder::new(narrator, last_stage);
    let balances = balances(&mut chain, &accounts)?;
    let started = Instant::now();
    let outcome = opml_player::play(&mut chain, &request, &proposer, challenger.as_ref(), &mut recorder);
    let seconds = started.elapsed().as_secs_f64();
    let outcome = outcome.map_err(play_failure)?;
    let parties = settle(&mut chain, &accounts, &balances, &recorder)?;
    let blocks = chain.transport().blocks();
    let chain = ChainReport {
        backend: "embedded",
        url: None,
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
fn play_failure(error: PlayerError) -> Failure {
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
        other => Failure::other(other).help("the chain's state is lost with this process; nothing else was written"),
    }
}

/// What the play left.
struct Played<O> {
    outcome: Outcome,
    recorder: Recorder<O>,
    parties: Vec<PartyReport>,
    chain: ChainReport,
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

fn assemble<O>(
    scene: &Scene,
    native: &measure::Native,
    vm: Option<report::VmReport>,
    played: Played<O>,
    path: &Path,
) -> Report {
    let Played {
        outcome,
        recorder,
        parties,
        chain,
    } = played;
    let model = &scene.converted.model;
    let (dispute, dispute_bytes) = (recorder.dispute(), recorder.dispute_bytes());
    Report {
        spec: path.display().to_string(),
        pipeline: scene.kinds.clone(),
        model: ModelReport {
            name: model.name.clone(),
            id: recorder.model,
            program: scene.pipeline.entry.program().to_string(),
            nodes: model.nodes.len(),
            parameters: model.parameters(),
            file_bytes: scene.converted.file_bytes,
            conversion_seconds: scene.converted.seconds,
        },
        output: OutputReport {
            root: outcome.output.to_string(),
            values: model
                .outputs
                .first()
                .map(|port| dequantize(&outcome.value, port))
                .unwrap_or_default(),
            true_root: native.output_root.to_string(),
            is_final: outcome.is_final,
        },
        native: NativeReport {
            seconds: native.seconds,
            threads: scene.plan.threads,
        },
        vm,
        commitments: CommitmentsReport {
            happy_path_bytes: native.hashed_bytes,
            dispute_bytes,
            seconds: dispute.as_ref().map_or(0.0, |dispute| dispute.seconds_total),
        },
        dispute,
        transactions: recorder.transactions,
        parties,
        chain,
    }
}

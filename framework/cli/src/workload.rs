//! What a spec's stages make of the converted graph: the graph itself, or loops over it.

use std::sync::Arc;

use opml_graph::{Carried, CarryStart, Loop, LoopFeed, LoopModel, Model, Port, body_graph};
use opml_pipeline::{LoopSpec, StartSpec};
use opml_stages::Workload;

use crate::failure::Failure;

/// A task's model: what runs, what a request gives, what comes out.
pub(crate) struct Task {
    pub(crate) workload: Workload,
    /// The request's values, in order.
    pub(crate) request: Vec<Port>,
    pub(crate) output: Port,
}

impl Task {
    /// The task of a converted graph in `loops`, outermost first; without loops, of the graph itself.
    pub(crate) fn new(model: &Arc<Model>, loops: &[LoopSpec]) -> Result<Task, Failure> {
        let Some((inner, outer)) = loops.split_last() else {
            let [output] = &model.outputs[..] else {
                return Err(Failure::user(format!(
                    "the model has {} outputs; a task has one",
                    model.outputs.len()
                )));
            };
            return Ok(Task {
                request: model.feed.clone(),
                output: output.clone(),
                workload: Workload::Graph(Arc::clone(model)),
            });
        };
        let passes: Vec<u64> = loops.iter().map(|looped| u64::from(looped.passes.get())).collect();
        looped(model, inner, &passes).map_err(|failure| failure.context(format_args!("stages[{}].loop", outer.len())))
    }
}

fn looped(model: &Arc<Model>, spec: &LoopSpec, passes: &[u64]) -> Result<Task, Failure> {
    let all_passes = passes.iter().fold(1u64, |all, passes| all.saturating_mul(*passes));
    let carried: Vec<Carried<'_>> = spec
        .carry
        .iter()
        .map(|carried| Carried {
            input: &carried.input,
            from: carried.from.as_deref(),
        })
        .collect();
    let body = body_graph(model, &carried, spec.collect.as_deref(), all_passes).map_err(Failure::user)?;
    let start_of = |name: &str| {
        let named = spec.carry.iter().find(|carried| carried.input == name);
        named.map(|carried| carried.start)
    };
    let own = !model.carry.is_empty();
    let mut request = Vec::new();
    let mut starts = Vec::new();
    for port in &body.model.carry {
        // What is carried without being named starts with zeros when it was added, and with the request when it is the graph's own.
        let start = start_of(&port.name).unwrap_or(if own { StartSpec::Request } else { StartSpec::Zero });
        starts.push(match start {
            StartSpec::Zero => CarryStart::Zero,
            StartSpec::Request => {
                request.push(port.clone());
                CarryStart::Request(request.len() as u32 - 1)
            }
        });
    }
    let output = match body.collected {
        Some(collected) => collected,
        None => output(&body.model.carry, spec.output.as_deref())?,
    };
    let feed = match body.model.feed.is_empty() {
        true => LoopFeed::None,
        false => LoopFeed::Request(request.len() as u32),
    };
    let values = all_passes.saturating_mul(body.model.feed.len() as u64);
    if values > u64::from(u16::MAX) {
        return Err(Failure::user(format!(
            "{all_passes} passes are fed {values} values; a request has at most {}: carry them as one value instead",
            u16::MAX
        )));
    }
    for _ in 0..if body.model.feed.is_empty() { 0 } else { all_passes } {
        request.extend(body.model.feed.iter().cloned());
    }
    let port = body.model.carry[output].clone();
    let graph = Arc::new(body.model);
    let mut inside_out = passes.iter().rev().copied();
    let innermost = Loop::over(graph, inside_out.next().unwrap_or(1));
    Ok(Task {
        workload: Workload::Loop(Arc::new(LoopModel {
            name: model.name.clone(),
            outermost: inside_out.fold(innermost, Loop::repeated),
            output: output as u32,
            starts,
            feed,
        })),
        request,
        output: port,
    })
}

/// The carried value that is the result.
fn output(carry: &[Port], named: Option<&str>) -> Result<usize, Failure> {
    let names = || {
        let names: Vec<String> = carry.iter().map(|port| format!("`{}`", port.name)).collect();
        names.join(", ")
    };
    match (named, carry) {
        (_, []) => Err(Failure::user(
            "nothing is handed on from pass to pass: write `carry`, or `collect` an output",
        )),
        (Some(name), _) => carry.iter().position(|port| port.name == name).ok_or_else(|| {
            Failure::user(format!(
                "output: no carried value is named `{name}`; there are {}",
                names()
            ))
        }),
        (None, [_]) => Ok(0),
        (None, _) => Err(Failure::user(format!(
            "several values are carried: say which one is the result with `output`, one of {}",
            names()
        ))),
    }
}

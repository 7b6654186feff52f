//! What a spec's stages make of the converted graph: the graph itself, or loops over it.

use std::sync::Arc;

use opml_graph::{Carried, CarryStart, Loop, LoopBody, LoopFeed, LoopModel, LoopNote, Model, Port, Work, body_graph};
use opml_pipeline::{LoopSpec, StartSpec};
use opml_stages::Workload;

use crate::failure::Failure;
use crate::prepare::Converted;

/// A task's model: what runs, what a request gives, what comes out.
pub(crate) struct Task {
    pub(crate) workload: Workload,
    /// The request's values, in order.
    pub(crate) request: Vec<Port>,
    pub(crate) output: Port,
}

impl Task {
    /// The task of a converted graph in `loops`, outermost first; without loops, of the graph itself.
    pub(crate) fn new(converted: &Converted, loops: &[LoopSpec]) -> Result<Task, Failure> {
        let model = &converted.model;
        let Some((inner, outer)) = loops.split_last() else {
            if converted.notes.contains_key(LoopNote::NAME) {
                return Err(Failure::user("the model goes through its graphs again and again")
                    .help("begin the stages with `- loop: {}`"));
            }
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
        let passes = loops
            .iter()
            .map(|looped| looped.passes.map(|passes| u64::from(passes.get())));
        let Some(passes) = passes.collect::<Option<Vec<u64>>>() else {
            return described(converted, loops);
        };
        if converted.graphs.len() > 1 {
            return Err(Failure::user("the model has several graphs, whose passes are its own")
                .help("leave out `passes`: write `- loop: {}`"));
        }
        looped(model, inner, &passes).map_err(|failure| failure.context(format_args!("stages[{}].loop", outer.len())))
    }
}

/// The loop that the model file describes.
fn described(converted: &Converted, loops: &[LoopSpec]) -> Result<Task, Failure> {
    let missing =
        || Failure::user("stages: a loop without `passes` is one that the model describes, and this one does not");
    let note = converted.notes.get(LoopNote::NAME).ok_or_else(missing)?;
    let [spec] = loops else {
        return Err(Failure::user("stages: the model describes one loop"));
    };
    if spec.passes.is_some() || !spec.carry.is_empty() || spec.collect.is_some() || spec.output.is_some() {
        return Err(Failure::user(
            "stages[0].loop: the model itself says what its passes hand on",
        ));
    }
    let malformed = |reason: String| Failure::other(format!("the model file's note `loop` is malformed: {reason}"));
    let note = LoopNote::from_text(note).map_err(malformed)?;
    if note.passes.len() != converted.graphs.len() {
        return Err(malformed("it has not as many passes as there are graphs".into()));
    }
    let carry = &converted.model.carry;
    let mut request = Vec::new();
    let mut starts = Vec::new();
    for port in carry {
        starts.push(match note.request.contains(&port.name) {
            true => {
                request.push(port.clone());
                CarryStart::Request(request.len() as u32 - 1)
            }
            false => CarryStart::Zero,
        });
    }
    let output = output(carry, Some(&note.output))?;
    let bodies = converted
        .graphs
        .iter()
        .zip(&note.passes)
        .map(|(graph, passes)| LoopBody {
            passes: *passes,
            work: Work::Graph(Arc::clone(graph)),
        });
    Ok(Task {
        output: carry[output].clone(),
        workload: Workload::Loop(Arc::new(LoopModel {
            name: converted.model.name.clone(),
            outermost: Loop {
                bodies: bodies.collect(),
            },
            output: output as u32,
            starts,
            feed: LoopFeed::None,
        })),
        request,
    })
}

/// The graphs of a task by the passes of its innermost loop: which nodes a pass has.
#[derive(Clone)]
pub(crate) struct Bodies(Vec<(u64, Arc<Model>)>);

impl Bodies {
    /// The graph of a pass; without a loop, of any.
    pub(crate) fn graph(&self, pass: u64) -> &Model {
        let mut first = 0;
        for (passes, graph) in &self.0 {
            if pass < first + passes {
                return graph;
            }
            first += passes;
        }
        &self.0[self.0.len() - 1].1
    }
}

impl Task {
    /// Passes through the task's graphs in all; 1 without a loop.
    pub(crate) fn passes(&self) -> u64 {
        fn within(looped: &Loop) -> u64 {
            let passes = looped.bodies.iter().map(|body| match &body.work {
                Work::Graph(_) => body.passes,
                Work::Loop(inner) => body.passes.saturating_mul(within(inner)),
            });
            passes.fold(0, u64::saturating_add)
        }
        match &self.workload {
            Workload::Graph(_) => 1,
            Workload::Loop(model) => within(&model.outermost),
        }
    }

    /// The task's graphs.
    pub(crate) fn bodies(&self) -> Bodies {
        fn innermost(looped: &Loop, bodies: &mut Vec<(u64, Arc<Model>)>) {
            for body in &looped.bodies {
                match &body.work {
                    Work::Graph(graph) => bodies.push((body.passes, Arc::clone(graph))),
                    Work::Loop(inner) => innermost(inner, bodies),
                }
            }
        }
        let mut bodies = Vec::new();
        match &self.workload {
            Workload::Graph(graph) => bodies.push((1, Arc::clone(graph))),
            Workload::Loop(model) => innermost(&model.outermost, &mut bodies),
        }
        Bodies(bodies)
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

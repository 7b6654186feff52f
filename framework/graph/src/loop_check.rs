use std::collections::HashMap;
use std::sync::Arc;

use opml_commit::height_of;
use thiserror::Error;

use crate::entry_rule::MAX_FED_PASSES;
use crate::loop_header::{MAX_BODIES, MAX_CARRY, MAX_PASSES};
use crate::{
    CarryStart, Constant, ConstantFeed, Loop, LoopBody, LoopFeed, LoopModel, Model, Port, ValidateError, Work, validate,
};

/// The most values of a request: more than any transaction carries.
const MAX_REQUEST: u64 = 1 << 16;

/// Why honest roles refuse a loop.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LoopError {
    /// A loop is not well formed.
    #[error("{}: {reason}", named(.place))]
    Loop {
        /// Bodies on the way to it, outermost first; empty for the outermost loop.
        place: Vec<usize>,
        /// What is wrong.
        reason: String,
    },
    /// A graph is not valid by itself.
    #[error("graph `{name}`: {source}")]
    Graph {
        /// Its name.
        name: String,
        /// What is wrong.
        source: ValidateError,
    },
    /// A graph cannot be a loop's body.
    #[error("graph `{name}`: {reason}")]
    Body {
        /// Its name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// A request cannot enter.
    #[error("the request: {0}")]
    Request(String),
    /// A feed does not fit the passes.
    #[error("the feed: {0}")]
    Feed(String),
    /// The output does not exist.
    #[error("the output is carried value {output}, but there are {count}")]
    Output {
        /// The value named.
        output: u32,
        /// Values carried.
        count: usize,
    },
}

/// The static test of a loop: counts, every graph by [`validate`], one carry throughout, a feed for every pass, a request that
/// has each of its values in one size.
pub fn validate_loop(model: &LoopModel) -> Result<(), LoopError> {
    check_shape(&model.outermost, model.outermost.depth(), &[])?;
    let mut seen: Vec<*const Model> = Vec::new();
    for graph in model.outermost.graphs() {
        if !seen.contains(&Arc::as_ptr(graph)) {
            seen.push(Arc::as_ptr(graph));
            check_graph(graph, model.outermost.carry())?;
        }
    }
    let count = model.outermost.carry().len();
    if model.output as usize >= count {
        return Err(LoopError::Output {
            output: model.output,
            count,
        });
    }
    check_starts(model)?;
    check_feed(model)?;
    check_request(model)
}

fn named(place: &[usize]) -> String {
    match place.is_empty() {
        true => "the outermost loop".into(),
        false => format!("the loop that is body {} of the outermost one", dotted(place)),
    }
}

fn dotted(places: &[usize]) -> String {
    places.iter().map(usize::to_string).collect::<Vec<_>>().join(".")
}

fn check_shape(passes: &Loop, depth: usize, place: &[usize]) -> Result<(), LoopError> {
    let refuse = |reason: String| {
        Err(LoopError::Loop {
            place: place.to_vec(),
            reason,
        })
    };
    if passes.bodies.is_empty() || passes.bodies.len() > MAX_BODIES {
        return refuse(format!(
            "it has {} bodies; a loop has 1 to {MAX_BODIES}",
            passes.bodies.len()
        ));
    }
    for (body, LoopBody { passes: often, work }) in passes.bodies.iter().enumerate() {
        if *often == 0 {
            return refuse(format!("body {body} has no passes"));
        }
        match work {
            Work::Loop(inner) if depth > 1 => check_shape(inner, depth - 1, &[place, &[body]].concat())?,
            Work::Graph(_) if depth == 1 => {}
            _ => return refuse(format!("body {body} has not as many loops inside as the first one")),
        }
    }
    match passes.passes() > MAX_PASSES {
        true => refuse(format!(
            "it has {} passes; a loop has at most {MAX_PASSES}",
            passes.passes()
        )),
        false => Ok(()),
    }
}

fn check_graph(model: &Model, carry: &[Port]) -> Result<(), LoopError> {
    let name = || model.name.clone();
    validate(model).map_err(|source| LoopError::Graph { name: name(), source })?;
    let refuse = |reason: String| Err(LoopError::Body { name: name(), reason });
    let count = model.carry.len();
    if count == 0 || count > MAX_CARRY as usize {
        return refuse(format!(
            "it carries {count} values; a loop's body carries 1 to {MAX_CARRY}"
        ));
    }
    if count != carry.len() {
        return refuse(format!(
            "it carries {count} values, the loop's first graph {}",
            carry.len()
        ));
    }
    let height = u32::from(height_of(count as u64));
    if model.outputs.len() != count || model.output_height != height {
        return refuse(format!(
            "its output is {} values in a block of height {}; what it carries is {count} in one of height {height}",
            model.outputs.len(),
            model.output_height
        ));
    }
    for (place, ((own, output), common)) in model.carry.iter().zip(&model.outputs).zip(carry).enumerate() {
        for (what, port) in [("takes", own), ("gives", output)] {
            if (port.dtype, port.bytes()) != (common.dtype, common.bytes()) {
                return refuse(format!(
                    "it {what} carried value {place} as {}, the loop carries {}",
                    described(port),
                    described(common)
                ));
            }
        }
    }
    Ok(())
}

fn described(port: &Port) -> String {
    format!("{} {}", port.dtype.name(), port.shape)
}

fn check_starts(model: &LoopModel) -> Result<(), LoopError> {
    let carry = model.outermost.carry();
    if model.starts.len() != carry.len() {
        return Err(LoopError::Request(format!(
            "{} starts are given for {} carried values",
            model.starts.len(),
            carry.len()
        )));
    }
    for (place, (start, port)) in model.starts.iter().zip(carry).enumerate() {
        if let CarryStart::Constant(constant) = start
            && constant.size() != port.bytes() as usize
        {
            return Err(LoopError::Request(format!(
                "carried value {place} `{}` starts as a constant of {} bytes, but has {}",
                port.name,
                constant.size(),
                port.bytes()
            )));
        }
    }
    Ok(())
}

fn check_feed(model: &LoopModel) -> Result<(), LoopError> {
    let refuse = |reason: String| Err(LoopError::Feed(reason));
    match &model.feed {
        LoopFeed::None => match model.outermost.graphs().iter().find(|graph| !graph.feed.is_empty()) {
            Some(graph) => refuse(format!(
                "graph `{}` is fed {} values, but nothing is fed",
                graph.name,
                graph.feed.len()
            )),
            None => Ok(()),
        },
        LoopFeed::Request(_) => {
            let bodies = &model.outermost.bodies;
            let shapes: Vec<Vec<u32>> = bodies.iter().map(Loop::feed_shape).collect();
            if let Some(reason) = bodies.iter().find_map(uneven) {
                return refuse(reason);
            }
            let Some(last) = shapes.iter().rposition(|shape| !shape.is_empty()) else {
                return refuse("no graph is fed anything: say that nothing is fed".into());
            };
            let fed = bodies[..=last]
                .iter()
                .fold(0u64, |sum, body| sum.saturating_add(body.passes));
            match fed > MAX_FED_PASSES {
                true => refuse(format!(
                    "a request feeds at most the first {MAX_FED_PASSES} passes, not {fed}"
                )),
                false => Ok(()),
            }
        }
        LoopFeed::Constant(passes) => check_passes(&model.outermost, passes, &mut Vec::new()),
    }
}

/// Why a request cannot feed the passes of a body: all passes of a loop inside must be fed alike.
fn uneven(body: &LoopBody) -> Option<String> {
    let Work::Loop(inner) = &body.work else {
        return None;
    };
    let mut shapes = inner.bodies.iter().map(Loop::feed_shape);
    let first = shapes.next();
    match shapes.all(|shape| Some(shape) == first) {
        true => inner.bodies.iter().find_map(uneven),
        false => Some(
            "a request feeds all passes of a loop inside a loop alike; its bodies differ in what they are fed".into(),
        ),
    }
}

fn check_passes(passes: &Loop, given: &[ConstantFeed], path: &mut Vec<usize>) -> Result<(), LoopError> {
    if given.len() as u64 != passes.passes() {
        return Err(LoopError::Feed(format!(
            "{}{} passes are fed, there are {}",
            placed(path),
            given.len(),
            passes.passes()
        )));
    }
    let works = passes
        .bodies
        .iter()
        .flat_map(|body| (0..body.passes).map(|_| &body.work));
    for (pass, (work, fed)) in works.zip(given).enumerate() {
        path.push(pass);
        match (work, fed) {
            (Work::Loop(inner), ConstantFeed::Passes(fed)) => check_passes(inner, fed, path)?,
            (Work::Loop(inner), ConstantFeed::None) if inner.graphs().iter().all(|graph| graph.feed.is_empty()) => {}
            (Work::Graph(model), ConstantFeed::None) if model.feed.is_empty() => {}
            (Work::Graph(model), ConstantFeed::Values(values)) if fits(&model.feed, values) => {}
            _ => {
                return Err(LoopError::Feed(format!("{}what is fed does not fit", placed(path))));
            }
        }
        path.pop();
    }
    Ok(())
}

fn fits(ports: &[Port], values: &[Constant]) -> bool {
    let sizes = |(port, value): (&Port, &Constant)| port.bytes() as usize == value.size();
    !ports.is_empty() && ports.len() == values.len() && ports.iter().zip(values).all(sizes)
}

fn placed(path: &[usize]) -> String {
    match path.is_empty() {
        true => String::new(),
        false => format!("pass {}: ", dotted(path)),
    }
}

fn check_request(model: &LoopModel) -> Result<(), LoopError> {
    let refuse = |reason: String| Err(LoopError::Request(reason));
    let first_fed = match model.feed {
        LoopFeed::Request(first) => u64::from(first),
        LoopFeed::None | LoopFeed::Constant(_) => 0,
    };
    let starts = model.starts.iter().filter_map(|start| match start {
        CarryStart::Request(index) => Some(u64::from(*index) + 1),
        CarryStart::Zero | CarryStart::Constant(_) => None,
    });
    let count = starts.fold(first_fed.saturating_add(model.fed_count()), u64::max);
    if count > MAX_REQUEST {
        return refuse(format!(
            "it would have {count} values; a request has at most {MAX_REQUEST}"
        ));
    }
    let request = model.request();
    if let Some(unread) = request.iter().position(Option::is_none) {
        return refuse(format!("nothing reads value {unread}"));
    }
    let mut sizes: HashMap<u32, &Port> = HashMap::new();
    for (start, port) in model.starts.iter().zip(model.outermost.carry()) {
        let CarryStart::Request(index) = start else {
            continue;
        };
        let other = *sizes.entry(*index).or_insert(port);
        let fed = u64::from(*index) >= first_fed && u64::from(*index) - first_fed < model.fed_count();
        if other.bytes() != port.bytes() || fed {
            return refuse(format!(
                "value {index} is read in two ways, as `{}` and otherwise",
                port.name
            ));
        }
    }
    Ok(())
}

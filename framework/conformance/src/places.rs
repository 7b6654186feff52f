use opml_engine::{Fault, FaultPart};
use opml_graph::{Loop, Model, Work};
use opml_stages::Workload;

use crate::Noise;

/// Where a lie can be planted: every pass of every loop, every node, every block, and some steps in each of these.
#[derive(Clone, Debug)]
pub struct Place {
    /// Parts, one a stage, outermost first.
    pub path: Vec<u64>,
    /// Bytes of the part's output.
    pub bytes: u64,
    /// Whether the last part is a step of the machine.
    pub is_step: bool,
}

impl Place {
    /// A lie about one byte of the part's output; at a step, about that or a register, after any number of steps: most steps' lies
    /// are masked by what the machine does next.
    pub fn lie(&self, noise: &mut Noise) -> Fault {
        let mut path = self.path.clone();
        if let Some(step) = path.last_mut().filter(|_| self.is_step) {
            *step = any_step(noise);
        }
        let part = match self.is_step && noise.below(3) > 0 {
            true => FaultPart::Register {
                number: 1 + noise.below(31) as u8,
            },
            false => FaultPart::Output {
                byte: noise.below(self.bytes.max(1)),
            },
        };
        Fault { path, part }
    }
}

/// Steps spread over a whole run on a logarithmic scale.
fn any_step(noise: &mut Noise) -> u64 {
    let scale = 1 + noise.below(14);
    noise.below(1 << scale)
}

/// The places of a workload in the pipeline `kinds`, with `steps` steps in each part of the last stage but one.
pub fn places(kinds: &[&str], workload: &Workload, steps: u64, seed: u64) -> Vec<Place> {
    let mut walk = Walk {
        nodes_have_blocks: kinds.contains(&"node"),
        graphs_have_nodes: kinds.contains(&"graph"),
        steps,
        noise: Noise::new(seed),
        path: Vec::new(),
        found: Vec::new(),
    };
    match workload {
        Workload::Graph(model) => {
            walk.note(model.outputs.iter().map(|port| u64::from(port.bytes())).sum());
            walk.graph(model);
        }
        Workload::Loop(model) => {
            walk.note(model.output_port().map_or(0, |port| port.bytes().into()));
            walk.passes(&model.outermost);
        }
    }
    walk.found
}

struct Walk {
    graphs_have_nodes: bool,
    nodes_have_blocks: bool,
    steps: u64,
    noise: Noise,
    path: Vec<u64>,
    found: Vec<Place>,
}

impl Walk {
    fn note(&mut self, bytes: u64) {
        self.found.push(Place {
            path: self.path.clone(),
            bytes,
            is_step: false,
        });
    }

    fn below(&mut self, part: u64, visit: impl FnOnce(&mut Walk)) {
        self.path.push(part);
        visit(self);
        self.path.pop();
    }

    fn passes(&mut self, passes: &Loop) {
        let bytes = passes.carry().iter().map(|port| u64::from(port.bytes())).sum();
        let works = passes
            .bodies
            .iter()
            .flat_map(|body| (0..body.passes).map(|_| &body.work));
        for (pass, work) in (0..).zip(works) {
            self.below(pass, |walk| {
                walk.note(bytes);
                match work {
                    Work::Loop(inner) => walk.passes(inner),
                    Work::Graph(model) => walk.graph(model),
                }
            });
        }
    }

    fn graph(&mut self, model: &Model) {
        if !self.graphs_have_nodes {
            return self.some_steps(model.outputs.iter().map(|port| u64::from(port.bytes())).sum());
        }
        for (node, described) in (0..).zip(&model.nodes) {
            let record = &described.record;
            let bytes = u64::from(record.output_bytes());
            self.below(node, |walk| {
                walk.note(bytes);
                if record.tag() < 2 {
                    return;
                }
                if !walk.nodes_have_blocks {
                    return walk.some_steps(bytes);
                }
                let block = 1 << record.block_log2();
                for index in 0..bytes.div_ceil(block) {
                    let bytes = block.min(bytes - index * block);
                    walk.below(index, |walk| {
                        walk.note(bytes);
                        walk.some_steps(bytes);
                    });
                }
            });
        }
    }

    fn some_steps(&mut self, bytes: u64) {
        for _ in 0..self.steps {
            let mut path = self.path.clone();
            path.push(any_step(&mut self.noise));
            self.found.push(Place {
                path,
                bytes,
                is_step: true,
            });
        }
    }
}

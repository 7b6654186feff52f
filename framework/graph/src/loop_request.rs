use crate::{CarryStart, Loop, LoopFeed, LoopModel, Port, Work};

impl LoopModel {
    /// The values of a request, in order, by what reads them first; `None` for one that nothing reads. A fed value's name says
    /// in which passes.
    pub fn request(&self) -> Vec<Option<Port>> {
        let mut request: Vec<Option<Port>> = Vec::new();
        let mut name = |index: usize, port: Port| {
            if request.len() <= index {
                request.resize(index + 1, None);
            }
            request[index].get_or_insert(port);
        };
        for (start, port) in self.starts.iter().zip(self.outermost.carry()) {
            if let CarryStart::Request(index) = start {
                name(*index as usize, port.clone());
            }
        }
        if let LoopFeed::Request(first) = self.feed {
            let mut fed = Vec::new();
            fed_ports(&self.outermost, &mut Vec::new(), &mut fed);
            for (place, port) in fed.into_iter().enumerate() {
                name((first as usize).saturating_add(place), port);
            }
        }
        request
    }

    /// How many values the passes take from the request; saturates.
    pub(crate) fn fed_count(&self) -> u64 {
        match self.feed {
            LoopFeed::Request(_) => fed_count(&self.outermost),
            LoopFeed::None | LoopFeed::Constant(_) => 0,
        }
    }
}

fn fed_count(passes: &Loop) -> u64 {
    passes.bodies.iter().fold(0, |sum, body| {
        let each = match &body.work {
            Work::Graph(model) => model.feed.len() as u64,
            Work::Loop(inner) => fed_count(inner),
        };
        sum.saturating_add(each.saturating_mul(body.passes))
    })
}

fn fed_ports(passes: &Loop, path: &mut Vec<u64>, ports: &mut Vec<Port>) {
    let mut pass = 0;
    for body in &passes.bodies {
        let fed = match &body.work {
            Work::Graph(model) => !model.feed.is_empty(),
            Work::Loop(inner) => fed_count(inner) > 0,
        };
        if !fed {
            pass += body.passes;
            continue;
        }
        for _ in 0..body.passes {
            path.push(pass);
            match &body.work {
                Work::Loop(inner) => fed_ports(inner, path, ports),
                Work::Graph(model) => {
                    let place: Vec<String> = path.iter().map(u64::to_string).collect();
                    ports.extend(model.feed.iter().map(|port| Port {
                        name: format!("{} of pass {}", port.name, place.join(".")),
                        ..port.clone()
                    }));
                }
            }
            path.pop();
            pass += 1;
        }
    }
}

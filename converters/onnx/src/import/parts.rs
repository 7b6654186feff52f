//! Operators whose inputs or output are larger than a slot, computed part by part.

use opml_ops::{DType, MAX_VALUE_BYTES, Operator};

use super::cut::Application;
use super::graph::Graph;
use super::operand::Operand;
use super::pieces::{Pieces, Range};
use super::plan::{Plan, bytes_of, even_ranges};
use super::problem::{Outcome, Problem};

impl Graph {
    /// Whether an operand must be cut before a node can read it. What is computed lies in a slot already.
    pub(super) fn is_large(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Constant(tensor) => tensor.bytes.len() as u64 > self.value_limit,
            Operand::Value { .. } => false,
            Operand::Pieces(_) => true,
        }
    }

    /// The output, of this type and these dimensions, of an operator that takes or gives what is larger than a slot.
    pub(super) fn apply_in_parts(
        &mut self,
        operator: Operator,
        inputs: &[&Operand],
        attributes: &[u32],
        (dtype, dims): (DType, &[usize]),
    ) -> Outcome<Operand> {
        let application = Application {
            operator,
            inputs: inputs.iter().map(|input| input.dims()).collect(),
            output: dims,
            attributes,
            narrows: inputs.iter().any(|input| self.is_large(input)),
        };
        match operator {
            Operator::Concat if bytes_of(dims, dtype) > self.value_limit => {
                let parts = inputs.iter().map(|input| (*input).clone()).collect();
                return self.flat_pieces(parts, application.word(0));
            }
            Operator::View if application.narrows => {
                let reads = application.view_reads();
                let whole = |range: &Range| range.size == application.inputs[0][range.axis];
                let (attributes, same) = application.view_of(&reads);
                if !reads.iter().all(whole) || same {
                    let mut x = inputs[0].clone();
                    for range in reads {
                        x = self.part_of(&x, range)?;
                    }
                    return match same {
                        true => Ok(x),
                        false => self.apply(operator, &[&x], &attributes),
                    };
                }
            }
            _ => {}
        }
        let mut best: Option<Plan> = None;
        for axis in 0..dims.len() {
            let Some(plan) = self.plan(&application, inputs, dtype, axis) else {
                continue;
            };
            let rank = |plan: &Plan| (!plan.suffices, plan.recut, plan.ranges.len());
            if best.as_ref().is_none_or(|best| rank(&plan) < rank(best)) {
                best = Some(plan);
            }
        }
        match best {
            Some(plan) if plan.suffices || operator != Operator::Gather => self.apply_plan(&application, inputs, &plan),
            _ if operator == Operator::Gather && self.is_large(inputs[0]) => {
                self.gather_from_parts(inputs[0], inputs[1], application.word(0))
            }
            Some(plan) => self.apply_plan(&application, inputs, &plan),
            None => Err(self.uncut(operator, inputs, (dtype, dims))),
        }
    }

    fn apply_plan(&mut self, application: &Application, inputs: &[&Operand], plan: &Plan) -> Outcome<Operand> {
        let mut outputs = Vec::with_capacity(plan.ranges.len());
        for range in &plan.ranges {
            let part = application
                .part(*range)
                .ok_or_else(|| Problem::new("it cannot be cut"))?;
            let mut given = Vec::with_capacity(inputs.len());
            for (input, read) in inputs.iter().zip(&part.inputs) {
                given.push(match read {
                    Some(read) => self.part_of(input, *read)?,
                    None => (*input).clone(),
                });
            }
            let given: Vec<&Operand> = given.iter().collect();
            outputs.push(self.apply(application.operator, &given, &part.attributes)?);
        }
        self.joined(outputs, plan.axis)
    }

    /// A part of an operand; of what is computed, a view.
    pub(super) fn part_of(&mut self, x: &Operand, range: Range) -> Outcome<Operand> {
        if range.size == x.dims()[range.axis] {
            return Ok(x.clone());
        }
        let pieces = match x {
            Operand::Constant(tensor) => return Ok(tensor.part(range).into()),
            Operand::Value { .. } => return self.slice(x, range.axis, range.start, range.size),
            Operand::Pieces(pieces) => pieces,
        };
        let mut parts = Vec::new();
        for (own, part) in pieces.ranges() {
            if own.axis != range.axis {
                parts.push(self.part_of(part, range)?);
                continue;
            }
            let start = range.start.max(own.start);
            let end = (range.start + range.size).min(own.start + own.size);
            if start < end {
                let within = Range {
                    start: start - own.start,
                    size: end - start,
                    ..range
                };
                parts.push(self.part_of(part, within)?);
            }
        }
        self.joined(parts, pieces.axis)
    }

    /// Parts as one value where that fits a slot, else as they are.
    pub(super) fn joined(&mut self, mut parts: Vec<Operand>, axis: usize) -> Outcome<Operand> {
        if parts.len() == 1 {
            return Ok(parts.remove(0));
        }
        let bytes: u64 = parts.iter().map(Operand::bytes).sum();
        if bytes > self.value_limit {
            return self.flat_pieces(parts, axis);
        }
        for part in &mut parts {
            if let Operand::Pieces(pieces) = part {
                *part = self.joined(std::mem::take(&mut pieces.parts), pieces.axis)?;
            }
        }
        self.concat(&parts, axis)
    }

    /// Pieces of these parts, those of parts along the same axis among them.
    pub(super) fn flat_pieces(&self, parts: Vec<Operand>, axis: usize) -> Outcome<Operand> {
        let each = parts.into_iter().flat_map(|part| match part {
            Operand::Pieces(pieces) if pieces.axis == axis => pieces.parts,
            part => vec![part],
        });
        let pieces = Pieces::of(each.collect(), axis).ok_or_else(|| Problem::new("it has no parts"))?;
        Ok(Operand::Pieces(pieces))
    }

    /// An output in one value. However small other values must be, one may be as large as a slot.
    pub(super) fn whole_output(&mut self, name: &str, value: Operand) -> Outcome<Operand> {
        let limit = std::mem::replace(&mut self.value_limit, u64::from(MAX_VALUE_BYTES));
        let whole = match value {
            Operand::Pieces(pieces) => self.joined(pieces.parts, pieces.axis),
            value => Ok(value),
        };
        let whole = whole.and_then(|whole| match self.is_large(&whole) {
            true => Err(Problem::new(format!(
                "the output `{name}` has {} bytes; a value has at most {MAX_VALUE_BYTES}",
                whole.bytes()
            ))
            .with_help(
                "give smaller dimensions, or take the places of its greatest elements: `argmax` under `outputs`",
            )),
            false => Ok(whole),
        });
        self.value_limit = limit;
        whole
    }

    /// Ranges of an axis in which an operand fits slots.
    pub(super) fn fitting_ranges(&self, x: &Operand, axis: usize) -> Outcome<Vec<Range>> {
        let length = x.dims().get(axis).copied().unwrap_or(1);
        let most = (self.value_limit / (x.bytes() / length as u64).max(1)) as usize;
        let ranges = (most > 0)
            .then(|| even_ranges(axis, length, most.min(length), 1))
            .flatten();
        ranges.ok_or_else(|| self.uncut(Operator::View, &[x], (x.dtype(), x.dims())))
    }

    /// Why an operator cannot be applied to what is larger than a slot.
    pub(super) fn uncut(&self, operator: Operator, inputs: &[&Operand], output: (DType, &[usize])) -> Problem {
        let large = inputs.iter().position(|input| self.is_large(input));
        let described = |dtype: DType, dims: &[usize]| {
            let bytes = bytes_of(dims, dtype);
            format!("{} {dims:?}, has {bytes} bytes", dtype.name())
        };
        let what = match large {
            Some(place) => format!(
                "input {place}, {}",
                described(inputs[place].dtype(), inputs[place].dims())
            ),
            None => format!("its output, {}", described(output.0, output.1)),
        };
        Problem::new(format!(
            "`{}`: {what}; a value has at most {}, and this one cannot be cut into parts",
            operator.name(),
            self.value_limit
        ))
        .with_help("give smaller dimensions, or export the model with this tensor in parts")
        .about_an_uncut_value()
    }
}

//! Graphs inside graphs: conditions that are known beforehand, and loops whose passes are.

use opml_graph::ConvertError;
use tract_onnx::pb::GraphProto;

use super::Import;
use super::node::{OnnxNode, axis};
use super::operand::Operand;
use super::problem::{Outcome, Problem};
use super::scope::Scope;
use super::tensor::Tensor;

/// Graphs inside graphs at most.
const DEEPEST: usize = 16;
/// Passes of a loop at most.
const MOST_PASSES: i64 = 1 << 16;

type Refuse<'a> = &'a dyn Fn(Problem) -> ConvertError;

impl Import<'_> {
    /// The outputs of an operator that holds graphs; `None` when it holds none.
    pub(super) fn control(
        &mut self,
        node: &OnnxNode,
        scope: &Scope,
        depth: usize,
        refuse: Refuse,
    ) -> Result<Option<Vec<Operand>>, ConvertError> {
        if !matches!(node.operator(), "If" | "Loop" | "Scan") {
            return Ok(None);
        }
        if depth >= DEEPEST {
            return Err(refuse(Problem::new(format!(
                "more than {DEEPEST} graphs lie inside one another"
            ))));
        }
        match node.operator() {
            "If" => self.branch(node, scope, depth, refuse),
            "Loop" => self.unrolled_loop(node, scope, depth, refuse),
            _ => self.scan(node, scope, depth, refuse),
        }
        .map(Some)
    }

    /// The outputs of an inner graph on these inputs.
    fn inner(
        &mut self,
        graph: &GraphProto,
        scope: &Scope,
        inputs: &[Operand],
        depth: usize,
    ) -> Result<Vec<Operand>, ConvertError> {
        let mut inner = scope.inside();
        for (input, value) in graph.input.iter().zip(inputs) {
            inner.shadow(&input.name, value.clone());
        }
        for node in &graph.node {
            node.output.iter().for_each(|name| inner.forget(name));
        }
        self.initializers(graph, &mut inner)?;
        self.nodes(&graph.node, &mut inner, depth + 1)?;
        let outputs = graph.output.iter().map(|output| {
            let value = inner.get(&output.name).cloned();
            value.ok_or_else(|| super::undefined(&output.name, "the output of an inner graph"))
        });
        outputs.collect()
    }

    /// The branch that a known condition names; otherwise both, of whose outputs the condition selects.
    fn branch(
        &mut self,
        node: &OnnxNode,
        scope: &Scope,
        depth: usize,
        refuse: Refuse,
    ) -> Result<Vec<Operand>, ConvertError> {
        let condition = node.input(0).map_err(refuse)?;
        let [taken, other] = ["then_branch", "else_branch"].map(|name| node.graph(name));
        let (taken, other) = (taken.map_err(refuse)?, other.map_err(refuse)?);
        if condition.constant().is_some() {
            let holds = flag(condition, "the condition").map_err(refuse)?;
            return self.inner(if holds { taken } else { other }, scope, &[], depth);
        }
        let (taken, other) = (
            self.inner(taken, scope, &[], depth)?,
            self.inner(other, scope, &[], depth)?,
        );
        let condition = condition.reshaped(Vec::new()).map_err(refuse)?;
        let mut outputs = Vec::new();
        for (a, b) in taken.iter().zip(&other) {
            if (a.dtype(), a.dims()) != (b.dtype(), b.dims()) {
                let shapes = format!("{:?} and {:?}", a.dims(), b.dims());
                return Err(refuse(
                    Problem::new(format!("its branches give different shapes, {shapes}, and the condition is computed when the model runs"))
                        .with_help("give what decides about the condition under `values` of the spec's `model`"),
                ));
            }
            outputs.push(self.graph.select(&condition, a, b).map_err(refuse)?);
        }
        Ok(outputs)
    }

    /// A loop pass by pass: how many there are, and whether it goes on after each, must be known.
    fn unrolled_loop(
        &mut self,
        node: &OnnxNode,
        scope: &Scope,
        depth: usize,
        refuse: Refuse,
    ) -> Result<Vec<Operand>, ConvertError> {
        let graph = node.graph("body").map_err(refuse)?;
        let most = node.known(0, "the number of passes").map_err(refuse)?;
        let most = most.and_then(|most| most.first().copied()).unwrap_or(i64::MAX);
        let mut goes_on = match node.optional(1) {
            Some(condition) => flag(condition, "the condition").map_err(refuse)?,
            None => true,
        };
        let mut carried = (2..node.input_count()).map(|place| node.input(place).cloned());
        let mut carried = carried.by_ref().collect::<Outcome<Vec<_>>>().map_err(refuse)?;
        let collected = graph.output.len().saturating_sub(1 + carried.len());
        let mut rows: Vec<Vec<Operand>> = vec![Vec::new(); collected];
        let mut pass = 0;
        while goes_on && pass < most {
            if pass >= MOST_PASSES {
                return Err(refuse(Problem::new(format!(
                    "a loop of more than {MOST_PASSES} passes"
                ))));
            }
            self.graph.budget.visit().map_err(refuse)?;
            let number = Tensor {
                dims: Vec::new(),
                ..Tensor::i64s(&[pass])
            };
            let head = [number.into(), Tensor::booleans(Vec::new(), [true]).into()];
            let outputs = self.inner(graph, scope, &[&head[..], &carried].concat(), depth)?;
            let Some((condition, rest)) = outputs.split_first() else {
                return Err(refuse(Problem::new("the body has no outputs")));
            };
            goes_on = flag(condition, "whether the loop goes on").map_err(refuse)?;
            let (next, more) = rest.split_at(carried.len().min(rest.len()));
            carried = next.to_vec();
            rows.iter_mut().zip(more).for_each(|(rows, row)| rows.push(row.clone()));
            pass += 1;
        }
        for rows in rows {
            carried.push(self.stacked(&rows, 0, false).map_err(refuse)?);
        }
        Ok(carried)
    }

    /// A scan element by element.
    fn scan(
        &mut self,
        node: &OnnxNode,
        scope: &Scope,
        depth: usize,
        refuse: Refuse,
    ) -> Result<Vec<Operand>, ConvertError> {
        let graph = node.graph("body").map_err(refuse)?;
        let plan = ScanPlan::of(node, graph).map_err(refuse)?;
        // Before version 9 a first axis held the batch, and input 0 the lengths.
        let inputs = node.all_after(usize::from(plan.batched)).map_err(refuse)?;
        let batch = if plan.batched {
            inputs.first().map_or(1, |input| input.dims()[0])
        } else {
            1
        };
        let mut batches: Vec<Vec<Operand>> = Vec::new();
        for element in 0..batch {
            let mut own = Vec::new();
            for input in &inputs {
                own.push(match plan.batched {
                    true => self.element(input, 0, element).map_err(refuse)?,
                    false => input.clone(),
                });
            }
            batches.push(self.scan_one(&plan, graph, own, scope, depth, refuse)?);
        }
        if !plan.batched {
            return Ok(batches.pop().unwrap_or_default());
        }
        let outputs = batches.first().map_or(0, Vec::len);
        let stack = |place: usize| batches.iter().map(|batch| batch[place].clone()).collect::<Vec<_>>();
        (0..outputs)
            .map(|place| self.stacked(&stack(place), 0, false).map_err(refuse))
            .collect()
    }

    fn scan_one(
        &mut self,
        plan: &ScanPlan,
        graph: &GraphProto,
        inputs: Vec<Operand>,
        scope: &Scope,
        depth: usize,
        refuse: Refuse,
    ) -> Result<Vec<Operand>, ConvertError> {
        let states = inputs.len().saturating_sub(plan.scanned);
        let (mut carried, sequences) = (inputs[..states].to_vec(), &inputs[states..]);
        let mut axes = Vec::new();
        for (place, sequence) in sequences.iter().enumerate() {
            axes.push(axis(plan.input_axis(place), sequence.rank()).map_err(refuse)?);
        }
        let length = sequences.first().map_or(0, |sequence| sequence.dims()[axes[0]]);
        let mut rows: Vec<Vec<Operand>> = vec![Vec::new(); graph.output.len().saturating_sub(states)];
        for step in 0..length {
            self.graph.budget.visit().map_err(refuse)?;
            let mut given = carried.clone();
            for (place, sequence) in sequences.iter().enumerate() {
                let at = if plan.input_reversed(place) {
                    length - 1 - step
                } else {
                    step
                };
                given.push(self.element(sequence, axes[place], at).map_err(refuse)?);
            }
            let outputs = self.inner(graph, scope, &given, depth)?;
            let (next, more) = outputs.split_at(states.min(outputs.len()));
            carried = next.to_vec();
            rows.iter_mut().zip(more).for_each(|(rows, row)| rows.push(row.clone()));
        }
        for (place, rows) in rows.iter().enumerate() {
            let (axis, reversed) = (plan.output_axis(place), plan.output_reversed(place));
            carried.push(self.stacked(rows, axis, reversed).map_err(refuse)?);
        }
        Ok(carried)
    }

    /// One element of x along an axis, without the axis.
    fn element(&mut self, x: &Operand, axis: usize, place: usize) -> Outcome<Operand> {
        let slice = self.graph.slice(x, axis, place, 1)?;
        let mut dims = slice.dims().to_vec();
        dims.remove(axis);
        slice.reshaped(dims)
    }

    /// Rows side by side along a new axis.
    fn stacked(&mut self, rows: &[Operand], along: i64, reversed: bool) -> Outcome<Operand> {
        let rank = rows.first().map_or(0, Operand::rank) + 1;
        let along = axis(along, rank)?;
        let mut wide = Vec::new();
        for row in rows {
            let mut dims = row.dims().to_vec();
            dims.insert(along, 1);
            wide.push(row.reshaped(dims)?);
        }
        if reversed {
            wide.reverse();
        }
        self.graph.concat(&wide, along)
    }
}

/// How a scan goes through its sequences.
struct ScanPlan<'a> {
    scanned: usize,
    batched: bool,
    lists: [&'a [i64]; 4],
}

impl<'a> ScanPlan<'a> {
    fn of(node: &OnnxNode<'a>, graph: &GraphProto) -> Outcome<ScanPlan<'a>> {
        let scanned = super::node::size(node.int("num_scan_inputs", 0)?)?;
        if scanned == 0 || scanned > graph.input.len() {
            return Err(Problem::new("the attribute `num_scan_inputs` does not fit the body"));
        }
        let list = |name: &str| Ok(node.ints(name)?.unwrap_or(&[]));
        let batched = node.version < 9;
        let reversed = if batched { "directions" } else { "scan_input_directions" };
        Ok(ScanPlan {
            scanned,
            batched,
            lists: [
                list("scan_input_axes")?,
                list(reversed)?,
                list("scan_output_axes")?,
                list("scan_output_directions")?,
            ],
        })
    }

    fn at(&self, list: usize, place: usize) -> i64 {
        self.lists[list].get(place).copied().unwrap_or(0)
    }

    fn input_axis(&self, place: usize) -> i64 {
        self.at(0, place)
    }

    fn input_reversed(&self, place: usize) -> bool {
        self.at(1, place) != 0
    }

    fn output_axis(&self, place: usize) -> i64 {
        self.at(2, place)
    }

    fn output_reversed(&self, place: usize) -> bool {
        self.at(3, place) != 0
    }
}

/// A condition that is known beforehand.
fn flag(condition: &Operand, what: &str) -> Outcome<bool> {
    let values = condition.known(what)?.to_i64s();
    Ok(values.first().is_some_and(|value| *value != 0))
}

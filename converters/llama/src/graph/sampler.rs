use opml_ops::{BinaryFunction, DType, Operator, ReduceFunction};

use super::builder::{BuildError, Constants, Graph, Operand};
use crate::Sampling;

/// The multipliers of MurmurHash3's 32-bit finaliser (Appleby, 2011), and 2^32 over the golden ratio.
const MIX: [i32; 2] = [0x85eb_ca6b_u32 as i32, 0xc2b2_ae35_u32 as i32];
const PACE: i32 = 0x9e37_79b9_u32 as i32;

/// Draws a token from logits; its constants.
pub(super) struct Sampler {
    top_k: usize,
    /// 1 / temperature.
    rate: Operand,
    /// top_p and the share of what is left out, 0.
    nucleus: Option<[Operand; 2]>,
    pace: Operand,
    mix: [Operand; 2],
    shifts: [Operand; 3],
    low: Operand,
    unit: Operand,
}

impl Sampler {
    pub(super) fn new(sampling: &Sampling, constants: &mut Constants<'_>) -> Result<Sampler, BuildError> {
        let nucleus = match sampling.top_p {
            Some(top_p) => Some([constants.number(top_p)?, constants.number(0.0)?]),
            None => None,
        };
        Ok(Sampler {
            top_k: sampling.top_k,
            rate: constants.number(1.0 / sampling.temperature)?,
            nucleus,
            pace: constants.integer(PACE)?,
            mix: [constants.integer(MIX[0])?, constants.integer(MIX[1])?],
            shifts: [constants.integer(16)?, constants.integer(13)?, constants.integer(16)?],
            low: constants.integer(8)?,
            unit: constants.number(1.0 / (1 << 24) as f32)?,
        })
    }

    /// A number from 0 to 1, without 1, for a place in the text: f32 `[1]`, a multiple of 2^−24.
    fn number(&self, graph: &mut Graph, seed: Operand, place: Operand) -> Result<Operand, BuildError> {
        let spread = binary(graph, "draw.spread", BinaryFunction::Mul, place, self.pace)?;
        let mut word = graph.node("draw.seeded", Operator::AddI32, &[spread, seed], &[])?;
        for (turn, shift) in self.shifts.into_iter().enumerate() {
            let upper = binary(graph, "draw.upper", BinaryFunction::ShiftRight, word, shift)?;
            word = binary(graph, "draw.folded", BinaryFunction::BitXor, word, upper)?;
            if let Some(factor) = self.mix.get(turn) {
                word = binary(graph, "draw.mixed", BinaryFunction::Mul, word, *factor)?;
            }
        }
        let bits = binary(graph, "draw.bits", BinaryFunction::ShiftRight, word, self.low)?;
        let number = graph.node("draw.whole", Operator::Cast, &[bits], &[DType::F32 as u32, 0])?;
        binary(graph, "draw", BinaryFunction::Mul, number, self.unit)
    }

    /// The token i32 `[1]` that logits f32 `[1, V]` give at a place of a text with this seed: of the `top_k` likeliest, the
    /// first at which the sum of shares is not below the drawn number's part of all of them.
    pub(super) fn token(
        &self,
        graph: &mut Graph,
        logits: Operand,
        seed: Operand,
        place: Operand,
    ) -> Result<Operand, BuildError> {
        let likeliest = graph.node("likeliest", Operator::TopK, &[logits], &[1, self.top_k as u32, 0])?;
        let logits = graph.node("likeliest.logits", Operator::GatherElements, &[logits, likeliest], &[1])?;
        let scaled = binary(graph, "likeliest.scaled", BinaryFunction::Mul, logits, self.rate)?;
        let mut shares = graph.node("shares", Operator::Softmax, &[scaled], &[1, 0])?;
        if let Some([top_p, nothing]) = self.nucleus {
            let before = graph.node("shares.before", Operator::Cumulate, &[shares], &[1, 1, 0, 0])?;
            let kept = binary(graph, "shares.kept", BinaryFunction::Less, before, top_p)?;
            shares = graph.node("shares.nucleus", Operator::Select, &[kept, shares, nothing], &[])?;
        }
        let reached = graph.node("reached", Operator::Cumulate, &[shares], &[1, 0, 0, 0])?;
        let along = |function: ReduceFunction| [function as u32, 1 << 1];
        let whole = graph.node(
            "reached.whole",
            Operator::Reduce,
            &[reached],
            &along(ReduceFunction::Max),
        )?;
        let number = self.number(graph, seed, place)?;
        let drawn = binary(graph, "drawn", BinaryFunction::Mul, whole, number)?;
        let passed = binary(graph, "passed", BinaryFunction::Less, reached, drawn)?;
        let passed = graph.node("passed.numbers", Operator::Cast, &[passed], &[DType::I32 as u32, 0])?;
        let count = graph.node("passed.count", Operator::Reduce, &[passed], &along(ReduceFunction::Sum))?;
        let chosen = graph.node("chosen", Operator::GatherElements, &[likeliest, count], &[1])?;
        let chosen = chosen.read_as(&[1])?;
        graph.node("token", Operator::Cast, &[chosen], &[DType::I32 as u32, 0])
    }
}

fn binary(
    graph: &mut Graph,
    name: &str,
    function: BinaryFunction,
    a: Operand,
    b: Operand,
) -> Result<Operand, BuildError> {
    graph.node(name, Operator::Binary, &[a, b], &[function as u32])
}

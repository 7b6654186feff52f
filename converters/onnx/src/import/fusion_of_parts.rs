//! Convolutions that were cut: a fusion sees one where it finds parts that are only joined.

use opml_ops::Operator;

use super::graph::Graph;

/// A convolution that computes some of another one's output channels.
pub(super) struct ConvolutionPart {
    pub(super) node: usize,
    pub(super) channels: std::ops::Range<usize>,
}

impl Graph {
    /// The convolutions of constants that a node joins, along channels or the batch, and that nothing else reads; a convolution is its own only
    /// part.
    pub(super) fn parts_of_convolution(&self, node: usize, uses: &[usize]) -> Option<Vec<ConvolutionPart>> {
        let record = &self.model.nodes[node].record;
        let channels = |node: usize| Some(*self.model.nodes[node].record.output()?.shape.dims().get(1)? as usize);
        match self.operator(node)? {
            Operator::ConvF32 => {
                let constants = self.model.nodes[node].constants;
                let known = (1..record.input_count()).all(|input| constants[input].is_some());
                known.then_some(())?;
                Some(vec![ConvolutionPart {
                    node,
                    channels: 0..channels(node)?,
                }])
            }
            Operator::Concat if record.attribute(0) < 2 => {
                let along_channels = record.attribute(0) == 1;
                let (mut parts, mut start) = (Vec::new(), 0);
                for input in 0..record.input_count() {
                    let joined = self.own(self.read(node, input)?, uses)?;
                    for part in self.parts_of_convolution(joined, uses)? {
                        parts.push(ConvolutionPart {
                            node: part.node,
                            channels: part.channels.start + start..part.channels.end + start,
                        });
                    }
                    start += if along_channels { channels(joined)? } else { 0 };
                }
                Some(parts)
            }
            _ => None,
        }
    }
}

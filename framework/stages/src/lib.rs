//! The graph, node and instruction stages.

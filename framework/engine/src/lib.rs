//! Claims, stages, traces and the dispute game, free of graphs and machines.

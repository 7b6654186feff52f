//! Graphs, models, validation, the model file, and the traits of compute backends and converters.

//! The definition of every operator: types, shapes, node records, the operator table.

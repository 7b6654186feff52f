//! Operators that move elements, or choose them.

use opml_ops::{DType, Operator, Record, ScatterFunction};

use super::arithmetic::{greatest, least};
use super::tensor::{Tensor, coordinates, float, integer, joint, stored, wrapped};

/// An index from the end or the start, bounded.
fn bounded(index: i64, size: usize) -> usize {
    let index = if index < 0 {
        index.wrapping_add(size as i64)
    } else {
        index
    };
    index.clamp(0, size as i64 - 1) as usize
}

/// The output of an operator of this family.
pub(crate) fn output(operator: Operator, record: &Record, inputs: &[Vec<u8>]) -> Option<Tensor> {
    let input = |place: usize| Tensor::input(record, inputs, place);
    let a = |place: usize| record.attribute(place) as usize;
    Some(match operator {
        Operator::View => view(record, &input(0)),
        Operator::Concat => {
            let parts: Vec<Tensor> = (0..inputs.len()).map(input).collect();
            let mut dims = parts[0].dims.clone();
            dims[a(0)] = parts.iter().map(|part| part.dims[a(0)]).sum();
            Tensor::new(parts[0].dtype, dims, |at| {
                let mut at = at.to_vec();
                let mut part = 0;
                while at[a(0)] >= parts[part].dims[a(0)] {
                    at[a(0)] -= parts[part].dims[a(0)];
                    part += 1;
                }
                parts[part].at(&at).to_vec()
            })
        }
        Operator::Gather => {
            let (x, index, axis) = (input(0), input(1), a(0));
            let dims = [&x.dims[..axis], &index.dims, &x.dims[axis + 1..]].concat();
            Tensor::new(x.dtype, dims, |at| {
                let (outer, rest) = at.split_at(axis);
                let (chosen, inner) = rest.split_at(index.dims.len());
                x.at(&[outer, &[bounded(index.integer(chosen), x.dims[axis])], inner].concat())
                    .to_vec()
            })
        }
        Operator::GatherElements => {
            let (x, index, axis) = (input(0), input(1), a(0));
            Tensor::new(x.dtype, index.dims.clone(), |at| {
                let mut source = at.to_vec();
                source[axis] = bounded(index.integer(at), x.dims[axis]);
                x.at(&source).to_vec()
            })
        }
        Operator::GatherNd => {
            let (x, index, batch) = (input(0), input(1), a(0));
            let (length, outer) = index.dims.split_last().unwrap();
            let dims = [outer, &x.dims[batch + length..]].concat();
            Tensor::new(x.dtype, dims, |at| {
                let (chosen, inner) = at.split_at(outer.len());
                let tuple = (0..*length)
                    .map(|place| bounded(index.integer(&[chosen, &[place]].concat()), x.dims[batch + place]));
                x.at(&[&at[..batch], &tuple.collect::<Vec<_>>(), inner].concat())
                    .to_vec()
            })
        }
        Operator::ScatterElements => {
            let (mut x, index, updates) = (input(0), input(1), input(2));
            for at in coordinates(&index.dims) {
                let mut target = at.clone();
                target[a(0)] = bounded(index.integer(&at), x.dims[a(0)]);
                let place = x.place(&target);
                x.elements[place] = joined(a(1), x.dtype, &x.elements[place], updates.at(&at));
            }
            x
        }
        Operator::ScatterNd => {
            let (mut x, index, updates) = (input(0), input(1), input(2));
            let (length, outer) = index.dims.split_last().unwrap();
            for at in coordinates(&updates.dims) {
                let (chosen, inner) = at.split_at(outer.len());
                let tuple =
                    (0..*length).map(|place| bounded(index.integer(&[chosen, &[place]].concat()), x.dims[place]));
                let place = x.place(&[&tuple.collect::<Vec<_>>(), inner].concat());
                x.elements[place] = joined(a(0), x.dtype, &x.elements[place], updates.at(&at));
            }
            x
        }
        Operator::Select => {
            let (condition, x, y) = (input(0), input(1), input(2));
            let dims = joint(&[&condition.dims, &x.dims, &y.dims]);
            Tensor::new(x.dtype, dims, |at| {
                let chosen = if condition.stretched(at)[0] != 0 { &x } else { &y };
                chosen.stretched(at).to_vec()
            })
        }
        Operator::ArgExtreme | Operator::TopK => ordered(operator, record, &input(0)),
        Operator::Lookup => {
            let (x, table) = (input(0), input(1));
            Tensor::new(table.dtype, x.dims.clone(), |at| {
                table.at(&[usize::from(x.at(at)[0])]).to_vec()
            })
        }
        _ => return None,
    })
}

fn view(record: &Record, x: &Tensor) -> Tensor {
    let a = |place: usize| record.signed_attribute(place);
    let fill = [a(1).to_le_bytes(), a(2).to_le_bytes()].concat()[..x.dtype.bytes() as usize].to_vec();
    let dims = (0..a(0) as usize).map(|axis| a(3 + 4 * axis) as usize).collect();
    Tensor::new(x.dtype, dims, |at| {
        let mut source = vec![0; x.dims.len()];
        for (axis, at) in at.iter().enumerate() {
            let [from, start, step] = [1, 2, 3].map(|word| i64::from(a(3 + 4 * axis + word)));
            if from == 0 {
                continue;
            }
            let place = start + step * *at as i64;
            if place < 0 || place >= x.dims[from as usize - 1] as i64 {
                return fill.clone();
            }
            source[from as usize - 1] = place as usize;
        }
        x.at(&source).to_vec()
    })
}

fn joined(code: usize, dtype: DType, old: &[u8], new: &[u8]) -> Vec<u8> {
    let function = ScatterFunction::from_code(code as u32).unwrap();
    if function == ScatterFunction::Replace {
        return new.to_vec();
    }
    if dtype == DType::F32 {
        let (old, new) = (float(old), float(new));
        return stored(match function {
            ScatterFunction::Add => old + new,
            ScatterFunction::Mul => old * new,
            ScatterFunction::Min => least(old, new),
            _ => greatest(old, new),
        });
    }
    let (old, new) = (integer(dtype, old), integer(dtype, new));
    wrapped(
        dtype,
        match function {
            ScatterFunction::Add => old.wrapping_add(new),
            ScatterFunction::Mul => old.wrapping_mul(new),
            ScatterFunction::Min => old.min(new),
            _ => old.max(new),
        },
    )
}

/// Places along an axis in order, equal elements as they come, NaN first.
fn ordered(operator: Operator, record: &Record, x: &Tensor) -> Tensor {
    let axis = record.attribute(0) as usize;
    let top = operator == Operator::TopK;
    let (taken, least, last) = match top {
        true => (record.attribute(1) as usize, record.attribute(2) == 1, false),
        false => (1, record.attribute(1) == 1, record.attribute(2) == 1),
    };
    let mut dims = x.dims.clone();
    dims[axis] = taken;
    Tensor::new(DType::I64, dims, |at| {
        let along = |place: usize| {
            let mut source = at.to_vec();
            source[axis] = place;
            x.at(&source).to_vec()
        };
        let mut places: Vec<usize> = (0..x.dims[axis]).collect();
        if last {
            places.reverse();
        }
        places.sort_by(|one, other| {
            let (one, other) = (along(*one), along(*other));
            let order = match x.dtype {
                DType::F32 => {
                    let (one, other) = (float(&one), float(&other));
                    match (one.is_nan(), other.is_nan()) {
                        (false, false) => one.partial_cmp(&other).unwrap(),
                        // NaN comes first either way.
                        (one, other) if least => other.cmp(&one),
                        (one, other) => one.cmp(&other),
                    }
                }
                dtype => integer(dtype, &one).cmp(&integer(dtype, &other)),
            };
            if least { order } else { order.reverse() }
        });
        (places[at[axis]] as i64).to_le_bytes().to_vec()
    })
}

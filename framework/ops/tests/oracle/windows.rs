//! Products of matrices, sliding windows, recurrent cells.

use opml_ops::{ActivationFunction, DType, Operator, PoolFunction, Record, UnaryFunction};

use super::arithmetic::greatest;
use super::tensor::{Tensor, coordinates, float, function, integer, joint, lane_sum, stored, wrapped};
use crate::cases::Case;

/// The output of an operator of this family.
pub(crate) fn output(operator: Operator, record: &Record, inputs: &[Vec<u8>]) -> Option<Tensor> {
    let input = |place: usize| Tensor::input(record, inputs, place);
    Some(match operator {
        Operator::MatMulF32 => product(&input(0), &input(1), DType::F32, |a, b, pairs| {
            let sum = pairs.fold(0f32, |sum, (x, y)| sum + a.float(&x) * b.float(&y));
            stored(sum)
        }),
        Operator::MatMulInteger => {
            let (a_zero, b_zero) = (input(2), input(3));
            let bias = (inputs.len() == 5).then(|| input(4));
            let initial = |column: usize| bias.as_ref().map_or(0, |bias| bias.integer(&[column]));
            product(&input(0), &input(1), DType::I32, |a, b, pairs| {
                let zero = |zeros: &Tensor, at: usize| zeros.integer(&[if zeros.dims[0] == 1 { 0 } else { at }]);
                let mut own = 0;
                let terms = pairs.map(|(x, y)| {
                    let (row, column) = (x[x.len() - 2], y[y.len() - 1]);
                    own = column;
                    (a.integer(&x) - zero(&a_zero, row)) * (b.integer(&y) - zero(&b_zero, column))
                });
                let sum: i64 = terms.sum();
                wrapped(DType::I32, sum + initial(own))
            })
        }
        Operator::ConvF32 => {
            let (x, w) = (input(0), input(1));
            let bias = (inputs.len() == 3).then(|| input(2));
            convolution(record, &x, &w, DType::F32, |output, taps| {
                let sum = taps.fold(0f32, |sum, (at, tap)| sum + x.float(&at) * w.float(&tap));
                stored(bias.as_ref().map_or(sum, |bias| sum + bias.float(&[output])))
            })
        }
        Operator::ConvInteger => {
            let (x, w, x_zero, w_zero) = (input(0), input(1), input(2), input(3));
            let bias = (inputs.len() == 5).then(|| input(4));
            convolution(record, &x, &w, DType::I32, |output, taps| {
                let w_zero = w_zero.integer(&[if w_zero.dims[0] == 1 { 0 } else { output }]);
                let terms = taps.map(|(at, tap)| (x.integer(&at) - x_zero.integer(&[0])) * (w.integer(&tap) - w_zero));
                let initial = bias.as_ref().map_or(0, |bias| bias.integer(&[output]));
                let sum: i64 = terms.sum();
                wrapped(DType::I32, initial + sum)
            })
        }
        Operator::ConvTransposeF32 => {
            let bias = (inputs.len() == 3).then(|| input(2));
            transposed(record, &input(0), &input(1), bias.as_ref())
        }
        Operator::Pool => pool(record, &input(0)),
        Operator::PoolPlace => pool_place(record, &input(0)),
        Operator::Interpolate => {
            let (x, index, weight, axis) = (input(0), input(1), input(2), record.attribute(0) as usize);
            let mut dims = x.dims.clone();
            dims[axis] = index.dims[0];
            Tensor::new(DType::F32, dims, |at| {
                let sum = (0..index.dims[1]).fold(0f32, |sum, tap| {
                    let last = x.dims[axis] as i64 - 1;
                    let chosen = index.integer(&[at[axis], tap]);
                    let chosen = if chosen < 0 { chosen + last + 1 } else { chosen };
                    let mut source = at.to_vec();
                    source[axis] = chosen.clamp(0, last) as usize;
                    float(&stored(sum + weight.float(&[at[axis], tap]) * x.float(&source)))
                });
                stored(sum)
            })
        }
        Operator::LstmF32 | Operator::GruF32 | Operator::RnnF32 => {
            let given: Vec<Tensor> = (0..inputs.len()).map(input).collect();
            recurrent(operator, record, &given)
        }
        _ => return None,
    })
}

type Pairs<'a> = &'a mut dyn Iterator<Item = (Vec<usize>, Vec<usize>)>;

/// Each element from the pairs of coordinates that are multiplied for it.
fn product(a: &Tensor, b: &Tensor, dtype: DType, element: impl Fn(&Tensor, &Tensor, Pairs) -> Vec<u8>) -> Tensor {
    let (outer_a, inner_a) = a.dims.split_at(a.dims.len() - 2);
    let (outer_b, inner_b) = b.dims.split_at(b.dims.len() - 2);
    let outer = joint(&[outer_a, outer_b]);
    let dims = [&outer[..], &[inner_a[0], inner_b[1]]].concat();
    Tensor::new(dtype, dims, |at| {
        let (batch, place) = at.split_at(outer.len());
        let own = |dims: &[usize]| {
            let batch = &batch[batch.len() - dims.len()..];
            batch
                .iter()
                .zip(dims)
                .map(|(at, dim)| if *dim == 1 { 0 } else { *at })
                .collect::<Vec<_>>()
        };
        let (in_a, in_b) = (own(outer_a), own(outer_b));
        let mut pairs = (0..inner_a[1]).map(|k| {
            (
                [&in_a[..], &[place[0], k]].concat(),
                [&in_b[..], &[k, place[1]]].concat(),
            )
        });
        element(a, b, &mut pairs)
    })
}

/// Kernel, stride, dilation, pads and what lies beyond, of an axis.
fn axis(record: &Record, first: usize, axis: usize) -> [i64; 6] {
    [0, 1, 2, 3, 4, 5].map(|word| i64::from(record.attribute(first + 6 * axis + word)))
}

/// The number of windows along each spatial axis.
fn sizes(record: &Record, first: usize, x: &Tensor) -> Vec<usize> {
    let along = |(number, size): (usize, &usize)| {
        let [kernel, stride, dilation, before, after, beyond] = axis(record, first, number);
        ((*size as i64 + before + after + beyond - dilation * (kernel - 1) - 1) / stride + 1) as usize
    };
    x.dims[2..].iter().enumerate().map(along).collect()
}

/// The taps of a window that lie in the image: coordinates there, and in the kernel.
fn taps(record: &Record, first: usize, image: &[usize], window: &[usize]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let kernel: Vec<usize> = (0..image.len())
        .map(|number| axis(record, first, number)[0] as usize)
        .collect();
    let inside = |tap: Vec<usize>| {
        let place = (0..image.len()).map(|number| {
            let [_, stride, dilation, before, ..] = axis(record, first, number);
            window[number] as i64 * stride + tap[number] as i64 * dilation - before
        });
        let place: Vec<i64> = place.collect();
        let all = place.iter().zip(image).all(|(at, size)| (0..*size as i64).contains(at));
        all.then(|| (place.iter().map(|at| *at as usize).collect(), tap))
    };
    coordinates(&kernel).into_iter().filter_map(inside).collect()
}

fn convolution(
    record: &Record,
    x: &Tensor,
    w: &Tensor,
    dtype: DType,
    element: impl Fn(usize, Pairs) -> Vec<u8>,
) -> Tensor {
    let groups = record.attribute(0) as usize;
    let (channels, outputs) = (x.dims[1] / groups, w.dims[0] / groups);
    let dims = [&[x.dims[0], w.dims[0]], &sizes(record, 1, x)[..]].concat();
    Tensor::new(dtype, dims, |at| {
        let taps = taps(record, 1, &x.dims[2..], &at[2..]);
        let mut pairs = (0..channels).flat_map(|channel| {
            let in_x = at[1] / outputs * channels + channel;
            let pair = move |(place, tap): &(Vec<usize>, Vec<usize>)| {
                (
                    [&[at[0], in_x], &place[..]].concat(),
                    [&[at[1], channel], &tap[..]].concat(),
                )
            };
            taps.iter().map(pair).collect::<Vec<_>>()
        });
        element(at[1], &mut pairs)
    })
}

fn transposed(record: &Record, x: &Tensor, w: &Tensor, bias: Option<&Tensor>) -> Tensor {
    let groups = record.attribute(0) as usize;
    let (channels, outputs) = (x.dims[1] / groups, w.dims[1]);
    let spatial = x.dims.len() - 2;
    let size = |number: usize| {
        let [kernel, stride, dilation, before, after, beyond] = axis(record, 1, number);
        ((x.dims[number + 2] as i64 - 1) * stride + dilation * (kernel - 1) + 1 + beyond - before - after) as usize
    };
    let dims = [
        &[x.dims[0], outputs * groups],
        &(0..spatial).map(size).collect::<Vec<_>>()[..],
    ]
    .concat();
    Tensor::new(DType::F32, dims, |at| {
        let mut sum = 0f32;
        for channel in at[1] / outputs * channels..(at[1] / outputs + 1) * channels {
            for tap in coordinates(&w.dims[2..]) {
                let source = (0..spatial).map(|number| {
                    let [_, stride, dilation, before, ..] = axis(record, 1, number);
                    let reach = at[number + 2] as i64 + before - tap[number] as i64 * dilation;
                    let place = reach.div_euclid(stride);
                    (reach.rem_euclid(stride) == 0 && (0..x.dims[number + 2] as i64).contains(&place))
                        .then_some(place as usize)
                });
                if let Some(source) = source.collect::<Option<Vec<usize>>>() {
                    let weight = w.float(&[&[channel, at[1] % outputs], &tap[..]].concat());
                    sum += x.float(&[&[at[0], channel], &source[..]].concat()) * weight;
                }
            }
        }
        stored(bias.map_or(sum, |bias| sum + bias.float(&[at[1]])))
    })
}

fn power(a: f32, b: f32) -> f32 {
    let one = |x: f32| (DType::F32, vec![1], x.to_le_bytes().to_vec());
    let code = opml_ops::BinaryFunction::Pow as i32;
    float(&Case::new(Operator::Binary as u32, vec![one(a), one(b)], &[code]).run_all())
}

fn pool(record: &Record, x: &Tensor) -> Tensor {
    let code = PoolFunction::from_code(record.attribute(0)).unwrap();
    let dims = [&x.dims[..2], &sizes(record, 2, x)].concat();
    Tensor::new(x.dtype, dims, |at| {
        let image = &x.dims[2..];
        let own = taps(record, 2, image, &at[2..]);
        let own = own
            .iter()
            .map(|(place, _)| x.at(&[&at[..2], &place[..]].concat()).to_vec());
        if x.dtype != DType::F32 {
            let least = if x.dtype == DType::I8 { -128 } else { 0 };
            return wrapped(
                x.dtype,
                own.map(|bytes| integer(x.dtype, &bytes)).max().unwrap_or(least),
            );
        }
        let values: Vec<f32> = own.map(|bytes| float(&bytes)).collect();
        stored(match code {
            PoolFunction::Max => values.iter().copied().fold(f32::NEG_INFINITY, greatest),
            PoolFunction::Mean if values.is_empty() => 0.0,
            PoolFunction::Mean => lane_sum(&values) / values.len() as f32,
            PoolFunction::MeanPadded => {
                let padded = (0..image.len()).map(|number| {
                    let [kernel, stride, dilation, before, after, _] = axis(record, 2, number);
                    let inside = |tap: &i64| {
                        at[number + 2] as i64 * stride + tap * dilation < image[number] as i64 + before + after
                    };
                    (0..kernel).filter(inside).count()
                });
                lane_sum(&values) / padded.product::<usize>() as f32
            }
            PoolFunction::Lp => {
                let p = record.attribute(1);
                let terms: Vec<f32> = values
                    .iter()
                    .map(|x| match p {
                        1 => x.abs(),
                        2 => x * x,
                        _ => power(x.abs(), p as f32),
                    })
                    .collect();
                power(lane_sum(&terms), 1.0 / p as f32)
            }
        })
    })
}

fn pool_place(record: &Record, x: &Tensor) -> Tensor {
    let dims = [&x.dims[..2], &sizes(record, 1, x)].concat();
    Tensor::new(DType::I64, dims, |at| {
        let taps = taps(record, 1, &x.dims[2..], &at[2..]);
        let mut best: Option<(Vec<usize>, Vec<u8>)> = None;
        for (place, _) in taps {
            let value = x.at(&[&at[..2], &place[..]].concat()).to_vec();
            let wins = match (&best, x.dtype) {
                (None, _) => true,
                (Some((_, best)), DType::F32) => {
                    let (best, value) = (float(best), float(&value));
                    !best.is_nan() && (value.is_nan() || value > best)
                }
                (Some((_, best)), dtype) => integer(dtype, &value) > integer(dtype, best),
            };
            if wins {
                best = Some((place, value));
            }
        }
        let place = best.map_or(-1, |(place, _)| {
            let mut dims = x.dims.clone();
            let mut coordinates = [&at[..2], &place[..]].concat();
            if record.attribute(0) == 1 && place.len() > 1 {
                let last = dims.len() - 1;
                dims.swap(last, last - 1);
                coordinates.swap(last, last - 1);
            }
            coordinates
                .iter()
                .zip(&dims)
                .fold(0, |place, (at, dim)| place * dim + at) as i64
        });
        place.to_le_bytes().to_vec()
    })
}

fn activated(code: u32, x: f32) -> f32 {
    match ActivationFunction::from_code(code).unwrap() {
        ActivationFunction::Sigmoid => function(UnaryFunction::Sigmoid, x),
        ActivationFunction::Tanh => function(UnaryFunction::Tanh, x),
        ActivationFunction::Relu => function(UnaryFunction::Relu, x),
        ActivationFunction::Identity => x,
    }
}

fn recurrent(operator: Operator, record: &Record, given: &[Tensor]) -> Tensor {
    let a = |place: usize| record.attribute(place);
    let ([steps, batch, _], hidden) = (given[0].dims[..].try_into().unwrap(), given[1].dims[0]);
    let [steps, batch]: [usize; 2] = [steps, batch];
    // Σ_k state[k]·recurrence[k][gate, n], after each product and each sum as it would be stored.
    let recur = |state: &[f32], n: usize| {
        (0..hidden).fold(0f32, |sum, k| float(&stored(sum + state[k] * given[1].float(&[k, n]))))
    };
    let mut rows = Vec::new();
    let first = |state: &Tensor| {
        (0..batch)
            .map(|b| (0..hidden).map(|n| float(&stored(state.float(&[b, n])))).collect())
            .collect()
    };
    let mut states: Vec<Vec<f32>> = first(&given[2]);
    let mut cells: Vec<Vec<f32>> = if operator == Operator::LstmF32 {
        first(&given[3])
    } else {
        Vec::new()
    };
    let kept = |x: f32| float(&stored(x));
    for step in 0..steps {
        for b in 0..batch {
            let x = |gate: usize, n: usize| given[0].float(&[step, b, gate * hidden + n]);
            let old = states[b].clone();
            let sum = |gate: usize, n: usize| x(gate, n) + recur(&old, gate * hidden + n);
            match operator {
                Operator::RnnF32 => {
                    states[b] = (0..hidden).map(|n| kept(activated(a(0), sum(0, n)))).collect();
                }
                Operator::GruF32 => {
                    let gate = |which: usize, n: usize| activated(a(0), sum(which, n));
                    let reset: Vec<f32> = (0..hidden).map(|n| kept(gate(1, n) * old[n])).collect();
                    for n in 0..hidden {
                        let bias = given[3].float(&[n]);
                        let recurrent = match a(2) {
                            1 => gate(1, n) * (recur(&old, 2 * hidden + n) + bias),
                            _ => recur(&reset, 2 * hidden + n) + bias,
                        };
                        let candidate = activated(a(1), x(2, n) + recurrent);
                        let update = gate(0, n);
                        states[b][n] = kept((1.0 - update) * candidate + update * old[n]);
                    }
                }
                _ => {
                    let clip = f32::from_bits(a(4));
                    let bound = |x: f32| {
                        if clip == 0.0 {
                            x
                        } else {
                            super::arithmetic::least(greatest(x, -clip), clip)
                        }
                    };
                    let peek = |sum: f32, which: usize, n: usize, cell: f32| match given.get(4) {
                        Some(peepholes) => sum + peepholes.float(&[which * hidden + n]) * cell,
                        None => sum,
                    };
                    for n in 0..hidden {
                        let cell = cells[b][n];
                        let input = activated(a(0), bound(peek(sum(0, n), 0, n, cell)));
                        let forget = match a(3) {
                            1 => 1.0 - input,
                            _ => activated(a(0), bound(peek(sum(2, n), 2, n, cell))),
                        };
                        let next = forget * cell + input * activated(a(1), bound(sum(3, n)));
                        let output = activated(a(0), bound(peek(sum(1, n), 1, n, next)));
                        cells[b][n] = kept(next);
                        states[b][n] = kept(output * activated(a(2), next));
                    }
                }
            }
            rows.extend(states[b].iter().map(|x| stored(*x)));
            if operator == Operator::LstmF32 {
                rows.extend(cells[b].iter().map(|x| stored(*x)));
            }
        }
    }
    let width = if operator == Operator::LstmF32 {
        2 * hidden
    } else {
        hidden
    };
    Tensor {
        dtype: DType::F32,
        dims: vec![steps, batch, width],
        elements: rows,
    }
}

use opml_ops::{DType, Operator, Panels};

use super::{Case, Random};

/// Bias, multipliers and shifts of `outputs` outputs.
fn scales(random: &mut Random, outputs: u32) -> Vec<(DType, Vec<u32>, Vec<u8>)> {
    let count = outputs as usize;
    let bias = random.words(count, |random| match random.below(8) {
        0 => random.next() as i32,
        _ => random.below(1 << 16) as i32 - (1 << 15),
    });
    let multiplier = random.words(count, Random::multiplier);
    let shift = random.words(count, Random::shift);
    [bias, multiplier, shift]
        .map(|words| (DType::I32, vec![outputs], words))
        .into()
}

/// Zero point, minimum, maximum of a result.
fn finish(random: &mut Random) -> [i32; 3] {
    let minimum = random.below(129) as i32 - 128;
    let maximum = minimum + random.below((128 - minimum) as u64) as i32;
    match random.below(4) {
        0 => [random.next() as i32, minimum, maximum],
        1 => [random.below(256) as i32 - 128, minimum, maximum],
        _ => [random.below(256) as i32 - 128, -128, 127],
    }
}

/// Random bytes in a panelled tensor, also where no weight lies.
fn weights(random: &mut Random, panels: Panels) -> (DType, Vec<u32>, Vec<u8>) {
    let shape = panels.shape().expect("a case's weights have a shape");
    (
        DType::I8,
        shape.dims().to_vec(),
        random.bytes(shape.elements() as usize),
    )
}

pub(crate) fn matmul(rows: u32, depth: u32, outputs: u32, seed: u64) -> Case {
    let random = &mut Random::new(seed);
    let x = random.bytes((rows * depth) as usize);
    let panels = Panels {
        groups: 1,
        outputs,
        depth,
    };
    let mut inputs = vec![(DType::I8, vec![rows, depth], x), weights(random, panels)];
    inputs.extend(scales(random, outputs));
    Case::new(Operator::MatMulI8 as u32, inputs, &finish(random))
}

/// `x` is [batch, channels, height, width]; `window` is kernel, stride, pads (before, after), dilation, each for
/// height and width.
pub(crate) fn conv2d(x: [u32; 4], outputs: u32, groups: u32, window: [u32; 10], seed: u64) -> Case {
    let random = &mut Random::new(seed);
    let bytes = random.bytes(x.iter().product::<u32>() as usize);
    let panels = Panels {
        groups,
        outputs: outputs / groups,
        depth: x[1] / groups * window[0] * window[1],
    };
    let mut inputs = vec![(DType::I8, x.to_vec(), bytes), weights(random, panels)];
    inputs.extend(scales(random, outputs));
    let mut attributes = finish(random).to_vec();
    attributes.push(if random.below(3) == 0 {
        0
    } else {
        random.below(256) as i32 - 128
    });
    attributes.extend(window.map(|word| word as i32));
    attributes.push(groups as i32);
    Case::new(Operator::Conv2dI8 as u32, inputs, &attributes)
}

/// `window` is kernel, stride, pads (before, after), each for height and width.
pub(crate) fn max_pool(x: [u32; 4], window: [u32; 8], seed: u64) -> Case {
    let bytes = Random::new(seed).bytes(x.iter().product::<u32>() as usize);
    let inputs = vec![(DType::I8, x.to_vec(), bytes)];
    Case::new(Operator::MaxPool2dI8 as u32, inputs, &window.map(|word| word as i32))
}

/// One of the operators that work element by element, over `dims`.
pub(crate) fn elementwise(operator: Operator, dims: &[u32], seed: u64) -> Case {
    let random = &mut Random::new(seed);
    let count = dims.iter().product::<u32>() as usize;
    let [zero_point, minimum, maximum] = finish(random);
    let (inputs, dtype, attributes) = match operator {
        Operator::ClampI8 => (1, DType::I8, vec![minimum, maximum]),
        Operator::AddI8 => {
            let mut words = [(); 2].map(|()| random.below(256) as i32 - 128).to_vec();
            for _ in 0..2 {
                words.extend([random.multiplier(), random.shift()]);
            }
            words.extend([zero_point, minimum, maximum]);
            (2, DType::I8, words)
        }
        Operator::QuantizeU8 => (1, DType::U8, Vec::new()),
        Operator::AddI32 => (2, DType::I32, Vec::new()),
        _ => (1, DType::I8, Vec::new()),
    };
    let inputs = (0..inputs)
        .map(|_| (dtype, dims.to_vec(), random.bytes(count * dtype.bytes() as usize)))
        .collect();
    if operator == Operator::Alias {
        return alias(dims, inputs);
    }
    Case::new(operator as u32, inputs, &attributes)
}

fn alias(dims: &[u32], inputs: Vec<(DType, Vec<u32>, Vec<u8>)>) -> Case {
    let flat = [dims.iter().product::<u32>()];
    let mut case = Case::new(Operator::ClampI8 as u32, inputs, &[-128, 127]);
    let mut record = opml_ops::Record::new(Operator::Alias as u32, super::value(None, DType::I8, &flat));
    record.push_input(case.record.input(0).expect("an alias has an input"));
    record.set_block_log2(7);
    case.record = record;
    case
}

pub(crate) fn matmul_i8_i32(rows: u32, depth: u32, outputs: u32, seed: u64) -> Case {
    let random = &mut Random::new(seed);
    let mut factor =
        |rows: u32, columns: u32| (DType::I8, vec![rows, columns], random.bytes((rows * columns) as usize));
    let mut inputs = vec![factor(rows, depth), factor(depth, outputs)];
    let initial = random.bytes((4 * rows * outputs) as usize);
    inputs.push((DType::I32, vec![rows, outputs], initial));
    Case::new(Operator::MatMulI8I32 as u32, inputs, &[])
}

/// An index among `rows`, or any word.
fn index(random: &mut Random, rows: u32) -> (DType, Vec<u32>, Vec<u8>) {
    let index = match random.below(4) {
        0 => random.next() as i32,
        1 => [i32::MIN, i32::MAX, -1, rows as i32][random.below(4) as usize],
        _ => random.below(rows.into()) as i32,
    };
    (DType::I32, vec![1], index.to_le_bytes().to_vec())
}

const ANY_TYPE: [DType; 7] = [
    DType::F32,
    DType::I32,
    DType::I8,
    DType::U8,
    DType::I16,
    DType::I64,
    DType::Bool,
];

fn tensor(random: &mut Random, dtype: DType, dims: Vec<u32>) -> (DType, Vec<u32>, Vec<u8>) {
    let bytes = dims.iter().product::<u32>() * dtype.bytes();
    (dtype, dims, random.bytes(bytes as usize))
}

/// `taken` rows of a tensor of these dimensions.
pub(crate) fn select_rows(dims: &[u32], taken: u32, seed: u64) -> Case {
    let random = &mut Random::new(seed);
    let dtype = ANY_TYPE[random.below(7) as usize];
    let source = tensor(random, dtype, dims.to_vec());
    let inputs = vec![source, index(random, dims[0])];
    Case::new(Operator::SelectRows as u32, inputs, &[taken as i32])
}

/// A tensor of these dimensions, of which `written` rows are written anew.
pub(crate) fn update_rows(dims: &[u32], written: u32, seed: u64) -> Case {
    let random = &mut Random::new(seed);
    let dtype = ANY_TYPE[random.below(7) as usize];
    let target = tensor(random, dtype, dims.to_vec());
    let index = index(random, dims[0]);
    let rows = tensor(random, dtype, [&[written], &dims[1..]].concat());
    Case::new(Operator::UpdateRows as u32, vec![target, index, rows], &[])
}

/// A small node of any operator but whole graphs.
pub(crate) fn any_node(seed: u64) -> Case {
    let random = &mut Random::new(seed);
    let seed = random.next();
    if random.below(3) != 0 {
        let operators = super::TYPED_OPERATORS;
        return super::typed_node(operators[random.below(operators.len() as u64) as usize], seed);
    }
    let mut size = |end: u64| 1 + random.below(end) as u32;
    match size(11) {
        9 => matmul_i8_i32(size(5), size(20), size(40), seed),
        10 => {
            let dims = [size(9), size(40), size(3)];
            select_rows(&dims, size(dims[0].into()), seed)
        }
        11 => {
            let dims = [size(9), size(40), size(3)];
            update_rows(&dims, size(dims[0].into()), seed)
        }
        1 | 2 => matmul(size(5), size(40), size(150), seed),
        3..=5 => {
            let groups = size(3);
            let kernel = [size(3), size(3)];
            let dilation = [size(2), size(2)];
            // Large enough for one window whatever the pads.
            let image = [0, 1].map(|axis| dilation[axis] * (kernel[axis] - 1) + size(7));
            let pads = [size(3), size(3), size(3), size(3)].map(|pad| pad - 1);
            let stride = [size(3), size(3)];
            let window = [kernel, stride, [pads[0], pads[1]], [pads[2], pads[3]], dilation].concat();
            let window: [u32; 10] = window.try_into().expect("ten words");
            let x = [size(2), groups * size(3), image[0], image[1]];
            conv2d(
                x,
                groups * size(if groups == 1 { 70 } else { 10 }),
                groups,
                window,
                seed,
            )
        }
        6 => {
            let kernel = [size(3), size(3)];
            let pads = [size(4), size(4), size(4), size(4)].map(|pad| pad - 1);
            let window = [
                kernel[0],
                kernel[1],
                size(3),
                size(3),
                pads[0],
                pads[1],
                pads[2],
                pads[3],
            ];
            let x = [size(2), size(3), kernel[0] + size(6), kernel[1] + size(6)];
            max_pool(x, window, seed)
        }
        _ => {
            let operators = [
                Operator::Alias,
                Operator::ClampI8,
                Operator::AddI8,
                Operator::QuantizeU8,
                Operator::AddI32,
            ];
            elementwise(operators[size(5) as usize - 1], &[size(4), size(90)], seed)
        }
    }
}

//! Products with weights quantised in blocks, rotations, attention: layout, binary16, totality at the edges, refusals.

mod cases;
mod oracle;

use cases::{Case, Random, attend, matmul_blocks};
use opml_ops::{BlockPanels, DType, Operator, Record, admit, output_of};

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|word| f32::from_le_bytes(*word))
        .collect()
}

fn equals_its_formula(case: &Case) {
    let (_, expected) = oracle::output(&case.record, &case.inputs);
    assert_eq!(case.run_all(), expected, "{:?}", case.record);
}

fn panels(outputs: u32, depth: u32, [bits, block]: [u32; 2], [wide, minimums]: [bool; 2]) -> BlockPanels {
    BlockPanels {
        outputs,
        depth,
        bits,
        block,
        wide,
        minimums,
    }
}

/// Every binary16 is the binary32 that it is.
#[test]
fn every_half_is_exact() {
    let weights = panels(1 << 16, 16, [8, 16], [false, false]);
    let mut case = matmul_blocks(&mut Random::new(1), &[1, 16], &weights, 0);
    let mut x = [0f32; 16];
    x[0] = 127.0;
    case.inputs[0] = x.iter().flat_map(|x| x.to_le_bytes()).collect();
    for output in 0..1 << 16 {
        weights.set_scale(&mut case.inputs[1], output, 0, &(output as u16).to_le_bytes());
        weights.set_code(&mut case.inputs[1], output, 0, 1);
    }
    equals_its_formula(&case);
    let results = floats(&case.run_all());
    assert_eq!(results[0x3c00], 127.0);
    assert_eq!(results[0x0001], 127.0 / 16_777_216.0);
    assert_eq!(results[0xfc00], f32::NEG_INFINITY);
}

/// What is written by place is what is multiplied.
#[test]
fn weights_lie_where_the_layout_says() {
    for (bits, block) in [(4, 16), (4, 32), (8, 16), (8, 32)] {
        for flags in [[false, false], [false, true], [true, false], [true, true]] {
            let (outputs, depth) = (37, 64);
            let weights = panels(outputs, depth, [bits, block], flags);
            let mut case = matmul_blocks(&mut Random::new(2), &[depth, depth], &weights, 3);
            // Row k is 127 at k alone: its scale is 1.
            let one = |place: u32| if place / depth == place % depth { 127f32 } else { 0.0 };
            case.inputs[0] = (0..depth * depth).flat_map(|place| one(place).to_le_bytes()).collect();
            let code = |output: usize, k: usize| ((output * 7 + k * 5) % (1 << bits)) as u8;
            let number = |value: f32| match flags[0] {
                true => value.to_le_bytes().to_vec(),
                // Of 1, 2, 4 and 8.
                false => (((value.to_bits() >> 23) as u16 - 112) << 10).to_le_bytes().to_vec(),
            };
            let scale = |output: usize, block: usize| (1 << ((output + block) % 4)) as f32;
            let minimum = |output: usize, block: usize| (1 << ((output + 2 * block) % 3)) as f32;
            for output in 0..outputs as usize {
                for place in 0..weights.blocks() {
                    weights.set_scale(&mut case.inputs[1], output, place, &number(scale(output, place)));
                    if flags[1] {
                        weights.set_minimum(&mut case.inputs[1], output, place, &number(minimum(output, place)));
                    }
                }
                for k in 0..depth as usize {
                    weights.set_code(&mut case.inputs[1], output, k, code(output, k));
                }
            }
            equals_its_formula(&case);
            let results = floats(&case.run_all());
            for (place, result) in results.iter().enumerate() {
                let (k, output) = (place / outputs as usize, place % outputs as usize);
                let (own, place) = (f32::from(code(output, k)) - 3.0, k / block as usize);
                let lowest = if flags[1] { minimum(output, place) } else { 0.0 };
                assert_eq!(*result, 127.0 * (scale(output, place) * own + lowest));
            }
        }
    }
}

/// Rows with nothing, with infinities, with no number at all, with numbers too small for an inverse.
#[test]
fn any_row_has_codes() {
    let random = &mut Random::new(3);
    let special = [
        0.0,
        -0.0,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        1e-42,
        f32::MAX,
        127.5,
        -0.5,
    ];
    for fill in special {
        for other in special {
            let weights = panels(5, 32, [8, 16], [true, true]);
            let mut case = matmul_blocks(random, &[1, 32], &weights, 128);
            let value = |place: u32| if place % 5 == 1 { other } else { fill };
            case.inputs[0] = (0..32).flat_map(|place| value(place).to_le_bytes()).collect();
            equals_its_formula(&case);
        }
    }
}

/// A row sees itself and what came before it, whatever the position says.
#[test]
fn attention_sees_what_came_before() {
    for position in [i32::MIN, -1, 0, 1, 3, 5, 6, i32::MAX] {
        equals_its_formula(&attend(&mut Random::new(4), [3, 2, 2, 7, 8, 17], position));
    }
    // The first row sees one row of the cache: its value, times 1.
    let mut case = attend(&mut Random::new(5), [1, 1, 1, 7, 4, 3], 0);
    for x in case
        .inputs
        .iter_mut()
        .take(3)
        .flat_map(|input| input.as_chunks_mut::<4>().0)
    {
        *x = 0.25f32.to_le_bytes();
    }
    assert_eq!(floats(&case.run_all()), [0.25; 3]);
}

/// Elements that are not turned are moved, NaN and all.
#[test]
fn what_is_not_turned_is_moved() {
    let angle = |value: f32| (DType::F32, vec![1, 1], value.to_le_bytes().to_vec());
    let x: Vec<u8> = [1.0f32, 2.0, f32::from_bits(0xffc1_2345), -0.0]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    for interleaved in [0, 1] {
        let inputs = vec![(DType::F32, vec![1, 1, 4], x.clone()), angle(0.0), angle(1.0)];
        let case = Case::new(Operator::Rotary as u32, inputs, &[interleaved]);
        let output = case.run_all();
        assert_eq!(floats(&output)[..2], [-2.0, 1.0]);
        assert_eq!(output[8..], x[8..]);
    }
}

fn refused(mut case: Case, change: impl Fn(&mut Record), says: &str) {
    admit(&case.record).expect("the node is admitted before the change");
    change(&mut case.record);
    let message = admit(&case.record).unwrap_err().to_string();
    assert_eq!(message, says);
}

#[test]
fn refusals_name_what_is_wrong() {
    let blocks = |place: usize, word: u32, says: &str| {
        let case = matmul_blocks(
            &mut Random::new(6),
            &[2, 48],
            &panels(40, 48, [8, 16], [false, false]),
            0,
        );
        refused(case, |record| record.set_attribute(place, word), says);
    };
    blocks(0, 0, "attribute 0 (outputs) is 0; it must be at least 1");
    blocks(0, 65, "input 1 must have shape [3, 3, 576], not [2, 3, 576]");
    blocks(0, 33, "the output must be f32 [2, 33]");
    blocks(
        0,
        u32::MAX,
        "the window does not fit the padded image, or a size overflows",
    );
    blocks(1, 5, "attribute 1 (code bits) is 5; it must be 4 or 8");
    blocks(1, 4, "input 1 must have shape [2, 3, 320], not [2, 3, 576]");
    blocks(2, 8, "attribute 2 (block length) is 8; it must be 16 or 32");
    blocks(
        2,
        32,
        "attribute 2 (block length) is 32; it must be a divisor of the depth",
    );
    blocks(3, 2, "attribute 3 (scale type) is 2; it must be 0 or 1");
    blocks(3, 1, "input 1 must have shape [2, 3, 640], not [2, 3, 576]");
    blocks(4, 256, "attribute 4 (code zero) is 256; it must be in 0 … 255");
    blocks(5, 2, "attribute 5 (minimums) is 2; it must be 0 or 1");
    blocks(5, 1, "input 1 must have shape [2, 3, 640], not [2, 3, 576]");
    blocks(6, 1, "attribute 6 (unused) is 1; it must be 0");
    let case = matmul_blocks(
        &mut Random::new(6),
        &[2, 48],
        &panels(40, 48, [8, 16], [false, false]),
        0,
    );
    let scratch = "scratch_bytes is 71; it must lie in 72 … 267386880";
    refused(case, |record| record.set_scratch_bytes(71), scratch);

    let node = |operator: Operator, inputs: &[(DType, &[u32])], attributes: &[i32]| {
        let mut record = cases::matmul(1, 1, 1, 1).record;
        let output = record.output().expect("an output");
        record = Record::new(operator as u32, output);
        for (dtype, dims) in inputs {
            record.push_input(cases::value(Some(opml_ops::Source::Feed), *dtype, dims));
        }
        attributes
            .iter()
            .enumerate()
            .for_each(|(place, word)| record.set_attribute(place, *word as u32));
        output_of(&record).map_err(|error| error.to_string())
    };
    let says = |inputs: &[(DType, &[u32])], operator: Operator, attributes: &[i32], says: &str| {
        assert_eq!(node(operator, inputs, attributes), Err(says.into()));
    };
    let (f, rotary) = (DType::F32, Operator::Rotary);
    says(&[(f, &[4])], rotary, &[], "the operator takes 3 inputs, not 1");
    says(
        &[(f, &[2, 1, 4]), (f, &[2, 3]), (f, &[2, 3])],
        rotary,
        &[],
        "input 1 must have shape [2, 2], not [2, 3]",
    );
    says(
        &[(f, &[2, 1, 4]), (f, &[2, 2]), (f, &[2, 1])],
        rotary,
        &[],
        "input 2 must have shape [2, 2], not [2, 1]",
    );
    says(
        &[(f, &[2, 1, 4]), (f, &[1, 2]), (f, &[1, 2])],
        rotary,
        &[],
        "input 1 must have shape [2, 2], not [1, 2]",
    );
    says(
        &[(f, &[2, 3, 1]), (f, &[2, 1]), (f, &[2, 1])],
        rotary,
        &[],
        "input 0 must have shape [2, 3, 2], not [2, 3, 1]",
    );
    says(
        &[(f, &[2, 1, 4]), (f, &[2, 2]), (f, &[2, 2])],
        rotary,
        &[2],
        "attribute 0 (interleaved) is 2; it must be 0 or 1",
    );
    let attend = |sizes: [&[u32]; 3], position: (DType, &[u32]), text: &str| {
        let inputs = [(f, sizes[0]), (f, sizes[1]), (f, sizes[2]), position];
        says(&inputs, Operator::Attend, &[], text);
    };
    let one: (DType, &[u32]) = (DType::I32, &[1]);
    attend(
        [&[1, 4, 8], &[5, 3, 8], &[5, 3, 6]],
        one,
        "input 1 must have shape [5, 4, 8], not [5, 3, 8]",
    );
    attend(
        [&[1, 4, 8], &[5, 2, 7], &[5, 2, 6]],
        one,
        "input 1 must have shape [5, 2, 8], not [5, 2, 7]",
    );
    attend(
        [&[1, 4, 8], &[5, 2, 8], &[4, 2, 6]],
        one,
        "input 2 must have shape [5, 2, 6], not [4, 2, 6]",
    );
    attend(
        [&[1, 4, 8], &[5, 2, 8], &[5, 2]],
        one,
        "input 2 must have 3 dimensions, not 2",
    );
    attend(
        [&[1, 4, 8], &[5, 2, 8], &[5, 2, 6]],
        (DType::I64, &[1]),
        "input 3 must be i32, not i64",
    );
    attend(
        [&[1, 4, 8], &[5, 2, 8], &[5, 2, 6]],
        (DType::I32, &[2]),
        "input 3 must have shape [1], not [2]",
    );
    attend(
        [&[1 << 14, 4, 8], &[5, 2, 8], &[5, 2, 1 << 17]],
        one,
        "the window does not fit the padded image, or a size overflows",
    );
}

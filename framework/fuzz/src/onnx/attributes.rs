use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::{AttributeProto, NodeProto};

use super::{tensors, words};
use crate::random::Random;

/// Changes, adds or removes an attribute.
pub(super) fn change(node: &mut NodeProto, random: &mut Random) {
    match (random.place(node.attribute.len()), random.below(4)) {
        (Some(place), 0) => drop(node.attribute.swap_remove(place)),
        (Some(place), 1 | 2) => value(&mut node.attribute[place], random),
        _ => node.attribute.push(new(random)),
    }
}

fn value(attribute: &mut AttributeProto, random: &mut Random) {
    match AttributeType::try_from(attribute.r#type) {
        Ok(AttributeType::Int) => attribute.i = random.integer(),
        Ok(AttributeType::Float) => attribute.f = random.float(),
        Ok(AttributeType::Ints) => list(&mut attribute.ints, random, Random::integer),
        Ok(AttributeType::Floats) => list(&mut attribute.floats, random, Random::float),
        Ok(AttributeType::String) => attribute.s = random.among(words::TEXTS).into(),
        Ok(AttributeType::Strings) => {
            list(&mut attribute.strings, random, |random| {
                random.among(words::TEXTS).into()
            });
        }
        _ => match &mut attribute.t {
            Some(tensor) => tensors::change(tensor, random),
            None => attribute.r#type = 1 + random.below(9) as i32,
        },
    }
}

/// Changes an element, or how many there are.
fn list<T>(list: &mut Vec<T>, random: &mut Random, element: fn(&mut Random) -> T) {
    match (random.place(list.len()), random.below(5)) {
        (Some(place), 0) => drop(list.swap_remove(place)),
        (Some(place), 1..=3) => list[place] = element(random),
        _ => list.push(element(random)),
    }
}

fn new(random: &mut Random) -> AttributeProto {
    let (name, kind) = random.among(words::ATTRIBUTES);
    let mut attribute = AttributeProto {
        name: name.into(),
        r#type: kind as i32,
        ..AttributeProto::default()
    };
    for _ in 0..1 + random.below(4) {
        value(&mut attribute, random);
    }
    if kind == AttributeType::Tensor {
        attribute.t = Some(tensors::new(String::new(), random));
    }
    attribute
}

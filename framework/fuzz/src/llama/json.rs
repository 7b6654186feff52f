//! Changes of JSON values.

use serde_json::{Map, Value};

use super::words;
use crate::random::Random;

/// Changes a few things in a file; one that is no JSON becomes one.
pub(super) fn change_file(file: &mut Vec<u8>, random: &mut Random) {
    let mut value: Value = serde_json::from_slice(file).unwrap_or_default();
    for _ in 0..1 + random.below(3) {
        change(&mut value, random);
    }
    *file = serde_json::to_vec(&value).unwrap_or_default();
}

/// Changes one thing in a value; things near its root as often as all those far from it together.
pub(super) fn change(value: &mut Value, random: &mut Random) {
    match value {
        Value::Object(members) if !members.is_empty() => object(members, random),
        Value::Array(members) if !members.is_empty() => array(members, random),
        _ => leaf(value, random),
    }
}

fn object(members: &mut Map<String, Value>, random: &mut Random) {
    let key = |members: &Map<String, Value>, random: &mut Random| {
        members
            .keys()
            .nth(random.below(members.len()))
            .cloned()
            .unwrap_or_default()
    };
    let chosen = key(members, random);
    match random.below(16) {
        0 => drop(members.remove(&chosen)),
        1 => {
            let moved = members.remove(&chosen).unwrap_or_default();
            members.insert(random.among(words::JSON_KEYS).into(), moved);
        }
        2 => {
            members.insert(random.among(words::JSON_KEYS).into(), new(random));
        }
        3 => {
            let other = key(members, random);
            let copied = members[&chosen].clone();
            members.insert(other, copied);
        }
        4 => {
            members.insert(chosen, new(random));
        }
        _ => change(&mut members[&chosen], random),
    }
}

fn array(members: &mut Vec<Value>, random: &mut Random) {
    let chosen = random.below(members.len());
    match random.below(12) {
        0 => drop(members.remove(chosen)),
        1 => members.push(members[chosen].clone()),
        2 => {
            let other = random.below(members.len());
            members.swap(chosen, other);
        }
        3 => members.insert(chosen, new(random)),
        4 => members.truncate(chosen),
        5 => members[chosen] = new(random),
        _ => change(&mut members[chosen], random),
    }
}

fn leaf(value: &mut Value, random: &mut Random) {
    match value {
        Value::Number(number) if random.below(2) == 0 => {
            let old = number.as_i64().unwrap_or_default();
            *value = old.wrapping_add(random.among(&[-1, 1, 16, old])).into();
        }
        Value::Bool(flag) => *flag = !*flag,
        Value::String(text) if random.below(2) == 0 => match random.below(5) {
            0 => text.push(' '),
            1 => text.insert_str(0, random.among(words::TEXTS)),
            2 => text.push_str(random.among(words::TEXTS)),
            3 => drop(text.pop()),
            _ => *text = text.repeat(1 + random.below(64)).chars().take(1 << 10).collect(),
        },
        _ => *value = new(random),
    }
}

fn new(random: &mut Random) -> Value {
    match random.below(9) {
        0 => Value::Null,
        1 => Value::Bool(random.below(2) == 0),
        2 => Value::from(random.float()),
        3 => random
            .among(&[1e-320, 1e300, 1e-9, 0.5, 1e9, f64::MAX, -1.0, 8.0])
            .into(),
        4 | 5 => random.size().into(),
        6 => (0..random.below(4)).map(|_| new(random)).collect(),
        7 => {
            let members = (0..random.below(3)).map(|_| (random.among(words::JSON_KEYS).to_string(), new(random)));
            Value::Object(members.collect())
        }
        _ => random.among(words::TEXTS).into(),
    }
}

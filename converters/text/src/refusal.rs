use opml_graph::ConvertError;

/// The source is wrong at `place`, a path of keys; `help` says what to do.
pub(crate) fn refused(place: impl Into<String>, message: impl Into<String>, help: impl Into<String>) -> ConvertError {
    ConvertError {
        code: 2,
        message: message.into(),
        place: place.into(),
        help: help.into(),
    }
}

/// `` `a`, `b` `` of names.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// What to say of a name that is none of `known`: the nearest one, if it is near.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let distance = |known: &&str| strsim::osa_distance(name, known);
    match known.into_iter().min_by_key(distance) {
        Some(near) if distance(&near) <= 1 + name.len() / 3 => format!("did you mean `{near}`?"),
        _ => String::new(),
    }
}

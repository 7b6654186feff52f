//! Pipelines over sample models.

use std::sync::Arc;

use opml_conformance::Sample;
use opml_graph::SilentHost;
use opml_mips::Mips;
use opml_native::{Native, guest_images};
use opml_stages::{Machinery, Pipeline};

pub(crate) const PIPELINES: [&[&str]; 3] = [
    &["instruction"],
    &["graph", "instruction"],
    &["graph", "node", "instruction"],
];

pub(crate) fn machinery() -> Machinery {
    Machinery {
        compute: Arc::new(Native),
        threads: 1,
        vm: Arc::new(Mips),
        image: guest_images().remove(0),
        host: Arc::new(SilentHost),
        watch: None,
    }
}

pub(crate) fn pipeline(kinds: &[&str], sample: &Sample) -> Pipeline {
    Pipeline::new(kinds, Arc::new(sample.model.clone()), &machinery()).expect("the samples enter every pipeline")
}

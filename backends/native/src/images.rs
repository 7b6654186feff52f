use bytes::Bytes;
use opml_commit::Root;
use opml_graph::GuestImage;

/// Name of the machine, root, image: `build.rs` lists what `vms/guest/images` names.
static IMAGES: &[(&str, Root, &[u8])] = include!(concat!(env!("OUT_DIR"), "/images.rs"));

/// The committed images take at most so many steps for each of a node's work units, in blocks and as a whole.
pub const GUEST_STEPS_PER_UNIT: u64 = 8;

/// The committed guest images that compute what this backend computes, one for each kind of machine.
pub fn guest_images() -> Vec<GuestImage> {
    let image = |(vm, root, bytes): &(&str, Root, &'static [u8])| GuestImage {
        vm: (*vm).into(),
        root: *root,
        bytes: Bytes::from_static(bytes),
        steps_per_unit: GUEST_STEPS_PER_UNIT,
    };
    IMAGES.iter().map(image).collect()
}

use bytes::Bytes;
use opml_commit::Root;
use opml_graph::GuestImage;

static MIPS_IMAGE: &[u8] = include_bytes!(env!("OPML_MIPS_IMAGE"));
const MIPS_ROOT: Root = Root(root_bytes(env!("OPML_MIPS_ROOT").as_bytes()));

/// The committed images take at most so many steps for each of a node's work units, in blocks and as a whole.
pub const GUEST_STEPS_PER_UNIT: u64 = 8;

/// The committed guest images that compute what this backend computes, one for each kind of machine.
pub fn guest_images() -> Vec<GuestImage> {
    vec![GuestImage {
        vm: "mips".into(),
        root: MIPS_ROOT,
        bytes: Bytes::from_static(MIPS_IMAGE),
    }]
}

/// A root from `0x` and 64 hexadecimal digits; anything else does not compile.
const fn root_bytes(text: &[u8]) -> [u8; 32] {
    assert!(
        text.len() == 66 && text[0] == b'0' && text[1] == b'x',
        "vms/guest/images/mips must hold a root"
    );
    let mut bytes = [0; 32];
    let mut place = 0;
    while place < 32 {
        bytes[place] = digit(text[2 + 2 * place]) * 16 + digit(text[3 + 2 * place]);
        place += 1;
    }
    bytes
}

const fn digit(character: u8) -> u8 {
    match character {
        b'0'..=b'9' => character - b'0',
        b'a'..=b'f' => character - b'a' + 10,
        _ => panic!("vms/guest/images/mips must hold lower-case hexadecimal digits"),
    }
}

use opml_commit::{Keccak256, Root, VectorTree};
use opml_graph::{GraphHeader, NodeLeaf};
use opml_ops::{MAX_INPUTS, RECORD_BYTES, Record};

const HEADER: usize = 128;
const NODE: usize = RECORD_BYTES + 4 * MAX_INPUTS;
const ENTRY: usize = 48;
const PAGE: usize = 4096;

/// A model file with the numbers that follow from the rest put right: its own size, program root and digest, so that a change elsewhere is
/// not refused for them alone. Bytes that hold no header are left as they are.
pub fn sealed(file: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    // A file too short to hold what it announces stays as it is.
    let _ = seal(&mut file);
    file
}

fn seal(file: &mut [u8]) -> Option<()> {
    let number = |file: &[u8], at: usize| file.get(at..)?.first_chunk().map(|word| u32::from_le_bytes(*word));
    let counts = [0, 1, 2, 3, 4, 5, 6].map(|place| number(file, 12 + 4 * place));
    let [nodes, carry, feed, _, height, index, constants] = counts;
    let (nodes, constants) = (nodes? as usize, constants? as usize);
    let names = usize::try_from(u64::from_le_bytes(*file.get(104..)?.first_chunk()?)).ok()?;
    let directory = nodes.checked_mul(NODE)?.checked_add(HEADER)?;
    let names_at = constants.checked_mul(ENTRY)?.checked_add(directory)?;
    let head = names_at.checked_add(names)?.checked_next_multiple_of(PAGE)?;
    if file.len() < head {
        return None;
    }
    let size = file.len() as u64;
    file[112..120].copy_from_slice(&size.to_le_bytes());
    let leaf = |bytes: &[u8]| {
        let record = Record::from_bytes(&bytes[..RECORD_BYTES]).ok()?;
        let mut roots = [Root::ZERO; MAX_INPUTS];
        for (root, place) in roots.iter_mut().zip(bytes[RECORD_BYTES..].chunks_exact(4)) {
            let place = number(place, 0)? as usize;
            if let Some(place) = place.checked_sub(1).filter(|place| *place < constants) {
                *root = Root::from_slice(&file[directory + place * ENTRY..][..32])?;
            }
        }
        Some(NodeLeaf::new(&record, roots).root)
    };
    let leaves: Option<Vec<Root>> = file[HEADER..directory].chunks_exact(NODE).map(leaf).collect();
    let header = GraphHeader {
        node_table_root: VectorTree::new(leaves?).root(),
        node_count: nodes as u32,
        carry_count: carry?,
        feed_count: feed?,
        output_height: height?,
        output_index: index?,
    };
    file[40..72].copy_from_slice(&header.program().0);
    let digest = Keccak256::default().chain(&file[..72]).chain(&file[104..head]).finish();
    file[72..104].copy_from_slice(&digest.0);
    Some(())
}

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use opml_commit::{Root, SLOT_HEIGHT, chunk_zero};
use opml_engine::{Claim, Machine, MemoryStore, Region, Stage, Store, VmBackend};
use opml_graph::{GuestImage, Model, NodeLeaf, SilentHost, node_inputs};
use opml_native::guest_images;
use opml_onnx::OnnxConverter;
use opml_ops::{DType, MAX_INPUTS, Operator, Record, Shape, Source, Value, WHOLE_GRAPH};
use opml_stages::{Entry, InstructionStage, StoredNode};

/// Work for a guest image, and what an honest run of it leads to.
pub struct Guest {
    /// Root of slot 0.
    pub image: Root,
    /// What the service's `enter` takes when this is a pipeline of one stage.
    pub header: Vec<u8>,
    /// The request's values.
    pub values: Vec<Bytes>,
    /// What is computed.
    pub claim: Claim,
    /// The output's bytes.
    pub output: Bytes,
    /// Steps until the machine halts.
    pub steps: u64,
    /// The opening payload, for arity 16.
    pub opening: Vec<u8>,
    /// What the machine is booted with.
    pub regions: Vec<Region>,
}

impl Guest {
    /// The int8 CNN of the digits lessons as one record, on one picture.
    ///
    /// # Panics
    /// When the model does not convert or run.
    pub fn digits(vm: Arc<dyn VmBackend>) -> Guest {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/mnist");
        let calibration = folder.join("calibration.npy");
        let options = serde_json::json!({ "quantize": { "scheme": "int8", "calibration": calibration } });
        let model = OnnxConverter::new()
            .model(&folder.join("cnn.onnx"), &options.to_string(), &SilentHost)
            .expect("the model converts");
        let picture: Vec<u8> = (0..784u32).map(|at| ((at * 7) % 29 * (at % 28)) as u8).collect();
        Guest::whole_graph(vm, &model, vec![picture.into()])
    }

    /// A clamp of so many numbers: a small node without constants.
    ///
    /// # Panics
    /// When the node does not run.
    pub fn clamp(vm: Arc<dyn VmBackend>, elements: u32) -> Guest {
        let value = |source| Value {
            source,
            index: 0,
            dtype: DType::I8,
            shape: Shape::new(&[elements]).expect("one dimension"),
        };
        let mut record = Record::new(Operator::ClampI8 as u32, value(None));
        record.push_input(value(Some(Source::Feed)));
        record.set_attribute(0, -50i32 as u32);
        record.set_attribute(1, 99);
        record.set_block_log2(28);
        let numbers: Vec<u8> = (0..elements).map(|at| (at * 37) as u8).collect();
        let (store, values) = (MemoryStore::default(), vec![Bytes::from(numbers)]);
        let constants = [Root::ZERO; MAX_INPUTS];
        let node = StoredNode {
            record: record.clone(),
            constants,
        };
        node.put(&store);
        let mut slots = [chunk_zero(SLOT_HEIGHT); MAX_INPUTS];
        for (slot, value) in slots.iter_mut().zip(&values) {
            *slot = opml_commit::slot_root(value);
            store.put(*slot, value.clone());
        }
        let inputs = node_inputs(&slots);
        let preimage: Vec<u8> = slots.iter().flat_map(|root| root.0).collect();
        store.put(inputs, preimage.into());
        let claimed = (NodeLeaf::new(&record, constants).root, inputs);
        Guest::run(vm, &store, claimed, record.to_bytes().to_vec(), values)
    }

    fn whole_graph(vm: Arc<dyn VmBackend>, model: &Model, values: Vec<Bytes>) -> Guest {
        let entry = Entry::new(model, &["instruction"]).expect("a model that packs");
        let store = MemoryStore::default();
        let inputs = entry.request(&values, &store).expect("the request's values");
        Guest::run(vm, &store, (entry.program(), inputs), entry.header().to_vec(), values)
    }

    fn run(
        vm: Arc<dyn VmBackend>,
        store: &MemoryStore,
        (program, inputs): (Root, Root),
        header: Vec<u8>,
        values: Vec<Bytes>,
    ) -> Guest {
        let image = image_of(vm.name());
        let regions = regions(&image, &program, &inputs, store);
        let root = image.root;
        let stage = InstructionStage::new(vm, image);
        let (output, steps) = stage.run_to_end(&program, &inputs, store).expect("an honest run");
        let claim = Claim {
            program,
            inputs,
            output,
        };
        let mut trace = stage.open(&claim, store, None).expect("a trace");
        let opening = trace.opening(16, store).expect("an opening").payload;
        Guest {
            image: root,
            header,
            values,
            claim,
            output: store.get(&output).expect("its bytes"),
            steps,
            opening,
            regions,
        }
    }

    /// The machine in its entry state.
    ///
    /// # Panics
    /// When it does not boot, as it did before.
    pub fn machine(&self, vm: &dyn VmBackend) -> Box<dyn Machine> {
        vm.boot(&self.regions).expect("regions that fit")
    }
}

fn image_of(vm: &str) -> GuestImage {
    let found = guest_images().into_iter().find(|image| image.vm == vm);
    found.unwrap_or_else(|| panic!("no guest image for {vm}"))
}

/// The memory that a machine is entered with (`specs/machine.md`).
fn regions(image: &GuestImage, program: &Root, inputs: &Root, store: &MemoryStore) -> Vec<Region> {
    let region = |address: u32, bytes: Bytes, slot_root: Option<Root>| Region {
        address,
        bytes,
        slot_root,
    };
    let node = StoredNode::get(store, program).expect("the program's record");
    let record = &node.record;
    let mode = if record.tag() == WHOLE_GRAPH { 3 } else { 1 };
    let call = [mode, 0, record.input_count() as u32, record.output_bytes()];
    let call: Vec<u8> = call.iter().flat_map(|word| word.to_le_bytes()).collect();
    let mut regions = vec![
        region(0, image.bytes.clone(), Some(image.root)),
        region(0x1000_0000, record.to_bytes().to_vec().into(), None),
        region(0x1800_0000, call.into(), None),
    ];
    let slots = store.get(inputs).expect("the inputs' roots");
    for (slot, root) in (4u32..).zip(slots.as_chunks::<32>().0).take(record.input_count()) {
        let root = Root(*root);
        let bytes = store.get(&root).expect("an input's bytes");
        regions.push(region(slot << 28, bytes, Some(root)));
    }
    regions
}

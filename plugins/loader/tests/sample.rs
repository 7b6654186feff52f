//! Everything a plugin provides, through a real library.

use std::fs;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use bytes::Bytes;
use opml_commit::{Root, keccak256};
use opml_engine::{FaultPart, Inspection, Region, VmError};
use opml_graph::{ComputeError, ConvertError, Host, LogLevel, SilentHost};
use opml_ops::{DType, Operator, Record, Shape, Value};
use opml_plugin_loader::{Kind, PluginError, Plugins, SearchPath};

fn plugins() -> Plugins {
    let mut plugins = Plugins::new(SearchPath::standard());
    plugins.load("sample", &SilentHost).expect("it loads");
    plugins
}

fn word(bytes: &[u8], place: usize) -> u64 {
    u64::from_le_bytes(bytes[place * 8..place * 8 + 8].try_into().expect("eight bytes"))
}

fn record(operator: Operator, bytes: u32) -> Record {
    let value = Value {
        source: None,
        index: 0,
        dtype: DType::I8,
        shape: Shape::new(&[bytes]).expect("a shape"),
    };
    Record::new(operator as u32, value)
}

#[test]
fn a_plugin_is_described() {
    let mut plugins = plugins();
    let path = SearchPath::standard().locate("sample").expect("it is built");
    let path = path.canonicalize().expect("its path");
    assert_eq!(
        plugins.describe()[0].to_string(),
        format!(
            "sample 1.2.3: one of each\n  compute backend `addresses`\n  virtual machine `counter`\n  converter `copy`\n  {}",
            path.display()
        )
    );
    plugins
        .load(path.to_str().expect("UTF-8"), &SilentHost)
        .expect("the same again");
    assert_eq!(plugins.describe().len(), 1);
}

#[test]
fn two_plugins_of_the_process_do_not_mix() {
    let mut plugins = plugins();
    plugins.load("panicking", &SilentHost).expect("it loads too");
    let names: Vec<&str> = plugins.describe().iter().map(|plugin| &*plugin.name).collect();
    assert_eq!(names, ["sample", "panicking"]);
    assert_eq!(plugins.vm("counter").expect("the sample's").name(), "counter");
    assert_eq!(plugins.vm("panicking").expect("the other's").name(), "panicking");
}

#[test]
fn what_is_not_provided_is_told_with_what_is() {
    let text = |error: PluginError| error.to_string();
    assert_eq!(
        plugins().converter("onnx").map(|_| ()).map_err(text),
        Err("no loaded plugin provides the converter `onnx`; there are: copy".to_owned())
    );
    let none = Plugins::new(SearchPath::new([]));
    assert_eq!(
        none.compute("native").map(|_| ()).map_err(text),
        Err("no loaded plugin provides the compute backend `native`; \
             none is loaded: add the plugin that does to `plugins`"
            .to_owned())
    );
}

#[test]
fn the_same_from_two_libraries_is_refused() {
    let mut plugins = plugins();
    let first = plugins.describe()[0].path.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let second = folder.path().canonicalize().expect("its path").join("copy.so");
    fs::copy(&first, &second).expect("a copy of the library");
    let error = plugins
        .load(second.to_str().expect("UTF-8"), &SilentHost)
        .expect_err("twice the same");
    let expected = PluginError::Duplicate {
        kind: Kind::Compute,
        name: "addresses".into(),
        first,
        second,
    };
    assert_eq!(error, expected);
    assert_eq!(plugins.describe().len(), 1);
}

#[test]
fn tensors_of_64_mib_are_not_copied() {
    let compute = plugins().compute("addresses").expect("the backend");
    let inputs = [vec![1u8; 64 << 20], vec![2u8; 64 << 20]];
    let mut output = vec![0u8; 64 << 20];
    let slices: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    compute
        .run_node(&record(Operator::Alias, 64 << 20), &slices, &mut output, 5)
        .expect("it runs");
    assert_eq!(word(&output, 0), output.as_ptr() as u64);
    assert_eq!(word(&output, 1), 5);
    assert_eq!(word(&output, 2), inputs[0].as_ptr() as u64);
    assert_eq!(word(&output, 3), inputs[1].as_ptr() as u64);
}

#[test]
fn errors_of_a_compute_backend_keep_their_kind() {
    let compute = plugins().compute("addresses").expect("the backend");
    let refused = compute.run_node(&record(Operator::ClampI8, 8), &[], &mut [0; 8], 1);
    let tag = Operator::ClampI8 as u32;
    let reason = "only alias".to_owned();
    assert_eq!(refused, Err(ComputeError::NotAdmitted { tag, reason }));
    let short = compute.run_node(&record(Operator::Alias, 8), &[], &mut [0; 8], 1);
    let size = ComputeError::Size {
        tag: Operator::Alias as u32,
        what: "the output".into(),
        expected: 16,
        actual: 8,
    };
    assert_eq!(short, Err(size));
}

#[test]
fn guest_images_come_across() {
    let images = plugins().compute("addresses").expect("the backend").guest_images();
    assert_eq!(images.len(), 1);
    assert_eq!((&*images[0].vm, images[0].root), ("counter", Root([9; 32])));
    assert_eq!(images[0].bytes[..], [1, 2, 3, 4]);
}

#[test]
fn regions_of_64_mib_are_not_copied_and_are_freed() {
    let vm = plugins().vm("counter").expect("the machine");
    let bytes = Bytes::from(vec![7u8; 64 << 20]);
    let regions = [
        Region {
            address: 0x4000_0000,
            bytes: bytes.clone(),
            slot_root: Some(Root([3; 32])),
        },
        Region {
            address: 0x5000_0000,
            bytes: bytes.slice(100..200),
            slot_root: None,
        },
    ];
    let mut machine = vm.boot(&regions).expect("it boots");
    drop(regions);
    let mut expected = 0u64.to_le_bytes().to_vec();
    for (address, place, root) in [(0x4000_0000u32, 0, 3), (0x5000_0000, 100, 0)] {
        expected.extend_from_slice(&address.to_le_bytes());
        expected.extend_from_slice(&(bytes.as_ptr() as u64 + place).to_le_bytes());
        expected.push(root);
    }
    assert_eq!(machine.state(), expected);
    assert!(!bytes.is_unique(), "the machine holds it");
    let fork = machine.fork();
    drop(machine);
    assert!(!bytes.is_unique(), "the fork holds it");
    drop(fork);
    assert!(bytes.is_unique(), "all is given back");
}

#[test]
fn every_method_of_a_machine_comes_across() {
    let vm = plugins().vm("counter").expect("the machine");
    let mut machine = vm.boot(&[]).expect("it boots");
    machine.run_to(4).expect("it runs");
    assert_eq!((machine.step(), machine.halted_at()), (4, None));
    let mut fork = machine.fork();
    machine.run_until_halt(100).expect("it runs");
    assert_eq!((machine.step(), machine.halted_at()), (10, Some(10)));
    assert_eq!(fork.step(), 4);
    assert_eq!(fork.root(), keccak256(&4u64.to_le_bytes()));
    let roots = [5u64, 7, 7].map(|step| keccak256(&step.to_le_bytes()));
    assert_eq!(fork.roots_at(&[5, 7, 7]), Ok(roots.to_vec()));
    assert_eq!(fork.prove_step(), Ok(vec![7]));
    assert_eq!(fork.prove_memory(3, 4), [Root([3; 32]), Root([4; 32])]);
    assert_eq!(fork.memory_node(3, 4), Root([7; 32]));
    assert_eq!(fork.read(0x105, 3), [5, 6, 7]);
    fork.write(0x3000_0000, &[8, 9]).expect("it writes");
    let mut expected = 7u64.to_le_bytes().to_vec();
    expected.extend_from_slice(&[0, 0, 0, 0x30, 8, 9]);
    for part in [
        FaultPart::Output { byte: 1 << 40 },
        FaultPart::Scratch { byte: 2 },
        FaultPart::Register { number: 31 },
        FaultPart::ProgramCounter,
    ] {
        fork.corrupt(&part).expect("it is changed");
        expected.extend_from_slice(format!("{part:?}").as_bytes());
    }
    assert_eq!(fork.state(), expected);
    assert_eq!((machine.own_bytes(), fork.own_bytes()), (0, expected.len() as u64 - 8));
}

#[test]
fn rules_and_errors_of_a_machine_keep_their_kind() {
    let vm = plugins().vm("counter").expect("the machine");
    assert_eq!(vm.entry_root(&Root([1; 32])), keccak256(&[1; 32]));
    let inspection = Inspection {
        exited: true,
        exit_code: 6,
        memory_root: Root([6; 32]),
    };
    assert_eq!(vm.inspect(&[1, 6]), Ok(inspection));
    let reason = "left no state".to_owned();
    assert_eq!(vm.inspect(&[]), Err(VmError::Guest { reason }));
    assert_eq!(vm.replay(&[4]), Ok((Root([4; 32]), Root([5; 32]))));
    let reason = "empty".to_owned();
    assert_eq!(vm.replay(&[]), Err(VmError::Witness { reason }));
    let region = Region {
        address: 0xf000_0010,
        bytes: Bytes::from_static(&[0; 77]),
        slot_root: None,
    };
    let misplaced = VmError::Region {
        address: 0xf000_0010,
        length: 77,
    };
    assert_eq!(vm.boot(&[region]).map(|_| ()), Err(misplaced));
    let mut machine = vm.boot(&[]).expect("it boots");
    machine.run_to(u64::MAX).expect("it runs");
    let backward = VmError::Backward { at: u64::MAX, asked: 1 };
    assert_eq!(machine.run_to(1), Err(backward));
}

struct Noting {
    said: Mutex<Vec<String>>,
    cancelled: bool,
    panics: bool,
}

impl Noting {
    fn new(cancelled: bool, panics: bool) -> Noting {
        let said = Mutex::new(Vec::new());
        Noting {
            said,
            cancelled,
            panics,
        }
    }

    fn note(&self, text: String) {
        self.said.lock().expect("no panic while it is held").push(text);
    }
}

impl Host for Noting {
    fn log(&self, level: LogLevel, message: &str) {
        assert!(!self.panics, "the host broke");
        self.note(format!("{level:?} {message}"));
    }

    fn progress(&self, what: &str, done: u64, total: u64) {
        self.note(format!("{what} {done}/{total}"));
    }

    fn cancelled(&self) -> bool {
        self.cancelled
    }

    fn threads(&self) -> usize {
        12
    }
}

#[test]
fn a_converter_reads_writes_and_talks_to_the_host() {
    let converter = plugins().converter("copy").expect("the converter");
    assert!(converter.accepts(b"COPY me", "a.copy"));
    assert!(!converter.accepts(b"COPY me", "a.txt"));
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("gr\u{fc}n.copy");
    fs::write(&source, "COPY").expect("the source is written");
    let (mut out, host) = (Vec::new(), Noting::new(false, false));
    converter
        .convert(&source, "{\"a\":1}", &mut out, &host)
        .expect("it converts");
    assert_eq!(out, b"COPY{\"a\":1}12");
    assert_eq!(
        host.said.into_inner().expect("whole"),
        ["Debug d", "Info i", "Warning w", "bytes 4/5"]
    );
    let outputs = converter.reference(&source, "{}", &[b"one", b"", b"three"], &SilentHost);
    assert_eq!(outputs, Ok(vec![b"three".to_vec(), Vec::new(), b"one".to_vec()]));
}

#[test]
fn errors_of_a_converter_keep_their_code_and_words() {
    let converter = plugins().converter("copy").expect("the converter");
    let error = |code, message: &str| ConvertError {
        code,
        message: message.into(),
        place: "the place".into(),
        help: "the help".into(),
    };
    let absent = std::path::Path::new("/nowhere/at/all");
    let refused = converter.convert(absent, "{}", &mut Vec::new(), &SilentHost);
    assert_eq!(refused, Err(error(2, "the source cannot be read")));
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("a.copy");
    fs::write(&source, "COPY").expect("the source is written");
    let cancelled = converter.convert(&source, "{}", &mut Vec::new(), &Noting::new(true, false));
    assert_eq!(cancelled, Err(error(1, "cancelled")));
}

struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is full"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        panic!("the writer broke")
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn failures_on_this_side_are_this_side_s() {
    let converter = plugins().converter("copy").expect("the converter");
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("a.copy");
    fs::write(&source, "COPY").expect("the source is written");
    let full = converter
        .convert(&source, "{}", &mut Full, &SilentHost)
        .expect_err("nothing is written");
    assert_eq!(
        full.to_string(),
        "the model file could not be written: the disk is full"
    );
    let text = |call: &dyn Fn() -> Result<(), ConvertError>| {
        let payload = catch_unwind(AssertUnwindSafe(call)).expect_err("the panic goes on on this side");
        payload.downcast_ref::<&str>().map(|text| (*text).to_owned())
    };
    let writer = text(&|| converter.convert(&source, "{}", &mut Broken, &SilentHost));
    assert_eq!(writer.as_deref(), Some("the writer broke"));
    let host = text(&|| converter.convert(&source, "{}", &mut Vec::new(), &Noting::new(false, true)));
    assert_eq!(host.as_deref(), Some("the host broke"));
}

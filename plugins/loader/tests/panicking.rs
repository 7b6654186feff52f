//! A plugin that panics ends no process, and says where.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use opml_commit::Root;
use opml_engine::{FaultPart, Machine, Region, VmBackend, VmError};
use opml_graph::{ComputeError, ConvertError, SilentHost};
use opml_ops::{DType, Operator, Record, Shape, Value};
use opml_plugin_loader::{PluginError, Plugins, SearchPath};

fn plugins() -> Plugins {
    let mut plugins = Plugins::new(SearchPath::standard());
    plugins.load("panicking", &SilentHost).expect("it loads");
    plugins
}

fn vm() -> Arc<dyn VmBackend> {
    plugins().vm("panicking").expect("the machine")
}

fn machine() -> Box<dyn Machine> {
    let region = Region {
        address: 0,
        bytes: Bytes::from_static(&[1]),
        slot_root: None,
    };
    vm().boot(&[region]).expect("it boots")
}

/// Checks the words, and that the place is a line of `file`; gives nothing else.
fn check(text: &str, file: &str, method: &str, message: &str) {
    let start = format!("plugin `panicking` panicked in `{method}` at ");
    let rest = text
        .strip_prefix(&start)
        .unwrap_or_else(|| panic!("{text:?} begins with {start:?}"));
    let (place, rest) = rest.split_once(": ").expect("a place and a message");
    assert_eq!(rest, message);
    let mut parts = place.rsplitn(3, ':');
    assert!(
        parts.next().is_some_and(|column| column.parse::<u32>().is_ok()),
        "{place}"
    );
    assert!(parts.next().is_some_and(|line| line.parse::<u32>().is_ok()), "{place}");
    assert!(parts.next().is_some_and(|path| path.ends_with(file)), "{place}");
}

fn check_vm<T>(result: Result<T, VmError>, method: &str) {
    match result {
        Err(VmError::Backend { reason }) => check(&reason, "src/machine.rs", method, method),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("`{method}` panics"),
    }
}

/// The framework's method cannot fail: this thread gets the panic.
fn check_end<T>(method: &str, call: impl FnOnce() -> T) {
    let payload = catch_unwind(AssertUnwindSafe(call)).err().expect("it panics");
    let text = payload.downcast_ref::<String>().expect("a message");
    check(text, "src/machine.rs", method, method);
}

#[test]
fn compute() {
    let shape = Shape::new(&[4]).expect("a shape");
    let value = Value {
        source: None,
        index: 0,
        dtype: DType::I8,
        shape,
    };
    let record = Record::new(Operator::Alias as u32, value);
    let compute = plugins().compute("panicking").expect("the backend");
    match compute.run_node(&record, &[], &mut [0; 4], 3) {
        Err(ComputeError::Backend { reason }) => check(&reason, "src/compute.rs", "run_node", "with 3 threads"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn rules() {
    let vm = vm();
    check_vm(vm.inspect(&[]), "inspect");
    check_vm(vm.replay(&[]), "replay");
    check_vm(vm.boot(&[]), "boot");
    check_end("entry_root", || vm.entry_root(&Root::ZERO));
}

#[test]
fn every_method_of_a_machine() {
    check_vm(machine().run_to(1), "run_to");
    check_vm(machine().run_until_halt(1), "run_until_halt");
    check_vm(machine().prove_step(), "prove_step");
    check_vm(machine().write(0, &[]), "write");
    check_vm(machine().corrupt(&FaultPart::ProgramCounter), "corrupt");
    check_end("step", || machine().step());
    check_end("halted_at", || machine().halted_at());
    check_end("state", || machine().state());
    check_end("fork", || machine().fork());
    check_end("own_bytes", || machine().own_bytes());
    check_end("prove_memory", || machine().prove_memory(0, 0));
    check_end("memory_node", || machine().memory_node(0, 0));
    check_end("read", || machine().read(0, 1));
}

#[test]
fn a_machine_that_panicked_in_a_change_stays_broken() {
    let mut machine = machine();
    check_vm(machine.run_to(1), "run_to");
    let Err(VmError::Backend { reason }) = machine.prove_step() else {
        panic!("it is broken");
    };
    check(&reason, "src/machine.rs", "prove_step", "run_to");
}

#[test]
fn converter() {
    let converter = plugins().converter("panicking").expect("the converter");
    assert!(!converter.accepts(b"anything", "anything"));
    let error = converter
        .convert(Path::new("x"), "{}", &mut Vec::new(), &SilentHost)
        .expect_err("it panics");
    check(&error.message, "src/converter.rs", "convert", "convert");
    assert_eq!(
        (error.code, &*error.place, &*error.help),
        (1, "", "this is a defect of the plugin")
    );
    let error: ConvertError = converter
        .reference(Path::new("x"), "{}", &[], &SilentHost)
        .expect_err("it panics");
    check(&error.message, "src/converter.rs", "reference", "no message");
}

#[test]
fn a_plugin_that_panics_when_asked_what_it_provides() {
    let mut plugins = Plugins::new(SearchPath::standard());
    let Err(PluginError::Failed { plugin, reason }) = plugins.load("unready", &SilentHost) else {
        panic!("it fails");
    };
    assert_eq!(plugin, "unready");
    let start = "plugin `unready` panicked in `computes` at ";
    assert!(
        reason.starts_with(start) && reason.ends_with(": no accelerator"),
        "{reason}"
    );
    assert_eq!(plugins.describe(), []);
    assert!(plugins.compute("unready").is_err());
}

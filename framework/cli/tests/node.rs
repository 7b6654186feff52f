//! The same stories on a real Ethereum node, which the test starts: the same verdicts, the same gas, keys and deployments.

mod program;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use opml_anvil::Anvil;
use program::{Ended, folder, opml_run, variant};
use serde_json::{Value, json};

/// Anvil's first three keys, which everybody knows.
const KEYS: [&str; 3] = [
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
];

/// The account of the first of them.
const REQUESTER: &str = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

/// Calldata of two addresses differs by their zero bytes: 30 gas each where the floor binds.
const ADDRESS_GAS: u64 = 30 * 40;

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON")
}

/// The report of a committed spec, on the node or embedded.
fn report(spec: &str, node: Option<&Anvil>) -> Value {
    let folder = folder();
    let on_node = node.map(|node| format!("chain: {{ rpc: \"{}\" }}", node.url()));
    let changes: Vec<(&str, &str)> = on_node
        .iter()
        .map(|chain| ("chain: embedded", chain.as_str()))
        .collect();
    let file = variant(folder.path(), spec, &changes);
    let ended = opml_run(folder.path(), &[&file, "-q", "--report", "report.json"]);
    assert_eq!(ended.code, 0, "{spec}: {}{}", ended.stdout, ended.stderr);
    let judged = opml_run(folder.path(), &["replay", "report.json", "-q"]);
    assert_eq!(judged.code, 0, "{spec} is judged again: {}", judged.stderr);
    read(&folder.path().join("report.json"))
}

#[test]
fn the_same_verdicts_and_the_same_gas_as_embedded() {
    let node = Anvil::start(&[]);
    for spec in [
        "mnist",
        "mnist-honest",
        "mnist-false-challenge",
        "mnist-single-stage",
        "mnist-node",
        "mnist-float",
        "counter-loops",
        "tiled-matmul",
        "life",
        "mnist-batch",
    ] {
        let (there, here) = (report(spec, Some(&node)), report(spec, None));
        assert_eq!(there["chain"]["backend"], "rpc");
        assert_eq!(there["chain"]["url"], node.url());
        assert_eq!(there["dispute"]["verdict"], here["dispute"]["verdict"], "{spec}");
        assert_eq!(there["dispute"]["final_step"], here["dispute"]["final_step"], "{spec}");
        assert_eq!(there["output"], here["output"], "{spec}");
        let (there, here) = (transactions(&there), transactions(&here));
        assert_eq!(there.len(), here.len(), "{spec}: {there:?} and {here:?}");
        for (there, here) in there.iter().zip(&here) {
            assert_eq!(there.0, here.0, "{spec}");
            assert!(
                there.1.abs_diff(here.1) <= ADDRESS_GAS,
                "{spec}: `{}` takes {} gas on the node and {} embedded",
                here.0,
                there.1,
                here.1
            );
        }
    }
}

fn transactions(report: &Value) -> Vec<(String, u64)> {
    let all = report["transactions"].as_array().expect("transactions");
    let told = all.iter().map(|made| {
        let action = made["action"].as_str().expect("a name").to_string();
        (action, made["gas"].as_u64().expect("gas"))
    });
    told.collect()
}

fn with_keys(folder: &Path, arguments: &[&str]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_opml-run"))
        .args(arguments)
        .current_dir(folder)
        .envs(["A", "B", "C"].into_iter().zip(KEYS))
        .output()
        .expect("the program starts");
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn contracts_are_deployed_once_and_parties_sign_with_their_own_keys() {
    let node = Anvil::start(&[]);
    let folder = folder();
    let deploy = || {
        with_keys(
            folder.path(),
            &["deploy", "--rpc", &node.url(), "--key-env", "A", "-o", "d.json"],
        )
    };
    let first = deploy();
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(
        first.stdout.starts_with("deployed on chain 31337 by 0xf39fd6e5"),
        "{}",
        first.stdout
    );
    let written = read(&folder.path().join("d.json"));
    let second = deploy();
    assert!(
        second
            .stdout
            .starts_with("d.json is deployed: the service stands at 0x"),
        "{}",
        second.stdout
    );
    let chain = format!(
        "chain: {{ rpc: \"{}\", deployment: d.json, keys: {{ requester: {{ env: A }}, proposer: {{ env: B }}, challenger: {{ env: C }} }} }}",
        node.url()
    );
    let file = variant(folder.path(), "mnist", &[("chain: embedded", &chain)]);
    for _ in 0..2 {
        let played = with_keys(folder.path(), &[&file, "-q", "--report", "r.json"]);
        assert_eq!(
            (played.code, played.stdout.as_str()),
            (0, "mnist: rejected: the challenger proved it wrong\n"),
            "{}",
            played.stderr
        );
    }
    let report = read(&folder.path().join("r.json"));
    assert_eq!(
        report["parties"][1]["account"],
        "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"
    );
    assert_eq!(
        report["transcript"]["contracts"]["service"],
        written["contracts"]["service"]
    );
    let kept: Vec<String> = program::files(&folder.path().join(".opml/chain"));
    assert!(
        kept.iter().all(|file| !file.ends_with(".task.json")),
        "nothing is underway: {kept:?}"
    );
    let text = std::fs::read_to_string(folder.path().join("r.json")).expect("the report");
    assert!(
        KEYS.iter().all(|key| !text.contains(&key[2..])),
        "no key is written anywhere"
    );
}

/// A program that is killed while its request waits, fee and all, asks for it once when it is run again.
#[test]
fn what_was_sent_before_a_crash_is_taken_up() {
    let node = Anvil::start(&[]);
    let folder = folder();
    // The second account deploys, so that the requester begins with nothing sent.
    let deployed = with_keys(
        folder.path(),
        &["deploy", "--rpc", &node.url(), "--key-env", "B", "-o", "d.json"],
    );
    assert_eq!(deployed.code, 0, "{}", deployed.stderr);
    node.ask("evm_setAutomine", &json!([false]));
    let chain = format!(
        "chain: {{ rpc: \"{}\", deployment: d.json, keys: {{ requester: {{ env: A }}, proposer: {{ env: B }}, challenger: {{ env: C }} }} }}",
        node.url()
    );
    let file = variant(folder.path(), "mnist", &[("chain: embedded", &chain)]);
    let mut process = Command::new(env!("CARGO_BIN_EXE_opml-run"))
        .args([&file, "-q"])
        .current_dir(folder.path())
        .envs(["A", "B", "C"].into_iter().zip(KEYS))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let sent = |when: &str| {
        let count = node.ask("eth_getTransactionCount", &json!([REQUESTER, when]));
        count.as_str().map(String::from).unwrap_or_default()
    };
    // Blocks are made by hand until the registration is in one and the request waits.
    for _ in 0..1000 {
        match sent("pending").as_str() {
            "0x2" => break,
            "0x1" => drop(node.ask("evm_mine", &json!([]))),
            _ => {}
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    process.kill().expect("it is killed");
    process.wait().expect("it is gone");
    assert_eq!((sent("latest").as_str(), sent("pending").as_str()), ("0x1", "0x2"));
    node.ask("evm_setAutomine", &json!([true]));
    node.ask("evm_mine", &json!([]));
    let played = with_keys(folder.path(), &[&file, "-q"]);
    assert_eq!(
        (played.code, played.stdout.as_str()),
        (0, "mnist: rejected: the challenger proved it wrong\n"),
        "{}",
        played.stderr
    );
    // The requester registered, asked once, took the fee back and drew it.
    assert_eq!(sent("latest"), "0x4");
}

#[test]
fn what_is_wrong_with_a_chain_is_said() {
    let node = Anvil::start(&[]);
    let folder = folder();
    let refused = |chain: &str| {
        let chain = format!("chain: {chain}");
        let file = variant(folder.path(), "mnist", &[("chain: embedded", &chain)]);
        let ended = with_keys(folder.path(), &[&file, "-q"]);
        assert_eq!(ended.code, 2, "{chain}: {}{}", ended.stdout, ended.stderr);
        ended.stderr
    };
    let keys = |key: &str| format!("keys: {{ requester: {key}, proposer: {{ env: B }}, challenger: {{ env: C }} }}");
    let url = &node.url();
    assert_eq!(
        refused("{ rpc: \"ftp://x\" }"),
        "error: chain.rpc: `ftp://x` is not the address of a node: it must begin with http:// or https://\n"
    );
    assert_eq!(
        refused(&format!("{{ rpc: \"{url}\", {} }}", keys("{ env: NOT_SET }"))),
        "error: chain.keys.requester.env: the environment variable NOT_SET is not set\n"
    );
    assert_eq!(
        refused(&format!("{{ rpc: \"{url}\", {} }}", keys("{ env: HOME }"))),
        "error: chain.keys.requester.env: $HOME: it is not a private key: 64 hexadecimal digits are needed\n"
    );
    assert_eq!(
        refused(&format!("{{ rpc: \"{url}\", {} }}", keys("{}"))),
        "error: chain.keys.requester: write `env: NAME`, or `keystore: FILE` with `password_env: NAME`\n"
    );
    let missing = refused(&format!("{{ rpc: \"{url}\", deployment: nowhere.json }}"));
    assert!(missing.starts_with("error: cannot read the deployment "), "{missing}");
    let deployed = with_keys(
        folder.path(),
        &["deploy", "--rpc", url, "--key-env", "A", "-o", "d.json"],
    );
    assert_eq!(deployed.code, 0, "{}", deployed.stderr);
    let mut file = read(&folder.path().join("d.json"));
    let mut alter = |change: &mut dyn FnMut(&mut Value)| {
        change(&mut file);
        std::fs::write(folder.path().join("d2.json"), file.to_string()).expect("a writable folder");
        refused(&format!("{{ rpc: \"{url}\", deployment: d2.json }}"))
    };
    let service = alter(&mut |file| {
        let swapped = file["contracts"]["stage graph"]["address"].clone();
        file["contracts"]["service"]["address"] = swapped;
    });
    assert!(service.contains("another contract stands at 0x"), "{service}");
    assert!(
        service.contains("which should be the `service` of this program"),
        "{service}"
    );
    let chain = refused_other_chain(&folder, url);
    assert!(
        chain.contains("the contracts are on chain 5, the node is of chain 31337"),
        "{chain}"
    );
}

fn refused_other_chain(folder: &tempfile::TempDir, url: &str) -> String {
    let mut file = read(&folder.path().join("d.json"));
    file["chain_id"] = 5.into();
    std::fs::write(folder.path().join("d3.json"), file.to_string()).expect("a writable folder");
    let chain = format!("chain: {{ rpc: \"{url}\", deployment: d3.json }}");
    let spec = variant(folder.path(), "mnist", &[("chain: embedded", &chain)]);
    let ended = with_keys(folder.path(), &[&spec, "-q"]);
    assert_eq!(ended.code, 2);
    ended.stderr
}

//! Delivery of a final output to a requesting contract.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, sol};
use bytes::Bytes;
use counter::{ETHER, PURSE, World};
use opml_contracts::{Artifact, Outcome, Sent, Service, Transaction, Transport};
use opml_player::{Account, Action, Chain, ChainError, Event, Role};

mod counter;

sol!(Requester, "../../contracts/test/artifacts/Requester.json");

fn send(world: &mut World, to: Option<Account>, value: u128, data: Bytes) -> Sent {
    let from = world.requester;
    let sent = world.chain.transport().send(&Transaction { from, to, value, data });
    let sent = sent.expect("it is included");
    assert!(matches!(sent.outcome, Outcome::Returned(_)), "{sent:?}");
    sent
}

#[test]
fn a_delivery_is_separate_from_finality_and_may_be_repeated() {
    let mut world = World::new(3, None, 20);
    let request = world.request();
    let json = include_str!("../../../contracts/test/artifacts/Requester.json");
    let code: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let code = Bytes::from(alloy_primitives::hex::decode(code["bytecode"].as_str().expect("code")).expect("hex"));
    assert_eq!(
        Artifact::parse("Requester", json).expect("an artifact").name(),
        "Requester"
    );
    let contract = send(&mut world, None, 0, code).created.expect("a contract");
    let requester = world.requester;
    let model = world
        .chain
        .register(&requester, &request.terms)
        .expect("it registers")
        .model;
    let ask = Service::requestCall {
        model: model.0.into(),
        nonce: 1,
        deadline: world.chain.now().expect("the time") + 3600,
        header: world.party(Role::Proposer, None).entrance.header().into(),
        values: vec![request.values[0].clone().into()],
    };
    let service = world.chain.deployment().service;
    let ask = Requester::askCall {
        service_: Address::from(service.0),
        message: ask.abi_encode().into(),
    };
    send(&mut world, Some(contract), 5, ask.abi_encode().into());
    let task = world
        .chain
        .events(0)
        .expect("events")
        .into_iter()
        .find_map(|observed| match observed.event {
            Event::Requested { task, .. } => Some(task),
            _ => None,
        });
    let task = task.expect("the task");
    let value = Bytes::from(world.truth());
    let proposer = world.proposer;
    let propose = Action::Propose {
        task,
        value: value.clone(),
        salt: opml_commit::Root::ZERO,
        earlier: opml_commit::Root::ZERO,
        bond: ETHER,
    };
    world.chain.act(&proposer, &propose).expect("posted");
    let deliver = |value: &Bytes| Action::Deliver {
        task,
        value: value.clone(),
    };
    let refused = |outcome: Result<_, ChainError>, name: &str| match outcome {
        Err(ChainError::Refused { reason, .. }) => assert!(reason.starts_with(name), "{reason} is not {name}"),
        other => panic!("{other:?} is not refused with {name}"),
    };
    refused(world.chain.act(&proposer, &deliver(&value)), "NotFinal");
    world.chain.advance(24 * 3600 + 1).expect("time passes");
    world.chain.act(&proposer, &Action::Finalise { task }).expect("final");
    assert_eq!(world.held(), ETHER + 5);

    refused(
        world.chain.act(&proposer, &deliver(&Bytes::from_static(b"whatever"))),
        "NotTheOutput",
    );
    for mood in [1, 2] {
        let feel = Requester::feelCall {
            mood_: U256::from(mood),
        };
        send(&mut world, Some(contract), 0, feel.abi_encode().into());
        refused(world.chain.act(&proposer, &deliver(&value)), "DeliveryFailed");
    }
    let feel = Requester::feelCall { mood_: U256::ZERO };
    send(&mut world, Some(contract), 0, feel.abi_encode().into());
    // Whoever brings too little gas cannot make a delivery fail that would succeed.
    let poor = world
        .chain
        .transport()
        .create_account(400_000 * opml_chain_embedded::GAS_PRICE);
    refused(world.chain.act(&poor, &deliver(&value)), "TooLittleGas");
    world.chain.act(&proposer, &deliver(&value)).expect("delivered");
    refused(world.chain.act(&proposer, &deliver(&value)), "DeliveredAlready");

    let read = |world: &mut World, data: Vec<u8>| match world.chain.transport().call(&requester, &contract, data.into())
    {
        Ok(Outcome::Returned(data)) => data,
        other => panic!("{other:?}"),
    };
    let output = read(&mut world, Requester::outputCall {}.abi_encode());
    assert_eq!(
        Requester::outputCall::abi_decode_returns(&output).expect("bytes"),
        value[..]
    );
    let told = read(&mut world, Requester::taskCall {}.abi_encode());
    assert_eq!(told[..], task.0);
    assert_eq!(
        world.chain.balance(&requester).expect("a balance") / ETHER,
        (PURSE - 1) / ETHER
    );
}

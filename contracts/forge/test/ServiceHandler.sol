// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Game} from "../../src/game/Game.sol";
import {Claim, LastPosition, Opened, Position} from "../../src/game/Types.sol";
import {Moves} from "../../src/game/Moves.sol";
import {Model} from "../../src/service/Models.sol";
import {Results} from "../../src/service/Results.sol";
import {Service} from "../../src/service/Service.sol";
import {SlotRoot} from "../../src/service/SlotRoot.sol";
import {ToyMachine, ToyStage} from "./Toys.sol";
import {vm, within} from "./Vm.sol";

/// @title Five actors who do anything at any time; a result is true when its one byte is zero
contract ServiceHandler {
    uint128 public constant P = 1 ether;
    uint128 public constant C = 0.1 ether;
    uint256 internal constant ACTORS = 5;

    struct Dispute {
        Game.GameId id;
        /// The present position; its phase 0 when the game is over as far as the handler knows.
        Position position;
        Claim claim;
    }

    Service public immutable service = new Service();
    bytes32 public immutable model;
    bytes32[] public tasks;
    bytes32[] public results;
    mapping(bytes32 result => bool) public isTrue;
    Dispute[] internal disputes;
    uint64 internal nonce;

    constructor() {
        Model memory made;
        made.program = "toy";
        made.stages = new address[](1);
        made.stages[0] = address(new ToyStage());
        made.vm = address(new ToyMachine());
        made.arity = 16;
        made.inputBytes = new uint32[](0);
        made.outputBytes = 1;
        made.window = 1 days;
        made.clockBase = new uint64[](1);
        made.clockBase[0] = 1 hours;
        made.clockUnit = new uint64[](1);
        made.clockUnit[0] = 60;
        made.proposerBond = P;
        made.challengerBond = C;
        model = service.register(made);
    }

    function actor(uint256 seed) public pure returns (address) {
        return address(uint160(0x1000 + seed % ACTORS));
    }

    function counts() external view returns (uint256, uint256, uint256) {
        return (tasks.length, results.length, disputes.length);
    }

    function gameAt(uint256 place) external view returns (Game.GameId memory) {
        return disputes[place].id;
    }

    function request(uint256 who, uint256 fee, uint256 time) external {
        fee = within(fee, 0, 1 ether);
        address sender = actor(who);
        vm.deal(sender, fee);
        vm.prank(sender);
        tasks.push(
            service.request{value: fee}(
                model, nonce++, uint64(block.timestamp + within(time, 1, 2 days)), "", new bytes[](0)
            )
        );
    }

    function commit(uint256 who, uint256 task, uint256 value) external {
        if (tasks.length == 0) return;
        bytes32 output = this.root(outputOf(value));
        vm.prank(actor(who));
        service.commit(keccak256(abi.encode(tasks[task % tasks.length], output, actor(who), bytes32(0))));
    }

    function root(bytes calldata output) external pure returns (bytes32) {
        return SlotRoot.of_(output);
    }

    function outputOf(uint256 value) internal pure returns (bytes memory output) {
        output = new bytes(1);
        output[0] = bytes1(uint8(value % 3));
    }

    function propose(uint256 who, uint256 task, uint256 value, uint256 earlier) external {
        if (tasks.length == 0) return;
        bytes32 hint = results.length == 0 || earlier % 3 == 0 ? bytes32(0) : results[earlier % results.length];
        address sender = actor(who);
        vm.deal(sender, P);
        vm.prank(sender);
        bytes32 result = service.propose{value: P}(tasks[task % tasks.length], outputOf(value), 0, hint);
        results.push(result);
        isTrue[result] = value % 3 == 0;
    }

    function challenge(uint256 who, uint256 which) external {
        if (results.length == 0) return;
        bytes32 result = results[which % results.length];
        address sender = actor(who);
        vm.deal(sender, C);
        vm.prank(sender);
        service.challenge{value: C}(result);
        Results.Result memory entry = service.resultOf(result);
        Claim memory claim = Claim("toy", service.taskOf(entry.task).inputs, entry.output);
        disputes.push(
            Dispute(Game.GameId(result, sender), Moves.start(0, keccak256(abi.encode(claim))), claim)
        );
    }

    /// @dev The defender opens, or the step is executed: it convicts false results and no others.
    function play(uint256 which) external {
        if (disputes.length == 0) return;
        Dispute storage dispute = disputes[which % disputes.length];
        Position memory position = dispute.position;
        if (position.phase == 1) {
            vm.prank(service.resultOf(dispute.id.result).proposer);
            service.open(dispute.id, position, dispute.claim, "end");
            Opened memory opened =
                Opened(keccak256(abi.encode(dispute.claim)), keccak256("end"), 1, 1, 0);
            position.phase = 4;
            (position.anchor, position.disputed) = (opened.anchor, opened.disputed);
            (position.count, position.width) = (1, 1);
            dispute.position = position;
        } else {
            bytes32 post = isTrue[dispute.id.result] ? position.disputed : keccak256("the true end");
            service.step(
                dispute.id,
                LastPosition(position.lower, position.count, position.claim, position.disputed),
                abi.encode(position.anchor, post)
            );
        }
    }

    function timeout(uint256 which) external {
        if (disputes.length == 0) return;
        Dispute storage dispute = disputes[which % disputes.length];
        service.timeout(dispute.id, dispute.position);
    }

    function finalise(uint256 which) external {
        if (tasks.length != 0) service.finalise(tasks[which % tasks.length]);
    }

    function settle(uint256 which) external {
        if (results.length != 0) service.settle(results[which % results.length]);
    }

    function close(uint256 which) external {
        if (disputes.length != 0) service.close(disputes[which % disputes.length].id);
    }

    function collect(uint256 which) external {
        if (results.length != 0) service.collect(results[which % results.length]);
    }

    function refund(uint256 which) external {
        if (tasks.length != 0) service.refund(tasks[which % tasks.length]);
    }

    function withdraw(uint256 who) external {
        vm.prank(actor(who));
        service.withdraw(address(0xdead));
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + within(time, 1, 12 hours));
    }

    /// @dev Brings everything to its end, as anybody may.
    function finish() external {
        vm.warp(block.timestamp + 400 days);
        for (uint256 i; i < disputes.length; ++i) {
            Dispute storage dispute = disputes[i];
            try service.timeout(dispute.id, dispute.position) {} catch {}
        }
        for (uint256 i; i < tasks.length; ++i) {
            try service.finalise(tasks[i]) {} catch {}
            try service.refund(tasks[i]) {} catch {}
        }
        for (uint256 i; i < results.length; ++i) {
            try service.settle(results[i]) {} catch {}
            service.collect(results[i]);
        }
        for (uint256 i; i < disputes.length; ++i) {
            try service.close(disputes[i].id) {} catch {}
        }
        for (uint256 i; i < ACTORS; ++i) {
            vm.prank(actor(i));
            try service.withdraw(address(0xdead)) {} catch {}
        }
    }
}

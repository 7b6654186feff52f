// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Claim, Context, Opened} from "../../src/game/Types.sol";
import {IStage} from "../../src/stages/IStage.sol";

/// @title A machine stage of one step: what `open` says is disputed is what the payload holds
contract ToyStage is IStage {
    function kind() external pure returns (bytes32) {
        return "instruction";
    }

    function isMachine() external pure returns (bool) {
        return true;
    }

    function enter(bytes calldata, bytes32[] calldata request) external pure returns (bytes32, bytes32) {
        return ("toy", keccak256(abi.encode(request)));
    }

    function open(Context calldata, Claim calldata claim, bytes calldata payload)
        external
        pure
        returns (Opened memory opened)
    {
        opened.anchor = keccak256(abi.encode(claim));
        opened.disputed = keccak256(payload);
        opened.count = 1;
        opened.width = 1;
    }
}

/// @title A machine whose witness is the two states themselves
contract ToyMachine {
    function step(bytes calldata witness) external pure returns (bytes32 pre, bytes32 post) {
        return abi.decode(witness, (bytes32, bytes32));
    }
}

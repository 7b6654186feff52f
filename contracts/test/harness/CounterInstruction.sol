// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Claim, Context, MAX_STEPS, Opened} from "../../src/game/Types.sol";
import {IStage} from "../../src/stages/IStage.sol";
import {Packed} from "../../src/tree/Packed.sol";

/// @title The counter machine and its stage (the layout is stated in framework/engine's `counter` module)
contract CounterInstruction is IStage {
    error NotTheProgram();
    error NotHalted();
    error NotTheOutput();
    error TooLong();

    function kind() external pure returns (bytes32) {
        return "instruction";
    }

    function isMachine() external pure returns (bool) {
        return true;
    }

    function enter(bytes calldata header, bytes32[] calldata request)
        external
        pure
        returns (bytes32 program, bytes32 inputs)
    {
        return (_program(header), request[0]);
    }

    function open(Context calldata context, Claim calldata claim, bytes calldata payload)
        external
        pure
        returns (Opened memory opened)
    {
        (bytes calldata header, bytes calldata rest) = Packed.take(payload, 24);
        if (_program(header) != claim.program) revert NotTheProgram();
        bytes calldata state;
        (state, rest) = Packed.take(rest, 34);
        if (state[32] != 0x01 || state[33] != 0) revert NotHalted();
        if (bytes32(uint256(uint64(uint256(bytes32(state))))) != claim.output) revert NotTheOutput();
        uint256 power;
        (power, rest) = Packed.u8(rest);
        Packed.finish(rest);
        uint256 steps = 1;
        for (uint256 i; i < power; ++i) {
            steps *= context.arity;
            if (steps > MAX_STEPS) revert TooLong();
        }
        opened.anchor = keccak256(abi.encodePacked(header, uint64(uint256(claim.inputs)), uint16(0)));
        opened.disputed = keccak256(state);
        opened.count = uint64(steps);
        opened.width = uint64(steps);
    }

    /// As IVm.step: the stage is its machine too.
    function step(bytes calldata witness) external pure returns (bytes32 pre, bytes32 post) {
        (bytes calldata state, bytes calldata rest) = Packed.take(witness, 34);
        Packed.finish(rest);
        return (keccak256(state), _after(state));
    }

    function _program(bytes calldata header) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes32("counter.machine"), header));
    }

    function _after(bytes calldata state) private pure returns (bytes32) {
        if (state[32] == 0x01) return keccak256(state);
        uint64 multiplier = uint64(bytes8(state[0:8]));
        uint64 addend = uint64(bytes8(state[8:16]));
        uint64 left = uint64(bytes8(state[16:24]));
        uint64 value = uint64(bytes8(state[24:32]));
        if (left == 0) return keccak256(abi.encodePacked(state[0:32], uint16(0x0101)));
        unchecked {
            value = value * multiplier + addend;
            --left;
        }
        return keccak256(abi.encodePacked(multiplier, addend, left, value, uint8(left == 0 ? 1 : 0), state[33]));
    }
}

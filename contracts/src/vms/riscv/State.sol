// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Packed} from "../../tree/Packed.sol";

using {
    pc,
    exited,
    exitCode,
    register,
    memoryRoot,
    root,
    setRegister,
    setMemoryRoot,
    jump,
    advance,
    halt
} for State global;

/// @dev Where in memory the 162 bytes of a packed state (specs/riscv.md) lie.
type State is uint256;

uint256 constant STATE_BYTES = 162;
uint256 constant EXITED = 4;
uint256 constant EXIT_CODE = 5;
/// @dev Where register 0 would lie; registers 1 … 31 follow.
uint256 constant REGISTERS = 2;
uint256 constant MEMORY_ROOT = 130;

/// The state's exited byte is neither 0 nor 1.
error ExitedByte(uint256 exited);

/// @dev Takes a state off the front of `payload` into memory.
function readState(bytes calldata payload) pure returns (State state, bytes calldata rest) {
    bytes calldata part;
    (part, rest) = Packed.take(payload, STATE_BYTES);
    assembly ("memory-safe") {
        state := mload(0x40)
        mstore(0x40, add(state, 0xc0))
        calldatacopy(state, part.offset, STATE_BYTES)
    }
    uint256 flag = byteAt(state, EXITED);
    if (flag > 1) revert ExitedByte(flag);
}

/// @dev The entry state over a memory.
function entryState(bytes32 memory_) pure returns (State state) {
    assembly ("memory-safe") {
        state := mload(0x40)
        mstore(0x40, add(state, 0xc0))
        calldatacopy(state, calldatasize(), 0xc0)
    }
    setWord(state, 0, 0x1000);
    state.setRegister(2, 0x20100000);
    state.setMemoryRoot(memory_);
}

function wordAt(State state, uint256 offset) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := shr(224, mload(add(state, offset)))
    }
}

function setWord(State state, uint256 offset, uint256 value) pure {
    assembly ("memory-safe") {
        let place := add(state, offset)
        mstore(place, or(shl(224, value), shr(32, shl(32, mload(place)))))
    }
}

function byteAt(State state, uint256 offset) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := byte(0, mload(add(state, offset)))
    }
}

function pc(State state) pure returns (uint256) {
    return wordAt(state, 0);
}

function exited(State state) pure returns (bool) {
    return byteAt(state, EXITED) != 0;
}

function exitCode(State state) pure returns (uint8) {
    return uint8(byteAt(state, EXIT_CODE));
}

/// @dev Register `place`, below 32; register 0 reads 0.
function register(State state, uint256 place) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := mul(iszero(iszero(place)), shr(224, mload(add(add(state, REGISTERS), shl(2, place)))))
    }
}

function memoryRoot(State state) pure returns (bytes32 value) {
    assembly ("memory-safe") {
        value := mload(add(state, MEMORY_ROOT))
    }
}

/// @dev The state root.
function root(State state) pure returns (bytes32 hash) {
    assembly ("memory-safe") {
        hash := keccak256(state, STATE_BYTES)
    }
}

/// @dev Register `place`, below 32, gets the low 32 bits of `value`; a write to register 0 is discarded.
function setRegister(State state, uint256 place, uint256 value) pure {
    if (place != 0) setWord(state, REGISTERS + (place << 2), value);
}

function setMemoryRoot(State state, bytes32 value) pure {
    assembly ("memory-safe") {
        mstore(add(state, MEMORY_ROOT), value)
    }
}

/// @dev pc ← the low 32 bits of `target`.
function jump(State state, uint256 target) pure {
    setWord(state, 0, target);
}

/// @dev pc ← pc + 4.
function advance(State state) pure {
    unchecked {
        state.jump(state.pc() + 4);
    }
}

/// @dev exited ← 1, exit_code ← code; nothing else changes.
function halt(State state, uint256 code) pure {
    assembly ("memory-safe") {
        mstore8(add(state, EXITED), 1)
        mstore8(add(state, EXIT_CODE), code)
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Packed} from "../../tree/Packed.sol";

using {
    pc,
    nextPc,
    high,
    low,
    link,
    exited,
    exitCode,
    register,
    memoryRoot,
    root,
    setRegister,
    setHighLow,
    setHigh,
    setLow,
    setLink,
    setMemoryRoot,
    transfer,
    advance,
    halt
} for State global;

/// @dev Where in memory the 178 bytes of a packed state (specs/machine.md) lie.
type State is uint256;

uint256 constant STATE_BYTES = 178;
uint256 constant NEXT_PC = 4;
uint256 constant HIGH = 8;
uint256 constant LOW = 12;
uint256 constant LINK = 16;
uint256 constant EXITED = 20;
uint256 constant EXIT_CODE = 21;
/// @dev Where register 0 would lie; registers 1 … 31 follow.
uint256 constant REGISTERS = 18;
uint256 constant MEMORY_ROOT = 146;

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
    setWord(state, NEXT_PC, 0x1004);
    state.setRegister(29, 0x20100000);
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

function nextPc(State state) pure returns (uint256) {
    return wordAt(state, NEXT_PC);
}

function high(State state) pure returns (uint256) {
    return wordAt(state, HIGH);
}

function low(State state) pure returns (uint256) {
    return wordAt(state, LOW);
}

function link(State state) pure returns (uint256) {
    return wordAt(state, LINK);
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

/// @dev hi and lo get the low 64 bits of `value`.
function setHighLow(State state, uint256 value) pure {
    setWord(state, HIGH, value >> 32);
    setWord(state, LOW, value);
}

function setHigh(State state, uint256 value) pure {
    setWord(state, HIGH, value);
}

function setLow(State state, uint256 value) pure {
    setWord(state, LOW, value);
}

function setLink(State state, uint256 value) pure {
    setWord(state, LINK, value);
}

function setMemoryRoot(State state, bytes32 value) pure {
    assembly ("memory-safe") {
        mstore(add(state, MEMORY_ROOT), value)
    }
}

/// @dev Both program counters get the low 32 bits of what is given.
function transfer(State state, uint256 now_, uint256 next) pure {
    setWord(state, 0, now_);
    setWord(state, NEXT_PC, next);
}

/// @dev pc ← next_pc, next_pc ← next_pc + 4.
function advance(State state) pure {
    unchecked {
        uint256 next = state.nextPc();
        state.transfer(next, next + 4);
    }
}

/// @dev exited ← 1, exit_code ← code; nothing else changes.
function halt(State state, uint256 code) pure {
    assembly ("memory-safe") {
        mstore8(add(state, EXITED), 1)
        mstore8(add(state, EXIT_CODE), code)
    }
}

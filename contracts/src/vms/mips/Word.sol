// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

using {op, rs, rt, rd, sa, fn, immediate, signedImmediate, index} for Word global;

/// @dev An instruction word.
type Word is uint256;

function op(Word word) pure returns (uint256) {
    return Word.unwrap(word) >> 26;
}

function rs(Word word) pure returns (uint256) {
    return Word.unwrap(word) >> 21 & 31;
}

function rt(Word word) pure returns (uint256) {
    return Word.unwrap(word) >> 16 & 31;
}

function rd(Word word) pure returns (uint256) {
    return Word.unwrap(word) >> 11 & 31;
}

function sa(Word word) pure returns (uint256) {
    return Word.unwrap(word) >> 6 & 31;
}

function fn(Word word) pure returns (uint256) {
    return Word.unwrap(word) & 63;
}

function immediate(Word word) pure returns (uint256) {
    return Word.unwrap(word) & 0xffff;
}

/// @dev The immediate sign-extended to 256 bits: its low 32 bits are the sign-extension to 32.
function signedImmediate(Word word) pure returns (int256 value) {
    assembly ("memory-safe") {
        value := signextend(1, word)
    }
}

function index(Word word) pure returns (uint256) {
    return Word.unwrap(word) & 0x3ffffff;
}

/// @dev The low 32 bits of `bits` as a signed number.
function signed(uint256 bits) pure returns (int256 value) {
    assembly ("memory-safe") {
        value := signextend(3, bits)
    }
}

/// @dev 1 for true.
function bit(bool condition) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := condition
    }
}

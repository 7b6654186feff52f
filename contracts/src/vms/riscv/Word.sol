// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

using {opcode, rd, funct3, rs1, rs2, funct7, iimm, simm, bimm, jimm, uimm} for Word global;

/// @dev An instruction word. Its immediates are sign-extended to 256 bits: their low 32 bits are the sign-extension to 32.
type Word is uint256;

function opcode(Word word) pure returns (uint256) {
    return Word.unwrap(word) & 127;
}

function rd(Word word) pure returns (uint256) {
    return Word.unwrap(word) >> 7 & 31;
}

function funct3(Word word) pure returns (uint256) {
    return Word.unwrap(word) >> 12 & 7;
}

function rs1(Word word) pure returns (uint256) {
    return Word.unwrap(word) >> 15 & 31;
}

function rs2(Word word) pure returns (uint256) {
    return Word.unwrap(word) >> 20 & 31;
}

function funct7(Word word) pure returns (uint256) {
    return Word.unwrap(word) >> 25;
}

/// @dev The immediate of computations, loads and `jalr`.
function iimm(Word word) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := sar(20, signextend(3, word))
    }
}

/// @dev The immediate of stores.
function simm(Word word) pure returns (uint256) {
    return word.iimm() & ~uint256(31) | word.rd();
}

/// @dev The immediate of branches.
function bimm(Word word) pure returns (uint256) {
    uint256 value = word.simm();
    return value & ~uint256(0x801) | (value & 1) << 11;
}

/// @dev The immediate of `jal`.
function jimm(Word word) pure returns (uint256) {
    uint256 value = word.iimm();
    return value & ~uint256(0xff801) | (value & 1) << 11 | Word.unwrap(word) & 0xff000;
}

/// @dev The immediate of `lui` and `auipc`.
function uimm(Word word) pure returns (uint256) {
    return Word.unwrap(word) & 0xfffff000;
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

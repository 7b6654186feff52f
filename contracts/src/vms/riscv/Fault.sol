// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Exit codes of faults, and 0 for none (specs/riscv.md)
library Fault {
    uint256 internal constant NONE = 0;
    uint256 internal constant FETCH = 128;
    uint256 internal constant RESERVED = 129;
    uint256 internal constant MISALIGNED = 131;
    uint256 internal constant FORBIDDEN = 132;
    uint256 internal constant BREAK = 136;
    uint256 internal constant SYSCALL = 137;
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Fault} from "./Fault.sol";
import {State} from "./State.sol";
import {Word, signed} from "./Word.sol";

/// @title Traps and system calls (specs/mips.md, `trap`)
library Trap {
    uint256 internal constant EXIT_GROUP = 4246;

    /// @dev op 00, fn 30 … 34, 36.
    function register(State state, Word word) internal pure returns (uint256 fault) {
        return trapIf(word.fn(), state.register(word.rs()), state.register(word.rt()));
    }

    /// @dev op 01, rt 08 … 0c, 0e.
    function immediate(State state, Word word) internal pure returns (uint256 fault) {
        return trapIf(word.rt(), state.register(word.rs()), uint32(int32(word.signedImmediate())));
    }

    /// @dev Exits, or faults; never goes on.
    function syscall(State state) internal pure returns (uint256 fault) {
        if (state.register(2) != EXIT_GROUP) return Fault.SYSCALL;
        state.halt(state.register(4) & 0xff);
    }

    /// @dev The three low bits of `kind` name the condition.
    function trapIf(uint256 kind, uint256 left, uint256 right) private pure returns (uint256 fault) {
        kind &= 7;
        bool condition;
        if (kind == 0) condition = signed(left) >= signed(right);
        else if (kind == 1) condition = left >= right;
        else if (kind == 2) condition = signed(left) < signed(right);
        else if (kind == 3) condition = left < right;
        else condition = (left == right) == (kind == 4);
        if (condition) fault = Fault.TRAP;
    }
}

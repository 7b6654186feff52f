// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Fault} from "./Fault.sol";
import {State} from "./State.sol";
import {Word} from "./Word.sol";

/// @title Fences and system (specs/riscv.md, `system`)
library System {
    /// @dev The number of the one system call, exit.
    uint256 internal constant EXIT = 93;

    /// @dev opcode 0f.
    function fence(Word word) internal pure returns (uint256 fault) {
        if (word.funct3() != 0) fault = Fault.RESERVED;
    }

    /// @dev opcode 73: exits, or faults; never goes on.
    function system(State state, Word word) internal pure returns (uint256 fault) {
        uint256 bits = Word.unwrap(word);
        if (bits == 0x00100073) return Fault.BREAK;
        if (bits != 0x00000073) return Fault.RESERVED;
        if (state.register(17) != EXIT) return Fault.SYSCALL;
        state.halt(state.register(10) & 0xff);
    }
}

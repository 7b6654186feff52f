// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {State} from "./State.sol";
import {Word, signed} from "./Word.sol";

/// @title Shifts (specs/mips.md, `shift`)
library Shift {
    /// @dev op 00, fn 00, 02, 03, 04, 06, 07.
    function shift(State state, Word word) internal pure {
        unchecked {
            uint256 fn = word.fn();
            uint256 value = state.register(word.rt());
            bool variable = fn & 4 != 0;
            uint256 amount = variable ? state.register(word.rs()) & 31 : word.sa();
            uint256 kind = fn & 3;
            if (kind == 0) {
                value <<= amount;
            } else if (kind == 3) {
                value = uint256(signed(value) >> amount);
            } else if (Word.unwrap(word) >> (variable ? 6 : 21) & 1 == 1) {
                value = (value << 32 | value) >> amount;
            } else {
                value >>= amount;
            }
            state.setRegister(word.rd(), value);
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Clock, Duration, Timestamp} from "../../src/game/Clock.sol";
import {each} from "./Each.sol";

interface Vm {
    function warp(uint256 time) external;
}

/// @title What holds of every clock
contract ClocksProof {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function check_anAllowanceLiesBetweenItsBaseAndTheMost(uint24 base, uint24 unit, uint16 games) external pure {
        if (base < Clock.LEAST || base > Clock.MOST || games == 0) return;
        uint256 allowance = Clock.allowance(base, unit, games);
        assert(allowance >= base && allowance <= Clock.MOST);
    }

    function check_oneGameHasTheBase(uint24 base, uint48 unit) external pure {
        if (base > Clock.MOST) return;
        assert(Clock.allowance(base, unit, 1) == base);
    }

    /// @dev For each number of games up to 16: products of two unknowns are for the fuzz tests.
    function check_anotherGameAddsAUnit(uint24 base, uint24 unit, uint256 number) external pure {
        (bool found, uint256 games) = each(number, 17);
        if (!found || games == 0 || base > Clock.MOST) return;
        uint256 before = Clock.allowance(base, unit, games);
        uint256 afterwards = Clock.allowance(base, unit, games + 1);
        assert(afterwards >= before && afterwards - before <= unit);
        assert(afterwards == Clock.MOST || afterwards == before + unit);
    }

    /// @dev What is charged for a turn in time is what ran, to the second; nothing is lost when it is stored in 24 bits.
    function check_aTurnInTimeIsChargedWhole(uint24 used, uint40 since, uint40 present) external {
        if (present < since) return;
        VM.warp(present);
        uint256 running = Duration.wrap(used).running(Timestamp.wrap(since));
        assert(running == uint256(used) + present - since);
        if (running > Clock.MOST) return;
        assert(Duration.unwrap(Duration.wrap(used).charged(Timestamp.wrap(since))) == running);
    }
}

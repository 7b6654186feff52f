// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Clock} from "../../src/game/Clock.sol";
import {check, within} from "./Vm.sol";

/// @title Allowances against their formula
contract ClockTest {
    function testFuzz_anAllowanceIsItsFormula(uint256 base, uint256 unit, uint256 games) external pure {
        base = within(base, Clock.LEAST, Clock.MOST);
        unit = within(unit, 1, 365 days);
        games = within(games, 1, type(uint32).max);
        uint256 allowance = Clock.allowance(base, unit, games);
        uint256 grown = base + unit * (games - 1);
        check(allowance == (grown < Clock.MOST ? grown : Clock.MOST), "the smaller of both");
        check(allowance >= base && allowance < 2 ** 24, "at least the base, and 24 bits hold it");
    }

    function testFuzz_moreGamesNeverShortenIt(uint256 base, uint256 unit, uint256 games) external pure {
        base = within(base, Clock.LEAST, Clock.MOST);
        unit = within(unit, 1, 365 days);
        games = within(games, 1, type(uint32).max - 1);
        check(Clock.allowance(base, unit, games) <= Clock.allowance(base, unit, games + 1), "it grows");
    }
}

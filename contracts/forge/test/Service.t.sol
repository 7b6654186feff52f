// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {NO_POSITION} from "../../src/game/Types.sol";
import {Game} from "../../src/game/Game.sol";
import {RESULT_DEAD, RESULT_LIVE, RESULT_SLASHED, Results} from "../../src/service/Results.sol";
import {Service} from "../../src/service/Service.sol";
import {Tasks} from "../../src/service/Tasks.sol";
import {ServiceHandler} from "./ServiceHandler.sol";
import {check} from "./Vm.sol";

/// @title What holds whatever anybody does
contract ServiceTest {
    ServiceHandler internal handler;
    Service internal service;

    function setUp() external {
        handler = new ServiceHandler();
        service = handler.service();
    }

    /// @dev Who may be called at random: the handler and nobody else.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](13);
        selectors[0] = ServiceHandler.request.selector;
        selectors[1] = ServiceHandler.commit.selector;
        selectors[2] = ServiceHandler.propose.selector;
        selectors[3] = ServiceHandler.challenge.selector;
        selectors[4] = ServiceHandler.play.selector;
        selectors[5] = ServiceHandler.timeout.selector;
        selectors[6] = ServiceHandler.finalise.selector;
        selectors[7] = ServiceHandler.settle.selector;
        selectors[8] = ServiceHandler.close.selector;
        selectors[9] = ServiceHandler.collect.selector;
        selectors[10] = ServiceHandler.refund.selector;
        selectors[11] = ServiceHandler.withdraw.selector;
        selectors[12] = ServiceHandler.pass.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), selectors);
    }

    /// @dev specs/money.md: balance = credits + burnt + fees + bonds + stakes + won stakes + refunds set apart.
    function invariant_theBalanceIsWhatIsOwed() external view {
        check(address(service).balance == owed(), "the balance is what is owed and burnt");
    }

    function owed() internal view returns (uint256 sum) {
        (uint256 tasks, uint256 results, uint256 games) = handler.counts();
        uint256 stake = handler.C() - handler.C() / 4;
        sum = service.burnt();
        for (uint256 i; i < 5; ++i) sum += service.credit(handler.actor(i));
        for (uint256 i; i < tasks; ++i) {
            Tasks.Task memory task = service.taskOf(handler.tasks(i));
            if (task.settled == 0 && !task.refunded) sum += task.fee;
        }
        for (uint256 i; i < results; ++i) {
            Results.Result memory result = service.resultOf(handler.results(i));
            if (result.status == RESULT_LIVE) sum += handler.P();
            sum += result.gamesWon * stake;
        }
        for (uint256 i; i < games; ++i) {
            Game.GameId memory id = handler.gameAt(i);
            if (service.gameOf(id).position == NO_POSITION) continue;
            Results.Result memory result = service.resultOf(id.result);
            sum += stake;
            if (result.status == RESULT_DEAD || result.status == RESULT_SLASHED) sum += result.refund;
        }
    }

    /// @dev The live results of a task without a final one stand in the order of their commitment.
    function invariant_liveResultsAreInOrder() external view {
        (uint256 tasks,,) = handler.counts();
        for (uint256 i; i < tasks; ++i) {
            Tasks.Task memory task = service.taskOf(handler.tasks(i));
            if (task.settled != 0) continue;
            bytes32 at_ = task.earliest;
            uint256 order;
            bytes32 before;
            while (at_ != 0) {
                Results.Result memory result = service.resultOf(at_);
                check(result.status == RESULT_LIVE && result.earlier == before, "a live result, linked both ways");
                check(result.orderedAt >= order, "not before the one that it follows");
                (order, before, at_) = (result.orderedAt, at_, result.later);
            }
        }
    }

    /// @dev Whatever happened, in the end everybody is paid and what is left is burnt.
    function afterInvariant() external {
        handler.finish();
        check(address(service).balance == service.burnt(), "nothing is stuck");
        (, uint256 results, uint256 games) = handler.counts();
        for (uint256 i; i < results; ++i) {
            check(service.resultOf(handler.results(i)).status != RESULT_LIVE, "no result is left");
        }
        for (uint256 i; i < games; ++i) {
            check(service.gameOf(handler.gameAt(i)).position == NO_POSITION, "no game is left");
        }
    }
}

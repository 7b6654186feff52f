// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IStage} from "../stages/IStage.sol";
import {Moves, PHASE_NARROW, PHASE_OPEN, PHASE_REJECT, PHASE_REVEAL} from "./Moves.sol";
import {
    Claim,
    Context,
    Narrowed,
    Opened,
    Position,
    VERDICT_CLAIM,
    VERDICT_DEFENDER
} from "./Types.sol";

/// @dev No such game, or it is over.
uint8 constant OUTCOME_NONE = 0;
/// @dev The defender won: the disputed work is right.
uint8 constant OUTCOME_DEFENDER = 1;
/// @dev The challenger won: the disputed work is wrong.
uint8 constant OUTCOME_CHALLENGER = 2;
/// @dev The game ended without a verdict of its own, because its result's fate was decided elsewhere.
uint8 constant OUTCOME_CLOSED = 3;

/// @title The dispute game (specs/game.md)
/// @notice A game stores the hash of its position and its clocks. Players read events only: each carries the new position
/// and every root that the other side needs.
/// @dev Stage contracts are called by STATICCALL with a fixed return size, and whatever reverts in them, running out of gas
/// included, reverts the move with its reason: no inner failure is ever recorded as a verdict.
abstract contract Game {
    /// A game. Two words change in a move.
    struct State {
        /// keccak256(abi.encode(Position)); 0 when there is no such game or it is over.
        bytes32 position;
        address challenger;
        /// When the present turn began.
        uint40 since;
        /// Seconds that each side has used in the present stage.
        uint24 defenderUsed;
        uint24 challengerUsed;
        /// One of the OUTCOME constants.
        uint8 outcome;
        bytes32 result;
    }

    /// What a game needs to know of its result and model in one stage.
    struct Terms {
        address defender;
        uint256 arity;
        /// Whether the stage is the pipeline's last one, the machine stage.
        bool machine;
        address stage;
        /// Seconds: allowance in the stage with one game on the task, and what each further game adds.
        uint256 clockBase;
        uint256 clockUnit;
    }

    /// The most seconds that an allowance grows to.
    uint256 public constant CLOCK_LIMIT = 180 days;

    /// @notice The address that may move for a party besides itself.
    mapping(address party => address) public delegateOf;
    mapping(bytes32 game => State) internal _games;
    /// @dev keccak256(result, stage, claim hash) → hash of what the first `open` established there.
    mapping(bytes32 place => bytes32) internal _openings;

    /// A party appointed the address that may also move for it.
    event DelegateSet(address indexed party, address delegate);
    /// A stage was opened.
    event StageOpened(bytes32 indexed game, address indexed by, Position position);
    /// Children, or states, were revealed.
    event Revealed(bytes32 indexed game, address indexed by, Position position, bytes32[] roots);
    /// The challenger named the first wrong child, or segment.
    event Rejected(bytes32 indexed game, address indexed by, Position position, uint256 child);
    /// The dispute moved to a part's claim, which begins the next stage.
    event StageNarrowed(bytes32 indexed game, address indexed by, Position position, Claim claim);
    /// The game is over; `outcome` is an OUTCOME constant.
    event Resolved(bytes32 indexed game, address indexed by, uint8 outcome, bool byTimeout);

    /// The position named is not the game's (or the game is over, when `stored` is zero).
    error NotThePosition(bytes32 game, bytes32 given, bytes32 stored);
    /// The position is in another phase than the move's.
    error WrongPhase(uint256 phase, uint256 needed);
    /// Only the party or its delegate makes this move.
    error NotTheMover(address sender, address party);
    /// The claim is not the position's.
    error NotTheClaim(bytes32 given, bytes32 stored);
    /// The mover's clock has run out: only `timeout` is left.
    error ClockRunOut(uint256 used, uint256 allowance);
    /// The clock has not run out yet.
    error ClockStillRuns(uint256 used, uint256 allowance);
    /// Another game on this result opened the same claim otherwise.
    error NotTheSharedOpening(bytes32 given, bytes32 shared);
    /// The machine stage decides; it cannot narrow to a claim.
    error NoFurtherStage(uint256 stage);

    /// @notice Appoints the address that may also make the sender's moves; zero for none.
    function setDelegate(address delegate) external {
        delegateOf[msg.sender] = delegate;
        emit DelegateSet(msg.sender, delegate);
    }

    /// @notice A game's stored state.
    function gameOf(bytes32 game) external view returns (State memory) {
        return _games[game];
    }

    /// @notice The defender opens the stage: trace root, or length and end state, proven by `payload`.
    function open(bytes32 game, Position calldata position, Claim calldata claim, bytes calldata payload) external {
        (State storage state, Terms memory terms) = _turn(game, position, PHASE_OPEN);
        _onlyParty(terms.defender);
        _checkClaim(claim, position.claim);
        bytes32 result = state.result;
        Opened memory opened = IStage(terms.stage).open(_context(result, terms), claim, payload);
        _share(keccak256(abi.encode(result, position.stage, position.claim)), keccak256(abi.encode(opened)));
        Position memory next = Moves.opened(position, opened);
        _advance(state, position, next);
        emit StageOpened(game, msg.sender, next);
    }

    /// @notice The defender reveals the children of the disputed subtree, or the states between agreed and disputed one.
    function reveal(bytes32 game, Position calldata position, bytes32[] calldata roots) external {
        (State storage state, Terms memory terms) = _turn(game, position, PHASE_REVEAL);
        _onlyParty(terms.defender);
        Position memory next = Moves.revealed(position, terms.arity, terms.machine, roots);
        _advance(state, position, next);
        emit Revealed(game, msg.sender, next, roots);
    }

    /// @notice The challenger names the first wrong child, or segment, among the revealed `roots`.
    function reject(bytes32 game, Position calldata position, bytes32[] calldata roots, uint256 child) external {
        (State storage state, Terms memory terms) = _turn(game, position, PHASE_REJECT);
        _onlyParty(state.challenger);
        Position memory next = Moves.rejected(position, terms.arity, terms.machine, roots, child);
        _advance(state, position, next);
        emit Rejected(game, msg.sender, next, child);
    }

    /// @notice Anyone proves what the one disputed part is: a claim for the next stage, or right, or wrong.
    function narrow(bytes32 game, Position calldata position, Claim calldata claim, bytes calldata payload) external {
        (State storage state, Terms memory terms) = _turn(game, position, PHASE_NARROW);
        _checkClaim(claim, position.claim);
        Narrowed memory narrowed =
            IStage(terms.stage).narrow(_context(state.result, terms), claim, position, payload);
        if (narrowed.verdict != VERDICT_CLAIM) {
            _conclude(game, narrowed.verdict == VERDICT_DEFENDER, false);
            return;
        }
        if (terms.machine) revert NoFurtherStage(position.stage);
        Position memory next = Moves.start(position.stage + 1, keccak256(abi.encode(narrowed.claim)));
        (state.defenderUsed, state.challengerUsed) = (0, 0);
        state.since = uint40(block.timestamp);
        state.position = keccak256(abi.encode(next));
        emit StageNarrowed(game, msg.sender, next, narrowed.claim);
    }

    /// @notice Anyone ends a game in which the side to move has let its clock run out.
    function timeout(bytes32 game, Position calldata position) external {
        (State storage state, Terms memory terms) = _at(game, position);
        (bool late, uint256 used, uint256 allowance) = _clock(state, terms, position.phase);
        if (!late) revert ClockStillRuns(used, allowance);
        _conclude(game, position.phase == PHASE_REJECT, true);
    }

    /// @dev The terms of a live result's stage; reverts when the result is no longer in play.
    function _terms(bytes32 result, uint256 stage) internal view virtual returns (Terms memory);

    /// @dev The machine and the guest image of a result's model.
    function _machineOf(bytes32 result) internal view virtual returns (address vm, bytes32 image);

    /// @dev Games ever opened on the result's task.
    function _gamesOpened(bytes32 result) internal view virtual returns (uint256);

    /// @dev What a verdict means for the result and the money. The game is already over when this is called.
    function _settleGame(bytes32 result, address challenger, bool defenderWins) internal virtual;

    /// @dev Begins a game at the result's own claim and gives its position.
    function _beginGame(bytes32 game, bytes32 result, bytes32 claim) internal returns (Position memory position) {
        position = Moves.start(0, claim);
        _games[game] = State({
            position: keccak256(abi.encode(position)),
            challenger: msg.sender,
            since: uint40(block.timestamp),
            defenderUsed: 0,
            challengerUsed: 0,
            outcome: OUTCOME_NONE,
            result: result
        });
    }

    /// @dev Whether `position` is the game's present one.
    function _stands(bytes32 game, Position calldata position) internal view returns (bool) {
        return _games[game].position == keccak256(abi.encode(position));
    }

    /// @dev Ends a game: its state says so before anything else happens.
    function _end(bytes32 game, uint8 outcome, bool byTimeout) internal {
        State storage state = _games[game];
        state.position = 0;
        state.outcome = outcome;
        emit Resolved(game, msg.sender, outcome, byTimeout);
    }

    function _conclude(bytes32 game, bool defenderWins, bool byTimeout) private {
        _end(game, defenderWins ? OUTCOME_DEFENDER : OUTCOME_CHALLENGER, byTimeout);
        _settleGame(_games[game].result, _games[game].challenger, defenderWins);
    }

    function _at(bytes32 game, Position calldata position)
        private
        view
        returns (State storage state, Terms memory terms)
    {
        state = _games[game];
        bytes32 given = keccak256(abi.encode(position));
        if (given != state.position) revert NotThePosition(game, given, state.position);
        terms = _terms(state.result, position.stage);
    }

    function _turn(bytes32 game, Position calldata position, uint256 phase)
        private
        view
        returns (State storage state, Terms memory terms)
    {
        (state, terms) = _at(game, position);
        if (position.phase != phase) revert WrongPhase(position.phase, phase);
        (bool late, uint256 used, uint256 allowance) = _clock(state, terms, phase);
        if (late) revert ClockRunOut(used, allowance);
    }

    /// @dev The clock that runs in this phase. The number of games is looked up only when the base is used up.
    function _clock(State storage state, Terms memory terms, uint256 phase)
        private
        view
        returns (bool late, uint256 used, uint256 allowance)
    {
        unchecked {
            used = phase == PHASE_REJECT ? state.challengerUsed : state.defenderUsed;
            used += block.timestamp - state.since;
            allowance = terms.clockBase;
            if (used > allowance) {
                allowance += terms.clockUnit * (_gamesOpened(state.result) - 1);
                if (allowance > CLOCK_LIMIT) allowance = CLOCK_LIMIT;
            }
            late = used > allowance;
        }
    }

    /// @dev Charges the turn to the side whose clock ran, and stores the next position of the same stage.
    function _advance(State storage state, Position calldata position, Position memory next) private {
        unchecked {
            // An allowance is at most CLOCK_LIMIT, which fits 24 bits.
            uint24 elapsed = uint24(block.timestamp - state.since);
            if (position.phase == PHASE_REJECT) state.challengerUsed += elapsed;
            else state.defenderUsed += elapsed;
        }
        state.since = uint40(block.timestamp);
        state.position = keccak256(abi.encode(next));
    }

    /// @dev The first `open` of a claim under a result fixes it for every game on that result.
    function _share(bytes32 place, bytes32 opening) private {
        bytes32 shared = _openings[place];
        if (shared == 0) _openings[place] = opening;
        else if (shared != opening) revert NotTheSharedOpening(opening, shared);
    }

    function _context(bytes32 result, Terms memory terms) private view returns (Context memory context) {
        context.arity = uint16(terms.arity);
        if (terms.machine) (context.vm, context.image) = _machineOf(result);
    }

    function _checkClaim(Claim calldata claim, bytes32 stored) private pure {
        bytes32 given = keccak256(abi.encode(claim));
        if (given != stored) revert NotTheClaim(given, stored);
    }

    function _onlyParty(address party) private view {
        if (msg.sender != party && msg.sender != delegateOf[party]) revert NotTheMover(msg.sender, party);
    }
}

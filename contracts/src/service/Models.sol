// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Clock} from "../game/Clock.sol";
import {IStage} from "../stages/IStage.sol";

/// What is registered: a program, how it is disputed, and at what stakes.
struct Model {
    /// The first stage's program.
    bytes32 program;
    /// One contract a stage, outermost first; the last one is the machine stage.
    address[] stages;
    address vm;
    /// Root of slot 0, the guest image.
    bytes32 image;
    /// k, a power of two from 2 to 256.
    uint16 arity;
    /// Bytes of each request value, in feed order.
    uint32[] inputBytes;
    uint32 outputBytes;
    /// Whether requests may name their values by root only.
    bool inputsOffchain;
    /// Seconds in which a result may be challenged.
    uint64 window;
    /// Seconds, one a stage: a party's allowance with one game on the task.
    uint64[] clockBase;
    /// Seconds, one a stage: what each further game on the task adds; 3× one re-execution on the minimum machine.
    uint64[] clockUnit;
    /// Wei.
    uint128 proposerBond;
    /// Wei.
    uint128 challengerBond;
}

/// @title The registered models
/// @notice Anyone registers; a model never changes. Its id covers every code hash, so it names what will judge.
abstract contract Models {
    /// The model as games read it.
    struct Entry {
        /// The word that every last move reads.
        address vm;
        uint96 challengerBond;
        uint128 proposerBond;
        uint64 window;
        uint16 arity;
        uint8 stageCount;
        bool inputsOffchain;
        bytes32 id;
        bytes32 program;
        bytes32 image;
        uint32 outputBytes;
        uint32[] inputBytes;
        mapping(uint256 stage => StageEntry) stages;
    }

    /// One word a stage.
    struct StageEntry {
        address implementation;
        uint48 clockBase;
        uint48 clockUnit;
    }

    /// The least window: shorter censorship than that, and than Clock.LEAST in a game, costs an honest party nothing.
    uint256 public constant LEAST_WINDOW = 1 hours;
    uint256 public constant MOST_WINDOW = 365 days;
    /// The least challenger bond is twice what DEFENCE_GAS costs at STRESS_GAS_PRICE: three quarters of it reach the defender.
    uint256 public constant DEFENCE_GAS = 2_000_000;
    uint256 public constant STRESS_GAS_PRICE = 20 gwei;
    /// A proposer's bond is at least so many challenger bonds.
    uint256 public constant BOND_RATIO = 4;
    /// The most stages in a pipeline.
    uint256 public constant MOST_STAGES = 8;

    /// @notice The number of a registered model, counted from 1; 0 for none.
    mapping(bytes32 model => uint32) public modelNumber;
    mapping(uint256 number => Entry) internal _models;
    uint32 internal _modelCount;

    /// A model was registered.
    event ModelRegistered(bytes32 indexed model, Model parameters);

    /// A parameter is below its floor or above its limit.
    error OutOfBounds(string parameter, uint256 given, uint256 least, uint256 most);
    /// The lists have other lengths than the list of stages.
    error NotOnePerStage(uint256 stages, uint256 bases, uint256 units);
    /// There is no contract at a stage's or the machine's address.
    error NoCode(address place);
    /// The last stage must be the machine stage and the others not.
    error MachineMustBeLast(uint256 stage);
    /// The model is registered already.
    error ModelExists(bytes32 model);
    /// No such model.
    error NoSuchModel(bytes32 model);

    /// @notice Registers a model and gives its id.
    function register(Model calldata model) external returns (bytes32 id) {
        _checkBounds(model);
        id = modelId(model);
        if (modelNumber[id] != 0) revert ModelExists(id);
        uint32 number = ++_modelCount;
        modelNumber[id] = number;
        Entry storage entry = _models[number];
        entry.vm = model.vm;
        entry.window = model.window;
        entry.arity = model.arity;
        entry.stageCount = uint8(model.stages.length);
        entry.inputsOffchain = model.inputsOffchain;
        entry.proposerBond = model.proposerBond;
        entry.challengerBond = uint96(model.challengerBond);
        entry.id = id;
        entry.program = model.program;
        entry.image = model.image;
        entry.outputBytes = model.outputBytes;
        entry.inputBytes = model.inputBytes;
        for (uint256 stage; stage < model.stages.length; ++stage) {
            entry.stages[stage] =
                StageEntry(model.stages[stage], uint48(model.clockBase[stage]), uint48(model.clockUnit[stage]));
        }
        emit ModelRegistered(id, model);
    }

    /// @notice The id of a model: keccak256 of its encoding and the code hashes of its stages and its machine.
    function modelId(Model calldata model) public view returns (bytes32) {
        bytes32[] memory codes = new bytes32[](model.stages.length);
        for (uint256 stage; stage < codes.length; ++stage) {
            address implementation = model.stages[stage];
            if (implementation.code.length == 0) revert NoCode(implementation);
            codes[stage] = implementation.codehash;
            bool last = stage == codes.length - 1;
            if (IStage(implementation).isMachine() != last) revert MachineMustBeLast(stage);
        }
        if (model.vm.code.length == 0) revert NoCode(model.vm);
        return keccak256(abi.encode(model, codes, model.vm.codehash));
    }

    function _model(bytes32 id) internal view returns (Entry storage, uint32 number) {
        number = modelNumber[id];
        if (number == 0) revert NoSuchModel(id);
        return (_models[number], number);
    }

    function _checkBounds(Model calldata model) private pure {
        uint256 stages = model.stages.length;
        _within("stages", stages, 1, MOST_STAGES);
        if (model.clockBase.length != stages || model.clockUnit.length != stages) {
            revert NotOnePerStage(stages, model.clockBase.length, model.clockUnit.length);
        }
        _within("arity", model.arity, 2, 256);
        if (model.arity & (model.arity - 1) != 0) revert OutOfBounds("arity: a power of two", model.arity, 2, 256);
        _within("inputs", model.inputBytes.length, 0, 4096);
        for (uint256 i; i < model.inputBytes.length; ++i) {
            _within("inputBytes", model.inputBytes[i], 1, 2 ** 28 - 128);
        }
        _within("outputBytes", model.outputBytes, 1, 2 ** 28 - 128);
        _within("window", model.window, LEAST_WINDOW, MOST_WINDOW);
        for (uint256 stage; stage < stages; ++stage) {
            _within("clockBase", model.clockBase[stage], Clock.LEAST, Clock.MOST);
            _within("clockUnit", model.clockUnit[stage], 1, model.window);
        }
        _within("challengerBond", model.challengerBond, 2 * DEFENCE_GAS * STRESS_GAS_PRICE, 2 ** 95);
        _within("proposerBond", model.proposerBond, BOND_RATIO * model.challengerBond, 2 ** 124);
    }

    function _within(string memory parameter, uint256 given, uint256 least, uint256 most) private pure {
        if (given < least || given > most) revert OutOfBounds(parameter, given, least, most);
    }
}

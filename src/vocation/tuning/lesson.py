"""Everything that training needs in memory: encoded examples, the model with its strategies, the objective."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vocation.errors import RecipeError, TrainingError
from vocation.modeling.pretrained import load_model
from vocation.prediction.predictor import padding_of
from vocation.strategies import Context
from vocation.tasks import IGNORED, Task
from vocation.training.batches import Dealing, Order, Share, epoch_order, every_example, lengths_of, pad
from vocation.training.companions import Companion
from vocation.training.objective import Objective, cross_entropy, objective_of
from vocation.training.optimisers import adamw
from vocation.training.parallel import divide, is_deepspeed, is_divided, is_sharded
from vocation.training.penalties import Penalty, penalised
from vocation.training.precision import accelerator
from vocation.training.processes import ALONE, Team, join
from vocation.training.rehearsal import rehearsing
from vocation.training.schedules import learning_rate_schedule
from vocation.tuning.material import Data, Tuning
from vocation.tuning.settings import TuningSettings

if TYPE_CHECKING:
    import torch
    from accelerate import Accelerator
    from transformers import PreTrainedModel

    from vocation.training.engine import Installed, Probe
    from vocation.training.frozen_prefix import FrozenPrefix
    from vocation.training.objective import PointLoss

_PROBED = 8  # Examples; enough of different lengths.


@dataclass(frozen=True)
class Lesson:
    """A model that is ready to learn.

    Args:
        model: on its device, with every strategy attached.
        objective: what is minimised, wrapped by every strategy, with their penalties.
        penalties: of the strategies that have one.
        optimiser: over the weights that train.
        learning_rate: of each update, by its 1-based number.
        max_gradient_norm: gradients are scaled down to this L2 norm.
        companions: of the strategies that have one, and of the engine.
        installed: what makes training fast; taken out again at the end.
        prefix: the frozen lower layers, whose outputs are kept; None where they train.
        dealing: which examples go into which update.
        updates_per_epoch: of one epoch.
        accelerator: device and precision.
        parameters: how many weights the model has, with what strategies added.
        trained_parameters: how many of them train.
        engine: what is called in place of the model while it trains: itself, or what divides its work.
        team: the processes that train together.
    """

    model: PreTrainedModel
    objective: Objective
    penalties: Sequence[Penalty]
    optimiser: torch.optim.Optimizer
    learning_rate: Callable[[int], float]
    max_gradient_norm: float
    companions: Sequence[Companion]
    installed: Installed
    prefix: FrozenPrefix | None
    dealing: Dealing
    updates_per_epoch: int
    accelerator: Accelerator
    parameters: int
    trained_parameters: int
    engine: Any
    team: Team = ALONE

    @property
    def updates(self) -> int:
        """Of the whole training."""
        return self.updates_per_epoch * self.dealing.epochs

    def release(self) -> None:
        """Makes the model an ordinary one again."""
        self.installed.remove()
        if self.prefix is not None:
            self.prefix.remove()

    @property
    def share(self) -> Share:
        """What this process takes of each update."""
        return Share(self.team.index, self.team.count, even=self.divided)

    @property
    def divided(self) -> bool:
        """Whether the processes have parts of the weights, or of the optimiser's state."""
        return is_divided(self.accelerator)

    @property
    def sharded(self) -> bool:
        """Whether no process has all weights, so that all take part in evaluating and in saving."""
        return is_sharded(self.accelerator)

    @property
    def resumable(self) -> bool:
        """Whether checkpoints can be written: not where DeepSpeed keeps the optimiser's state in a form of its own."""
        return not is_deepspeed(self.accelerator)


def prepare(tuning: Tuning, data: Data) -> Lesson:
    """Loads the model, attaches the strategies, and divides the work among the processes.

    Raises:
        ModelError: the model cannot be loaded.
        RecipeError: the model does not offer what the recipe asks for.
        TrainingError: a strategy does not fit, or they leave nothing to train.
    """
    from vocation.training.engine import Installed, install

    settings, task = tuning.settings, tuning.task
    device = accelerator(settings.precision)
    team = join() if device.num_processes > 1 else ALONE
    dealing, context = deal(tuning, data)
    model = attached(tuning, data, context)
    sizes = [(value.numel(), value.requires_grad) for value in model.parameters()]
    if not is_sharded(device):  # What divides the weights moves them itself, a layer at a time.
        model = model.to(device.device)
    team.equalise(model)
    point_loss = shaped_loss(settings, context)
    prefix = None if is_divided(device) else _prefix(model, tuning, data)
    rates = _rates(model, settings)
    if is_divided(device):
        installed = Installed(model)
    else:
        whole = any(strategy.compares_weights for strategy in settings.strategies)
        installed = install(model, None if whole else _used_ids(data), _probe(task, data))
    rate = learning_rate_schedule(settings.learning_rate, context.updates, settings.warmup, settings.schedule)
    asked = [strategy.penalty(model, context) for strategy in settings.strategies]
    penalties = [penalty for penalty in asked if penalty is not None]
    plain = objective_of(prefix.scores(task.scores) if prefix else task.scores, point_loss)
    objective, companions = _wrapped(plain, model, settings, context)
    optimiser: torch.optim.Optimizer = adamw(model, settings.weight_decay, rates)
    engine: Any = model
    if is_divided(device):
        looking = zip(settings.strategies, companions, asked, strict=True)
        _refuse_whole_weights([one.kind for one, companion, penalty in looking if companion or penalty])
        engine, optimiser = divide(device, model, optimiser, settings.max_gradient_norm)
    companions.append(installed.companion(rate, settings.weight_decay, rates))
    return Lesson(
        model=model,
        objective=penalised(objective, penalties),
        penalties=penalties,
        optimiser=optimiser,
        learning_rate=rate,
        max_gradient_norm=settings.max_gradient_norm,
        companions=[companion for companion in companions if companion is not None],
        installed=installed,
        prefix=prefix,
        dealing=dealing,
        updates_per_epoch=context.updates_per_epoch,
        accelerator=device,
        parameters=sum(size for size, _ in sizes),
        trained_parameters=sum(size for size, trains in sizes if trains),
        engine=engine,
        team=team,
    )


def _wrapped(
    objective: Objective, model: PreTrainedModel, settings: TuningSettings, context: Context
) -> tuple[Objective, list[Companion | None]]:
    """The objective after every strategy and its companion, and the companions, None where there is none."""
    companions: list[Companion | None] = []
    for strategy in settings.strategies:
        companion, objective = strategy.companion(model, context), strategy.wrap(objective, context)
        objective = companion.wrap(objective) if companion else objective
        companions.append(companion)
    return objective, companions


def attached(tuning: Tuning, data: Data, context: Context) -> PreTrainedModel:
    """The model with every strategy attached, on the processor.

    Raises:
        ModelError: the model cannot be loaded.
        RecipeError: the model does not offer what the recipe asks for.
        TrainingError: a strategy does not fit, or they leave nothing to train.
    """
    settings = tuning.settings
    model = load_model(tuning.task.model_class(), tuning.pretrained.folder, data.head_labels, settings.seed)
    if settings.gradient_checkpointing:
        if not model.supports_gradient_checkpointing:
            raise RecipeError(
                f"tuning.gradient_checkpointing is on, and {type(model).__name__} does not offer it.\n"
                "  what to do: set it to false, and lower tuning.token_budget where memory is short"
            )
        # transformers 5 renamed it on the way.
        enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
        enable({"use_reentrant": False})
    for strategy in settings.strategies:
        model = strategy.attach(model, context)
    if not any(parameter.requires_grad for parameter in model.parameters()):
        kinds = ", ".join(strategy.kind for strategy in settings.strategies)
        raise TrainingError(f"tuning.strategies ({kinds}) leave no weight that trains.")
    return model


def shaped_loss(settings: TuningSettings, context: Context) -> PointLoss:
    """The loss of a position after every strategy.

    Raises:
        TrainingError: a strategy does not fit.
    """
    point_loss: PointLoss = cross_entropy
    for strategy in settings.strategies:
        point_loss = strategy.shape(point_loss, context)
    return point_loss


def _prefix(model: PreTrainedModel, tuning: Tuning, data: Data) -> FrozenPrefix | None:
    """The frozen lower layers, unless a strategy changes what they are given or the model is built in another way."""
    from vocation.training.frozen_prefix import frozen_prefix

    if any(strategy.changes_inputs for strategy in tuning.settings.strategies):
        return None
    prefix, examples = frozen_prefix(model), data.training.examples[:_PROBED]
    if prefix and not prefix.agrees(tuning.task.scores, examples, padding_of(data.tokenizer)):
        prefix.remove()
        return None
    return prefix


def _refuse_whole_weights(kinds: Sequence[str]) -> None:
    if kinds:
        raise TrainingError(
            f"tuning.strategies: {', '.join(kinds)} look at whole weights beside the updates, and under FSDP or "
            "DeepSpeed the weights or their updates are divided.\n"
            "  what to do: leave them out, or launch with examples/accelerate/ddp.yaml"
        )


def deal(tuning: Tuning, data: Data) -> tuple[Dealing, Context]:
    """How the examples are dealt out, and what strategies may know of the training.

    Raises:
        TrainingError: a strategy cannot deal out these examples.
    """
    settings, examples = tuning.settings, data.training.examples
    classes = np.array([tuning.task.example_class(example) for example in examples], dtype=np.int64)
    own = len(examples) - sum(rehearsed.examples for rehearsed in data.rehearsed)
    order: Order = every_example
    for strategy in settings.strategies:
        order = strategy.order(order, classes[:own])
    for rehearsed in data.rehearsed:
        order = rehearsing(order, own, own + rehearsed.examples, rehearsed.share)
        own += rehearsed.examples
    together = max(strategy.together for strategy in settings.strategies)
    dealing = Dealing(settings.batch_size, settings.token_budget, settings.epochs, settings.seed, order, together)
    first = epoch_order(lengths_of(examples), dealing, 1)
    per_epoch = len(first)
    targets = np.concatenate([examples[index].targets for index in np.concatenate(first)])
    counts = np.bincount(targets[targets != IGNORED], minlength=len(data.head_labels))
    return dealing, Context(
        head_labels=data.head_labels,
        class_counts=counts,
        classes=classes,
        updates=per_epoch * settings.epochs,
        updates_per_epoch=per_epoch,
        seed=settings.seed,
        artifacts=tuning.artifacts,
        longest=max(getattr(tuning.task, "max_length", 0), int(lengths_of(examples).max())),
    )


def _used_ids(data: Data) -> NDArray[np.int64]:
    """The ids of tokens that training reads."""
    return np.unique(np.concatenate([example.features["input_ids"] for example in data.training.examples]))


def _probe(task: Task, data: Data) -> Probe:
    """The logits of some examples, by which the engine sees whether what it leaves out matters."""
    batch = pad(data.training.examples[:_PROBED], padding_of(data.tokenizer))

    def probe(model: PreTrainedModel) -> torch.Tensor:
        tensors = {name: tensor.to(model.device) for name, tensor in batch.tensors.items()}
        return task.scores(model, tensors)[0]

    return probe


def _rates(model: PreTrainedModel, settings: TuningSettings) -> dict[str, float]:
    """The product of the factors that the strategies give each weight."""
    rates: dict[str, float] = {}
    for strategy in settings.strategies:
        for name, factor in strategy.rates(model).items():
            rates[name] = rates.get(name, 1.0) * factor
    return rates

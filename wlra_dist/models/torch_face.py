"""Small models in torch, which is optional and loaded where one of these is called."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from wlra_dist.errors import InputError
from wlra_dist.instances.mlp import Data, Network
from wlra_dist.instances.mlp import fisher as network_fisher

if TYPE_CHECKING:
    from torch.nn import Module  # pyright: ignore[reportMissingImports]


def replace(model: "Module", small: str | Path) -> "Module":
    """The model with the numbers of a .wlra file; its Linear and Conv layers of low rank keep their factors, trainable.

    Parameters
    ----------
    model
        a torch module; it is changed.
    small
        what `wlra-dist compress` made of this model.

    Returns
    -------
    Module
        the model itself.

    Raises
    ------
    InputError
        the file is another model's, or torch is not installed.
    """
    return _layers().replace(model, small)


def observe(model: "Module", data: Iterable[Any], file: str | Path, *, gradients: bool = True, seed: int = 0) -> None:
    """Runs a torch model over data and writes what `wlra-dist compress --inputs` reads: moments of what layers meet.

    Parameters
    ----------
    model
        in the mode it is to be used in; its Linear and Conv layers are observed.
    data
        inputs, tensors or tuples of the model's arguments.
    file
        to write: .safetensors or .npz.
    gradients
        weigh inputs by how much the outputs depend on the layer there, so that the losses of layers can be compared;
        takes a backward pass for each input.
    seed
        of the random signs in front of outputs.

    Returns
    -------
    None
        all is in the file.

    Raises
    ------
    InputError
        the file has another ending, or torch is not installed.
    """
    _layers().observe(model, data, file, gradients=gradients, seed=seed)


def fisher(model: "Module | Network", data: "Iterable[tuple[Any, Any]] | Data", loss: Any = None) -> dict[str, Any]:
    """The empirical Fisher information of a model's weights: mean squared gradients of single examples.

    F_ij = mean over x of (∂L(x)/∂A_ij)² (Woodruff & Yasuda, section 4.1): the loss ‖W∘(A − Ã)‖_F² with W = √F weighs
    an error by what it does to the model's own loss. Saved by name in an .npz or .safetensors, it is what
    `wlra-dist compress --fisher` reads.

    Parameters
    ----------
    model
        A torch module, in the mode that it is to be used in; or our own `instances.mlp.Network`.
    data
        Pairs of inputs and labels, batches of any size with the examples first; of our own network its `Data`.
    loss
        Of outputs and labels of one example (a batch of one); cross entropy if left out. For a torch module.

    Returns
    -------
    dict of str to numpy.ndarray
        F by name, each of its weight's shape: of a module all parameters that have a gradient, of ours its A.

    Raises
    ------
    InputError
        There is no example, or torch is not installed.
    """
    if isinstance(model, Network):
        return {"A": network_fisher(model, cast(Data, data))}
    return _layers().fisher(model, data, loss)


def _layers() -> Any:
    try:
        from wlra_dist.models import torch_layers
    except ImportError as error:
        raise InputError("expected torch to be installed; try `pip install wlra-dist[torch]`") from error
    return torch_layers

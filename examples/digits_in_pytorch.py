"""Chapter 11's best network in PyTorch, from the files to the test images.

python examples/digits_in_pytorch.py notebooks/data/mnist
"""

import argparse
import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import CosineAnnealingLR

EPOCHS, SIZE, RATE, SMOOTHING = 20, 250, 0.003, 0.1


def read(path: Path, header: int) -> Tensor:
    """Return the bytes that follow the header of one of MNIST's files."""
    content = gzip.decompress(path.read_bytes())
    return torch.frombuffer(bytearray(content), dtype=torch.uint8)[header:]


def load(directory: str, part: str) -> tuple[Tensor, Tensor]:
    """Return images, one a row, and labels; part is "train" or "t10k"."""
    images = read(Path(directory) / f"{part}-images-idx3-ubyte.gz", 16)
    labels = read(Path(directory) / f"{part}-labels-idx1-ubyte.gz", 8)
    return images.reshape(-1, 784) / 255, labels.long()


def build() -> nn.Sequential:
    """Return the network with He's first weights (8.20), not PyTorch's own."""
    model = nn.Sequential(nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 10))
    for layer in (model[0], model[2]):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    return model


def shuffled(m: int, epochs: int) -> Iterator[Tensor]:
    """Yield the rows of each mini-batch, in a new order in every epoch."""
    for _ in range(epochs):
        yield from torch.randperm(m).split(SIZE)


def train(
    model: nn.Module,
    X: Tensor,
    labels: Tensor,
    batches: Iterable[Tensor],
    steps: int,
) -> None:
    """Descend with Adam (5.23), at a rate that falls to 0 by (11.4)."""
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    schedule = CosineAnnealingLR(optimizer, T_max=steps)
    for rows in batches:
        logits = model(X[rows])
        E = cross_entropy(logits, labels[rows], label_smoothing=SMOOTHING)
        optimizer.zero_grad()
        E.backward()
        optimizer.step()
        schedule.step()


@torch.no_grad()  # nothing to record: there will be no backward pass
def accuracy(model: nn.Module, X: Tensor, labels: Tensor) -> float:
    return (model(X).argmax(dim=1) == labels).float().mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", help="of the MNIST files")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    X, labels = load(arguments.directory, "train")
    model, steps = build(), arguments.epochs * -(-len(X) // SIZE)
    train(model, X, labels, shuffled(len(X), arguments.epochs), steps)
    right = accuracy(model, *load(arguments.directory, "t10k"))
    print(f"{right:.2%} of the test images are read right")


if __name__ == "__main__":
    main()

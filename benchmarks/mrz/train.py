"""Trains the recogniser of the camera: `python -m benchmarks.mrz.train OUT.onnx --minutes 25 --seed 7`.

PyTorch is needed for this and nothing else, in an environment of its own: docs/devices/reading-documents.md.
"""

import argparse
import hashlib
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.mrz.strips import ALPHABET, HEIGHT, IGNORED, Strips

LIVE_WIDTH = 864
_BATCH = 40


def network() -> nn.Sequential:
    """Grey strip (N, 1, 32, W), zero mean → scores (N, 38, 1, W / 4)."""

    def block(
        inward: int,
        out: int,
        kernel: tuple[int, int],
        stride: tuple[int, int] = (1, 1),
        pad: tuple[int, int] = (1, 1),
    ) -> list[nn.Module]:
        return [nn.Conv2d(inward, out, kernel, stride, pad, bias=False), nn.BatchNorm2d(out), nn.ReLU()]

    return nn.Sequential(
        *block(1, 24, (5, 5), (2, 2), (2, 2)),
        *block(24, 40, (3, 3), (2, 2)),
        *block(40, 64, (3, 3)),
        *block(64, 96, (3, 3), (2, 1)),
        *block(96, 128, (4, 3), pad=(0, 1)),
        *block(128, 128, (1, 5), pad=(0, 2)),
        nn.Conv2d(128, len(ALPHABET) + 1, 1),
    )


def normal(pictures: torch.Tensor) -> torch.Tensor:
    """As the kiosk does it: each strip to zero mean and unit deviation."""
    flat = pictures.flatten(1)
    mean, spread = flat.mean(1), flat.std(1).clamp(min=8.0)
    return (pictures - mean[:, None, None, None]) / spread[:, None, None, None]


def train(minutes: float, seed: int) -> nn.Sequential:
    """As many steps as fit into the time; the learning rate follows the clock."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    strips = Strips(seed)
    net = network()
    chosen = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-3)
    loss_of = nn.CrossEntropyLoss(ignore_index=IGNORED)
    began, step, running = time.monotonic(), 0, 0.0
    net.train()
    while (spent := (time.monotonic() - began) / 60 / minutes) < 1:
        for group in chosen.param_groups:
            group["lr"] = 2.5e-3 * min(1, (step + 1) / 60) * (0.02 + 0.98 * (1 - spent) ** 1.2)
        drawn = [strips.draw() for _ in range(_BATCH)]
        pictures = normal(torch.from_numpy(np.stack([one.picture for one in drawn]))[:, None].float())
        labels = torch.from_numpy(np.stack([one.labels for one in drawn]))
        loss = loss_of(net(pictures)[:, :, 0], labels)
        chosen.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        chosen.step()
        step += 1
        running = 0.98 * running + 0.02 * float(loss.detach())
        if step % 50 == 0:
            print(f"{step} steps, {spent:.0%}, loss {running / (1 - 0.98**step):.4f}", flush=True)
    return net.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=25.0)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    net = train(options.minutes, options.seed)
    example = torch.zeros(1, 1, HEIGHT, LIVE_WIDTH)
    with_probabilities = nn.Sequential(net, nn.LogSoftmax(1))
    torch.onnx.export(with_probabilities, (example,), str(options.out), opset_version=13, dynamo=False,
                      input_names=["strip"], output_names=["log_probabilities"])  # fmt: skip
    print(f"{options.out}: sha256 {hashlib.sha256(options.out.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()

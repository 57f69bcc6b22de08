"""The words of docs/parallel.md."""

HEAD = """# Training by several processes, and in lower precision

```console
$ longstride train recipes/al-model.yaml -o al-run --processes 4
$ torchrun --nproc-per-node 4 -m longstride.cli.main train recipes/al-model.yaml -o al-run
```

The first starts the processes on this machine, passes signals on, and says what went wrong in one
line. `torchrun` does for several machines too (`--nnodes`, `--rdzv-endpoint`), but adds reports of
its own to that line. Data files, and the run folder of a training that is resumed, must be seen by
all machines under the same names.

- **The global batch is `optimisation.batch_windows`**, whatever the number of processes: windows of
  step k are drawn by (seed, k) as ever, process r of n takes every n-th of them from the r-th on.
  Gradients and losses are averaged with the numbers of atoms as weights, which is the mean over
  atoms that one process takes. More processes than windows are refused. To use many, raise
  `batch_windows`, and with it the learning rate if you like: nothing is scaled behind your back.
- **All processes get the same bits** of the averaged gradient, so the gradient guard, Adam and
  averaged weights do the same on each of them and are never sent. Batches of an evaluation are
  shared out as well; its errors are, bit for bit, those that one process would measure of the same
  weights.
- **The first process** fits in closed form, writes, prints, and after the training makes the model
  alone, heating included; the others wait, then end.
- **Resume on another number of processes**: the checkpoint knows nothing of it. The continuation
  is the same up to the order of sums of float32 ([`test_ranks.py`](../tests/training/test_ranks.py)
  holds 16 steps of either to 10⁻⁵ of the loss); on the same number it is the same to the bit.
- **Ctrl-C or SIGTERM** to any process, or to the command, ends all after the same step, with a
  checkpoint and the line that goes on. So does the end of the program that started them.
- **A process that dies** is noticed by its connections: the others end, one of them says so, and
  the last checkpoint is whole.
- `budget.minutes` is processor time of the slowest process. `threads` are those of each process;
  where they are left to torch, the processes share the machine's.
- GPUs: each process of a machine takes one (NCCL); more processes than GPUs are refused. On
  processors they talk by gloo.
- `--active` is one process.
"""

STEPS = """## Steps

The model `al`, 256 atoms a window at 600 K, one thread a process, {steps} steps of either kind, in
turns of a few in one run; medians. Both begin at the same closed-form start and see the same
windows. Processor time includes the thread that reads and makes batches.

{table}

{provenance} *`python benchmarks/parallel.py steps`*
"""

BEYOND = """## Data larger than memory

Nothing of a trajectory is held: a window is read from its file when a batch asks for it, three
batches ahead of the training. HDF5 has a cache for every dataset, which together would hold the
whole of a file of many segments: files that are only read are opened without. A test
([`test_streaming.py`](../tests/dataset/test_streaming.py)) takes the checksum of a file, splits it,
measures its scales and draws forty batches in less than half of its size.
"""

PRECISION = """## Precision

`precision: fp32` (default), `tf32` or `bf16`, or `--precision`, is that of the products in the
layers of perceptrons and attention while training
([`layers.py`](../src/longstride/model/layers.py)), forwards and backwards; operands are
rounded, sums, weights and moments are float32. Geometry, radial moments, whitening and the
closed-form read-out stay in float32 whatever is asked for: whitening amplifies differences of
moments a thousandfold and would amplify their rounding, so neither `torch.autocast` nor the
global switch of TF32 is used. Errors are always measured in float32, as rollouts are. `tf32`
needs a GPU of compute capability 8.0; `bf16` runs on processors
too, whether they have such products or not.

The shipped `al` with its layers in each precision, errors after one stride on held-out data, root
mean squares over its nine temperatures (TF32 by rounding operands on the processor, as the GPU
does):

{table}

The same recipe, trained for {steps} steps from its closed-form start; windows are those of the
seed, so rows of one seed differ by the products alone:

{trained}

{provenance} *`python benchmarks/parallel.py precision`*
"""

TAIL = """## What falls short

- {short}
- No GPU and no second machine was at hand: NCCL, a GPU for each process, and the speed of TF32 and
  bf16 there are written and, but for their refusals, untested. Layers 16 wide gain little on a GPU.
- Precision was compared over few steps, with one model; what thousands of steps make of it is not
  measured.
- An open file takes memory for every segment, for the index of its datasets.
- The closed-form start and the fits at the end are done by one process.
- Processors of different kinds round differently: their weights would drift apart, and nothing
  looks for it.
"""

PRODUCTS = {"autocast": "bf16 everywhere (`torch.autocast`)"}

SHORT = """Two processes saved, in processor time of each, a factor of {processor_ms} at least, and
  by the clock one of {wall_ms}, where 2 would be ideal. The clock is that of a machine busy with
  other work, where a step ends when the slower of the two gets its turn. Of the processor time,
  what does not depend on the windows (Adam, averages, sums over processes) is done by each."""

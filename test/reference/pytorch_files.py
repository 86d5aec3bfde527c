"""Saves small tensors in every form that `torch.save` has had, and what each file holds as safetensors beside it.

`NAME.bin` holds what `NAME.safetensors` does, or what the file that `index.json` names does. Forms that torch 2.13 cannot write any more
(views of storages) or only on other machines (big-endian) are made in the tests.
"""

import json
import zipfile
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

LEGACY = {"_use_new_zipfile_serialization": False}


def numbers(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Values that every floating type holds exactly, and that differ from their neighbours."""
    count = torch.Size(shape).numel()
    return ((torch.arange(count) * 7 % 31 - 15) / 4).reshape(shape).to(dtype)


def dtypes() -> dict:
    return {
        "float32": numbers(2, 3),
        "float16": numbers(5, dtype=torch.float16),
        "bfloat16": numbers(3, 1, dtype=torch.bfloat16),
        "float64": numbers(4, dtype=torch.float64) + 1e-9,
        "int64": torch.arange(3),
        "int32": torch.arange(-1, 1, dtype=torch.int32),
        "int16": torch.arange(3, dtype=torch.int16),
        "int8": torch.arange(-2, 3, dtype=torch.int8),
        "uint8": torch.arange(7, dtype=torch.uint8),
        "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(1.5),
        "empty": torch.zeros(0, 4),
    }


def new_dtypes() -> dict:
    """Stored as bytes, with the dtype beside them."""
    return {
        "uint16": torch.tensor([1, 65535], dtype=torch.uint16),
        "uint32": torch.tensor([4294967295], dtype=torch.uint32),
        "uint64": torch.tensor([1], dtype=torch.uint64),
        "float8": numbers(4).to(torch.float8_e4m3fn),
    }


def strided() -> dict:
    cube = numbers(3, 4, 5)
    return {
        "transposed": numbers(6, 4).t(),
        "permuted": cube.permute(2, 0, 1),
        "half_transposed": numbers(3, 8, dtype=torch.float16).t(),
        "double_transposed": numbers(3, 2, dtype=torch.float64).t(),
        "columns": numbers(4, 10)[:, 3:6],
        "every_third": numbers(20)[1::3],
        "expanded": numbers(3, 1).expand(3, 4),
        "one_repeated": torch.tensor(2.5).expand(2, 2),
        "windows": numbers(8).unfold(0, 4, 2),
        "odd_stride_of_one": torch.as_strided(numbers(6), (1, 6), (99, 1)),
        "empty": numbers(4, 6)[:, :0].t(),
    }


def shared() -> dict:
    storage = numbers(40)
    tied = numbers(2, 5)
    return {
        "first": storage[:6].reshape(2, 3),
        "overlapping": storage[4:10],
        "last": storage[-4:],
        "tied": tied,
        "tied_too": tied,
        "part_of_tied": tied[1],
    }


def module() -> nn.Module:
    linear = nn.Linear(3, 2)
    model = nn.Sequential(linear, nn.BatchNorm1d(2), nn.utils.parametrizations.weight_norm(nn.Conv1d(2, 2, 3)))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(numbers(*parameter.shape))
    return model


def parameters() -> dict:
    marked = nn.Parameter(numbers(3))
    marked.is_head = True
    plain_with_state = numbers(2)
    plain_with_state.note = "kept by training"
    return {"weight": nn.Parameter(numbers(2, 2)), "marked": marked, "plain_with_state": plain_with_state}


def save(folder: Path, name: str, tensors: dict, saved: object = None, **options) -> None:
    torch.save(tensors if saved is None else saved, folder / f"{name}.bin", **options)
    save_file({key: each.detach().clone().contiguous() for key, each in tensors.items()}, folder / f"{name}.safetensors")


def pack_again(folder: Path, source: str, name: str, leave_out: tuple[str, ...] = (), zip64: bool = False) -> None:
    """The entries of a file in a zip file that Python writes: no alignment, and 64-bit fields for every size where they are asked for."""
    limits = zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT
    if zip64:
        zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 0, 0
    with zipfile.ZipFile(folder / f"{source}.bin") as old, zipfile.ZipFile(folder / f"{name}.bin", "w") as new:
        for entry in old.infolist():
            if not entry.filename.endswith(leave_out or ("never",)):
                info = zipfile.ZipInfo(entry.filename)
                with new.open(info, "w", force_zip64=zip64) as file:
                    file.write(old.read(entry))
    zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = limits
    torch.load(folder / f"{name}.bin", weights_only=True)


def write_forms(folder: Path) -> None:
    same_as: dict[str, str] = {}

    def save_as_before(name: str, before: str, saved: object, **options) -> None:
        torch.save(saved, folder / f"{name}.bin", **options)
        same_as[name] = before

    save(folder, "zip", dtypes())
    save_as_before("legacy", "zip", dtypes(), **LEGACY)
    save_as_before("ordered", "zip", OrderedDict(dtypes()))
    save_as_before("state-dict", "zip", {"epoch": 3, "lr": 0.25, "state_dict": dtypes(), "betas": (0.9, 0.999), "best": None})
    save_as_before("model", "zip", {"model": OrderedDict(dtypes()), "steps": [1, 2**40], "device": torch.device("cpu")}, **LEGACY)
    pack_again(folder, "zip", "zip64", zip64=True)
    pack_again(folder, "zip", "without-byteorder", leave_out=("byteorder", ".format_version", ".storage_alignment", "_id"))
    same_as |= {"zip64": "zip", "without-byteorder": "zip"}
    save(folder, "new-dtypes", new_dtypes())
    save(folder, "strided", strided())
    save_as_before("strided-legacy", "strided", strided(), **LEGACY)
    save(folder, "shared", shared())
    save_as_before("shared-legacy", "shared", shared(), **LEGACY)
    save(folder, "module", module().state_dict())
    save_as_before("module-parameters", "module", module().state_dict(keep_vars=True))
    save(folder, "parameters", parameters())
    save_as_before("parameters-legacy", "parameters", parameters(), **LEGACY)
    save(folder, "nothing", {})
    names = sorted(file.stem for file in folder.glob("*.bin"))
    (folder / "index.json").write_text(json.dumps({name: same_as.get(name, name) for name in names}, indent=1) + "\n")


def write_models(tiny: Path, folder: Path) -> None:
    """Two tiny models: one file with the old names of weight norm and with transposed matrices, and shards."""
    single = folder / "layer-postnorm-weight-g-v"
    single.mkdir(parents=True, exist_ok=True)
    tensors = load_file(tiny / single.name / "model.safetensors")
    transposed = {key: each.t().contiguous().t() if each.dim() == 2 else each for key, each in tensors.items()}
    torch.save(OrderedDict(transposed), single / "pytorch_model.bin")

    sharded = folder / "group-stable-sharded"
    sharded.mkdir(parents=True, exist_ok=True)
    index = json.loads((tiny / sharded.name / "model.safetensors.index.json").read_text())
    new_name = {old: f"pytorch_{Path(old).stem}.bin" for old in set(index["weight_map"].values())}
    for number, (old, new) in enumerate(sorted(new_name.items())):
        torch.save(load_file(tiny / sharded.name / old), sharded / new, **(LEGACY if number == 0 else {}))
    index["weight_map"] = {key: new_name[old] for key, old in index["weight_map"].items()}
    (sharded / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=2) + "\n")


def write_pytorch_files(folder: Path, tiny: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_forms(folder)
    write_models(tiny, folder / "models")

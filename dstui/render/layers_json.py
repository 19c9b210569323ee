"""The objects of `dstui layers --json` and `dstui diff --json`; docs/json.md describes them.

Layers are counted from 1, the base, here as on screen.
"""

from collections.abc import Sequence

from dstui.domain.comparison import FileChange, ImageComparison, PackageChange, SettingChange
from dstui.domain.image import Image
from dstui.domain.instruction import read_instruction
from dstui.domain.layers.fixes import extra_fix, waste_fix
from dstui.domain.layers.indexed import IndexedImage, LayerSummary
from dstui.domain.packages.package import Package
from dstui.domain.text import clean
from dstui.render.json_contract import Json


def layers_object(
    image: Image, indexed: IndexedImage, shared_with: Sequence[Sequence[str]] = ()
) -> Json:
    """What `dstui layers` tells of an image; `shared_with` has the other images of each layer."""
    sharing = shared_with or [()] * len(indexed.layers)
    return {
        "image": {
            "id": image.id,
            "references": list(image.references),
            "size_bytes": image.size_bytes,
        },
        "source": indexed.source.value,
        "layers": [
            _layer(layer, others) for layer, others in zip(indexed.layers, sharing, strict=True)
        ],
        "visible_bytes": indexed.visible_bytes,
        "wasted_bytes": indexed.wasted_bytes,
        "efficiency": indexed.efficiency,
        "waste": [*_waste(indexed), *_extras(indexed)],
        "packages": [package_object(package) for package in indexed.packages],
        "skipped": dict(indexed.index.skipped),
    }


def _layer(layer: LayerSummary, shared_with: Sequence[str]) -> Json:
    made_by = layer.instruction
    return {
        "number": layer.number + 1,
        "diff_id": layer.diff_id,
        "instruction": None if made_by is None else str(read_instruction(made_by)),
        "size_bytes": layer.bytes,
        "files": layer.files,
        "shared_with": list(shared_with),
        "added": layer.added._asdict(),
        "modified": layer.modified._asdict(),
        "removed": layer.removed._asdict(),
        "wasted_bytes": layer.wasted_bytes,
    }


def _waste(indexed: IndexedImage) -> list[Json]:
    instructions = indexed.index.instructions
    return [
        {
            "cause": item.cause.value,
            "path": clean(item.path),
            "bytes": item.bytes,
            "files": item.files,
            "layer": item.written_by + 1,
            "wasted_by": item.wasted_by + 1,
            "fix": clean(waste_fix(item, instructions)),
        }
        for item in indexed.waste
    ]


def _extras(indexed: IndexedImage) -> list[Json]:
    return [
        {
            "cause": item.cause.value,
            "path": clean(item.path),
            "bytes": item.bytes,
            "files": item.files,
            "layer": item.layer + 1,
            "wasted_by": None,
            "fix": clean(extra_fix(item)),
        }
        for item in indexed.extras
    ]


def package_object(package: Package) -> Json:
    """An installed package."""
    return {
        "manager": package.manager,
        "name": clean(package.name),
        "version": None if package.version is None else clean(package.version),
        "bytes": package.bytes,
        "path": clean(package.path),
    }


def comparison_object(found: ImageComparison) -> Json:
    """What `dstui diff` tells of two images."""
    return {
        "shared_layers": found.shared_layers,
        "shared_bytes": found.shared_bytes,
        "own_layers": list(found.own_layers),
        "size_change_bytes": found.size_change,
        "packages": [_package_change(change) for change in found.packages],
        "files": [_file_change(change) for change in found.files],
        "environment": [_setting_change(change) for change in found.environment],
        "labels": [_setting_change(change) for change in found.labels],
        "settings": [_setting_change(change) for change in found.settings],
    }


def _package_change(change: PackageChange) -> Json:
    return {
        "difference": change.difference.value,
        "manager": change.manager,
        "name": clean(change.name),
        "before": change.before,
        "after": change.after,
        "bytes": change.bytes,
    }


def _file_change(change: FileChange) -> Json:
    return {
        "difference": change.difference.value,
        "path": clean(change.path),
        "before_bytes": change.before_bytes,
        "after_bytes": change.after_bytes,
    }


def _setting_change(change: SettingChange) -> Json:
    return {
        "difference": change.difference.value,
        "name": clean(change.name),
        "before": change.before,
        "after": change.after,
    }

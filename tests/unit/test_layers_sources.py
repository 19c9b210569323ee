"""Archives and records of every format, whole and damaged."""

import base64
import contextlib
import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Callable, Sequence

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.layers import recording
from dstui.domain.layers.entries import Entries
from dstui.domain.layers.reading import UnreadableImageError
from dstui.domain.layers.recording import (
    ESCAPES,
    TOO_LONG,
    UNKNOWN_TYPE,
    ImageTooLargeError,
    LayerRecorder,
    Recording,
)
from dstui.engine.index import archive, layertar, manifests, tarsplit
from dstui.engine.index.bytestream import ByteStream
from dstui.engine.index.layerdb import chain_ids
from dstui.engine.index.tarheader import BadTarError, pax_records
from tests.layer_stacks import Entry, Layer, config, docker_archive, layer_tar, layers, outer_tar

LOWER = [Entry("a/x", content=b"12345"), Entry("a/y", "hardlink", link="a/x")]
UPPER = [Entry("a/.wh.x"), Entry("z", content=b"1" * 3000, mode=0o4755, uid=7)]
TARS = [layer_tar(LOWER), layer_tar(UPPER)]
DIFF_IDS = [f"sha256:{hashlib.sha256(content).hexdigest()}" for content in TARS]


def streamed(packed: bytes, piece: int = 700) -> ByteStream:
    file = io.BytesIO(packed)
    return ByteStream(lambda: file.read(piece))


def names(packed: bytes, diff_ids: Sequence[str] = DIFF_IDS) -> list[list[str]]:
    """The paths in each layer of an archive."""
    made = manifests.contents(archive.read(streamed(packed)), diff_ids)
    assert [diff_id for diff_id, _ in made.layers] == list(diff_ids)
    assert made.instructions == ("RUN step 0", "RUN step 1")
    return [paths(entries) for _, entries in made.layers]


def paths(entries: Entries) -> list[str]:
    return [entries.path(entry) for entry in range(len(entries))]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def oci_layout(blobs: Sequence[bytes], manifest_first: bool = False) -> bytes:
    """An OCI layout with an index of two platforms and an attestation."""
    made = json.dumps(config(TARS)).encode()
    manifest = json.dumps(
        {
            "config": {"digest": f"sha256:{digest(made)}"},
            "layers": [{"digest": f"sha256:{digest(blob)}"} for blob in blobs],
        }
    ).encode()
    other = json.dumps({"config": {"digest": "sha256:0"}, "layers": [{"digest": "sha256:1"}]})
    inner = json.dumps(
        {
            "manifests": [
                {"digest": f"sha256:{digest(other.encode())}"},
                {"digest": f"sha256:{digest(manifest)}"},
            ]
        }
    ).encode()
    index = {"manifests": [{"digest": f"sha256:{digest(inner)}"}]}
    documents = [manifest, inner, other.encode(), made]
    parts = [*documents, *blobs] if manifest_first else [*blobs, *documents]
    files = {f"blobs/sha256/{digest(part)}": part for part in parts}
    return outer_tar({**files, "index.json": json.dumps(index).encode(), "oci-layout": b"{}"})


EXPECTED = [["a/x", "a/y"], ["a/.wh.x", "z"]]


def test_dockers_archive() -> None:
    assert names(docker_archive(TARS)) == EXPECTED


@pytest.mark.parametrize("manifest_first", [True, False])
@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"]
)
def test_oci_layout(pack: Callable[[bytes], bytes], manifest_first: bool) -> None:
    assert names(oci_layout([pack(content) for content in TARS], manifest_first)) == EXPECTED


def test_compressed_in_many_parts() -> None:
    halves = [(content[:1000], content[1000:]) for content in TARS]
    gzipped = [gzip.compress(one) + gzip.compress(other) + bytes(20) for one, other in halves]
    assert names(oci_layout(gzipped)) == EXPECTED
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
    zipped = [
        skippable + zstandard.compress(one) + skippable + zstandard.compress(other)
        for one, other in halves
    ]
    assert names(oci_layout(zipped)) == EXPECTED


def test_a_layer_that_comes_twice_is_a_link() -> None:
    packed = io.BytesIO()
    made = json.dumps(config([TARS[0], TARS[0]])).encode()
    manifest = [{"Config": "c.json", "Layers": ["0/layer.tar", "1/layer.tar"]}]
    with tarfile.open(fileobj=packed, mode="w") as tar:
        link = tarfile.TarInfo("1/layer.tar")
        link.type, link.linkname = tarfile.SYMTYPE, "../0/layer.tar"
        tar.addfile(link)
        files = {"0/layer.tar": TARS[0], "c.json": made, "manifest.json": json.dumps(manifest)}
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    assert names(packed.getvalue(), [DIFF_IDS[0]] * 2) == [EXPECTED[0]] * 2


def test_a_missing_layer_is_named() -> None:
    packed = oci_layout([*TARS])
    gone = digest(TARS[1])
    broken = packed.replace(f"blobs/sha256/{gone}".encode(), b"blobs/sha256/" + b"0" * 64)
    broken = rechecked(broken)
    with pytest.raises(UnreadableImageError, match="lacks layer 2"):
        names(broken)


def rechecked(packed: bytes) -> bytes:
    """The archive with the checksums of its headers made right again."""
    result = io.BytesIO()
    with (
        tarfile.open(fileobj=result, mode="w") as out,
        tarfile.open(fileobj=io.BytesIO(packed), ignore_zeros=True) as tar,
    ):
        for member in tar:
            out.addfile(member, tar.extractfile(member))
    return result.getvalue()


@pytest.mark.parametrize(
    ("packed", "words"),
    [
        (outer_tar({"manifest.json": b'[{"Config": '}), "no valid JSON"),
        (outer_tar({"x": b"y"}), "no readable manifest"),
        (docker_archive(TARS[:1]), "another image"),
        (outer_tar({"manifest.json": b"[" * 100_000}), "no valid JSON"),
        (oci_layout([gzip.compress(TARS[0])[:90], TARS[1]]), "layer 1: a compressed layer is"),
        (oci_layout([TARS[0][:700], TARS[1]]), "layer 1: the archive is cut off"),
    ],
    ids=["json", "no-manifest", "other", "deep-json", "gzip", "cut"],
)
def test_what_is_wrong_with_an_archive_is_said(packed: bytes, words: str) -> None:
    with pytest.raises(UnreadableImageError, match=words):
        names(packed)


@given(st.integers(0, 6000))
def test_an_archive_cut_anywhere_is_an_error(length: int) -> None:
    whole = docker_archive(TARS)
    with pytest.raises((BadTarError, UnreadableImageError)):
        names(whole[: min(length, len(whole) - 2000)])


@given(st.binary(max_size=3000), st.integers(0, 8000))
def test_damage_is_an_error_or_leaves_it_readable(noise: bytes, at: int) -> None:
    whole = docker_archive(TARS)
    try:
        made = archive.read(streamed(whole[:at] + noise + whole[at + len(noise) :]))
        manifests.contents(made, DIFF_IDS)
    except (BadTarError, UnreadableImageError):
        return


def test_a_document_of_absurd_length_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_LARGEST_DOCUMENT", 100)
    found = archive.read(streamed(outer_tar({"manifest.json": b"[" + b" " * 200 + b"]"})))
    assert found.documents == {}
    assert "absurd" in found.damaged["manifest.json"]


# Entries


def recorded(packed: bytes) -> tuple[Entries, dict[str, int]]:
    shared = Recording()
    layer = LayerRecorder(shared)
    layertar.record(streamed(packed), layer)
    return layer.entries, dict(shared.skipped)


def test_paths_are_normalised_or_left_out() -> None:
    odd = ["./a//b", "/etc/x", "../up", "a/../../up", "..", "d/" * 300 + "deep", "x" * 5000, "./"]
    entries, skipped = recorded(layer_tar([Entry(path) for path in odd]))
    assert paths(entries) == ["a/b", "etc/x"]
    assert skipped == {ESCAPES: 3, TOO_LONG: 2}


def test_names_keep_their_bytes() -> None:
    raw = b"a\xff\x1b[31m\n"
    entries, _ = recorded(layer_tar([Entry(raw.decode("utf-8", "surrogateescape"))]))
    assert entries.names[0].encode("utf-8", "surrogateescape") == raw


def test_attributes_of_every_kind() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("p/" + "n" * 200)
        info.uid, info.gid, info.mode, info.mtime = 3_000_000, 70_000_000, 0o4711, 1.5e9 + 0.5
        info.pax_headers = {"SCHILY.xattr.security.capability": "x"}
        tar.addfile(info)
        link = tarfile.TarInfo("l")
        link.type, link.linkname = tarfile.SYMTYPE, "t/" * 80
        tar.addfile(link)
    entries, _ = recorded(packed.getvalue())
    assert (entries.uids[0], entries.gids[0]) == (3_000_000, 70_000_000)
    assert (entries.modes[0], entries.mtimes[0]) == (0o4711, 1_500_000_000)
    assert entries.capabilities == {0}
    assert entries.links == {1: "t/" * 80}


@pytest.mark.parametrize("mtime", [2**87, -(2**87), 2**63, 10**18 * 9])
def test_a_time_beyond_all_dates_is_the_last_one(mtime: int) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar:
        info = tarfile.TarInfo("f")
        info.mtime = mtime
        tar.addfile(info)
    expected = mtime if mtime < 2**63 and mtime > 0 else 2**63 - 1
    for entries in (recorded(packed.getvalue())[0], from_record(tar_split(packed.getvalue()))):
        assert list(entries.mtimes) == [expected]


numbers = st.binary(min_size=12, max_size=12) | st.sampled_from(
    [b"\x80" + b"\xff" * 11, b"\xff" + b"\x00" * 11, b"77777777777 ", b"\x80" * 12]
)


@given(st.tuples(numbers, numbers, numbers), st.sampled_from(b"0125xgLKSZ"))
def test_a_header_of_any_numbers_is_an_entry_or_an_error(
    told: tuple[bytes, bytes, bytes], kind: int
) -> None:
    owner, size, mtime = told
    header = bytearray(layer_tar([Entry("f")])[:512])
    header[100:124], header[124:136], header[136:148] = owner * 2, size, mtime
    header[156] = kind
    with contextlib.suppress(BadTarError, ImageTooLargeError):
        recorded(bytes(header) + bytes(2048))


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_in_every_form_of_tar(form: int) -> None:
    path = "d" * 90 + "/" + "f" * 99
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as tar:
        tar.addfile(tarfile.TarInfo(path))
    assert paths(recorded(packed.getvalue())[0]) == [path]


def test_an_unknown_type_is_counted() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        info = tarfile.TarInfo("x")
        info.type = b"Z"
        tar.addfile(info)
    entries, skipped = recorded(packed.getvalue())
    assert (len(entries), skipped) == (0, {UNKNOWN_TYPE: 1})


def test_an_image_of_too_many_entries_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MOST_ENTRIES", 10)
    with pytest.raises(ImageTooLargeError):
        recorded(layer_tar([Entry(f"f{number}") for number in range(11)]))


def test_an_image_of_too_long_names_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MOST_TEXT_BYTES", 1000)
    deep = "/".join("abcdefghij")
    with pytest.raises(ImageTooLargeError):
        recorded(layer_tar([Entry(f"{deep}/{number}/x") for number in range(40)]))


@given(st.binary(max_size=200))
def test_pax_records_end(body: bytes) -> None:
    try:
        list(pax_records(body))
    except BadTarError:
        return


# Records


def tar_split(packed: bytes) -> bytes:
    """A layer's record, as the engine writes it."""
    lines, at = [], 0
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        for member in tar:
            raw = packed[at : member.offset_data]
            lines.append({"type": 2, "payload": base64.b64encode(raw).decode()})
            size = member.size if member.isreg() else 0
            content = packed[member.offset_data : member.offset_data + size]
            checksum = zlib.crc32(content).to_bytes(8, "big")
            name: dict[str, object] = {"name": member.name + ("/" if member.isdir() else "")}
            try:
                member.name.encode()
            except UnicodeEncodeError:
                encoded = member.name.encode("utf-8", "surrogateescape")
                name = {"name_raw": base64.b64encode(encoded).decode()}
            payload = base64.b64encode(checksum).decode() if size else None
            lines.append(
                {"type": 1, **name, **({"size": size} if size else {}), "payload": payload}
            )
            at = member.offset_data + size
    lines.append({"type": 2, "payload": base64.b64encode(packed[at:]).decode()})
    told = [
        json.dumps({**line, "position": n}, separators=(",", ":")) for n, line in enumerate(lines)
    ]
    return gzip.compress("\n".join(told).encode() + b"\n")


def from_record(record: bytes) -> Entries:
    layer = LayerRecorder(Recording())
    tarsplit.record(io.BytesIO(record).read, layer)
    return layer.entries


def columns(entries: Entries) -> tuple[object, ...]:
    return (
        paths(entries),
        bytes(entries.types),
        *map(list, (entries.sizes, entries.modes, entries.uids, entries.gids, entries.mtimes)),
        entries.links,
        entries.capabilities,
    )


@given(layers())
def test_a_record_tells_what_the_archive_tells(layer: Layer) -> None:
    packed = layer_tar(layer)
    assert columns(from_record(tar_split(packed))) == columns(recorded(packed)[0])


def test_a_record_with_odd_names_links_and_attributes() -> None:
    odd = [
        Entry('quote"back\\slash'),
        Entry(b"raw\xff".decode("utf-8", "surrogateescape"), content=b"123"),
        Entry("long/" * 40 + "x", content=b"1", uid=5_000_000),
        Entry("s", "symlink", link="t/" * 90),
        Entry("h", "hardlink", link="long/" * 40 + "x"),
        Entry("d", "directory", mode=0o1777),
    ]
    packed = layer_tar(odd)
    found = from_record(tar_split(packed))
    assert columns(found) == columns(recorded(packed)[0])
    assert found.contents[1] == zlib.crc32(b"123")


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"no gzip",
        tar_split(TARS[0])[:-30],
        gzip.compress(b'{"type":1,"name":"x","size":1,"payload":null,"position":0}\n'),
        gzip.compress(b'{"type":2,"payload":"!!!!","position":0}\n{"type":1}\n'),
        gzip.compress(b"[1]\n"),
        gzip.compress(b"nonsense\n"),
    ],
    ids=["empty", "no-gzip", "cut", "no-header", "no-base64", "list", "no-json"],
)
def test_a_damaged_record_is_an_error(record: bytes) -> None:
    with pytest.raises(tarsplit.BadTarSplitError):
        from_record(record)


def test_a_line_of_absurd_length_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tarsplit, "_LONGEST_LINE", 1000)
    with pytest.raises(tarsplit.BadTarSplitError, match="absurd"):
        from_record(gzip.compress(b"x" * (3 << 20)))


def test_chain_ids_depend_on_all_layers_below() -> None:
    first, second = chain_ids(["sha256:aa", "sha256:bb"])
    assert first == "aa"
    assert second == hashlib.sha256(b"sha256:aa sha256:bb").hexdigest()

"""Each registry's own names, from fields to references and back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.image import Image
from dstui.domain.naming import Naming, fields_of, name_image, warnings_of
from dstui.domain.reference import Reference, parse
from dstui.domain.registries import REGISTRIES, Registry, registry, registry_of
from dstui.domain.text import clean

EXAMPLES = {
    "hub": "mylab/train",
    "ghcr": "ghcr.io/octo-lab/train",
    "gcp": "europe-west4-docker.pkg.dev/my-project/images/train",
    "ecr": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/train",
    "ecr-public": "public.ecr.aws/mylab/train",
    "acr": "mylab.azurecr.io/train",
    "ngc": "nvcr.io/mylab/vision/train",
    "quay": "quay.io/mylab/train",
    "gitlab": "registry.gitlab.com/mylab/vision/models/train",
    "harbor": "harbor.example.org/mylab/train",
    "local": "localhost:5000/train",
}


def kind_of(key: str) -> Registry:
    found = registry(key)
    assert found is not None
    return found


def named(key: str, tag: str = "1", **values: str) -> Naming:
    return name_image(kind_of(key), values, tag)


def reference(key: str, **values: str) -> str:
    naming = named(key, **values)
    assert naming.reference, naming.problems
    return naming.reference.familiar_name


@pytest.mark.parametrize("kind", REGISTRIES, ids=lambda kind: kind.key)
def test_the_examples_of_the_fields_make_a_name(kind: Registry) -> None:
    examples = {field.key: field.example for field in kind.fields}
    naming = name_image(kind, examples, "1.0")
    assert naming.reference is not None
    assert naming.reference.familiar == f"{EXAMPLES[kind.key]}:1.0"
    assert naming.warnings == ()
    assert kind.fits(naming.reference.path)


@pytest.mark.parametrize("kind", REGISTRIES, ids=lambda kind: kind.key)
def test_the_fields_of_a_name_make_the_name_again(kind: Registry) -> None:
    examples = {field.key: field.example for field in kind.fields if field.key != "group"}
    naming = name_image(kind, {"group": "lab", **examples}, "1.0")
    assert naming.reference is not None
    again = fields_of(naming.reference)
    if kind.key == "harbor":
        assert again is None  # its host may be anything's
    else:
        assert again is not None
        assert again[0] is kind
        assert name_image(*again, "1.0").reference == naming.reference


def test_optional_fields_may_be_left_out() -> None:
    assert reference("ngc", org="mylab", image="train") == "nvcr.io/mylab/train"
    assert reference("gitlab", group="a", project="b") == "registry.gitlab.com/a/b"
    assert fields_of(parse("nvcr.io/nvidia/pytorch:24.10-py3")) == (
        registry("ngc"),
        {"org": "nvidia", "image": "pytorch"},
    )


def test_places_with_rules_of_their_own() -> None:
    china = reference("ecr", account="1" * 12, region="cn-north-1", image="a/b")
    assert china == f"{'1' * 12}.dkr.ecr.cn-north-1.amazonaws.com.cn/a/b"
    assert reference("gcp", project="example.com:proj", repo="r", image="i") == (
        "us-docker.pkg.dev/example.com/proj/r/i"
    )
    assert reference("gitlab", host="git.lab.org:5050", group="a/b", project="c") == (
        "git.lab.org:5050/a/b/c"
    )


@pytest.mark.parametrize(
    ("key", "values", "field", "suggestion"),
    [
        ("acr", {"registry_name": "My-Lab", "image": "a"}, "registry_name", "mylab"),
        ("acr", {"registry_name": "lab", "image": "a"}, "registry_name", ""),
        ("ecr", {"account": "123", "region": "eu-west-1", "image": "a"}, "account", ""),
        ("hub", {"namespace": "lab", "image": "a/b"}, "image", "a-b"),
        ("gitlab", {"group": "a", "project": "b", "image": "c/d/e"}, "image", ""),
        ("harbor", {"project": "a", "image": "b"}, "host", ""),
        ("ghcr", {"owner": "octo lab", "image": "b"}, "owner", "octo-lab"),
        ("local", {"host": "local host", "image": "b"}, "host", ""),
    ],
)
def test_a_broken_rule_names_its_field(
    key: str, values: dict[str, str], field: str, suggestion: str
) -> None:
    naming = named(key, **values)
    assert naming.reference is None
    assert [(p.field, p.suggestion) for p in naming.problems] == [(field, suggestion)]


def test_a_bad_tag_is_a_problem_of_the_tag() -> None:
    (problem,) = named("hub", tag="2.5.1+cu124", namespace="lab", image="a").problems
    assert (problem.field, problem.suggestion) == ("tag", "2.5.1-cu124")
    assert problem.message == "`+` cannot stand in a tag: 2.5.1+cu124 -> 2.5.1-cu124"


def test_capital_letters_are_taken_in_small_ones_and_said_so() -> None:
    naming = named("ghcr", owner="OctoLab", image="train")
    assert naming.reference is not None
    assert naming.reference.familiar == "ghcr.io/octolab/train:1"
    assert naming.warnings == ("OctoLab is written octolab: names have no capital letters",)


def test_a_name_that_belongs_to_another_registry() -> None:
    (elsewhere,) = named("harbor", host="quay.io", project="lab", image="a").warnings
    assert elsewhere == "quay.io is Quay, not Harbor"
    (inside,) = named("harbor", host="h.org", project="ghcr.io", image="a").warnings
    assert inside == "ghcr.io is the host of GitHub (GHCR): here it is only a part of the name"
    ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
    (mixed,) = named("ghcr", owner="lab", image=f"{ecr}/train").warnings
    assert mixed.startswith(f"{ecr} is the host of Amazon ECR")
    assert "without a namespace" in named("hub", image="a").warnings[0]


def test_a_name_that_its_registry_cannot_have() -> None:
    (warning,) = warnings_of(parse("docker.io/a/b/c:1"))
    assert warning == "Docker Hub takes names of the form docker.io/[<namespace>/]<image>"
    assert warnings_of(parse("quay.io/jupyter/scipy-notebook:2024-10-07")) == ()
    assert len(warnings_of(parse("us-docker.pkg.dev/project/image:1"))) == 1


def test_warns_of_latest_dirty_and_capital_hosts() -> None:
    assert "`latest`" in warnings_of(parse("lab/a"))[0]
    assert "`latest`" in warnings_of(parse("lab/a:latest"))[0]
    assert warnings_of(parse(f"lab/a@sha256:{'a' * 64}")) == ()
    assert "in no commit" in warnings_of(parse("lab/a:0123-dirty"))[0]
    assert warnings_of(parse("Lab/a:1")) == (
        "Lab is read as the host of a registry, because of its capital letters",
    )


def test_warns_of_taking_a_name_from_another_image() -> None:
    now = datetime.now(UTC)
    mine = Image("sha256:" + "a" * 64, ("lab/a:1",), (), now, 0)
    other = Image("sha256:" + "b" * 64, ("lab/a:2", "lab/a:latest"), (), now, 0)
    images = (mine, other)
    assert warnings_of(parse("lab/a:1"), images, mine.id) == ()
    assert warnings_of(parse("docker.io/lab/a:2"), images, mine.id) == (
        "lab/a:2 names another image here (bbbbbbbbbbbb), which would lose this name",
    )
    assert len(warnings_of(parse("lab/a"), images, mine.id)) == 2


@given(
    st.sampled_from(REGISTRIES),
    st.dictionaries(st.sampled_from(["image", "host", "project", "owner", "org"]), st.text()),
    st.text(),
)
def test_whatever_is_typed_gives_a_reference_or_problems(
    kind: Registry, values: dict[str, str], tag: str
) -> None:
    naming = name_image(kind, values, tag)
    if naming.reference:
        assert parse(str(naming.reference)) == naming.reference
        assert not naming.problems
    else:
        assert naming.problems
    for problem in naming.problems:
        assert clean(problem.message) == problem.message
        field = kind.field(problem.field)
        if problem.suggestion and field:
            assert field.accepts(problem.suggestion)
        elif problem.suggestion:
            assert isinstance(parse(f"a:{problem.suggestion}"), Reference)


def test_domains_tell_their_registry() -> None:
    for key, name in EXAMPLES.items():
        owner = registry_of(parse(name).domain)
        assert owner is (None if key == "harbor" else registry(key))
    assert registry_of("127.0.0.1:5000") is registry("local")
    assert registry_of("example.org") is None

"""`dstui name`: make a reference for scripts, or say what is wrong with one."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import click

from dstui.cli.exits import FAILED, complain
from dstui.cli.invocation import Invocation, pass_invocation, write_lines
from dstui.cli.json_output import print_json
from dstui.cli.references import explained
from dstui.domain.engine import EngineInfo
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.domain.naming import TAG_FIELD, FieldProblem, name_image, warnings_of
from dstui.domain.reference import Reference, ReferenceProblem, check
from dstui.domain.registries import REGISTRIES, Registry, registry
from dstui.domain.tags import Bump, NoTagError, TagBy, date_tag, digest_tag, git_tag
from dstui.gittags import GitError, git_state
from dstui.render.column import UNKNOWN

_GIT = (TagBy.TREE, TagBy.COMMIT, TagBy.DESCRIBE, TagBy.SEMVER)


def _field_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each field that any kind of registry has."""
    fields = {field.key: field for kind in REGISTRIES for field in kind.fields}
    for key in sorted(fields, reverse=True):
        kinds = ", ".join(kind.key for kind in REGISTRIES if kind.field(key))
        option = click.option(_flag(key), key, metavar="TEXT", help=f"For {kinds}.")
        command = option(command)
    return command


def _flag(key: str) -> str:
    return f"--{key.replace('_', '-')}"


@click.command("name")
@click.option("--check", "checked", metavar="REF", help="Take a reference apart, or say why not.")
@click.option(
    "--registry", "kind", type=click.Choice([k.key for k in REGISTRIES]), help="Its kind."
)
@_field_options
@click.option("--tag", metavar="TAG", help="The tag itself.")
@click.option("--tag-by", type=click.Choice([by.value for by in TagBy]), help="A strategy for it.")
@click.option("--from-git", metavar="PATH", help="The directory that git is asked about.")
@click.option(
    "--bump",
    type=click.Choice([bump.value for bump in Bump]),
    default=Bump.PATCH.value,
    show_default=True,
    help="Which number grows, with --tag-by semver.",
)
@click.option("--of", "named", metavar="IMAGE", help="The image to be named: asks the engine.")
@click.option("--json", "as_json", is_flag=True, help="One object; see docs/json.md.")
@pass_invocation
def name(
    invocation: Invocation,
    /,
    checked: str | None,
    kind: str | None,
    tag: str | None,
    tag_by: str | None,
    from_git: str | None,
    bump: str,
    named: str | None,
    as_json: bool,
    **fields: str | None,
) -> None:
    """Print the reference of an image from a registry's fields and a tag, or check one."""
    if checked is not None:
        _check(checked, as_json)
        return
    chosen = registry(kind or "")
    if chosen is None:
        raise click.UsageError("name a --registry, or a reference with --check")
    values = _values(chosen, fields)
    strategy = _strategy(tag, tag_by, from_git, named)
    if named is None:
        made = _tag(tag or "", strategy, from_git, Bump(bump), None)
        _make(chosen, values, made, (), "", None, as_json)
        return
    with invocation.connected() as (session, info):
        found = session.find_image(named)
        session.read_list(Kind.IMAGE)
        made = _tag(tag or "", strategy, from_git, Bump(bump), found)
        _make(chosen, values, made, session.store.images(), found.id, info, as_json)


def _values(kind: Registry, fields: Mapping[str, str | None]) -> dict[str, str]:
    given = {key: value for key, value in fields.items() if value is not None}
    for key in given:
        if kind.field(key) is None:
            has = ", ".join(_flag(field.key) for field in kind.fields)
            raise click.UsageError(f"{kind.title} has no {_flag(key)}: it has {has}")
    return given


def _strategy(
    tag: str | None, tag_by: str | None, from_git: str | None, named: str | None
) -> TagBy | None:
    if tag is not None and (tag_by or from_git):
        raise click.UsageError("either --tag or a strategy for it")
    strategy = TagBy(tag_by) if tag_by else (TagBy.TREE if from_git else None)
    if strategy is TagBy.DIGEST and named is None:
        raise click.UsageError("--tag-by digest needs --of IMAGE")
    if from_git and strategy not in _GIT:
        raise click.UsageError(f"--tag-by {tag_by} does not ask git")
    return strategy


def _tag(
    tag: str, strategy: TagBy | None, from_git: str | None, bump: Bump, image: Image | None
) -> str:
    match strategy:
        case None:
            return tag
        case TagBy.DATE:
            return date_tag(datetime.now().astimezone())
        case TagBy.DIGEST:
            return digest_tag(image.id) if image else ""
    try:
        return git_tag(strategy, git_state(from_git or "."), bump)
    except (GitError, NoTagError) as error:
        complain(str(error))
        raise click.exceptions.Exit(FAILED) from None


def _make(
    kind: Registry,
    values: Mapping[str, str],
    tag: str,
    images: tuple[Image, ...],
    image_id: str,
    info: EngineInfo | None,
    as_json: bool,
) -> None:
    naming = name_image(kind, values, tag, images, image_id)
    if naming.reference is None:
        raise click.UsageError("\n".join(_problem_line(problem) for problem in naming.problems))
    reference = naming.reference.familiar
    if as_json:
        print_json(info, reference=reference, warnings=list(naming.warnings))
        return
    for warning in naming.warnings:
        complain(f"warning: {warning}")
    write_lines([reference])


def _problem_line(problem: FieldProblem) -> str:
    flag = "--tag" if problem.field == TAG_FIELD else _flag(problem.field)
    return f"{flag}: {problem.message}"


def _check(text: str, as_json: bool) -> None:
    found = check(text)
    if as_json:
        print_json(None, **_checked_object(found))
    elif isinstance(found, Reference):
        for warning in warnings_of(found):
            complain(f"warning: {warning}")
        parts = [
            ("registry", found.domain),
            ("repository", found.path),
            ("tag", found.tag),
            ("digest", found.digest),
            ("familiar", found.familiar),
        ]
        write_lines([f"{label:<10}  {part or UNKNOWN}" for label, part in parts])
    else:
        first, *more = explained(text, found)
        complain(first)
        for line in more:
            click.echo(line, err=True)
    if not isinstance(found, Reference):
        raise click.exceptions.Exit(FAILED)


def _checked_object(found: Reference | ReferenceProblem) -> dict[str, Any]:
    valid = found if isinstance(found, Reference) else None
    problem = found if isinstance(found, ReferenceProblem) else None
    return {
        "valid": valid is not None,
        "error": problem and problem.message,
        "position": problem and problem.position,
        "suggestion": (problem and problem.suggestion) or None,
        "domain": valid and valid.domain,
        "path": valid and valid.path,
        "tag": (valid and valid.tag) or None,
        "digest": (valid and valid.digest) or None,
        "familiar": valid and valid.familiar,
        "warnings": list(warnings_of(valid)) if valid else [],
    }

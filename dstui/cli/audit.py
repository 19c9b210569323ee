"""`dstui audit`."""

import json
from collections.abc import Callable, Iterator
from functools import partial

import click

from dstui.cli.exits import FAILED, complain, unwound_when_terminated
from dstui.cli.invocation import Invocation, colored, pass_invocation, write_lines
from dstui.domain.audit.finding import AuditReport, Severity
from dstui.domain.engine import EngineError
from dstui.domain.kind import Kind
from dstui.render import json_contract
from dstui.render.findings import audit_content, report_lines
from dstui.session import Session

_NEVER = "never"


@click.command("audit")
@click.argument("targets", nargs=-1, metavar="[IMAGE|CONTAINER]…")
@click.option("--all", "everything", is_flag=True, help="Every container and every image.")
@click.option(
    "--type",
    "kind",
    type=click.Choice([Kind.CONTAINER.value, Kind.IMAGE.value]),
    help="What a name is, where it may be both.",
)
@click.option("--deep", is_flag=True, help="Read every layer, even where that takes minutes.")
@click.option(
    "--scan", type=click.Choice(["trivy", "grype"]), help="Let a scanner look at images as well."
)
@click.option("--json", "as_json", is_flag=True, help="One object; see docs/json.md.")
@click.option("--sarif", "as_sarif", is_flag=True, help="SARIF 2.1.0, for code hosts and editors.")
@click.option(
    "--fail-on",
    type=click.Choice([*(severity.value for severity in Severity), _NEVER]),
    default=Severity.HIGH.value,
    show_default=True,
    help="Exit with 1 when something this bad is found.",
)
@pass_invocation
def audit(
    invocation: Invocation,
    targets: tuple[str, ...],
    everything: bool,
    kind: str | None,
    deep: bool,
    scan: str | None,
    as_json: bool,
    as_sarif: bool,
    fail_on: str,
) -> None:
    """Check images and containers for secrets, rights, limits and waste."""
    if bool(targets) == everything:
        raise click.UsageError("name images or containers, or say --all")
    if as_json and as_sarif:
        raise click.UsageError("--json and --sarif are two things")
    with unwound_when_terminated(), invocation.connected() as (session, info):
        checks = _Checks(session, deep, scan)
        wanted = checks.of_all() if everything else checks.of_named(targets, kind)
        reports = [report for check in wanted for report in check()]
    if as_json:
        whole = json_contract.document(info, **audit_content(reports))
        write_lines([json.dumps(whole, ensure_ascii=False, indent=2)])
    elif as_sarif:
        from dstui.render.sarif import sarif_document

        write_lines([json.dumps(sarif_document(reports), ensure_ascii=False, indent=2)])
    else:
        for report in reports:
            write_lines(report_lines(report, colored()))
    if fail_on != _NEVER and any(report.at_least(Severity(fail_on)) for report in reports):
        raise click.exceptions.Exit(FAILED)


Check = Callable[[], list[AuditReport]]


class _Checks:
    """What is to be checked, each as a call."""

    def __init__(self, session: Session, deep: bool, scanner: str | None) -> None:
        self._session = session
        self._deep = deep
        self._scanner = scanner

    def of_named(self, names: tuple[str, ...], kind: str | None) -> Iterator[Check]:
        """The objects of these names; a name that both have is the container's, as for inspect."""
        for name in names:
            if kind == Kind.IMAGE or (kind is None and not self._is_container(name)):
                yield partial(self._image, name)
            else:
                yield partial(self._container, name)

    def of_all(self) -> Iterator[Check]:
        """Every container and image; one that vanishes meanwhile is told and left out."""
        session = self._session
        session.read_list(Kind.CONTAINER)
        session.read_list(Kind.IMAGE)
        for container in session.store.containers():
            yield self._if_there(container.name, partial(self._container, container.id))
        for image in session.store.images():
            name = image.references[0] if image.references else image.id
            yield self._if_there(name, partial(self._image, name))

    def _container(self, name: str) -> list[AuditReport]:
        return [self._session.audit_container(name)]

    def _image(self, name: str) -> list[AuditReport]:
        files = self._session.layer_files(name, self._deep)
        reports = [self._session.audit_image(name, files)]
        if self._scanner:
            reports.append(self._session.scan_image(name, self._scanner, complain))
        return reports

    def _is_container(self, name: str) -> bool:
        try:
            self._session.find_container(name)
        except EngineError as error:
            if error.gone:
                return False
            raise
        return True

    @staticmethod
    def _if_there(name: str, check: Check) -> Check:
        def checked() -> list[AuditReport]:
            try:
                return check()
            except EngineError as error:
                if not error.gone:
                    raise
                complain(f"{name} is gone")
                return []

        return checked

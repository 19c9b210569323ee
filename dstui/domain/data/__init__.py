"""Tables that ship with dstui: a line a row, tabs between the columns, the names in the first."""

from importlib.resources import files


def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a table, by column name; an empty field is the empty text."""
    text = files(__name__).joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    titles, *lines = (line.split("\t") for line in text.splitlines() if line)
    return tuple(dict(zip(titles, fields, strict=True)) for fields in lines)

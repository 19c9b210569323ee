"""API JSON -> domain objects: the only place that knows the JSON's shapes.

All text that is shown is made harmless here. Missing fields, wrong types and what podman and old
engines do differently are tolerated; an object without an id is unreadable and left out of a list.
"""

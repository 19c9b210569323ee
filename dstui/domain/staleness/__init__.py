"""When a thing is stale, and why: pure rules over facts."""

"""`python -m dstui`."""

from dstui.cli import main

if __name__ == "__main__":
    main()

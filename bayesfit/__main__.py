"""``python -m bayesfit``: the command line."""

from bayesfit.cli import main

if __name__ == "__main__":
    main()

"""`python -m vocation`, and with it `accelerate launch -m vocation`: the command line."""

from vocation.cli import main

if __name__ == "__main__":
    main()

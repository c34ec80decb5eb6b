"""What destroys something asks once; see community.lib.asking."""

from community.lib.asking import ask, asked_first

__all__ = ["ask", "asked_first"]

"""What each resource adds to the sweep: a module here with two functions.

prepare(world) makes through the API what the calls are about, and keeps it as members of world.
calls(world) answers by the rpc's name how it is called, as access/calls.py does.
"""

from importlib import import_module
from pkgutil import iter_modules


def parts():
    return [import_module(f"access.parts.{module.name}") for module in iter_modules(__path__)]

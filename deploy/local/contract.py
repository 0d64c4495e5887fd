"""What build/gen/contract.json says about who calls and hears whom."""

import json

from settings import Trouble


class Contract:
    def __init__(self, path):
        if not path.exists():
            raise Trouble(f"{path} is missing: build first (make).")
        text = json.loads(path.read_text())
        self.rpcs = text["rpcs"]
        self.services = sorted({rpc["service"] for rpc in self.rpcs} - {"gateway"})

    def called_by(self, service):
        """(service, rpc) of what a service may ask of others."""
        return sorted((rpc["service"], rpc["name"]) for rpc in self.rpcs if service in rpc.get("callers", ()))

    def consumed_by(self, service):
        """(producer, event) of what a service listens to."""
        return sorted(tuple(rpc["on"].split(".")) for rpc in self.rpcs if rpc["service"] == service and rpc.get("on"))

    def producers_for(self, service):
        return sorted({producer for producer, _ in self.consumed_by(service)})

    def callers_of(self, service):
        """The services that may ask it something, also for the events that they listen to."""
        return {other for other in self.services if service in self.targets_of(other)}

    def targets_of(self, process):
        """The services whose keys a process needs."""
        if process == "gateway":
            return self.services
        return sorted({target for target, _ in self.called_by(process)} | set(self.producers_for(process)))

"""A JupyterHub that answers who it is."""

from throughline.simulators.server import Call, Reply, Simulator


class JupyterHubSimulator(Simulator):
    """One hub: it has a version, and may be down behind a proxy that still answers.

    Source: https://jupyterhub.readthedocs.io/en/stable/reference/rest-api.html (GET /)
    """

    def __init__(self, version: str = "5.2.1") -> None:
        super().__init__()
        self.version = version
        self.is_down = False

    def answer(self, call: Call) -> Reply:
        """Return what a hub answers; without a token it tells nothing but its version."""
        if self.is_down:
            return Reply(503, "Service Unavailable", {"Content-Type": "text/html"})
        headers = {"X-JupyterHub-Version": self.version}
        if not call.path.startswith("/hub/api"):
            return Reply(302, "", {**headers, "Location": "/hub/login"})
        if call.path not in {"/hub/api", "/hub/api/"}:
            return Reply(403, _problem(403, "Missing or invalid credentials."), headers)
        if call.method != "GET":
            return Reply(405, _problem(405, "Method Not Allowed"), headers)
        return Reply(200, {"version": self.version}, headers)


def _problem(status: int, message: str) -> dict[str, int | str]:
    return {"status": status, "message": message}

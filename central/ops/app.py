"""The listener for operators: health and metrics, plain HTTP on loopback. Nothing of a case is in it."""

from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from central.ops.health import Health
from central.ops.metrics import Metrics

_HEALTH = "application/health+json"


def create_ops_app(metrics: Metrics, health: Health) -> Starlette:
    """The application. Its operations wait for the database, so Starlette runs them in threads."""

    def live(_request: Request) -> Response:
        """The process answers."""
        return JSONResponse({"status": "pass"}, media_type=_HEALTH)

    def ready(_request: Request) -> Response:
        """It can do its work; 503 if not."""
        checks = {name: "pass" if well else "fail" for name, well in health.checks().items()}
        well = set(checks.values()) == {"pass"}
        body = {"status": "pass" if well else "fail", "checks": checks}
        return JSONResponse(body, 200 if well else 503, media_type=_HEALTH)

    def measured(request: Request) -> Response:
        """Prometheus, or OpenMetrics for whoever accepts it."""
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(metrics.registry), headers={"Content-Type": media_type})

    return Starlette(
        routes=[Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", measured)]
    )

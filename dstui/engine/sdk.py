"""The SDK's client over the same sockets: imported only when a part asks for it."""

from typing import Any

import requests
import urllib3
from docker.api.client import APIClient
from docker.tls import TLSConfig
from docker.transport.basehttpadapter import BaseHTTPAdapter

from dstui.domain.engine import Endpoint
from dstui.engine.dial import Dialer
from dstui.engine.rest import READ_TIMEOUT_S

_POOL_SIZE = 32


def open_sdk(endpoint: Endpoint, api_version: str) -> APIClient:
    """A low-level client. Over ssh it goes through the system's ssh, which needs no paramiko."""
    tunnelled = endpoint.host.startswith("ssh://")
    client = APIClient(
        # the SDK's own ssh needs paramiko just to be imported: any other scheme stands in
        base_url="unix:///ssh" if tunnelled else endpoint.host,
        version=api_version,
        timeout=int(READ_TIMEOUT_S),
        tls=_tls(endpoint),
        user_agent="dstui",
        max_pool_size=_POOL_SIZE,
    )
    client.trust_env = False
    if tunnelled:
        client.mount("http+docker://", _DialAdapter(Dialer(endpoint)))
    return client


def _tls(endpoint: Endpoint) -> TLSConfig | bool:
    files = endpoint.tls
    if files is None:
        return False
    certificate = (files["cert"], files["key"]) if "cert" in files else None
    return TLSConfig(client_cert=certificate, ca_cert=files.get("ca"), verify=endpoint.verify)


class _DialAdapter(BaseHTTPAdapter):
    def __init__(self, dialer: Dialer) -> None:
        super().__init__()
        self._dialer = dialer
        self._pool = _DialPool("docker", maxsize=_POOL_SIZE)
        self._pool.dialer = dialer

    def get_connection(self, url: str | bytes, proxies: Any = None) -> "_DialPool":
        return self._pool

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        return request.path_url

    def close(self) -> None:
        self._pool.close()
        self._dialer.close()
        super().close()


class _DialPool(urllib3.HTTPConnectionPool):
    dialer: Dialer

    def _new_conn(self) -> "_DialConnection":
        connection = _DialConnection("docker")
        connection.dialer = self.dialer
        return connection


class _DialConnection(urllib3.connection.HTTPConnection):
    dialer: Dialer

    def connect(self) -> None:
        self.sock = self.dialer.dial()

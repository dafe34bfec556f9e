"""An AWS that takes asynchronous Lambda invocations and S3 objects, and keeps only sizes."""

import http.server
import threading


class FakeAWS:
    """Serves on loopback while it is open; `bodies` are the sizes of what was handed over."""

    def __init__(self):
        self.bodies = []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                is_invoke = self.path.endswith("/invocations")
                if is_invoke:
                    owner.bodies.append(len(body))
                self.send_response(202 if is_invoke else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

"""The runtime's loop, as AWS's own client for Python runs a handler."""

import http.client
import importlib
import json
import os

handler = importlib.import_module("handler").handler
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = api.getresponse()
    event = json.loads(answer.read())
    reply = json.dumps(handler(event, None)).encode()
    request = answer.headers["lambda-runtime-aws-request-id"]
    api.request("POST", f"/2018-06-01/runtime/invocation/{request}/response", reply)
    api.getresponse().read()

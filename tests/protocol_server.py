"""A server that follows OpenAI's protocol over real HTTP: chat completions, files, fine-tuning jobs, batches, models.

It is no language model: a rule writes the replies (`scripted`), so that tests, benchmarks and tutorials need no key. Every request is checked
against OpenAI's published description where the environment variable JUDGE_DISTILL_SPEC names it; what does not fit is refused with 400 and
kept in `server.invalid`. Faults can be switched on: 429 with Retry-After, 500, dropped, truncated, empty and hanging replies.

    with ProtocolServer(latency=0.1, faults=0.2) as server: ... server.url ...
    python tests/protocol_server.py --latency 1      # prints its address; GET /stats counts
"""

import argparse
import asyncio
import base64
import hashlib
import json
import math
import os
import random
import re
import struct
import threading
import time
from collections import Counter
from functools import cache

from aiohttp import web

FAULTS = ("429", "500", "dropped", "truncated", "empty", "hanging")


@cache
def description():
    """OpenAI's description as a registry of JSON schemas, and its components; None where it is not
    at hand.
    """
    path = os.environ.get("JUDGE_DISTILL_SPEC")
    if not path:
        return None
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    def nulls(node):
        "OpenAPI 3.0's `nullable` in the words of JSON schema."
        if isinstance(node, list):
            return [nulls(item) for item in node]
        if not isinstance(node, dict):
            return node
        node = {key: nulls(value) for key, value in node.items()}
        return {"anyOf": [node, {"type": "null"}]} if node.pop("nullable", None) is True else node

    with open(path, encoding="utf-8") as file:
        spec = nulls(json.load(file))
    return Registry().with_resource(
        "urn:openai", Resource(contents=spec, specification=DRAFT202012)
    ), spec["components"]["schemas"]


@cache
def validator(name):
    from jsonschema import Draft202012Validator

    return Draft202012Validator(
        {"$ref": f"urn:openai#/components/schemas/{name}"}, registry=description()[0]
    )


@cache
def known_names(name):
    "Every property that a schema or the schemas that it is put together from speak of."
    schema = description()[1][name] if isinstance(name, str) else name
    found = set(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        found |= (
            known_names(part["$ref"].rsplit("/", 1)[-1])
            if "$ref" in part
            else set(part.get("properties", {}))
        )
    return frozenset(found)


def complaints(name, body):
    "What OpenAI's description has against a body."
    if description() is None:
        return []
    found = [
        f"{'/'.join(map(str, e.absolute_path)) or 'body'}: {e.message[:200]}"
        for e in validator(name).iter_errors(body)
    ]
    return found + [f"unknown property {key}" for key in body if key not in known_names(name)]


# --- what the rule says


def parts_of(text):
    """Question, source and the two answers of a judge's prompt, published or ours; None if it is
    none.
    """
    published = re.search(
        r"\[User Question\]\n(.*?)\n\n\[The Start of Reference\]\n(.*?)\n\[The End of Reference\]\n\n\[The Start of Assistant A’s Answer\]\n(.*?)\n"
        r"\[The End of Assistant A’s Answer\]\n\n\[The Start of Assistant B’s Answer\]\n(.*?)\n\[The End of Assistant B’s Answer\]",
        text,
        re.S,
    )
    if published:
        return published.groups()
    ours = re.search(
        r"(?:Source:\n(?P<s>.*?)\n\n)?Question: (?P<q>.*?)\n\nAnswer A: (?P<a>.*?)\n\nAnswer B: (?P<b>.*?)\n\nWhich answer is better\?",
        text,
        re.S,
    )
    return (ours["q"], ours["s"] or "", ours["a"], ours["b"]) if ours else None


def scripted(body):
    """A reply and, where it is a verdict, the probabilities of A, B and C. Models called `base…` or
    `gpt-4.1…` judge badly: they like what comes first.
    """
    from judge_distill.judge import rubric_scores

    last = body["messages"][-1]["content"]
    digest = int(hashlib.sha256(last.encode()).hexdigest(), 16)
    if parts := parts_of(last):
        question, source, a, b = parts
        gap = (
            rubric_scores(question, source, a)["total"]
            - rubric_scores(question, source, b)["total"]
        )
        if re.match(r"base|gpt-4\.1", body["model"]):
            gap = 0.3 * gap + 0.15
        weights = [math.exp(12 * gap), math.exp(-12 * gap), 1.2]
        share = [w / sum(weights) for w in weights]
        letter = "ABC"[share.index(max(share))]
        why = (
            "A stands closer to the source."
            if letter == "A"
            else "B stands closer to the source."
            if letter == "B"
            else "Both serve the reader alike."
        )
        if (body.get("response_format") or {}).get("type") == "json_schema":
            return json.dumps({"explanation": why, "verdict": letter}), share
        return (
            f"[[{letter}]]"
            if "Reply [[A]] if" in body["messages"][0]["content"]
            else f"{why} [[{letter}]]"
        ), share
    if "Passage:" in last:  # a question about a passage, out of its own words
        words = list(
            dict.fromkeys(w for w in re.findall(r"[A-Za-z]{5,}", last.partition("Passage:")[2]))
        )
        start = digest % max(1, len(words) - 4)
        return f"How does {' '.join(words[start : start + 4]) or 'this'} work?", None
    source = re.search(r"Source:\n(.*?)\n\nQuestion:", last, re.S)
    sentences = re.findall(r"[^.!?]+[.!?]", source[1]) if source else []
    if not sentences:
        return f"I would say that it depends on the case ({digest % 97}).", None
    clear = not body["model"].startswith("small")
    return (
        " ".join(sentence.strip() for sentence in sentences[:2])
        if clear
        else (
            f"It is about {sentences[digest % len(sentences)].strip().split()[0].lower()} and "
            "other things"
        )
    ), None


def tokens_of(text):
    return re.findall(r"\[\[|\]\]|\s?\w+|\s|[^\w\s]", text)


def logprobs_of(text, share, top):
    """Log-probabilities in the protocol's form: at the verdict's letter all three, elsewhere the
    token alone.
    """
    content = []
    said = list(re.finditer(r"\[\[([ABC])\]\]|\"verdict\": \"([ABC])\"", text))
    at = said[-1].start(said[-1].lastindex) if said else None
    place = 0
    for token in tokens_of(text):
        alternatives = [{"token": token, "logprob": -0.01, "bytes": list(token.encode())}]
        if share and at is not None and place <= at < place + len(token):
            alternatives = [
                {"token": x, "logprob": math.log(max(p, 1e-9)), "bytes": None}
                for x, p in sorted(zip("ABC", share), key=lambda pair: -pair[1])
            ]
        own = next(a for a in alternatives if a["token"] == token)
        content.append({**own, "top_logprobs": alternatives[:top]})
        place += len(token)
    return {"content": content, "refusal": None}


def fault_body(message, kind="invalid_request_error", code=None, param=None):
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


class ProtocolServer:
    "Start it with `with`; it listens on a free port of this machine."

    def __init__(
        self,
        *,
        reply=scripted,
        latency=0.0,
        faults=0.0,
        kinds=FAULTS,
        retry_after=1,
        key=None,
        refuse=(),
        models=None,
        context=10**6,
        fine_tuning="open",
        job_seconds=1.0,
        batch_seconds=0.5,
        batch_faults=0.0,
        seed=0,
        port=0,
        check_every=1,
    ):
        self.__dict__.update(
            reply=reply,
            latency=latency,
            faults=faults,
            kinds=kinds,
            retry_after=retry_after,
            key=key,
            refuse=tuple(refuse),
            models=models,
            context=context,
            fine_tuning=fine_tuning,
            job_seconds=job_seconds,
            batch_seconds=batch_seconds,
            batch_faults=batch_faults,
            port=port,
            check_every=check_every,
        )
        self.dice = random.Random(seed)
        self.requests, self.invalid, self.keys = [], [], set()
        self.answered, self.faulted = Counter(), Counter()  # by the request's digest; by kind
        self.under_way = self.most_under_way = 0
        self.files, self.jobs, self.batches = {}, {}, {}

    # --- the server's own life

    def __enter__(self):
        ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.serve(ready)), daemon=True)
        self.thread.start()
        if not ready.wait(30):
            raise RuntimeError("the server did not start")
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join(10)

    async def serve(self, ready=None):
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(middlewares=[self.guard], client_max_size=300 * 2**20)
        app.add_routes(
            [
                web.post("/v1/chat/completions", self.chat),
                web.post("/v1/embeddings", self.embeddings),
                web.get("/v1/models", self.list_models),
                web.get("/v1/models/{model}", self.get_model),
                web.get("/stats", self.stats),
                web.post("/v1/files", self.upload),
                web.get("/v1/files/{id}", self.get_file),
                web.get("/v1/files/{id}/content", self.get_content),
                web.post("/v1/fine_tuning/jobs", self.create_job),
                web.get("/v1/fine_tuning/jobs", self.list_jobs),
                web.get("/v1/fine_tuning/jobs/{id}", self.get_job),
                web.post("/v1/fine_tuning/jobs/{id}/cancel", self.cancel_job),
                web.get("/v1/fine_tuning/jobs/{id}/events", self.events),
                web.get("/v1/fine_tuning/jobs/{id}/checkpoints", self.checkpoints),
                web.post("/v1/batches", self.create_batch),
                web.get("/v1/batches", self.list_batches),
                web.get("/v1/batches/{id}", self.get_batch),
                web.post("/v1/batches/{id}/cancel", self.cancel_batch),
            ]
        )
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        if ready:
            ready.set()
        else:
            print(self.url, flush=True)
        await self.over.wait()
        await runner.cleanup()

    @web.middleware
    async def guard(self, request, handler):
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.keys.add(given)
        # the whole key is quoted back, so that tests see who repeats it
        if self.key and given != self.key and request.path != "/stats":
            return web.json_response(
                fault_body(
                    (
                        f"Incorrect API key provided: {given}. You can find your API key at your "
                        "account page."
                    ),
                    code="invalid_api_key",
                ),
                status=401,
            )
        return await handler(request)

    def refusal(self, message, status=400, **more):
        return web.json_response(fault_body(message, **more), status=status)

    async def body(self, request, schema):
        "The request's JSON, checked; or the refusal."
        body = await request.json()
        self.requests.append((request.path, body))
        if len(self.requests) % self.check_every == 0 and (found := complaints(schema, body)):
            self.invalid.append((request.path, found))
            return None, self.refusal("Invalid request: " + "; ".join(found[:3]))
        return body, None

    async def stats(self, request):
        return web.json_response(
            {
                "requests": len(self.requests),
                "answered": sum(self.answered.values()),
                "answered_twice": sum(n > 1 for n in self.answered.values()),
                "different": len(self.answered),
                "faults": self.faulted,
                "invalid": self.invalid[:5],
                "most_under_way": self.most_under_way,
            }
        )

    # --- chat

    def completion(self, body):
        """A completion in the protocol's form, with the rarer fields and nulls; or a refusal's
        error.
        """
        for name in self.refuse:
            if name in body and not (name == "temperature" and body[name] == 1):
                hint = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
                if name == "temperature":
                    return 400, fault_body(
                        (
                            f"Unsupported value: 'temperature' does not support {body[name]} "
                            "with this model. Only the default (1) value is supported."
                        ),
                        code="unsupported_value",
                        param=name,
                    )
                return 400, fault_body(
                    (f"Unsupported parameter: '{name}' is not supported with this model.{hint}"),
                    code="unsupported_parameter",
                    param=name,
                )
        if (
            self.models is not None
            and body["model"] not in self.models
            and not body["model"].startswith("ft:")
        ):
            return 404, fault_body(
                (f"The model `{body['model']}` does not exist or you do not have access to it."),
                code="model_not_found",
            )
        size = sum(len(m["content"]) for m in body["messages"]) // 4
        if size > self.context:
            return 400, fault_body(
                (
                    f"This model's maximum context length is {self.context} tokens. However, "
                    f"your messages resulted in {size} tokens."
                ),
                code="context_length_exceeded",
                param="messages",
            )
        text, share = self.reply(body)
        limit, finish = body.get("max_completion_tokens") or body.get("max_tokens"), "stop"
        if limit and len(tokens_of(text)) > limit:
            text, finish = "".join(tokens_of(text)[:limit]), "length"
            share = None
        out = max(1, len(tokens_of(text)))
        usage = {
            "prompt_tokens": size,
            "completion_tokens": out,
            "total_tokens": size + out,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }
        message = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
        choice = {
            "index": 0,
            "message": message,
            "finish_reason": finish,
            "logprobs": logprobs_of(text, share, body.get("top_logprobs") or 0)
            if body.get("logprobs")
            else None,
        }
        return 200, {
            "id": f"chatcmpl-{len(self.requests)}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": body["model"] + "-2026-01-01",
            "choices": [choice],
            "usage": usage,
            "service_tier": "default",
            "system_fingerprint": "fp_0",
            "moderation": None,
        }

    async def chat(self, request):
        body, wrong = await self.body(request, "CreateChatCompletionRequest")
        if wrong:
            return wrong
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self.chat_reply(request, body)
        finally:
            self.under_way -= 1

    async def chat_reply(self, request, body):
        fault = self.dice.choice(self.kinds) if self.dice.random() < self.faults else None
        if fault:
            self.faulted[fault] += 1
        if fault == "429":
            return web.json_response(
                fault_body("Rate limit reached for requests", "requests", "rate_limit_exceeded"),
                status=429,
                headers={"Retry-After": str(self.retry_after)},
            )
        if fault == "500":
            return web.Response(
                text="<html><h1>Internal Server Error</h1></html>",
                status=self.dice.choice((500, 502, 503)),
                content_type="text/html",
            )
        if fault == "hanging":
            await asyncio.sleep(3600)
        await asyncio.sleep(self.latency)
        if fault == "dropped":
            request.transport.abort()
            return web.Response()
        status, answer = self.completion(body)
        if status == 200 and fault == "empty":
            answer["choices"] = (
                []
                if self.dice.random() < 0.3
                else [
                    answer["choices"][0]
                    | {
                        "message": answer["choices"][0]["message"]
                        | {"content": self.dice.choice(("", None))}
                    }
                ]
            )
        elif status == 200 and fault is None:
            if request.transport is None or request.transport.is_closing():
                return web.Response()  # the client has gone: nobody was answered
            self.answered[
                hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
            ] += 1
        if fault == "truncated":
            whole = json.dumps(answer).encode()
            response = web.StreamResponse(
                headers={"Content-Length": str(len(whole)), "Content-Type": "application/json"}
            )
            await response.prepare(request)
            await response.write(whole[: len(whole) // 2])
            request.transport.close()
            return response
        return web.json_response(answer, status=status)

    async def embeddings(self, request):
        "A vector of hashed words for each text."
        body, wrong = await self.body(request, "CreateEmbeddingRequest")
        if wrong:
            return wrong
        data = []
        for i, text in enumerate(
            [body["input"]] if isinstance(body["input"], str) else body["input"]
        ):
            vector = [0.0] * 64
            for word in re.findall(r"[a-z]{4,}", text.lower()):
                vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % 64] += 1.0
            norm = math.sqrt(sum(x * x for x in vector)) or 1.0
            vector = [x / norm for x in vector]
            data.append(
                {
                    "object": "embedding",
                    "index": i,
                    "embedding": base64.b64encode(struct.pack("<64f", *vector)).decode()
                    if body.get("encoding_format") == "base64"
                    else vector,
                }
            )
        return web.json_response(
            {
                "object": "list",
                "data": data,
                "model": body["model"],
                "usage": {"prompt_tokens": 8 * len(data), "total_tokens": 8 * len(data)},
            }
        )

    # --- models and files

    def model(self, name):
        return {
            "id": name,
            "object": "model",
            "created": 0,
            "owned_by": "protocol-server",
            "shutdown_date": None,
        }

    async def list_models(self, request):
        return web.json_response(
            {"object": "list", "data": [self.model(name) for name in self.models or ("scripted",)]}
        )

    async def get_model(self, request):
        return web.json_response(self.model(request.match_info["model"]))

    def keep_file(self, content, name, purpose):
        identity = f"file-{len(self.files)}"
        self.files[identity] = (
            content,
            {
                "id": identity,
                "object": "file",
                "bytes": len(content),
                "created_at": int(time.time()),
                "filename": name,
                "purpose": purpose,
                "status": "processed",
            },
        )
        return self.files[identity][1]

    async def upload(self, request):
        form = await request.post()
        fields = {
            name: value if isinstance(value, str) else "binary" for name, value in form.items()
        }
        self.requests.append((request.path, fields))
        if found := complaints("CreateFileRequest", fields):
            self.invalid.append((request.path, found))
            return self.refusal("; ".join(found))
        return web.json_response(
            self.keep_file(form["file"].file.read(), form["file"].filename, form["purpose"])
        )

    async def get_file(self, request):
        return (
            web.json_response(self.files[request.match_info["id"]][1])
            if request.match_info["id"] in self.files
            else self.refusal("No such File object", 404)
        )

    async def get_content(self, request):
        return web.Response(
            body=self.files[request.match_info["id"]][0], content_type="application/octet-stream"
        )

    # --- fine-tuning

    async def create_job(self, request):
        body, wrong = await self.body(request, "CreateFineTuningJobRequest")
        if wrong:
            return wrong
        if "hyperparameters" in body:
            self.invalid.append((request.path, ["deprecated hyperparameters"]))
        if self.fine_tuning == "closed":
            return self.refusal(
                (
                    "Fine-tuning is no longer available for this organization: new fine-tuning "
                    "jobs cannot be created."
                ),
                403,
                code="fine_tuning_not_available",
            )
        if self.fine_tuning == "model":
            return self.refusal(
                (
                    f"The model `{body['model']}` is not available for fine-tuning or does not "
                    "exist."
                ),
                code="model_not_available",
                param="model",
            )
        if body["training_file"] not in self.files:
            return self.refusal(
                f"invalid training_file: {body['training_file']}",
                code="invalid_file",
                param="training_file",
            )
        lines = self.files[body["training_file"]][0].decode().splitlines()
        method = body.get("method") or {"type": "supervised"}
        given = (method.get("supervised") or {}).get("hyperparameters") or {}
        epochs = given.get("n_epochs") if isinstance(given.get("n_epochs"), int) else 3
        identity = f"ftjob-{len(self.jobs)}"
        self.jobs[identity] = {
            "began": time.monotonic(),
            "lines": len(lines),
            "epochs": epochs,
            "cancelled": None,
            "record": {
                "id": identity,
                "object": "fine_tuning.job",
                "created_at": int(time.time()),
                "error": None,
                "fine_tuned_model": None,
                "finished_at": None,
                "hyperparameters": {
                    "n_epochs": epochs,
                    "batch_size": None,
                    "learning_rate_multiplier": 1.8,
                },
                "model": body["model"],
                "organization_id": "org-0",
                "result_files": [],
                "status": "validating_files",
                "trained_tokens": None,
                "training_file": body["training_file"],
                "validation_file": body.get("validation_file"),
                "seed": body.get("seed") or 0,
                "estimated_finish": None,
                "integrations": None,
                "method": method,
                "metadata": body.get("metadata"),
                "suffix": body.get("suffix"),
            },
        }
        return web.json_response(self.job(identity))

    def progress(self, job):
        "How far a job is, from 0 to 1, and whether its file was turned down."
        bad = job["lines"] < 10 or self.fine_tuning == "moderation"
        until = job["cancelled"] or time.monotonic()
        return min((until - job["began"]) / self.job_seconds, 1.0), bad

    def job(self, identity):
        kept = self.jobs[identity]
        job, (done, bad) = kept["record"], self.progress(kept)
        if kept["cancelled"]:
            status = "cancelled"
        elif bad and done >= 0.2:
            status = "failed"
            job["error"] = (
                {
                    "code": "invalid_n_examples",
                    "param": "training_file",
                    "message": (
                        f"Training file has {kept['lines']} example(s), but must have at least 10 "
                        "examples"
                    ),
                }
                if kept["lines"] < 10
                else {
                    "code": "invalid_training_file",
                    "param": "training_file",
                    "message": (
                        "The job failed because the training file contains too "
                        "many examples that were blocked by our moderation system."
                    ),
                }
            )
        else:
            status = (
                "validating_files"
                if done < 0.2
                else "queued"
                if done < 0.3
                else "running"
                if done < 1
                else "succeeded"
            )
        if status == "succeeded":
            job.update(
                fine_tuned_model=f"ft:{job['model']}:org:{job['suffix'] or ''}:{identity[-1]}",
                trained_tokens=kept["lines"] * 200 * kept["epochs"],
                result_files=["file-result"],
            )
        if status in ("succeeded", "failed", "cancelled") and not job["finished_at"]:
            job["finished_at"] = int(time.time())
        job["status"] = status
        return {key: value for key, value in job.items() if key != "suffix"}

    async def list_jobs(self, request):
        return self.page(request, [self.job(identity) for identity in self.jobs][::-1])

    async def get_job(self, request):
        identity = request.match_info["id"]
        return (
            web.json_response(self.job(identity))
            if identity in self.jobs
            else self.refusal(
                f"Could not find fine tune: {identity}", 404, code="fine_tune_not_found"
            )
        )

    async def cancel_job(self, request):
        job = self.jobs[request.match_info["id"]]
        if self.job(request.match_info["id"])["status"] in ("succeeded", "failed"):
            return self.refusal("Job has already completed", code="invalid_state")
        job["cancelled"] = time.monotonic()
        return web.json_response(self.job(request.match_info["id"]))

    def losses(self, job):
        "The loss of every step that is done."
        steps, (done, bad) = job["epochs"] * max(1, job["lines"] // 8), self.progress(job)
        return [] if bad else [
            round(0.1 + 1.2 * math.exp(-3 * i / steps), 4)
            for i in range(1, int(steps * max(0.0, (done - 0.3) / 0.7)) + 1)
        ], steps

    async def events(self, request):
        kept = self.jobs[request.match_info["id"]]
        record, (done, _), now = (
            self.job(request.match_info["id"]),
            self.progress(kept),
            int(time.time()),
        )
        said = ["Created fine-tuning job", f"Validating training file: {record['training_file']}"]
        said += ["Files validated, moving job to queued state"] * (
            done >= 0.2 and record["status"] != "failed"
        ) + ["Fine-tuning job started"] * (done >= 0.3 and record["status"] != "failed")
        made = [
            {"level": "info", "message": message, "type": "message", "data": {}} for message in said
        ]
        found = self.losses(kept)
        losses, steps = found if found else ([], 0)
        made += [
            {
                "level": "info",
                "message": f"Step {i}/{steps}: training loss={loss:.2f}",
                "type": "metrics",
                "data": {
                    "step": i,
                    "total_steps": steps,
                    "train_loss": loss,
                    "train_mean_token_accuracy": 0.9,
                },
            }
            for i, loss in enumerate(losses, 1)
        ]
        made += {
            "succeeded": [
                {
                    "level": "info",
                    "message": "The job has successfully completed",
                    "type": "message",
                    "data": None,
                }
            ],
            "failed": [
                {
                    "level": "error",
                    "message": (record["error"] or {}).get("message", ""),
                    "type": "message",
                    "data": None,
                }
            ],
        }.get(record["status"], [])
        listed = [
            {
                "id": f"ftevent-{request.match_info['id']}-{i}",
                "object": "fine_tuning.job.event",
                "created_at": now,
                **{k: v for k, v in event.items() if v is not None},
            }
            for i, event in enumerate(made)
        ][::-1]
        return self.page(request, listed)

    async def checkpoints(self, request):
        kept = self.jobs[request.match_info["id"]]
        losses, steps = self.losses(kept) or ([], 1)
        per = max(1, steps // kept["epochs"])
        listed = [
            {
                "id": f"ftckpt-{i}",
                "object": "fine_tuning.job.checkpoint",
                "created_at": int(time.time()),
                "fine_tuning_job_id": request.match_info["id"],
                "step_number": i * per,
                "fine_tuned_model_checkpoint": f"ft:{kept['record']['model']}:org::{i}:ckpt-step-{i * per}",
                "metrics": {"step": i * per, "train_loss": losses[i * per - 1]},
            }
            for i in range(1, kept["epochs"] + 1)
            if i * per <= len(losses)
        ][::-1]
        return self.page(request, listed)

    def page(self, request, listed):
        "Newest first, `limit` at a time, after an id."
        limit, after = int(request.query.get("limit", 20)), request.query.get("after")
        start = next((i + 1 for i, item in enumerate(listed) if item["id"] == after), 0)
        part = listed[start : start + limit]
        return web.json_response(
            {
                "object": "list",
                "data": part,
                "has_more": start + limit < len(listed),
                "first_id": part[0]["id"] if part else None,
                "last_id": part[-1]["id"] if part else None,
            }
        )

    # --- batches

    async def create_batch(self, request):
        body, wrong = await self.body(request, "CreateBatchRequest")
        if wrong:
            return wrong
        identity = f"batch_{len(self.batches)}"
        lines = [
            json.loads(line) for line in self.files[body["input_file_id"]][0].decode().splitlines()
        ]
        for line in lines:
            found = (
                complaints("CreateChatCompletionRequest", line["body"])
                if {"custom_id", "method", "url", "body"} == set(line)
                else ["a line has other fields"]
            )
            if found:
                self.invalid.append((request.path, found))
        self.batches[identity] = {
            "began": time.monotonic(),
            "lines": lines,
            "record": {
                "id": identity,
                "object": "batch",
                "endpoint": body["endpoint"],
                "input_file_id": body["input_file_id"],
                "completion_window": body["completion_window"],
                "status": "validating",
                "created_at": int(time.time()),
                "metadata": body.get("metadata"),
            },
        }
        return web.json_response(self.batch(identity))

    def batch(self, identity):
        kept = self.batches[identity]
        record, done = (
            kept["record"],
            min((time.monotonic() - kept["began"]) / max(self.batch_seconds, 1e-6), 1.0),
        )
        if record["status"] in ("completed", "cancelled"):
            return record
        record["status"] = (
            "validating" if done < 0.2 else "in_progress" if done < 1 else "completed"
        )
        record["request_counts"] = {
            "total": len(kept["lines"]),
            "completed": int(done * len(kept["lines"])),
            "failed": 0,
        }
        if record["status"] == "completed":
            good, bad = [], []
            for number, line in enumerate(kept["lines"]):
                status, answer = self.completion(line["body"])
                if self.dice.random() < self.batch_faults:
                    expired = self.dice.random() < 0.5
                    bad.append(
                        {
                            "id": f"batch_req_{number}",
                            "custom_id": line["custom_id"],
                            "response": None
                            if expired
                            else {
                                "status_code": 500,
                                "request_id": "r",
                                "body": fault_body("The server had an error", "server_error"),
                            },
                            "error": {
                                "code": "batch_expired",
                                "message": (
                                    "This request could not be executed before the "
                                    "completion window expired."
                                ),
                            }
                            if expired
                            else None,
                        }
                    )
                else:
                    if status == 200:
                        self.answered[
                            hashlib.sha256(
                                json.dumps(line["body"], sort_keys=True).encode()
                            ).hexdigest()
                        ] += 1
                    (good if status == 200 else bad).append(
                        {
                            "id": f"batch_req_{number}",
                            "custom_id": line["custom_id"],
                            "response": {
                                "status_code": status,
                                "request_id": f"req_{number}",
                                "body": answer,
                            },
                            "error": None,
                        }
                    )
            self.dice.shuffle(good)  # the protocol promises no order
            for name, rows in (("output_file_id", good), ("error_file_id", bad)):
                if rows:
                    record[name] = self.keep_file(
                        "".join(json.dumps(row) + "\n" for row in rows).encode(),
                        "batch.jsonl",
                        "batch_output",
                    )["id"]
            record["request_counts"] = {
                "total": len(kept["lines"]),
                "completed": len(good),
                "failed": len(bad),
            }
            record["completed_at"] = int(time.time())
        return record

    async def list_batches(self, request):
        return self.page(request, [self.batch(identity) for identity in self.batches][::-1])

    async def get_batch(self, request):
        return (
            web.json_response(self.batch(request.match_info["id"]))
            if request.match_info["id"] in self.batches
            else self.refusal("No batch found", 404)
        )

    async def cancel_batch(self, request):
        self.batches[request.match_info["id"]]["record"]["status"] = "cancelled"
        return web.json_response(self.batches[request.match_info["id"]]["record"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each reply")
    parser.add_argument(
        "--faults", type=float, default=0.0, help="share of chat requests that fail"
    )
    parser.add_argument(
        "--check-every",
        type=int,
        default=1,
        metavar="N",
        help=(
            "check each Nth request against the description: checking all costs more than the "
            "rest of the server"
        ),
    )
    given = parser.parse_args()
    # the description is read before the first request comes
    complaints(
        "CreateChatCompletionRequest",
        {"model": "m", "messages": [{"role": "user", "content": "x"}]},
    )
    asyncio.run(
        ProtocolServer(
            port=given.port,
            latency=given.latency,
            faults=given.faults,
            check_every=given.check_every,
        ).serve()
    )

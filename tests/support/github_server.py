"""A GitHub on loopback: real HTTP, the documented answers, permissions for each token, faults on demand."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.support.github_http import Asked, Fault, as_json, listener, problem
from tests.support.github_state import ACTIONS_BOT, GitHubState, Json
from tests.support.http_server import Answer

JOB_TOKEN = "ghs_16C7e42F292c6912E7710c838347Ae178B4a"
"""What GitHub Actions gives to a job: its owner cannot be asked for."""
PERSON_TOKEN = "ghp_R2x9TzKq4vLmW7cYbN1sD8eH5gJ3fA6uPoQi"
ALL = {"pull-requests": "write", "issues": "write", "statuses": "write", "actions": "read"}


@dataclass(frozen=True)
class Token:
    """Whose it is and what it may do; a person can ask who they are, a program only by GraphQL."""

    login: str
    may: Mapping[str, str]
    viewer: bool = True


class GitHubServer:
    """Serves one `GitHubState`, and on another port the files that it redirects to.

    Args:
        prefix: of the API's paths; ``/api/v3`` as of an Enterprise Server.
    """

    def __init__(self, prefix: str = "") -> None:
        self.date: datetime | None = None
        """The time that answers tell; that of this machine if it is None."""
        self._api = listener(self._api_answer, lambda: self.date)
        self._storage = listener(self._storage_answer, lambda: self.date)
        self.url = f"http://127.0.0.1:{self._api.server_address[1]}{prefix}"
        self.storage_url = f"http://127.0.0.1:{self._storage.server_address[1]}"
        self._prefix = prefix
        self.state = GitHubState(self.url)
        self.tokens = {JOB_TOKEN: Token(ACTIONS_BOT, ALL), PERSON_TOKEN: Token("he.qi", ALL)}
        self.faults: list[Fault] = []
        self.requests: list[Asked] = []
        self.storage_requests: list[Asked] = []

    def __enter__(self) -> Self:
        self._threads = [
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            for server in (self._api, self._storage)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in (self._api, self._storage):
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()

    def environment(self, token: str = JOB_TOKEN) -> dict[str, str]:
        """What GitHub Actions tells a job about itself."""
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_TOKEN": token,
            "GITHUB_REPOSITORY": self.state.name,
            "GITHUB_API_URL": self.url,
        }

    def sent(self, method: str, path: str = "") -> list[Asked]:
        """The requests of a method whose path holds something."""
        return [one for one in self.requests if one.method == method and path in one.path]

    # --- answering -----------------------------------------------------------------------------------

    def _api_answer(self, asked: Asked) -> Answer:
        self.requests.append(asked)
        fits = (one for one in self.faults if one.method in ("", asked.method) and one.path in asked.path)
        fault = next(fits, None)
        if fault:
            self.faults.remove(fault)
            if not fault.done:
                return fault.answer
        answer = self._answer(asked)
        return fault.answer if fault else answer

    def _storage_answer(self, asked: Asked) -> Answer:
        self.storage_requests.append(asked)
        return Answer(body=self.state.archives[int(urlsplit(asked.path).path.removeprefix("/"))])

    def _answer(self, asked: Asked) -> Answer:
        token = self.tokens.get(asked.headers.get("Authorization", "").removeprefix("Bearer "))
        if token is None:
            return problem(401, "Bad credentials")
        parts = urlsplit(asked.path)
        if parts.path in ("/graphql", "/api/graphql"):
            return as_json({"data": {"viewer": {"login": token.login}} if token.viewer else None})
        path = parts.path.removeprefix(self._prefix)
        if path == "/user":
            if token.login.endswith("[bot]"):
                return problem(403, "Resource not accessible by integration")
            return as_json(self.state.account(token.login))
        return self._route(asked, token, path.removeprefix(f"/repos/{self.state.name}/"), parts.query)

    def _route(self, asked: Asked, token: Token, path: str, query: str) -> Answer:
        for method, pattern, permission, handle in _ROUTES:
            found = re.fullmatch(pattern, path)
            if method != asked.method or not found:
                continue
            if permission == _TALK:
                permission = _PULLS if int(found[1]) in self.state.pulls else _ISSUES
            if token.may.get(permission) not in (("write",) if method != "GET" else ("read", "write")):
                # What a token may not even know of is not there.
                message = "Resource not accessible by integration"
                return problem(403, message) if token.may else problem(404, "Not Found")
            options = {key: values[0] for key, values in parse_qs(query).items()}
            answer = handle(self, token, found.groups(), options | (asked.body or {}))
            return answer if isinstance(answer, Answer) else self._value(asked, answer, options)
        return problem(404, "Not Found")

    def _value(self, asked: Asked, value: Any, options: Json) -> Answer:
        headers = {}
        listed = value.get("artifacts") if isinstance(value, dict) else value
        if isinstance(listed, list):
            page, size = int(options.get("page", 1)), min(int(options.get("per_page", 30)), 100)
            if page * size < len(listed):
                following = urlencode(options | {"page": page + 1})
                last = urlencode(options | {"page": -(-len(listed) // size)})
                here = self.url.removesuffix(self._prefix) + urlsplit(asked.path).path
                headers["Link"] = f'<{here}?{following}>; rel="next", <{here}?{last}>; rel="last"'
            part = listed[(page - 1) * size : page * size]
            value = value | {"artifacts": part} if isinstance(value, dict) else part
        if asked.method == "GET":
            headers["ETag"] = f'W/"{hashlib.sha256(json.dumps(value).encode()).hexdigest()}"'
            if asked.headers.get("If-None-Match") == headers["ETag"]:
                return Answer(304, headers=headers)
        return as_json(value, 201 if asked.method == "POST" else 200, headers)

    # --- what the paths do: groups of the path, options of the query and the body --------------------

    def _pull(self, _: Token, path: tuple[str, ...], __: Json) -> Any:
        return self.state.pulls.get(int(path[0])) or problem(404, "Not Found")

    def _pulls_of(self, _: Token, path: tuple[str, ...], __: Json) -> Any:
        if not re.fullmatch("[0-9a-f]{40}", path[0]):
            return problem(422, f"No commit found for SHA: {path[0]}")
        return [pull for pull in self.state.pulls.values() if path[0] in _commits(pull)]

    def _reviews(self, _: Token, path: tuple[str, ...], __: Json) -> Any:
        return self.state.reviews.get(int(path[0]), problem(404, "Not Found"))

    def _written(self, _: Token, path: tuple[str, ...], __: Json) -> Any:
        return self.state.written.get(int(path[0]), problem(404, "Not Found"))

    def _pulls(self, _: Token, __: tuple[str, ...], options: Json) -> Any:
        wanted = (options["head"], options["base"], options["state"])
        return [one for one in self.state.pulls.values() if _proposal(one) == wanted]

    def _open_pull(self, token: Token, _: tuple[str, ...], body: Json) -> Any:
        owner = self.state.name.split("/")[0]
        wanted = (f"{owner}:{body['head']}", body["base"], "open")
        if any(_proposal(one) == wanted for one in self.state.pulls.values()):
            return problem(422, "Validation Failed", f"A pull request already exists for {wanted[0]}.")
        if body["head"] == body["base"]:
            return problem(422, "Validation Failed", f"No commits between {body['base']} and {body['head']}")
        texts = {"title": body["title"], "body": body["body"]}
        head = hashlib.sha1(body["head"].encode()).hexdigest()
        number = self.state.open_pull_request(token.login, head, body["head"], body["base"], **texts)
        return self.state.pulls[number]

    def _edit_pull(self, _: Token, path: tuple[str, ...], body: Json) -> Any:
        self.state.pulls[int(path[0])] |= body
        return self.state.pulls[int(path[0])]

    def _comments(self, _: Token, path: tuple[str, ...], __: Json) -> Any:
        return self.state.comments.get(int(path[0]), problem(404, "Not Found"))

    def _comment(self, token: Token, path: tuple[str, ...], body: Json) -> Any:
        return self.state.comment(int(path[0]), token.login, body["body"])

    def _edit_comment(self, _: Token, path: tuple[str, ...], body: Json) -> Any:
        (found,) = [one for all_ in self.state.comments.values() for one in all_ if one["id"] == int(path[0])]
        found |= body
        return found

    def _issues(self, _: Token, __: tuple[str, ...], options: Json) -> Any:
        # A pull request is an issue too, and is told from one by a key.
        pulls = [pull | {"pull_request": {}} for pull in self.state.pulls.values() if "labels" in pull]
        found = [
            one
            for one in [*self.state.issues.values(), *pulls]
            if options["state"] in ("all", one["state"])
            and options["labels"] in [label["name"] for label in one["labels"]]
        ]
        return sorted(found, key=lambda one: one["number"], reverse=options.get("direction") != "asc")

    def _open_issue(self, token: Token, _: tuple[str, ...], body: Json) -> Any:
        return self.state.open_issue(token.login, body["title"], body["body"], tuple(body["labels"]))

    def _edit_issue(self, _: Token, path: tuple[str, ...], body: Json) -> Any:
        self.state.issues[int(path[0])] |= body
        return self.state.issues[int(path[0])]

    def _set_status(self, token: Token, path: tuple[str, ...], body: Json) -> Any:
        if len(body["description"]) > 140:
            return problem(422, "Validation Failed", "description is too long (maximum is 140 characters)")
        status = body | {"sha": path[0], "creator": self.state.account(token.login)}
        self.state.statuses.append(status)
        return status

    def _artifacts(self, _: Token, __: tuple[str, ...], options: Json) -> Any:
        found = [one for one in self.state.artifacts if options.get("name") in (None, one["name"])]
        return {"total_count": len(found), "artifacts": found}

    def _artifact_zip(self, _: Token, path: tuple[str, ...], __: Json) -> Any:
        return Answer(302, headers={"Location": f"{self.storage_url}/{path[0]}?sig=4f1c2b8e0d7a9365"})


_PULLS, _ISSUES, _TALK = "pull-requests", "issues", "either"
_ROUTES: list[tuple[str, str, str, Callable[..., Any]]] = [
    ("GET", r"pulls/(\d+)", _PULLS, GitHubServer._pull),
    ("GET", r"commits/([^/]+)/pulls", _PULLS, GitHubServer._pulls_of),
    ("GET", r"pulls/(\d+)/reviews", _PULLS, GitHubServer._reviews),
    ("GET", r"pulls/(\d+)/commits", _PULLS, GitHubServer._written),
    ("GET", r"pulls", _PULLS, GitHubServer._pulls),
    ("POST", r"pulls", _PULLS, GitHubServer._open_pull),
    ("PATCH", r"pulls/(\d+)", _PULLS, GitHubServer._edit_pull),
    ("GET", r"issues/(\d+)/comments", _TALK, GitHubServer._comments),
    ("POST", r"issues/(\d+)/comments", _TALK, GitHubServer._comment),
    ("PATCH", r"issues/comments/(\d+)", _PULLS, GitHubServer._edit_comment),
    ("GET", r"issues", _ISSUES, GitHubServer._issues),
    ("POST", r"issues", _ISSUES, GitHubServer._open_issue),
    ("PATCH", r"issues/(\d+)", _ISSUES, GitHubServer._edit_issue),
    ("POST", r"statuses/([0-9a-f]{40})", "statuses", GitHubServer._set_status),
    ("GET", r"actions/artifacts", "actions", GitHubServer._artifacts),
    ("GET", r"actions/artifacts/(\d+)/zip", "actions", GitHubServer._artifact_zip),
]


def _commits(pull: Json) -> set[str]:
    return {pull["head"]["sha"], pull["merge_commit_sha"]}


def _proposal(pull: Json) -> tuple[str, str, str]:
    return pull["head"]["label"], pull["base"]["ref"], pull["state"]

"""Ask for a dataset: every resource, page after page; keep the bytes; log every attempt."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from ingest.archive import Archive, Attempt, AttemptLog, file_extension
from ingest.client import LATER, Answer, Client, full_url
from ingest.clock import now_text
from ingest.dataset import Dataset, Provenance, Request, Resource, SourceFile
from ingest.errors import SourceError
from ingest.inbox import read_letter
from ingest.register.door import admit

Report = Callable[[str], None]

PAGE_LIMIT = 10_000
UNANSWERED_LIMIT = 2
KEPT_TOGETHER = 2


@dataclass(frozen=True)
class Fetched:
    """Outcome of asking for one resource: its pages, or the error that stopped it."""

    resource: str
    url: str
    files: list[SourceFile]
    http_status: int | None
    error: SourceError | None = None
    is_unanswered: bool = False


class Fetcher:
    """Fetches datasets into one archive and log; `report` is told of each resource as it ends.

    recorded_provenance: by URL, where the figures of a recorded answer really come from.
    """

    def __init__(
        self,
        client: Client,
        archive: Archive,
        log: AttemptLog,
        report: Report,
        recorded_provenance: Mapping[str, Provenance] = MappingProxyType({}),
    ) -> None:
        self.client = client
        self.archive = archive
        self.log = log
        self.report = report
        self.recorded_provenance = recorded_provenance
        self._kept: dict[Path, Future[SourceFile]] = {}
        self._last_ok = {attempt.url: attempt for attempt in log if attempt.status == "ok"}

    def fetch(self, dataset: Dataset, resources: Sequence[Resource]) -> list[Fetched]:
        """Ask for these resources of a dataset, one after another.

        When two resources of one endpoint got no answer in all tries, the rest of that endpoint is left
        for the next refresh: sixty resources of a dead server would take hours.
        """
        outcomes = []
        unanswered: Counter[str] = Counter()
        left_out = 0
        with self._keeping_ahead(dataset, resources):
            for resource in resources:
                endpoint = resource.first.url.partition("?")[0]
                if unanswered[endpoint] >= UNANSWERED_LIMIT:
                    left_out += 1
                    continue
                outcomes.append(self._fetch(dataset, resource))
                unanswered[endpoint] += outcomes[-1].is_unanswered
        if left_out:
            self.report(f"{dataset.name}: {left_out} more resource(s) of a dead endpoint not asked for")
        return outcomes

    def _fetch(self, dataset: Dataset, resource: Resource) -> Fetched:
        fetch_id = uuid.uuid4().hex
        files: list[SourceFile] = []
        request: Request | None = resource.first
        while request:
            answer = self._ask(dataset, resource, request)
            kept, following, error = self._check(dataset, resource, files, answer)
            origin = self._provenance(request)
            attempt = Attempt(
                fetch_id=fetch_id,
                fetched_at=now_text(),
                dataset=dataset.name,
                resource=resource.name,
                page=len(files),
                is_last=error is None and following is None,
                url=answer.url,
                mode=self.client.mode,
                status="ok" if error is None else "refused" if kept else "failed",
                http_status=answer.status,
                tries=answer.tries,
                retried=answer.retried,
                bytes=kept.size if kept else None,
                sha256=kept.sha256 if kept else None,
                path=kept.path if kept else None,
                headers=answer.headers,
                obtained_via=origin.obtained_via,
                published_on=origin.published_on.isoformat() if origin.published_on else None,
                published_basis=origin.published_basis,
                publisher=origin.publisher,
                error=str(error) if error else None,
            )
            self.log.append(attempt)
            if error or not kept:
                self.report(f"{dataset.name}, {resource.name}: failed")
                url = full_url(resource.first)
                return Fetched(resource.name, url, files, answer.status, error, answer.is_unanswered)
            self._last_ok[attempt.url] = attempt
            files.append(kept)
            request = following
        size = sum(file.size for file in files)
        self.report(f"{dataset.name}, {resource.name}: {len(files)} file(s), {size:,} bytes")
        return Fetched(resource.name, full_url(resource.first), files, answer.status)

    def _ask(self, dataset: Dataset, resource: Resource, request: Request) -> Answer:
        if resource.letter and dataset.register:
            return Answer(request.url, letter=resource.letter, tries=1)
        if resource.letter:
            return read_letter(dataset, resource.letter, request.url)
        return self.client.get(dataset, request, self._validators(request))

    def _provenance(self, request: Request) -> Provenance:
        """What the listing says of a file and, of a recorded one, what its origin note says."""
        noted = self.recorded_provenance.get(full_url(request))
        if not noted:
            return request.provenance
        stated = request.provenance
        return replace(noted, published_on=stated.published_on, published_basis=stated.published_basis)

    def _check(
        self, dataset: Dataset, resource: Resource, files: list[SourceFile], answer: Answer
    ) -> tuple[SourceFile | None, Request | None, SourceError | None]:
        """Keep what came, then let the dataset look at it: kept file, next request, error."""
        kept: SourceFile | None = None
        try:
            if answer.status == 304 and not answer.error:
                kept = self._unchanged(dataset, answer)
            elif answer.letter:
                kept = self._kept[answer.letter].result()
            elif answer.content is not None:
                extension = file_extension(answer.content) or dataset.extension
                kept = self.archive.put(answer.content, extension)
            if answer.error or not kept:
                return kept, None, answer.error
            following = dataset.next_page(resource, [*files, kept])
            if following and len(files) + 1 >= PAGE_LIMIT:
                raise SourceError(dataset.name, f"more than {PAGE_LIMIT:,} pages", kept.path)
        except SourceError as error:
            return kept, None, error
        return kept, following, None

    @contextmanager
    def _keeping_ahead(self, dataset: Dataset, resources: Sequence[Resource]) -> Iterator[None]:
        """Files of a register go into the archive side by side: one waits for the disk, one is read."""
        letters = [resource.letter for resource in resources if dataset.register and resource.letter]
        threads = ThreadPoolExecutor(KEPT_TOGETHER)
        self._kept = {letter: threads.submit(self._keep_register, dataset, letter) for letter in letters}
        try:
            yield
        finally:
            threads.shutdown(cancel_futures=True)

    def _keep_register(self, dataset: Dataset, letter: Path) -> SourceFile:
        """The file of a register in the archive, once it may come in."""
        try:
            extension = admit(dataset, letter, letter.name).extension
        except OSError as fault:
            rule = f"the file could not be read: {fault.strerror}"
            step = "See that it is there and may be read, then `mtm refresh`."
            raise SourceError(dataset.name, rule, letter.name, next_step=step) from fault
        try:
            return self.archive.put_file(letter, extension)
        except OSError as fault:
            rule = f"the file could not be kept: {fault.strerror}"
            step = "Make room on the disk of MTM_HOME, then `mtm refresh`."
            raise SourceError(dataset.name, rule, letter.name, next_step=step) from fault

    def _unchanged(self, dataset: Dataset, answer: Answer) -> SourceFile:
        """The bytes that a 304 speaks of; their validators stay known where it does not repeat them."""
        last = self._last_ok.get(answer.url)
        if last is None:
            raise SourceError(
                dataset.name, "HTTP 304 for what was never fetched", answer.url, next_step=LATER
            )
        answer.headers = last.headers | answer.headers
        return self.archive.get(dataset.name, last.sha256 or "", last.path or "")

    def _validators(self, request: Request) -> dict[str, str]:
        """What makes a request conditional, where the last answer gave a validator and its bytes are kept."""
        last = self._last_ok.get(full_url(request))
        is_kept = last is not None and (self.archive.root / (last.path or "")).is_file()
        headers = last.headers if last and is_kept else {}
        sent = {"If-None-Match": "etag", "If-Modified-Since": "last-modified"}
        return {name: headers[given] for name, given in sent.items() if given in headers}

"""A pretrained module by its handle: from a folder, the hub's cache or the
network, in this order.

The cache is laid out as that of the package tensorflow_hub: a folder for
each handle, named after its SHA-1 digest, inside TFHUB_CACHE_DIR. Where
that is not set it is a folder of the user, and the variable is set for
tensorflow_hub too, whose own choice is the machine's shared folder for
temporary files, where anybody may put a module for others to load. So
`tensorflow_hub` finds what is fetched here, without a network, and the
other way round. The download is ours, because that package waits without
limit for a network that says nothing.
"""

import gzip
import hashlib
import os
import shutil
import socket
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from lib import checks

with checks.extra("keras"):
    import requests
    from platformdirs import user_cache_path
    from tqdm import tqdm
    from urllib3 import exceptions as urllib3

CACHE = user_cache_path("recurrent-networks-unrolled") / "tfhub_modules"
if not os.environ.get("TFHUB_CACHE_DIR"):
    os.environ["TFHUB_CACHE_DIR"] = str(CACHE)

# The same 50-dimensional table thrice: as the lecture names it, where that
# address leads today, and its newer edition.
NNLM = "https://tfhub.dev/google/tf2-preview/nnlm-en-dim50/1"
NNLM_ON_KAGGLE = "https://www.kaggle.com/models/google/nnlm/TensorFlow2/tf2-preview-en-dim50/1"
NNLM_NEWER = (
    "https://www.kaggle.com/models/google/nnlm/TensorFlow2/en-dim50/1"
)

CHUNK = 1 << 20
FOLDER_INSTEAD = (
    "or fetch the module with a browser, unpack it and give its folder as"
    " the handle"
)


class HubError(OSError):
    """A module could not be had; the message says why and what to do.

    Explained in: d23-pretrained-models
    """


def find(
    handle: str | PathLike,
    sha256: str | None = None,
    seconds: float = 30,
    progress: bool = True,
) -> Path:
    """The folder of a module, a `Path`; fetched and kept in the cache if it
    is not there yet.

    handle    a folder with a saved_model.pb in it, or the http address of a
              module of the hub
    sha256    digest that the archive from the network must have; what is
              there already came without its archive and is not checked
    seconds   how long the network may say nothing, before the first byte or
              between two
    progress  whether to show a bar

    Raises HubError where there is no such folder, and for every failure of
    the network; the cache is then as it was.

    Explained in: d23-pretrained-models
    """
    if not str(handle).startswith(("http://", "https://")):
        return _checked(checks.path("handle", handle), handle)
    folder = cached(str(handle))
    if (folder / "saved_model.pb").is_file():
        return folder
    _explain_lock(folder, handle)
    with (
        atomic_folder(folder) as unfinished,
        tempfile.TemporaryFile() as archive,
    ):
        digest = _download(handle, archive, seconds, progress)
        if sha256 is not None and digest != sha256:
            raise HubError(
                f"{handle}: expected an archive with sha256 {sha256}, got"
                f" {digest}; it was damaged on the way or is another"
                " edition: try again, or mend `sha256`"
            )
        _unpack(handle, archive, unfinished)
        if folder.is_dir() and not (folder / "saved_model.pb").is_file():
            shutil.rmtree(folder)  # what a clean-up has left of one
    return folder


def cached(handle: str) -> Path:
    """Where the cache keeps the module of a handle, be it there or not.

    Explained in: d23-pretrained-models
    """
    cache = os.environ.get("TFHUB_CACHE_DIR") or CACHE
    return Path(cache) / hashlib.sha1(str(handle).encode()).hexdigest()


@contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """A new folder to fill, which takes the name `folder` once the block is
    left without error.

    So nobody sees it half full. Should two fill it at once, the first one
    to end stays.

    Explained in: d23-pretrained-models
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(
        tempfile.mkdtemp(
            prefix=f"{folder.name}.", suffix=".tmp", dir=folder.parent
        )
    )
    try:
        yield unfinished
        unfinished.chmod(0o755)
        try:
            unfinished.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _checked(folder, handle):
    if not (folder / "saved_model.pb").is_file():
        raise HubError(
            f"{handle}: expected a folder with a saved_model.pb, got"
            f" {folder}, "
            + (
                "which has none"
                if folder.is_dir()
                else "which is not there"
            )
        )
    return folder


def _download(handle, file, seconds, progress):
    """Write the archive of a handle to a file; its SHA-256 digest."""
    digest = hashlib.sha256()
    try:
        with requests.get(
            handle,
            {"tf-hub-format": "compressed"},
            stream=True,
            timeout=seconds,
        ) as answer:
            answer.raise_for_status()
            size = int(answer.headers.get("Content-Length", 0)) or None
            with tqdm(
                total=size, unit="B", unit_scale=True, disable=not progress
            ) as bar:
                # The bytes as they come: a server may call the archive's
                # gzip a content encoding.
                while chunk := answer.raw.read(CHUNK, decode_content=False):
                    file.write(chunk)
                    digest.update(chunk)
                    bar.update(len(chunk))
    except requests.HTTPError as error:
        raise HubError(
            f"{handle}: the server answers {error.response.status_code}"
            f" ({error.response.reason}); see in a browser whether the"
            " address still holds, " + FOLDER_INSTEAD
        ) from None
    except (requests.Timeout, urllib3.ReadTimeoutError):
        raise HubError(
            f"{handle}: the network said nothing for {seconds} seconds; "
            f"try again, give it more `seconds`, {FOLDER_INSTEAD}"
        ) from None
    except (requests.RequestException, urllib3.HTTPError) as error:
        raise HubError(
            f"{handle}: the download broke off ({type(error).__name__}:"
            f" {error}); see that the network is there and try again,"
            f" {FOLDER_INSTEAD}"
        ) from None
    return digest.hexdigest()


def _unpack(handle, archive, folder):
    archive.seek(0)
    try:
        with tarfile.open(fileobj=archive) as members:
            members.extractall(folder, filter="data")
    except (
        tarfile.TarError,
        gzip.BadGzipFile,
        zlib.error,
        EOFError,
    ) as error:
        archive.seek(0)
        page = (
            archive.read(256)
            .lstrip()
            .lower()
            .startswith((b"<!doctype html", b"<html"))
        )
        raise HubError(
            f"{handle}: expected the archive of a module, got "
            + (
                "a web page"
                if page
                else f"something else or a part of it ({error})"
            )
            + f"; try again, {FOLDER_INSTEAD}"
        ) from None
    _checked(folder, handle)


def _explain_lock(folder, handle):
    """Raise HubError where tensorflow_hub holds, or has left behind, a lock
    on this module."""
    lock = folder.with_name(folder.name + ".lock")
    try:
        host, process, _ = lock.read_text(encoding="utf-8").rsplit(".", 2)
    except FileNotFoundError:
        return
    except ValueError:
        host, process = "another program", "?"
    here = host == socket.gethostname() and os.name == "posix"
    if here and process.isdigit():
        if _runs(int(process)):
            raise HubError(
                f"{handle}: process {process} is fetching it; wait until"
                " that is done and try again"
            )
        what = (
            f"process {process}, which runs no more, was stopped while it"
            " fetched the module"
        )
    else:
        what = (
            f"process {process} on {host} fetches the module, or was"
            " stopped while it did"
        )
    raise HubError(
        f"{handle}: {what}, and left {lock}; tensorflow_hub would wait ten"
        " minutes for it. If nothing fetches the module now, delete this"
        " file and try again"
    )


def _runs(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

"""The one file in the zip archive of an artifact, however the archive was made. Pure."""

from __future__ import annotations

import io
import zipfile
import zlib

from erpsync.forge.base import ForgeError

ARCHIVE_BYTES = 16 * 2**20
"""The largest archive: its list of files alone takes many times as much in memory."""
FILE_BYTES = 128 * 2**20
"""The largest file in it."""
_KNOWN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1


def single_file(archive: bytes, where: str, most: int = FILE_BYTES) -> bytes:
    """The content of the only file in an archive.

    Args:
        archive: zip.
        where: which it is, for messages.
        most: bytes of the file, unpacked.

    Raises:
        ForgeError: it is no such archive, is broken, or unpacks to more.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            files = [info for info in opened.infolist() if not info.is_dir()]
            if len(files) != 1:
                raise _refused(f"holds {len(files)} files instead of one", where)
            (info,) = files
            if info.compress_type not in _KNOWN or info.flag_bits & _ENCRYPTED:
                raise _refused("is packed in a way that GitHub does not use", where)
            with opened.open(info) as file:
                # What the archive says of its sizes is not trusted.
                content = file.read(most + 1)
    # zipfile raises NotImplementedError for what it does not know, such as a newer version of the format.
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError):
        raise _refused("is no zip archive, or a broken one", where) from None
    if len(content) > most:
        raise _refused(f"unpacks to more than {most / 2**20:g} MB", where)
    return content


def _refused(why: str, where: str) -> ForgeError:
    return ForgeError(f"the archive {why}", where=where, hint="let the job keep one file, and run it again")

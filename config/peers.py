"""Who is at the other end of a Unix socket of this kiosk, as the kernel says it."""

import socket
import struct

_PEER = struct.Struct("3i")  # struct ucred: pid, uid, gid
_SO_PEERGROUPS = 59  # asm-generic/socket.h; the socket module has no name for it
_MAX_GROUPS = 256


def may_talk(peer: socket.socket, own_uid: int, group: int) -> bool:
    """Whether the process at the other end runs as our user or belongs to `group`, also by membership."""
    credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    _, uid, gid = _PEER.unpack(credentials)
    return uid == own_uid or group in {gid, *_supplementary_groups(peer)}


def _supplementary_groups(peer: socket.socket) -> tuple[int, ...]:
    try:
        raw = peer.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, 4 * _MAX_GROUPS)
    except OSError:  # more groups than anybody of ours has: not one of ours
        return ()
    return struct.unpack(f"{len(raw) // 4}I", raw)

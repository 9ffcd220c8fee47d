#!/usr/bin/env python3
"""Records the dashboard at work: docs/console.cast, in asciinema's file format (`asciinema play docs/console.cast`).

A server of its own (release build, a fresh data directory) runs in a pseudo-terminal; real clients encrypt and submit
while keys are typed. Needs nothing but Python and `cargo build --release`.
"""
import fcntl
import json
import os
import pty
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

COLUMNS, LINES = 120, 36
ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target" / "release" / "cipherdeck"
CAST = ROOT / "docs" / "console.cast"
NIGHT = "[[0, 0, 480], [3, 12, 200], [2, 200, 215], [4, 215, 330], [5, 330, 470]]"
WEIGHTS = [f"{60 + kg / 10:.1f}" for kg in range(12)]

# Seconds to wait, then what happens: keys for the dashboard, or a client.
CLIENTS = {
    "ads": ["ad-targeting", "--gender", "female", "--age", "34", "--language", "French", "--country", "France",
            "--interest", "Books"],
    "weights": ["weight-stats", *WEIGHTS],
    "sleep": ["sleep-quality", "-"],
}
SCENE = [
    (1.0, "ads"), (1.5, "weights"), (3.0, "sleep"), (0.3, "weights"), (0.3, "weights"), (0.3, "sleep"),
    (2.0, "\r"), (3.0, "\x1b"), (0.5, "j"), (0.5, "j"), (1.0, "C"), (1.5, "y"), (2.5, "R"), (1.5, "y"),
    (2.5, "2"), (4.0, "3"), (4.0, "4"), (3.5, "1"), (1.0, "/use:sleep"), (0.8, "\r"), (2.5, "\x1b"), (1.5, "?"),
    (3.0, "\x1b"), (1.0, "q"), (1.5, "D"),
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Recording:
    """What the terminal showed, and when."""

    def __init__(self, master, output):
        self.master, self.output, self.began = master, output, time.monotonic()
        header = {"version": 2, "width": COLUMNS, "height": LINES, "timestamp": int(time.time()),
                  "title": "cipherdeck", "env": {"TERM": "xterm-256color"}}
        output.write(json.dumps(header) + "\n")
        self.rest = b""

    def watch(self, seconds):
        """Records for so long; False once the program has ended."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not select.select([self.master], [], [], left)[0]:
                continue
            try:
                read = os.read(self.master, 65536)
            except OSError:
                return False
            if not read:
                return False
            self.rest += read
            text = self.rest.decode("utf-8", "ignore")
            self.rest = self.rest[len(text.encode()):]
            self.output.write(json.dumps([round(time.monotonic() - self.began, 3), "o", text]) + "\n")
        return True


def main():
    if not PROGRAM.exists():
        sys.exit("first: cargo build --release")
    home = Path(tempfile.mkdtemp(prefix="cipherdeck-record-"))
    listen = f"127.0.0.1:{free_port()}"
    pid, master = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", TZ="UTC")
        os.execv(PROGRAM, [str(PROGRAM), "serve", "--listen", listen, "--data-dir", str(home / "data")])
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    client = [str(PROGRAM), "client", "--url", f"http://{listen}", "--wallet", str(home / "wallet"), "--json"]
    clients = []
    try:
        with CAST.open("w") as output:
            recording = Recording(master, output)
            for wait, what in SCENE:
                recording.watch(wait)
                if what in CLIENTS:
                    started = subprocess.Popen(client + CLIENTS[what], stdin=subprocess.PIPE,
                                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    if what == "sleep":
                        started.stdin.write(NIGHT.encode())
                    started.stdin.close()
                    clients.append(started)
                else:
                    os.write(master, what.encode())
            while recording.watch(1.0):
                pass
    finally:
        for one in clients:
            one.kill()
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(pid, 0)
        shutil.rmtree(home, ignore_errors=True)
    print(f"{CAST.relative_to(ROOT)}: {CAST.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

"""Real processes: that children are kept alive, end in order, and never outlive whoever started them."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio import preparing
from studio.processes import Child, Supervisor
from studio.work.fence import Cluster, fresh_folder

ROOT = Path(__file__).resolve().parent.parent
WITHIN_S = 60


def wait_for(is_so: Callable[[], object]) -> None:
    begun_s = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun_s < WITHIN_S, "waited in vain"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def script(text: str) -> list[str]:
    return [sys.executable, "-c", text]


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    before = {signum: signal.getsignal(signum) for signum in (signal.SIGTERM, signal.SIGINT)}
    yield
    for signum, handler in before.items():
        signal.signal(signum, handler)


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="Only Linux tells children of a parent's death."
)
def test_a_child_ends_when_its_parent_is_killed_outright():
    parent = subprocess.Popen(
        script(
            "import os, subprocess, sys, time\n"
            "child = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
            "command = [sys.executable, '-m', 'studio.child', str(os.getpid()), *child]\n"
            "print(subprocess.Popen(command, start_new_session=True).pid, flush=True)\n"
            "time.sleep(600)"
        ),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    wait_for(lambda: b"studio.child" not in Path(f"/proc/{child}/cmdline").read_bytes())
    parent.kill()
    parent.wait()
    wait_for(lambda: not is_running(child))


def test_a_child_that_dies_is_started_again_and_later_each_time():
    child = Child("brief", script("pass"), grace_s=5)
    starts = []

    def watch() -> None:
        if not starts or starts[-1] != child.started_s:
            starts.append(child.started_s)
        if len(starts) == 4:
            supervisor.stop()

    supervisor = Supervisor([child], watch)
    supervisor.run()
    waits_s = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert waits_s[0] >= 0.25
    assert waits_s[2] >= 1.0
    assert child.deaths >= 3


def test_a_stop_lets_a_child_finish_what_it_is_at(tmp_path):
    note = tmp_path / "note"
    text = (
        "import pathlib, signal, sys, time\n"
        f"note = pathlib.Path({str(note)!r})\n"
        "def end(*_):\n"
        "    time.sleep(0.3)\n"
        "    note.write_text('finished')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "note.write_text('begun')\n"
        "time.sleep(600)"
    )
    child = Child("polite", script(text), grace_s=WITHIN_S)
    supervisor = Supervisor(
        [child], lambda: note.exists() and note.read_text() == "begun" and supervisor.stop()
    )
    supervisor.run()
    assert note.read_text() == "finished"
    assert not child.is_alive


def test_who_does_not_stop_in_time_is_killed_with_everything_it_started(tmp_path):
    note = tmp_path / "note"
    text = (
        "import pathlib, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "below = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(below.pid))\n"
        "time.sleep(600)"
    )
    child = Child("stubborn", script(text), grace_s=0.2)
    supervisor = Supervisor([child], lambda: note.exists() and note.read_text() and supervisor.stop())
    supervisor.run()
    assert not child.is_alive
    wait_for(lambda: not is_running(int(note.read_text())))


def test_a_second_request_to_stop_does_not_wait_for_the_grace():
    text = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    child = Child("stubborn", script(text), grace_s=600)
    supervisor = Supervisor([child], lambda: (supervisor.stop(), supervisor.stop()))
    supervisor.run()
    assert not child.is_alive


# --- the fence --------------------------------------------------------------------------------


@pytest.fixture
def cluster(tmp_path, settings, monkeypatch):
    """A cluster that seems to run, and whose clock the test moves."""
    settings.WATCHDOG_S, settings.WORKER_START_S = 20, 40
    cluster = Cluster("render", tmp_path / "marks")
    cluster.workers, cluster.timeout_s = 2, 900
    cluster.folder.mkdir()
    now = {"s": 1000.0}
    monkeypatch.setattr(Cluster, "is_alive", True)
    monkeypatch.setattr("time.monotonic", lambda: now["s"])
    monkeypatch.setattr("time.time", lambda: now["s"])
    cluster.clock = now
    return cluster


def beat(cluster: Cluster) -> None:
    path = cluster.folder / "beat"
    path.touch()
    os.utime(path, (cluster.clock["s"], cluster.clock["s"]))


def pass_time(cluster: Cluster, seconds: float) -> None:
    cluster.clock["s"] += seconds


def test_a_new_cluster_is_asked_for_a_sign_of_life_once_and_given_time(cluster):
    assert cluster.wants_heartbeat()
    cluster.asked()
    assert not cluster.wants_heartbeat()
    pass_time(cluster, 39)
    assert not cluster.is_stalled
    pass_time(cluster, 2)
    assert cluster.is_stalled


def test_a_cluster_that_answers_is_left_alone_and_asked_again_after_a_silence(cluster):
    cluster.asked()
    pass_time(cluster, 1)
    beat(cluster)
    assert cluster.has_beaten
    assert not cluster.wants_heartbeat()
    pass_time(cluster, 5)
    assert cluster.wants_heartbeat()
    pass_time(cluster, 3600)
    assert not cluster.is_stalled  # nobody asked


def test_an_idle_cluster_that_lets_a_heartbeat_wait_is_stalled(cluster):
    beat(cluster)
    pass_time(cluster, 5)
    cluster.asked()
    pass_time(cluster, 19)
    assert not cluster.is_stalled
    pass_time(cluster, 2)
    assert cluster.is_stalled


def test_a_cluster_whose_workers_all_render_is_busy_and_not_stalled(cluster):
    beat(cluster)
    pass_time(cluster, 5)
    cluster.asked()
    for pid in (os.getpid(), os.getppid()):
        (cluster.folder / str(pid)).touch()
    pass_time(cluster, 900)
    assert not cluster.is_stalled
    pass_time(cluster, 30)
    assert cluster.is_stalled


def test_the_mark_of_a_dead_worker_does_not_count_as_busy(cluster):
    dead = subprocess.Popen(script("pass"))
    dead.wait()
    beat(cluster)
    pass_time(cluster, 5)
    cluster.asked()
    for pid in (os.getpid(), dead.pid):
        (cluster.folder / str(pid)).touch()
    pass_time(cluster, 25)
    assert cluster.is_stalled


def test_the_marks_of_another_machine_are_left_alone_and_those_of_the_dead_are_swept_away(
    tmp_path, monkeypatch
):
    dead = subprocess.Popen(script("pass"))
    dead.wait()
    monkeypatch.setattr(socket, "gethostname", lambda: "other/machine")
    theirs = fresh_folder(tmp_path)
    theirs = theirs.with_name(f"worker-{dead.pid}")  # a number that means nothing here
    theirs.mkdir(parents=True)
    monkeypatch.setattr(socket, "gethostname", lambda: "here")
    left_over = fresh_folder(tmp_path).with_name(f"worker-{dead.pid}")
    left_over.mkdir(parents=True)
    assert fresh_folder(tmp_path) != theirs.with_name(f"worker-{os.getpid()}")
    assert theirs.is_dir()
    assert not left_over.exists()


# --- preparing --------------------------------------------------------------------------------


def test_static_files_are_collected_once_and_again_when_one_changes(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a {}")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT, settings.DEBUG = [source], tmp_path / "static", False
    said: list[str] = []
    preparing.static_files(said.append)
    preparing.static_files(said.append)
    assert len(said) == 1
    assert (tmp_path / "static" / "a.css").exists()
    (source / "a.css").write_text("a { color: red }")
    preparing.static_files(said.append)
    assert len(said) == 2


def test_a_port_that_is_taken_is_said_in_one_sentence():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"Port {port} on 127.0.0.1 cannot be used: Address already in use." in preparing.port_problem(
            "127.0.0.1", port
        )
    assert preparing.port_problem("127.0.0.1", port) == ""
    assert "not an address of this machine" in preparing.port_problem("no such host", 8000)


# --- the whole studio -------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_studio(folder: Path, port: int) -> subprocess.Popen[str]:
    env = os.environ | {"DATA_DIR": str(folder), "PORT": str(port), "HOST": "127.0.0.1", "LOG_LEVEL": "ERROR"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "studio"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def health(port: int) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def processes_with(word: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if word.encode() in path.read_bytes() and is_running(int(path.parent.name)):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


@pytest.mark.slow
def test_one_command_prepares_runs_says_where_and_stops_without_leaving_anything(tmp_path):
    port = free_port()
    studio = start_studio(tmp_path, port)
    assert studio.stdout is not None
    lines = iter(studio.stdout.readline, "")
    try:
        assert f"Ostinato is ready: http://127.0.0.1:{port}\n" in lines
        wait_for(lambda: health(port)[0] == 200)
        assert health(port)[1] == {"status": "ok", "web": "ok", "database": "ok", "worker": "ok"}
    finally:
        studio.send_signal(signal.SIGINT)
        rest = studio.communicate(timeout=WITHIN_S)[0]
    assert studio.returncode == 0
    assert rest.endswith("Ostinato has stopped.\n")
    assert processes_with(str(tmp_path)) == []

    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        refused = start_studio(tmp_path, port)
        said = refused.communicate(timeout=WITHIN_S)[0]
    assert refused.returncode == 1
    assert said.splitlines()[-1].startswith(f"CommandError: Port {port} on 127.0.0.1 cannot be used")

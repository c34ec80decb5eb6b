"""The servers of a machine that has none: real ones, in folders of their own."""

import os
from contextlib import closing

import psycopg2
import pytest
import redis

from community import embedded
from community.embedded import ServiceError, places
from tests.waiting import wait_for


def run(var, *, durable=False, **chosen):
    return embedded.running(var, durable=durable, **chosen)


def connect(var):
    return closing(psycopg2.connect(embedded.database_url(var)))


def query(var, sql):
    with connect(var) as connection, connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


def kill(server):
    process = server.process()
    assert process
    process.kill()
    process.wait()


def test_both_start_answer_and_stop(var):
    with run(var):
        assert query(var, "SELECT 1") == [(1,)]
        assert redis.from_url(embedded.redis_url(var)).ping()
        assert all(server.process() for server in embedded.servers(var))
    assert not any(server.process() for server in embedded.servers(var))


def test_sorts_and_compares_alike_on_every_machine(var):
    with run(var, redis=False):
        (row,) = query(
            var,
            "SELECT datlocprovider::text, datlocale, pg_encoding_to_char(encoding) "
            "FROM pg_database WHERE datname = current_database()",
        )
    assert row == ("b", "C.UTF-8", "UTF8")


def test_only_the_last_one_out_stops_them(var):
    with run(var):
        with run(var):
            pass
        assert query(var, "SELECT 1") == [(1,)]


def test_two_copies_on_one_machine_do_not_meet(make_var):
    one, other = make_var(), make_var()
    with run(one, redis=False), run(other, redis=False):
        query(one, "CREATE TABLE here ()")
        (exists,) = query(other, "SELECT to_regclass('here') IS NOT NULL")
    assert exists == (False,)


def test_listens_to_nobody_else(var):
    with run(var, redis=False):
        assert query(var, "SHOW listen_addresses") == [("",)]
        mode = places.sockets(var).stat().st_mode
    assert mode & 0o077 == 0


def test_a_folder_whose_name_is_too_long_for_sockets_works(var):
    deep = var / ("d" * 60) / ("e" * 60)
    deep.parent.mkdir(mode=0o711)
    with run(deep, redis=False):
        assert query(deep, "SELECT 1") == [(1,)]


class TestAfterAnAccident:
    def test_killed_servers_recover_what_was_confirmed(self, var):
        with run(var, durable=True):
            query(var, "CREATE TABLE kept AS SELECT 7 AS n")
            for server in embedded.servers(var):
                kill(server)
        with run(var, durable=True):
            assert query(var, "SELECT n FROM kept") == [(7,)]
            assert redis.from_url(embedded.redis_url(var)).ping()

    def test_one_that_dies_in_use_is_started_again(self, var, monkeypatch):
        monkeypatch.setattr(embedded, "WATCH_EVERY", 0.1)
        with run(var):
            with embedded.watched(var):
                postgres, _redis = embedded.servers(var)
                kill(postgres)
                wait_for(postgres.answers)
            assert query(var, "SELECT 1") == [(1,)]

    def test_a_number_left_in_a_file_is_no_running_server(self, var):
        with run(var):
            query(var, "CREATE TABLE kept ()")
        (var / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n")
        (var / "redis" / "redis.pid").write_text(f"{os.getpid()}\n")
        with run(var):
            assert query(var, "SELECT to_regclass('kept') IS NOT NULL") == [(True,)]

    def test_a_half_written_database_is_set_aside(self, var, capsys):
        data = var / "postgres"
        data.mkdir()
        (data / "PG_VERSION").write_text("18\n")
        (var / "postgres.new").mkdir()
        with run(var, redis=False):
            assert query(var, "SELECT 1") == [(1,)]
        assert (var / "postgres.unfinished-1" / "PG_VERSION").exists()
        assert "never finished" in capsys.readouterr().err

    def test_a_database_of_another_version_is_refused_untouched(self, var):
        with run(var, redis=False):
            pass
        (var / "postgres" / "PG_VERSION").write_text("17\n")
        with pytest.raises(ServiceError, match="PostgreSQL 17"), run(var, redis=False):
            pass

    def test_a_redis_file_that_cannot_be_read_is_set_aside(self, var):
        with run(var, postgres=False):
            redis.from_url(embedded.redis_url(var)).set("a", 1)
        (var / "redis" / "appendonly.aof").write_text("nonsense\n")
        with run(var, postgres=False):
            assert redis.from_url(embedded.redis_url(var)).ping()
        assert list((var / "redis").glob("unreadable-*.aof"))


class TestWithServersOfOnesOwn:
    def test_nothing_is_started(self, monkeypatch, tmp_path):
        monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/zhiqun")
        monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
        chosen = embedded.from_environment()
        assert chosen == {"postgres": False, "redis": False}
        with embedded.running(tmp_path / "var", **chosen):
            assert not (tmp_path / "var").exists()

    def test_each_is_chosen_for_itself(self, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/zhiqun")
        monkeypatch.delenv("REDIS_URL", raising=False)
        assert embedded.from_environment() == {"postgres": False, "redis": True}

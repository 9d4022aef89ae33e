"""PostgreSQL databases with all tables, each lent to one test at a time and emptied after it.

Emptying one takes the processor a tenth of the time that a new copy takes.
"""

import psycopg
from psycopg import sql

from tests.servers.postgres import Postgres

# What the tables hold at first is kept beside them, and whatever changes the tables themselves leaves a note.
_KEEP = """
CREATE SCHEMA kept;
DO $$
DECLARE
  name text;
  filled boolean;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
    IF filled THEN EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name); END IF;
  END LOOP;
END $$;
CREATE SEQUENCE kept.changes;
CREATE FUNCTION kept.note_change() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF tg_tag LIKE 'DROP %' OR EXISTS (SELECT FROM pg_event_trigger_ddl_commands()) THEN
    PERFORM nextval('kept.changes');
  END IF;
END $$;
CREATE EVENT TRIGGER note_change ON ddl_command_end EXECUTE FUNCTION kept.note_change();
"""

_END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

# As a replica, neither the triggers that keep the record whole nor references between tables stand in the way.
_EMPTY = """
SET session_replication_role = replica;
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DELETE FROM public.%I', name);
  END LOOP;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' LOOP
    EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I', name, name);
  END LOOP;
  PERFORM setval(format('%I.%I', schemaname, sequencename), start_value, false)
  FROM pg_sequences WHERE last_value IS NOT NULL;
END $$;
"""

_WITH_PAGES = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""


class LentDatabases:
    """Databases like the one at `model`, which nobody uses for anything else."""

    def __init__(self, server: Postgres, model: str) -> None:
        self._server, self._model = server, model
        self._empty: list[str] = []
        with _connected(model) as connection:
            connection.execute(_KEEP)

    def lend(self) -> str:
        """The address of one that is as the model was. It is given back when everything has let go of it."""
        return self._empty.pop() if self._empty else self._server.new_database(like=self._model)

    def take_back(self, url: str) -> None:
        """Empty it for another test; one whose tables were changed is dropped."""
        if _emptied(url):
            # A thread that outlives its test knows only the old name.
            self._empty.append(self._server.rename_database(url))
        else:
            self._server.drop_database(url)


def _emptied(url: str) -> bool:
    with _connected(url) as connection:
        connection.execute(_END_OTHERS)
        if connection.execute("SELECT is_called FROM kept.changes").fetchone() != (False,):
            return False
        connection.execute(_EMPTY)
        tables = [sql.Identifier("public", name) for (name,) in connection.execute(_WITH_PAGES)]
        connection.execute(sql.SQL("VACUUM {}").format(sql.SQL(", ").join(tables)))
    return True


def _connected(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)

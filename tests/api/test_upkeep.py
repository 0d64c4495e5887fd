"""What operators and Postgres itself do with the data: both go without a service's search path."""

import subprocess

SCHEMAS = "('identity', 'programs', 'matching', 'scheduling', 'safety', 'notify')"


def test_postgres_can_gather_statistics_of_every_table(stack):
    tables = stack.postgres.sql(f"select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in {SCHEMAS}").split()
    assert len(tables) > 100
    stack.postgres.sql("set search_path = ''; " + "".join(f"analyze {table};" for table in tables))


def test_a_backup_can_be_brought_back(stack, site):
    stack.postgres.sql("create database brought_back", "postgres")
    try:
        dump = subprocess.run(["pg_dump", "--format=custom", stack.postgres.url()], stdout=subprocess.PIPE, check=True).stdout
        back = subprocess.run(["pg_restore", "--exit-on-error", "--dbname", stack.postgres.url(database="brought_back")],
                              input=dump, capture_output=True)
        assert back.returncode == 0, back.stderr.decode()
        counts = "select count(*) from identity.account; select count(*) from programs.program"
        assert stack.postgres.sql(counts, "brought_back") == stack.postgres.sql(counts)
    finally:
        stack.postgres.sql("drop database brought_back", "postgres")

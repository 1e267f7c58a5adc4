"""Full-text search over clips, and the table of the database cache.

On SQLite a later migration that alters studio_clip rebuilds the table and drops these triggers with it:
run `build_search` again behind it. tests/test_search.py notices when that was forgotten.
"""

from django.core.management import call_command
from django.db import migrations

SQLITE = """
CREATE VIRTUAL TABLE studio_clip_search USING fts5(
    title, tags, lyrics, content='studio_clip', content_rowid='id',
    tokenize="unicode61 remove_diacritics 2", prefix='2 3'
);
CREATE TRIGGER studio_clip_search_insert AFTER INSERT ON studio_clip BEGIN
    INSERT INTO studio_clip_search(rowid, title, tags, lyrics) VALUES (new.id, new.title, new.tags, new.lyrics);
END;
CREATE TRIGGER studio_clip_search_delete AFTER DELETE ON studio_clip BEGIN
    INSERT INTO studio_clip_search(studio_clip_search, rowid, title, tags, lyrics)
    VALUES ('delete', old.id, old.title, old.tags, old.lyrics);
END;
CREATE TRIGGER studio_clip_search_update AFTER UPDATE OF title, tags, lyrics ON studio_clip BEGIN
    INSERT INTO studio_clip_search(studio_clip_search, rowid, title, tags, lyrics)
    VALUES ('delete', old.id, old.title, old.tags, old.lyrics);
    INSERT INTO studio_clip_search(rowid, title, tags, lyrics) VALUES (new.id, new.title, new.tags, new.lyrics);
END;
"""

SQLITE_UNDO = """
DROP TRIGGER studio_clip_search_insert;
DROP TRIGGER studio_clip_search_delete;
DROP TRIGGER studio_clip_search_update;
DROP TABLE studio_clip_search;
"""

# 'simple': lyrics are in many languages, so no stemming of one of them. Accents are folded away as above,
# by decomposing and dropping the marks: the extension "unaccent" is not immutable, so no index could use it.
# studio/library/search.py asks with the very same expression.
POSTGRES = """
CREATE INDEX studio_clip_search ON studio_clip USING gin (
    to_tsvector('simple', regexp_replace(
        normalize(title || ' ' || tags || ' ' || lyrics, NFD), '[\\u0300-\\u036f]', '', 'g'))
);
"""


def build_search(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.connection.connection.executescript(SQLITE)
    elif schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES)


def drop_search(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.connection.connection.executescript(SQLITE_UNDO)
    elif schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX studio_clip_search")


def build_cache(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    atomic = False  # sqlite3 commits before a script
    dependencies = [("studio", "0001_initial")]

    operations = [
        migrations.RunPython(build_search, drop_search),
        migrations.RunPython(build_cache, migrations.RunPython.noop),
    ]

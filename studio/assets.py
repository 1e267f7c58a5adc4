from whitenoise.storage import CompressedManifestStaticFilesStorage


class StudioStatic(CompressedManifestStaticFilesStorage):
    """Hashed and compressed static files, whose modules import each other by hashed names."""

    support_js_module_import_aggregation = True

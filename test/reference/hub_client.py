"""Asks a hub for files, or a cache folder for them: run by hub_layout.ts, which sets HF_ENDPOINT, HF_HOME and HF_HUB_OFFLINE.

    python test/reference/hub_client.py MODEL REVISION FILE...

Prints a line of JSON for each file: its path, or the class of the error. With --scan MODEL it prints what `hf cache ls` knows.
"""

import json
import sys

from huggingface_hub import hf_hub_download, scan_cache_dir


def download(model: str, revision: str, file_name: str) -> str:
    try:
        return hf_hub_download(model, file_name, revision=revision)
    except Exception as error:
        return type(error).__name__


if sys.argv[1] == "--scan":
    (repository,) = (found for found in scan_cache_dir().repos if found.repo_id == sys.argv[2])
    revisions = sorted(
        (revision.commit_hash, sorted(revision.refs), revision.size_on_disk) for revision in repository.revisions
    )
    print(json.dumps([repository.size_on_disk, revisions]))
else:
    _, model_id, revision_name, *file_names = sys.argv
    for name in file_names:
        print(json.dumps(download(model_id, revision_name, name)))

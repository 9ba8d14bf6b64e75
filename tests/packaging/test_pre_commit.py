"""The hook in a real repository, with a real pre-commit: a bad commit is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BAD = '{ agents: { defaults: { model: { primry: "openrouter/auto" } } } }\n'
GOOD = '{ agents: { defaults: { model: { primary: "openrouter/auto" } } } }\n'


class Repository:
    """A git repository in a folder, apart from the settings of whoever runs the tests."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        # Git sets variables of its own for the hooks it runs; none of them is meant for us.
        self.environ = {
            name: value for name, value in os.environ.items() if not name.startswith("GIT_")
        } | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@example.org",
            "PRE_COMMIT_HOME": str(home),
        }
        self.run("git", "init", "--quiet", "--initial-branch=main")

    def run(self, *command: str, code: int = 0) -> str:
        """What a command prints in the repository, after a look at its exit code."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout.strip()

    def commit(self, code: int = 0) -> str:
        """Commit everything there is."""
        self.run("git", "add", "--all", "--force")
        return self.run("git", "commit", "--quiet", "--message", "Change", code=code)


@pytest.fixture(scope="module")
def repository(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository that uses the hook of a clone of this project."""
    home = tmp_path_factory.mktemp("pre-commit")
    project = Repository(checkout, home)
    project.commit()
    revision = project.run("git", "rev-parse", "HEAD")
    user = Repository(tmp_path_factory.mktemp("user"), home)
    (user.folder / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {checkout}\n  rev: {revision}\n  hooks:\n  - id: openclaw-config\n",
        encoding="utf-8",
    )
    user.run(sys.executable, "-m", "pre_commit", "install", "--install-hooks")
    return user


def test_a_bad_commit_is_refused_and_a_good_one_passes(repository: Repository) -> None:
    config = repository.folder / "deploy" / "openclaw.json"
    config.parent.mkdir()
    config.write_text(BAD, encoding="utf-8")
    shown = repository.commit(code=1)
    assert "check OpenClaw configs" in shown
    assert "error[unknown-key]" in shown
    assert "deploy/openclaw.json:1:34" in shown

    config.write_text(GOOD, encoding="utf-8")
    shown = repository.commit()
    assert "Passed" in shown
    assert repository.run("git", "show", "HEAD:deploy/openclaw.json") == GOOD.strip()


def test_an_included_file_is_checked_through_its_config(repository: Repository) -> None:
    part = repository.folder / "split" / "parts" / "model.json5"
    part.parent.mkdir(parents=True)
    whole = repository.folder / "split" / "openclaw.json"
    whole.write_text('{ agents: { defaults: { model: { $include: "./parts/model.json5" } } } }')
    part.write_text('{ primary: "openrouter/auto" }', encoding="utf-8")
    repository.commit()
    part.write_text('{ primry: "openrouter/auto" }', encoding="utf-8")
    assert "split/parts/model.json5:1:3" in repository.commit(code=1)
    part.write_text('{ primary: "openrouter/other" }', encoding="utf-8")
    repository.commit()


def test_a_plaintext_secret_is_refused(repository: Repository) -> None:
    path = repository.folder / "secret" / "openclaw.json"
    path.parent.mkdir()
    path.write_text('{ gateway: { auth: { mode: "token", token: "s3cr3t-t0ken" } } }', "utf-8")
    shown = repository.commit(code=1)
    assert "error[plaintext-secret]" in shown
    assert "s3cr3t-t0ken" not in shown
    path.unlink()


NAMES = {
    "openclaw.json5": True,
    "sub/team.openclaw.json5": True,
    "team.openclaw.json": True,
    "package.json": False,
    "myopenclaw.json": False,
    "openclaw.json.bak": False,
}


@pytest.mark.parametrize("name, checked", NAMES.items())
def test_which_files_the_hook_checks(repository: Repository, name: str, checked: bool) -> None:
    path = repository.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(BAD, encoding="utf-8")
    repository.run("git", "add", "--force", name)
    hook = (sys.executable, "-m", "pre_commit", "run", "--files", name)
    shown = repository.run(*hook, code=1 if checked else 0)
    assert ("error[unknown-key]" in shown) == checked
    repository.run("git", "rm", "--quiet", "--cached", name)
    path.unlink()


def test_the_hook_that_mends(repository: Repository) -> None:
    config = (repository.folder / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    mending = repository.folder / "mending.yaml"
    mending.write_text(config.replace("id: openclaw-config", "id: openclaw-config-fix"), "utf-8")
    path = repository.folder / "mend" / "openclaw.json"
    path.parent.mkdir()
    path.write_text("{ gateway: { port: 18_789 } } // ours\n", encoding="utf-8")
    repository.run("git", "add", "--force", "mend")
    hook = (sys.executable, "-m", "pre_commit", "run", "--config", "mending.yaml", "--files")
    shown = repository.run(*hook, "mend/openclaw.json", code=1)
    assert "mend/openclaw.json: fixed 1 numeric-separator" in shown
    assert "files were modified by this hook" in shown
    assert path.read_text(encoding="utf-8") == "{ gateway: { port: 18789 } } // ours\n"
    assert "Passed" in repository.run(*hook, "mend/openclaw.json")


def test_the_hook_that_finds_what_is_to_migrate(repository: Repository) -> None:
    config = (repository.folder / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    name = "migrate.yaml"
    text = config.replace("id: openclaw-config", "id: openclaw-config-migrate")
    (repository.folder / name).write_text(text, encoding="utf-8")
    folder = repository.folder / "old"
    (folder / "parts").mkdir(parents=True)
    (folder / "openclaw.json").write_text('{ $include: "./parts/env.json5" }\n', encoding="utf-8")
    (folder / "parts" / "env.json5").write_text('{ env: { A: "${B}" } }\n', encoding="utf-8")
    (folder / "package.json").write_text('{ "env": { "A": "1" } }\n', encoding="utf-8")
    repository.run("git", "add", "--force", "old")
    hook = (sys.executable, "-m", "pre_commit", "run", "--config", name, "--files")
    shown = repository.run(*hook, "old/parts/env.json5", "old/package.json", code=1)
    assert "find OpenClaw configs to migrate" in shown
    assert "env.A: moved to env.vars.A; refused since 2026.8.1 (old/parts/env.json5:1:13)" in shown
    assert "package.json" not in shown
    (folder / "parts" / "env.json5").write_text('{ env: { vars: { A: "${B}" } } }\n', "utf-8")
    assert "Passed" in repository.run(*hook, "old/parts/env.json5", "old/package.json")

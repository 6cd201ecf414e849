"""Show the Binder button and links to the repository only where its address is known.

GitHub Actions sets ``GITHUB_REPOSITORY`` ("owner/name"); anybody else who publishes the book can
set it by hand. Without it the book has no such button, rather than one that leads nowhere.
"""

import os


def add_repository(app, config):
    repository = os.environ.get("GITHUB_REPOSITORY")
    if repository:
        config.html_theme_options |= {
            "repository_url": f"https://github.com/{repository}",
            "repository_branch": "main",
            "use_repository_button": True,
            "use_issues_button": True,
            "use_edit_page_button": True,
            "launch_buttons": {
                "binderhub_url": "https://mybinder.org",
                "notebook_interface": "jupyterlab",
            },
        }


def setup(app):
    app.connect("config-inited", add_repository)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

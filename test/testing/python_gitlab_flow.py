"""A flow of python-gitlab through the emulator: every call that is refused ends it."""

import sys

import gitlab

gl = gitlab.Gitlab(sys.argv[1], private_token=sys.argv[2], retry_transient_errors=False)
gl.auth()
project = gl.projects.get("acme/app")

project.branches.create({"branch": "py", "ref": "main"})
project.commits.create(
    {
        "branch": "py",
        "commit_message": "Two files",
        "actions": [
            {"action": "create", "file_path": "one.txt", "content": "1\n"},
            {"action": "create", "file_path": "two.txt", "content": "2\n"},
        ],
    }
)
file = project.files.get(file_path="one.txt", ref="py")
file.content = "one\n"
file.save(branch="py", commit_message="Edit")
assert project.files.raw(file_path="one.txt", ref="py") == b"one\n"

request = project.mergerequests.create({"source_branch": "py", "target_branch": "main", "title": "From Python"})
request = project.mergerequests.get(request.iid)
refs = request.diff_refs
thread = request.discussions.create(
    {
        "body": "Here",
        "position": {**refs, "position_type": "text", "old_path": "one.txt", "new_path": "one.txt", "new_line": 1},
    }
)
thread.resolved = True
thread.save()
note = request.notes.create({"body": "Fine"})
note.body = "Good"
note.save()
reviewer = gitlab.Gitlab(sys.argv[1], private_token=sys.argv[3])
reviewer.projects.get("acme/app").mergerequests.get(request.iid).approve()
pipeline = project.pipelines.list(ref="py", get_all=False)[0]
job = pipeline.jobs.list(get_all=False)[0]
project.jobs.get(job.id).trace()
request.merge()

project.variables.create({"key": "PY", "value": "1"})
project.tags.create({"tag_name": "v-py", "ref": "main"})
release = project.releases.create({"tag_name": "v-py", "name": "P", "description": "x"})
release.links.create({"name": "Notes", "url": "https://example.com/notes"})
project.members_all.list(get_all=True)
project.milestones.create({"title": "P1"})
label = project.labels.create({"name": "py", "color": "#112233"})
label.description = "x"
label.save()
snippet = project.snippets.create({"title": "S", "file_name": "a.sh", "content": "date", "visibility": "private"})
snippet.content()
project.hooks.create({"url": "https://example.com/hook"}).delete()
key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGNvbmZvcm1hbmNlLXRlc3Qta2V5LW5vLTEyMzQ1 py@example.com"
project.keys.create({"title": "P", "key": key}).delete()
project.wikis.create({"title": "Py", "content": "x"}).delete()
project.protectedbranches.create({"name": "py-*"})
project.protectedbranches.delete("py-*")
project.environments.create({"name": "py"})
project.upload("notes.txt", filedata="x")
project.repository_archive()
gl.todos.list(get_all=False)
gl.events.list(get_all=False)
project.search("issues", "page")
gl.snippets.create({"title": "P", "file_name": "a", "content": "b"}).delete()
issue = project.issues.create({"title": "By Python", "labels": ["bug"]})
issue.notes.create({"body": "Hm"})
issue.state_event = "close"
issue.save()
issue.awardemojis.create({"name": "thumbsup"})
schedule = project.pipelineschedules.create({"ref": "main", "description": "Nightly", "cron": "0 4 * * *"})
schedule.variables.create({"key": "A", "value": "1"})
schedule.delete()
project.protectedtags.create({"name": "py-*"})
group = gl.groups.create({"name": "Python", "path": "python"})
group.labels.create({"name": "py", "color": "#112233"})
group.milestones.create({"title": "P1"})
group.members.list(get_all=False)
group.delete()
gl.user.keys.create({"title": "P", "key": key}).delete()
project.access_tokens.create({"name": "P", "scopes": ["api"], "expires_at": "2099-01-01"}).delete()
assert gl.version()[0][0].isdigit()

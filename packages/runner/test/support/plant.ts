import { shell } from './shell.ts';

/**
 * All known ways in which a repository's configuration, hooks or attributes could run a program, or
 * redirect fetches and pushes. Each writes its name to `$TRAP`.
 */
const PLANT = `
run() { printf "touch '%s/%s'" "$TRAP" "$1"; }
config() { git config --file "$CONFIG" "$1" "$2"; }
mkdir -p "$TRAP"
config core.fsmonitor "$(run fsmonitor)"
config core.sshCommand "$(run ssh)"
config core.gitProxy "$(run proxy)"
config core.askPass "$(run askpass)"
config core.alternateRefsCommand "$(run alternates)"
config core.pager "$(run pager)"
config core.editor "$(run editor)"
config core.hooksPath "$STORE/hooks"
config diff.external "$(run external)"
config credential.helper "!$(run helper)"
config gpg.program "$TRAP/gpg"
config commit.gpgSign true
config filter.evil.clean "$(run clean); cat"
config filter.evil.smudge "$(run smudge); cat"
config filter.evil.process "$(run process)"
config merge.evil.driver "$(run driver)"
config diff.evil.textconv "$(run textconv)"
config alias.status "!$(run alias)"
config include.path "$STORE/included"
config protocol.ext.allow always
config url."ext::$(run insteadof)".insteadOf http
config remote.origin.url "ext::$(run remote)"
config remote.origin.promisor true
config uploadpack.packObjectsHook "$(run pack); exec git pack-objects"
config lfs.standalonetransferagent evil
config lfs.customtransfer.evil.path "$TRAP/lfs"
printf '[core]\\nfsmonitor = "%s"\\n' "$(run included)" > "$STORE/included"
mkdir -p "$STORE/hooks" "$STORE/info"
for hook in pre-commit commit-msg post-commit post-checkout post-merge pre-merge-commit reference-transaction post-index-change prepare-commit-msg pre-push post-update; do
  printf '#!/bin/sh\\n%s\\n' "$(run "$hook")" > "$STORE/hooks/$hook"
  chmod +x "$STORE/hooks/$hook"
done
echo '* filter=evil merge=evil diff=evil' > "$STORE/info/attributes"
`;

/** Makes the repository read its configuration from another directory, where everything is planted. */
const REDIRECT = `
mkdir -p "$OTHER"
for name in objects refs packed-refs worktrees shallow; do ln -sfn "$STORE/$name" "$OTHER/$name"; done
CONFIG="$OTHER/config"
printf '[core]\\nrepositoryformatversion = 0\\nbare = true\\n' > "$CONFIG"
${PLANT}
echo "$OTHER" > "$STORE/commondir"
`;

/** Plants everything in a shared clone, as an agent could. @param trap directory that shows what ran. */
export async function plant(store: string, trap: string): Promise<void> {
  const env = { STORE: store, TRAP: trap, CONFIG: `${store}/config` };
  await shell(store, PLANT, env);
}

/** The same in a separate configuration, to which the shared clone points. */
export async function plantElsewhere(store: string, trap: string): Promise<void> {
  await shell(store, REDIRECT, { STORE: store, TRAP: trap, OTHER: `${store} elsewhere` });
}

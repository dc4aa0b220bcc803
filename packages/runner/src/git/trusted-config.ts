/**
 * Agents can write to the configuration of the shared clone, and in a repository's configuration
 * many a key names a program to run. These values stand above it in every git call of ours.
 */
export const TRUSTED_CONFIG: readonly (readonly [key: string, value: string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.pager', 'cat'],
  ['core.askPass', ''],
  ['core.attributesFile', '/dev/null'],
  ['core.excludesFile', '/dev/null'],
  // An empty helper empties the list of helpers.
  ['credential.helper', ''],
  // Advice is for a person at a terminal, and hides the error it comes with.
  ['advice.graftFileDeprecated', 'false'],
  ['commit.gpgSign', 'false'],
  ['tag.gpgSign', 'false'],
  ['gc.auto', '0'],
  ['gc.autoDetach', 'false'],
  ['maintenance.auto', 'false'],
  // What these hold about history an agent could have made up.
  ['core.commitGraph', 'false'],
  ['core.multiPackIndex', 'false'],
  ['core.quotePath', 'false'],
  ['core.protectHFS', 'true'],
  ['core.protectNTFS', 'true'],
  ['core.autocrlf', 'false'],
  ['submodule.recurse', 'false'],
  // A file that one teammate adds must not move because another renamed the directory.
  ['merge.directoryRenames', 'false'],
  ['merge.conflictStyle', 'diff3'],
  ['merge.autoStash', 'false'],
  ['rerere.enabled', 'false'],
  ['protocol.allow', 'never'],
  ['protocol.https.allow', 'always'],
  ['protocol.http.allow', 'always'],
  ['protocol.ssh.allow', 'always'],
  // `user`: not for submodules, which may name any directory of this machine.
  ['protocol.file.allow', 'user'],
  // The claim's directories may belong to another user than the one that a pod runs as.
  ['safe.directory', '*'],
];

export const TRUSTED_ENVIRONMENT: Readonly<Record<string, string>> = {
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: 'true',
  GIT_EDITOR: 'true',
  GIT_PAGER: 'cat',
  GIT_SSH_COMMAND: 'ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=yes',
  // Both let whoever can write refs or files show a history that is not the one that gets pushed.
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_GRAFT_FILE: '/dev/null',
  // A clone that calls itself partial would have what it lacks fetched by a program of its choice.
  GIT_NO_LAZY_FETCH: '1',
};

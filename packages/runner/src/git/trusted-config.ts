/**
 * Agents can write to the configuration of their repositories, and many of its keys name a program
 * to run. These values override it in every git call of the runner.
 */
export const TRUSTED_CONFIG: readonly (readonly [key: string, value: string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.pager', 'cat'],
  ['core.askPass', ''],
  ['core.attributesFile', '/dev/null'],
  ['core.excludesFile', '/dev/null'],
  // An empty value clears the list of helpers.
  ['credential.helper', ''],
  // This advice would hide the error that it comes with.
  ['advice.graftFileDeprecated', 'false'],
  ['commit.gpgSign', 'false'],
  ['tag.gpgSign', 'false'],
  ['gc.auto', '0'],
  ['gc.autoDetach', 'false'],
  ['maintenance.auto', 'false'],
  // An agent could have forged these files, which describe history.
  ['core.commitGraph', 'false'],
  ['core.multiPackIndex', 'false'],
  ['core.quotePath', 'false'],
  ['core.protectHFS', 'true'],
  ['core.protectNTFS', 'true'],
  ['core.autocrlf', 'false'],
  ['submodule.recurse', 'false'],
  // A file that one teammate adds must not move when another renames the directory.
  ['merge.directoryRenames', 'false'],
  ['merge.conflictStyle', 'diff3'],
  ['merge.autoStash', 'false'],
  ['rerere.enabled', 'false'],
  ['protocol.allow', 'never'],
  ['protocol.https.allow', 'always'],
  ['protocol.http.allow', 'always'],
  ['protocol.ssh.allow', 'always'],
  // `user` excludes submodules, which could name any directory of this machine.
  ['protocol.file.allow', 'user'],
  // The claim's directories may belong to a different user than the pod's.
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
  // Only a repository with an SSH URL has a key. Submodules of others, and Git LFS, could name any host, and ssh would
  // use the keys of this machine's user.
  GIT_SSH_COMMAND: 'false',
  // Replace refs and grafts would let an agent show a different history than the one that is pushed.
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_GRAFT_FILE: '/dev/null',
  // In a partial clone, git would fetch missing objects with a program that the configuration names.
  GIT_NO_LAZY_FETCH: '1',
};

/**
 * For reading objects that nobody vouches for. Some kilobytes of them can describe one of any size, as copies of
 * parts of another, and git would hold it in memory. It does not hold honest objects above its
 * `core.bigFileThreshold`, 512 MiB.
 */
export const LIMITED_MEMORY: Readonly<Record<string, string>> = { GIT_ALLOC_LIMIT: '1g' };

const CONFIG = {
  'safe.directory': '*',
  'core.fsmonitor': 'false',
  'core.hooksPath': '/dev/null',
} as const;

/**
 * Environment of git in a team's `result.git`. The last step writes that repository, and no agent can. A run that
 * came with a repository, in an archive or from a cluster may nevertheless have a configuration that names
 * programs. So nothing outside the repository decides what git does, it fetches nothing, and no program but git
 * runs.
 */
export const RESULT_GIT: Readonly<Record<string, string>> = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_COUNT: String(Object.keys(CONFIG).length),
  ...Object.fromEntries(
    Object.entries(CONFIG).flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ),
  GIT_ALLOW_PROTOCOL: 'none',
  // In a partial clone, git would fetch missing objects with a program that the configuration names.
  GIT_NO_LAZY_FETCH: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  LC_ALL: 'C',
};

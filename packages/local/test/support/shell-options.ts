import type { ExecuteOptions } from '../../src/index.ts';

/** Options with which `sh` runs in containers, and nothing else. */
export function shellOptions(overrides: Partial<ExecuteOptions> = {}): ExecuteOptions {
  return {
    signal: new AbortController().signal,
    programs: { commands: { sh: ['/bin/sh', '-c'] }, directories: [], path: [] },
    claims: { 'test-team': 'volumes/team' },
    configMaps: {},
    secrets: {},
    sandboxed: () => false,
    env: () => ({}),
    ...overrides,
  };
}

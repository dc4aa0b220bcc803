import type { EnvVar } from '@agentteam/argo';
import type { RunnerCommand } from '@agentteam/contract';
import type { ResolvedOptions } from '../resolve/options.ts';

/** Commands that call somebody outside of the cluster. Agents do so through their gateways. */
const CALLERS: ReadonlySet<RunnerCommand> = new Set(['setup', 'gateway', 'deliver', 'finish']);

/** In lower case: curl, by which git goes, reads `http_proxy` in no other. */
export function proxyVariables(
  command: RunnerCommand,
  { proxy: { https, http, exceptions } = {} }: ResolvedOptions,
): readonly EnvVar[] {
  if (!CALLERS.has(command)) return [];
  return Object.entries({ https_proxy: https, http_proxy: http, no_proxy: exceptions }).flatMap(
    ([name, value]) => (value ? [{ name, value }] : []),
  );
}

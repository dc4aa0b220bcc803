import type { Teammate } from '@agentteam/api';

/** What a teammate waits for besides its gate; undefined where that is nothing. */
export function predecessors({ dependsOn = [] }: Teammate): string | undefined {
  // A name alone means, to Argo, that the task succeeded, was skipped, or ran as a daemon.
  return dependsOn.length === 0
    ? undefined
    : dependsOn.map((name) => `${name}.Succeeded`).join(' && ');
}

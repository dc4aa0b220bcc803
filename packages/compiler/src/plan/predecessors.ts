import type { Teammate } from '@agentteam/api';
import { STEPS } from '@agentteam/contract';

/** What a teammate waits for besides its gate. */
export function predecessors(mate: Teammate): string {
  const names = mate.dependsOn ?? [];
  // A name alone means, to Argo, that the task succeeded, was skipped, or ran as a daemon.
  return names.length === 0 ? STEPS.setup : names.map((name) => `${name}.Succeeded`).join(' && ');
}

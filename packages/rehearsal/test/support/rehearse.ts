import type { Script } from '../../src/index.ts';
import { parseScript, type Rehearsal, type SeenRequest, startRehearsal } from '../../src/index.ts';

/** Parses a script. A problem in it fails the test. */
export function script(yaml: string): Script {
  const { script, problems } = parseScript(yaml, 'rehearsal.yaml');
  if (script === undefined) throw new Error(JSON.stringify(problems, null, 2));
  return script;
}

export interface Watched extends Rehearsal {
  readonly seen: readonly SeenRequest[];
  /** Resolves when a matching request was answered; earlier requests count, too. */
  until(condition: (seen: SeenRequest) => boolean): Promise<void>;
}

export async function rehearse(
  script: Script,
  options: { readonly port?: number; readonly dir?: string } = {},
): Promise<Watched> {
  const seen: SeenRequest[] = [];
  const waiting = new Set<() => void>();
  const rehearsal = await startRehearsal({
    ...options,
    script,
    onRequest: (request) => {
      seen.push(request);
      for (const look of waiting) look();
    },
  });
  const until = (condition: (seen: SeenRequest) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!seen.some(condition)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { ...rehearsal, seen, until };
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Workflow } from '@agentteam/argo';
import type { VolumeSources } from '../pod/mounts.ts';
import type { RunDirectory } from '../run-directory.ts';

/** The volumes of a run; makes the directories of the Workflow's own claims. */
export function volumeSources(
  directory: RunDirectory,
  { spec }: Workflow,
  { claims, configMaps, secrets }: Omit<VolumeSources, 'templates'>,
): VolumeSources {
  const templates = (spec.volumeClaimTemplates ?? []).map(({ metadata }) => {
    const name = metadata?.name ?? '';
    const host = join(directory.volumes, name);
    mkdirSync(host, { recursive: true });
    return [name, host] as const;
  });
  return { templates: new Map(templates), claims, configMaps, secrets };
}
